//! The arguments of `config`.

use clap::{Args, ValueEnum};

use crate::cli::help;

/// `trailwatch config`.
#[derive(Debug, Args)]
#[command(after_help = help::config(), override_usage = "trailwatch config [OPTIONS] <ACTION>")]
pub struct ConfigArgs {
    /// What to do
    #[arg(value_name = "ACTION", value_enum)]
    pub action: ConfigAction,

    /// How to print what is set
    #[arg(short, long, value_name = "FORMAT", env = "TRAILWATCH_OUTPUT", hide_env = true,
        value_enum, default_value_t = ConfigFormat::Toml)]
    pub output: ConfigFormat,
}

/// What is done with the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ConfigAction {
    /// Print each value that holds, and where it comes from
    Show,
    /// Say whether the file, and the key map, can be used
    Check,
    /// Print where the file is looked for
    Path,
    /// Write a commented file to begin with, where there is none
    Init,
    /// Print the JSON schema of the file, for editors
    Schema,
}

impl ConfigAction {
    /// Whether it has to do with what is in the file.
    #[must_use]
    pub const fn reads_file(self) -> bool {
        match self {
            Self::Show | Self::Check => true,
            Self::Path | Self::Init | Self::Schema => false,
        }
    }
}

/// How what is set is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ConfigFormat {
    /// As a configuration file, with where each value comes from beside it
    Toml,
    /// One document
    Json,
}
