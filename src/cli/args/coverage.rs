//! The arguments of `coverage`.

use clap::{ArgAction, Args, builder::FalseyValueParser};

use crate::{
    cli::{filter, help},
    export::CoverageFormat,
    job::Filter,
};

/// `trailwatch coverage`. Which trails it is about is said on the command line alone: `TRAILWATCH_FILTER` is for jobs.
#[derive(Debug, Args)]
#[command(after_help = help::coverage(), override_usage = "trailwatch coverage [OPTIONS]")]
pub struct CoverageArgs {
    /// How to print
    #[arg(short, long, value_name = "FORMAT", env = "TRAILWATCH_OUTPUT", hide_env = true,
        value_enum, default_value_t = CoverageFormat::Table)]
    pub output: CoverageFormat,

    /// Only trails that this filter lets through, such as is:uncovered; of the language of `list`, words, trail:, region: and
    /// profile: are for trails, too
    #[arg(long, value_name = "FILTER", default_value = "", hide_default_value = true,
        value_parser = filter::parse_of_trails)]
    pub filter: Filter,

    /// End with 1 if a trail is uncovered; with 69 or 77 if that can't be known
    #[arg(long, env = "TRAILWATCH_EXIT_STATUS", hide_env = true,
        action = ArgAction::SetTrue, value_parser = FalseyValueParser::new())]
    pub exit_status: bool,

    /// Leave the header line out of the table
    #[arg(long, env = "TRAILWATCH_NO_HEADERS", hide_env = true,
        action = ArgAction::SetTrue, value_parser = FalseyValueParser::new())]
    pub no_headers: bool,
}
