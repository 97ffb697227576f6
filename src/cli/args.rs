//! The arguments, as the contract with scripts names them. What they mean is in the file of each command and in [`crate::config`].
//! What every command takes is in `global`, those of `watch` and `wait` are in `follow`, some have a file of their own.

mod config;
mod coverage;
mod doctor;
mod follow;
mod global;

use std::{net::IpAddr, path::PathBuf, str::FromStr as _, time::Duration};

use clap::{ArgAction, Args, Parser, Subcommand, builder::FalseyValueParser};
use clap_complete::Shell;

pub use config::{ConfigAction, ConfigArgs, ConfigFormat};
pub use coverage::CoverageArgs;
pub use doctor::{DoctorArgs, DoctorFormat};
pub use follow::{Since, WaitArgs, WatchArgs};
pub use global::GlobalArgs;

use super::{filter, help};
use crate::{
    emulator::{Fault, Quota},
    export::{Format, HistoryFormat, JobFormat},
    job::{Filter, JobId, SortKey, StatusChoice},
    units,
};

/// The name of the program, as its completions and pages have it.
pub(super) const PROGRAM: &str = "trailwatch";

/// Watches the backfill jobs (delivery history jobs) of Alibaba Cloud ActionTrail
#[derive(Debug, Parser)]
#[command(name = PROGRAM, version, max_term_width = 100, after_help = help::program(),
    override_usage = "trailwatch [OPTIONS] [COMMAND]", disable_help_subcommand = true, disable_help_flag = true)]
pub struct Cli {
    /// What to do; without it, the dashboard opens.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Print this help
    #[arg(short, long, global = true, action = ArgAction::HelpShort, display_order = 900)]
    help: Option<bool>,
    /// What every command takes.
    #[command(flatten)]
    pub global: GlobalArgs,
}

/// A command of its own.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Read every job once and print them
    List(ListArgs),
    /// Print one job with its regions
    Get(GetArgs),
    /// Print a line for each change, as it happens
    Watch(WatchArgs),
    /// Wait until jobs are complete, settled or gone
    Wait(WaitArgs),
    /// Print what was seen to change, from the journal
    History(HistoryArgs),
    /// Print what of each trail's last 90 days of events was delivered
    Coverage(CoverageArgs),
    /// Check credentials, endpoints, permissions, configuration and terminal, and say what to do
    Doctor(DoctorArgs),
    /// Print what is set, and where; check the configuration file, or say where it is
    Config(ConfigArgs),
    /// Serve an ActionTrail endpoint of our own on this machine, to try things out
    Emulator(EmulatorArgs),
    /// Print a script with which a shell completes commands and options
    Completions(CompletionsArgs),
    /// Write manual pages into a directory
    Man(ManArgs),
    /// Print this help, or that of a command
    Help(HelpArgs),
}

/// `trailwatch list`.
#[derive(Debug, Args)]
#[command(after_help = help::list(), override_usage = "trailwatch list [OPTIONS]")]
pub struct ListArgs {
    /// How to print
    #[arg(short, long, value_name = "FORMAT", env = "TRAILWATCH_OUTPUT", hide_env = true,
        value_enum, default_value_t = Format::Table)]
    pub output: Format,

    /// Only jobs of this status: initializing, delivering, active (either), complete, failed, unknown or a code; repeat it for
    /// several
    #[arg(long, value_name = "STATUS", env = "TRAILWATCH_STATUS", hide_env = true, value_delimiter = ',',
        value_parser = StatusChoice::from_str)]
    pub status: Vec<StatusChoice>,

    /// Only jobs that this filter lets through, such as 'status:failed age<2d'; the language is below
    #[arg(long, value_name = "FILTER", env = "TRAILWATCH_FILTER", hide_env = true, default_value = "",
        hide_default_value = true, value_parser = filter::parse)]
    pub filter: Filter,

    /// Sort by status, id, trail, target, created, elapsed or updated; new, long and urgent ones come first
    #[arg(long, value_name = "COLUMN", env = "TRAILWATCH_SORT", hide_env = true,
        default_value_t = SortKey::Default)]
    pub sort: SortKey,

    /// End with 1 if the list holds an open failure or a stalled job; with 69 or 77 if that can't be known
    #[arg(long, env = "TRAILWATCH_EXIT_STATUS", hide_env = true,
        action = ArgAction::SetTrue, value_parser = FalseyValueParser::new())]
    pub exit_status: bool,

    /// Leave the header line out of table and csv
    #[arg(long, env = "TRAILWATCH_NO_HEADERS", hide_env = true,
        action = ArgAction::SetTrue, value_parser = FalseyValueParser::new())]
    pub no_headers: bool,
}

/// `trailwatch get`.
#[derive(Debug, Args)]
#[command(after_help = help::get(), override_usage = "trailwatch get [OPTIONS] <JOB_ID>")]
pub struct GetArgs {
    /// The job's number
    #[arg(value_name = "JOB_ID")]
    pub job: JobId,

    /// How to print
    #[arg(short, long, value_name = "FORMAT", env = "TRAILWATCH_OUTPUT", hide_env = true,
        value_enum, default_value_t = JobFormat::Table)]
    pub output: JobFormat,
}

/// `trailwatch history`.
#[derive(Debug, Args)]
#[command(after_help = help::history(), override_usage = "trailwatch history [OPTIONS] [JOB_ID]")]
pub struct HistoryArgs {
    /// Only changes of this job
    #[arg(value_name = "JOB_ID")]
    pub job: Option<JobId>,

    /// Only what was seen within this time, such as 12h or 7d
    #[arg(long, value_name = "DURATION", env = "TRAILWATCH_SINCE", hide_env = true, value_parser = span)]
    pub since: Option<Duration>,

    /// How to print
    #[arg(short, long, value_name = "FORMAT", env = "TRAILWATCH_OUTPUT", hide_env = true,
        value_enum, default_value_t = HistoryFormat::Table)]
    pub output: HistoryFormat,
}

/// `trailwatch emulator`.
#[derive(Debug, Args)]
#[command(after_help = help::emulator(), override_usage = "trailwatch emulator [OPTIONS]")]
pub struct EmulatorArgs {
    /// Address of this machine to listen at: 127.0.0.1, ::1
    #[arg(long, value_name = "ADDRESS", env = "TRAILWATCH_LISTEN", hide_env = true,
        default_value = "127.0.0.1", value_parser = loopback)]
    pub listen: IpAddr,

    /// Port there; 0 takes any that is free
    #[arg(long, value_name = "N", env = "TRAILWATCH_PORT", hide_env = true, default_value_t = 0)]
    pub port: u16,

    /// Exactly so many settled jobs, and none that begins by itself [default: 44, and a run every seven minutes]; with --accounts, so
    /// many in all of them
    #[arg(long, value_name = "N", env = "TRAILWATCH_JOBS", hide_env = true,
        value_parser = clap::value_parser!(u32).range(..=1_000_000))]
    pub jobs: Option<u32>,

    /// So many accounts instead of one, and in each of them one long run after the other
    #[arg(long, value_name = "N", env = "TRAILWATCH_ACCOUNTS", hide_env = true,
        value_parser = clap::value_parser!(u16).range(1..=1_000))]
    pub accounts: Option<u16>,

    /// The same seed makes the same world
    #[arg(long, value_name = "S", env = "TRAILWATCH_SEED", hide_env = true, default_value_t = 1)]
    pub seed: u64,

    /// How long every answer takes, 0s to 1h
    #[arg(long, value_name = "DURATION", env = "TRAILWATCH_LATENCY", hide_env = true,
        default_value = "0s", value_parser = latency)]
    pub latency: Duration,

    /// What goes wrong in which share of calls, as in 503=0.1; repeat it for several
    #[arg(long, value_name = "KIND=RATE", env = "TRAILWATCH_FAULT", hide_env = true, value_delimiter = ',')]
    pub fault: Vec<Fault>,

    /// How many lists, and how many single jobs, an account may ask for in a second
    #[arg(long, value_name = "N", env = "TRAILWATCH_QUOTA", hide_env = true,
        default_value_t = Quota::DOCUMENTED.list, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub quota: u32,
}

/// `trailwatch completions`.
#[derive(Debug, Args)]
#[command(after_help = help::completions(), override_usage = "trailwatch completions <SHELL>")]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL", value_enum)]
    pub shell: Shell,
}

/// `trailwatch man`.
#[derive(Debug, Args)]
#[command(after_help = help::man(), override_usage = "trailwatch man <DIR>")]
pub struct ManArgs {
    /// The directory; it is made if it is not there, and pages of the same names are replaced
    #[arg(value_name = "DIR")]
    pub directory: PathBuf,
}

/// `trailwatch help`: what `--help` of the same command prints, which clap's own would print at length.
#[derive(Debug, Args)]
#[command(override_usage = "trailwatch help [COMMAND]")]
pub struct HelpArgs {
    /// The command
    #[arg(value_name = "COMMAND", value_parser = help::COMMANDS)]
    pub command: Option<String>,
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// As people write it: `1y`.
const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60 + 6 * 60 * 60);

/// An address that nobody else reaches, as in a URL or bare.
fn loopback(text: &str) -> Result<IpAddr, String> {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let address: IpAddr =
        bare.parse().map_err(|_| "it is no address: write 127.0.0.1 or ::1, and the port with --port")?;
    if address.is_loopback() {
        Ok(address)
    } else {
        Err("others could reach it there: write an address of this machine itself, 127.0.0.1 or ::1".to_owned())
    }
}

fn interval(text: &str) -> Result<Duration, String> {
    duration(text, Duration::from_secs(1), DAY)
}

fn latency(text: &str) -> Result<Duration, String> {
    duration(text, Duration::ZERO, Duration::from_secs(60 * 60))
}

fn timeout(text: &str) -> Result<Duration, String> {
    duration(text, Duration::from_millis(100), 30 * DAY)
}

/// A duration without bounds: how far back to look.
fn span(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text).map_err(|error| format!("{error}; write it as in 90m, 12h or 7d"))
}

/// A duration as people write it: `500ms`, `10s`, `5m`, `2h`, `7d`.
fn duration(text: &str, least: Duration, most: Duration) -> Result<Duration, String> {
    let length =
        humantime::parse_duration(text).map_err(|error| format!("{error}; write it as in 500ms, 10s, 5m or 2h"))?;
    if (least..=most).contains(&length) {
        return Ok(length);
    }
    let [least, most] = [least, most].map(units::written);
    Err(format!("it must be between {least} and {most}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_written_with_a_unit_and_bounded() {
        assert_eq!(interval("5m"), Ok(Duration::from_secs(300)));
        assert_eq!(timeout("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(latency("0s"), Ok(Duration::ZERO));
        assert!(latency("61m").is_err());
        assert_eq!(timeout("2h"), Ok(Duration::from_secs(7200)));
        for bad in ["10", "", "-1s", "500ms", "7d", "soon", "99999999999999999999s"] {
            assert!(interval(bad).is_err(), "{bad}");
        }
    }
}
