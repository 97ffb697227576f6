//! The arguments of `watch` and `wait`. What they mean is in the file of each.

use std::{net::SocketAddr, str::FromStr, time::Duration};

use clap::{ArgAction, ArgGroup, Args, builder::FalseyValueParser};

use super::{YEAR, duration};
use crate::{
    cli::{
        filter::{self, FilterText},
        help,
        metrics::metrics_address,
        wait::Goal,
        watch::{Extent, Idle},
    },
    export::{WaitFormat, WatchFormat},
    job::{Filter, JobId, Timestamp},
};

/// `trailwatch watch`.
#[derive(Debug, Args)]
#[command(after_help = help::watch(), override_usage = "trailwatch watch [OPTIONS]")]
pub struct WatchArgs {
    /// How to print
    #[arg(short, long, value_name = "FORMAT", env = "TRAILWATCH_OUTPUT", hide_env = true,
        value_enum, default_value_t = WatchFormat::Text)]
    pub output: WatchFormat,

    /// Only jobs that this filter lets through, before a change or after it; the language is in `trailwatch list --help`
    #[arg(long, value_name = "FILTER", env = "TRAILWATCH_FILTER", hide_env = true, default_value = "",
        hide_default_value = true, value_parser = filter::parse_text)]
    pub filter: FilterText,

    /// Begin with what changed since the last run of this filter, and not with the state of every job
    #[arg(long, env = "TRAILWATCH_ONLY_CHANGES", hide_env = true,
        action = ArgAction::SetTrue, value_parser = FalseyValueParser::new())]
    pub only_changes: bool,

    /// In words, too: a line for every job at the start, and for every region that begins or ends; ndjson has them always
    #[arg(long, env = "TRAILWATCH_FULL", hide_env = true,
        action = ArgAction::SetTrue, value_parser = FalseyValueParser::new())]
    pub full: bool,

    /// End once no job is active
    #[arg(long, value_name = "STATE", env = "TRAILWATCH_UNTIL", hide_env = true, value_enum)]
    pub until: Option<Idle>,

    /// End after this time, 1s to 1y
    #[arg(long, value_name = "DURATION", env = "TRAILWATCH_FOR", hide_env = true, value_parser = while_)]
    pub r#for: Option<Duration>,

    /// End with 1 if a job failed meanwhile; with 69, 77 or 78 if --for is over and that can't be known
    #[arg(long, env = "TRAILWATCH_EXIT_STATUS", hide_env = true,
        action = ArgAction::SetTrue, value_parser = FalseyValueParser::new())]
    pub exit_status: bool,

    /// Print a sign of life after so much silence, 1s to 1y
    #[arg(long, value_name = "DURATION", env = "TRAILWATCH_HEARTBEAT", hide_env = true, value_parser = while_)]
    pub heartbeat: Option<Duration>,

    /// Serve counts and freshness of each target for a Prometheus, as /metrics of an address such as 127.0.0.1:9464
    #[arg(long, value_name = "ADDRESS", env = "TRAILWATCH_METRICS", hide_env = true, value_parser = metrics_address)]
    pub metrics: Option<SocketAddr>,
}

impl WatchArgs {
    /// How much is told: scripts leave out themselves what they do not need.
    pub(in crate::cli) fn extent(&self) -> Extent {
        if self.full || self.output == WatchFormat::Ndjson { Extent::Full } else { Extent::Brief }
    }
}

/// `trailwatch wait`. Which jobs it is about is said on the command line alone.
#[derive(Debug, Args)]
#[command(after_help = help::wait(), override_usage = "trailwatch wait [OPTIONS] <JOB_ID>...\n       \
    trailwatch wait [OPTIONS] --trail <NAME> [--since <TIME>]\n       trailwatch wait [OPTIONS] --filter <FILTER>",
    group = ArgGroup::new("which").args(["jobs", "trail", "filter"]).required(true).multiple(false))]
pub struct WaitArgs {
    /// The jobs' numbers
    #[arg(value_name = "JOB_ID")]
    pub jobs: Vec<JobId>,

    /// The newest job of this trail
    #[arg(long, value_name = "NAME")]
    pub trail: Option<String>,

    /// Of the trail, the first job created after this time, or so long ago: 2026-11-24T20:00:00Z, 10m
    #[arg(long, value_name = "TIME", requires = "trail", conflicts_with_all = ["jobs", "filter"],
        value_parser = Since::from_str)]
    pub since: Option<Since>,

    /// The jobs that this filter lets through at the start; the language is in `trailwatch list --help`
    #[arg(long, value_name = "FILTER", value_parser = filter::parse_of_jobs)]
    pub filter: Option<Filter>,

    /// What to wait for
    #[arg(long, value_name = "GOAL", value_enum, default_value_t = Goal::Complete)]
    pub r#for: Goal,

    /// Wait for this time until there is such a job [default: not at all]
    #[arg(long, value_name = "DURATION", env = "TRAILWATCH_APPEAR_WITHIN", hide_env = true, value_parser = while_)]
    pub appear_within: Option<Duration>,

    /// Until all jobs are there: the default
    #[arg(long, conflicts_with = "any")]
    pub all: bool,

    /// Until one job is there: others may fail meanwhile
    #[arg(long)]
    pub any: bool,

    /// A job that fails ends it, with --any as well
    #[arg(long)]
    pub fail_fast: bool,

    /// How long the service may be out of reach, 1s to 1y
    #[arg(long, value_name = "DURATION", env = "TRAILWATCH_GIVE_UP_AFTER", hide_env = true,
        default_value = "15m", value_parser = while_)]
    pub give_up_after: Duration,

    /// How to print the end
    #[arg(short, long, value_name = "FORMAT", env = "TRAILWATCH_OUTPUT", hide_env = true,
        value_enum, default_value_t = WaitFormat::Text)]
    pub output: WaitFormat,
}

/// How long something is done, or left out.
fn while_(text: &str) -> Result<Duration, String> {
    duration(text, Duration::from_secs(1), YEAR)
}

/// From which moment on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// A moment.
    At(Timestamp),
    /// So long before now.
    Ago(Duration),
}

impl FromStr for Since {
    type Err = String;

    /// RFC 3339, or a duration.
    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(at) = chrono::DateTime::parse_from_rfc3339(text) {
            return Ok(Self::At(at.to_utc()));
        }
        let ago = humantime::parse_duration(text).map(Self::Ago);
        ago.map_err(|_| {
            "it is neither a time, as in 2026-11-24T20:00:00Z, nor how long ago, as in 10m or 2h".to_owned()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_a_time_or_how_long_ago() {
        let at = Since::At("2026-11-24T20:00:00Z".parse().unwrap());
        assert_eq!("2026-11-24T20:00:00Z".parse(), Ok(at));
        assert_eq!("2026-11-25T04:00:00+08:00".parse(), Ok(at));
        assert_eq!("10m".parse(), Ok(Since::Ago(Duration::from_secs(600))));
        for bad in ["", "10", "yesterday", "2026-11-24", "2026-11-24T20:00:00"] {
            assert!(bad.parse::<Since>().is_err(), "{bad}");
        }
    }

    #[test]
    fn what_takes_long_may_take_a_year() {
        assert_eq!(while_("2h"), Ok(Duration::from_secs(7200)));
        assert!(while_("1y").is_ok() && while_("0s").is_err() && while_("2y").is_err());
    }
}
