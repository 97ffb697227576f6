//! The arguments of `doctor`.

use clap::{Args, ValueEnum};

use crate::cli::help;

/// `trailwatch doctor`.
#[derive(Debug, Args)]
#[command(after_help = help::doctor(), override_usage = "trailwatch doctor [OPTIONS]")]
pub struct DoctorArgs {
    /// How to print
    #[arg(short, long, value_name = "FORMAT", env = "TRAILWATCH_OUTPUT", hide_env = true,
        value_enum, default_value_t = DoctorFormat::Text)]
    pub output: DoctorFormat,
}

/// How findings are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DoctorFormat {
    /// A line each, for people
    Text,
    /// One document
    Json,
}
