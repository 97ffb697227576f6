//! The arguments, as the contract with scripts names them. What they mean is in the file of each command and in [`crate::config`].
//! Those of `watch` and `wait` are in `follow`, those of `coverage` in a file of their own.

mod config;
mod coverage;
mod doctor;
mod follow;

use std::{path::PathBuf, str::FromStr as _, time::Duration};

use clap::{ArgAction, Args, Parser, Subcommand, builder::FalseyValueParser};
use clap_complete::Shell;

pub use config::{ConfigAction, ConfigArgs, ConfigFormat};
pub use coverage::CoverageArgs;
pub use doctor::{DoctorArgs, DoctorFormat};
pub use follow::{Since, WaitArgs, WatchArgs};

use super::{filter, help};
use crate::{
    acs::PlainHttp,
    actiontrail::EndpointType,
    config::{File, FileError, Group, INTERVAL, Known, MAX_QPS, Options, Origin, TIMEOUT},
    emulator::{Fault, Quota},
    export::{Format, HistoryFormat, JobFormat},
    files,
    job::{Filter, JobId, ProfileName, Region, SortKey, StatusChoice},
    journal,
    looks::ThemeName,
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

/// What every command takes, before or after its name; each also from the environment as `TRAILWATCH_<FLAG>`, and where it makes
/// sense from the configuration file.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options (each also as TRAILWATCH_<OPTION> in the environment)")]
pub struct GlobalArgs {
    /// Profile of ~/.aliyun/config.json, and no other source of keys; repeat it for several
    #[arg(long, global = true, value_name = "NAME", env = "TRAILWATCH_PROFILE", hide_env = true,
        value_delimiter = ',', value_parser = ProfileName::new)]
    pub profile: Vec<ProfileName>,

    /// Every profile of ~/.aliyun/config.json, whatever --profile says
    #[arg(long, global = true, env = "TRAILWATCH_ALL_PROFILES", hide_env = true,
        action = ArgAction::SetTrue, value_parser = FalseyValueParser::new())]
    pub all_profiles: bool,
    /// Group of profiles and regions that the configuration file names, [group.NAME]; repeat it for several
    #[arg(long, global = true, value_name = "NAME", env = "TRAILWATCH_GROUP", hide_env = true, value_delimiter = ',')]
    pub group: Vec<String>,

    /// Region, such as cn-hangzhou, or all; repeat it for several [default: of the environment or the profile]
    #[arg(long, global = true, value_name = "ID", env = "TRAILWATCH_REGION", hide_env = true, value_delimiter = ',')]
    pub region: Vec<Region>,

    /// Base URL to call instead of the region's own
    #[arg(long, global = true, value_name = "URL", env = "TRAILWATCH_ENDPOINT", hide_env = true)]
    pub endpoint: Option<String>,

    /// From where the region's own is called: public, or vpc for inside a VPC [default: public]
    #[arg(long, global = true, value_name = "TYPE", env = "TRAILWATCH_ENDPOINT_TYPE", hide_env = true)]
    pub endpoint_type: Option<EndpointType>,

    /// Allow an --endpoint with plain http on another machine
    #[arg(long, global = true, env = "TRAILWATCH_INSECURE_HTTP", hide_env = true,
        action = ArgAction::SetTrue, value_parser = FalseyValueParser::new())]
    pub insecure_http: bool,

    /// How often the dashboard, watch and wait read while a job is active, 1s to 1d [default: 10s; 2s in the demo]
    #[arg(long, global = true, value_name = "DURATION", env = "TRAILWATCH_INTERVAL", hide_env = true,
        value_parser = interval)]
    pub interval: Option<Duration>,

    /// How often they read a target in which no job is active [default: 60s; in wait as --interval; 2s in the demo]
    #[arg(long, global = true, value_name = "DURATION", env = "TRAILWATCH_IDLE_INTERVAL", hide_env = true,
        value_parser = interval)]
    pub idle_interval: Option<Duration>,

    /// How long an active job may stand still before it is called stalled, 1s to 1d
    #[arg(long, global = true, value_name = "DURATION", env = "TRAILWATCH_STALLED_AFTER", hide_env = true,
        default_value = "30m", value_parser = interval)]
    pub stalled_after: Duration,

    /// How long to go on without progress before giving up, 100ms to 30d [default: 30s]; of wait, how long the whole wait may
    /// take [default: no limit]
    #[arg(long, global = true, value_name = "DURATION", env = "TRAILWATCH_TIMEOUT", hide_env = true,
        value_parser = timeout)]
    pub timeout: Option<Duration>,

    /// The most calls a second, per key, region and operation
    #[arg(long, global = true, value_name = "N", env = "TRAILWATCH_MAX_QPS", hide_env = true,
        default_value_t = MAX_QPS, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub max_qps: u32,

    /// Use the built-in demo instead of the cloud; no key is needed
    #[arg(long, global = true, env = "TRAILWATCH_DEMO", hide_env = true,
        action = ArgAction::SetTrue, value_parser = FalseyValueParser::new())]
    pub demo: bool,

    /// Draw with ASCII signs only [default: where the locale is not UTF-8]
    #[arg(long, global = true, env = "TRAILWATCH_ASCII", hide_env = true,
        action = ArgAction::SetTrue, value_parser = FalseyValueParser::new())]
    pub ascii: bool,

    /// Configuration file [default: $XDG_CONFIG_HOME/trailwatch/config.toml, if it is there; none in the demo]
    #[arg(long, global = true, value_name = "FILE", env = "TRAILWATCH_CONFIG", hide_env = true)]
    pub config: Option<PathBuf>,

    /// Key map that changes the default one [default: $XDG_CONFIG_HOME/trailwatch/keys.toml, if it is there]
    #[arg(long, global = true, value_name = "FILE", env = "TRAILWATCH_KEYS", hide_env = true)]
    pub keys: Option<PathBuf>,
    /// Colours of the dashboard: terminal, dark, light or mono [default: terminal, its own 16]
    #[arg(long, global = true, value_name = "NAME", env = "TRAILWATCH_THEME", hide_env = true)]
    pub theme: Option<ThemeName>,

    /// Take wheel and clicks of the mouse, with which the terminal then selects text only with Shift
    #[arg(long, global = true, env = "TRAILWATCH_MOUSE", hide_env = true,
        action = ArgAction::SetTrue, value_parser = FalseyValueParser::new())]
    pub mouse: bool,

    /// Neither read nor write the journal of what was seen, $XDG_STATE_HOME/trailwatch/journal.db
    #[arg(long, global = true, env = "TRAILWATCH_NO_JOURNAL", hide_env = true,
        action = ArgAction::SetTrue, value_parser = FalseyValueParser::new())]
    pub no_journal: bool,

    /// Neither read nor write how the dashboard was left, $XDG_STATE_HOME/trailwatch/session.json
    #[arg(long, global = true, env = "TRAILWATCH_NO_STATE", hide_env = true,
        action = ArgAction::SetTrue, value_parser = FalseyValueParser::new())]
    pub no_state: bool,

    /// PEM file of certificate authorities to trust beside the system's
    #[arg(long, global = true, value_name = "FILE", env = "TRAILWATCH_CA_FILE", hide_env = true)]
    pub ca_file: Option<PathBuf>,

    /// File for the log [default: standard error; in the dashboard $XDG_STATE_HOME/trailwatch/trailwatch.log]
    #[arg(long, global = true, value_name = "FILE", env = "TRAILWATCH_LOG_FILE", hide_env = true)]
    pub log_file: Option<PathBuf>,

    /// Log more: -v what happens, -vv every call, -vvv everything
    #[arg(short, long, global = true, env = "TRAILWATCH_VERBOSE", hide_env = true, action = ArgAction::Count)]
    pub verbose: u8,

    /// The groups of that name.
    #[arg(skip)]
    pub groups: Vec<Group>,

    /// The configuration file.
    #[arg(skip)]
    pub file: File,

    /// Why the configuration file can't be used, where a command goes on without it.
    #[arg(skip)]
    pub fault: Option<FileError>,

    /// What holds for each setting, and who says so.
    #[arg(skip)]
    pub settings: Vec<Known>,
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
    /// Port on 127.0.0.1; 0 takes any that is free
    #[arg(long, value_name = "N", env = "TRAILWATCH_PORT", hide_env = true, default_value_t = 0)]
    pub port: u16,

    /// Exactly so many settled jobs, and none that begins by itself [default: 44, and a run every seven minutes]
    #[arg(long, value_name = "N", env = "TRAILWATCH_JOBS", hide_env = true,
        value_parser = clap::value_parser!(u32).range(..=1_000_000))]
    pub jobs: Option<u32>,

    /// So many accounts instead of one, and in each of them one long run after the other
    #[arg(long, value_name = "N", env = "TRAILWATCH_ACCOUNTS", hide_env = true, conflicts_with = "jobs",
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

impl GlobalArgs {
    /// What the configuration is made from.
    #[must_use]
    pub fn options(&self) -> Options {
        Options {
            profiles: self.profile.clone(),
            all_profiles: self.all_profiles,
            regions: self.region.clone(),
            groups: self.groups.clone(),
            endpoint: self.endpoint.clone(),
            endpoint_type: self.endpoint_type,
            plain_http: if self.insecure_http { PlainHttp::Allowed } else { PlainHttp::LoopbackOnly },
            interval: self.interval,
            idle_interval: self.idle_interval,
            stalled_after: self.stalled_after,
            timeout: self.timeout.unwrap_or(TIMEOUT),
            max_qps: self.max_qps,
            journal: self.journal(),
            ca_file: self.ca_file.clone(),
        }
    }

    /// The same for `wait`: its `--timeout` is that of the whole wait, calls are repeated for as long as anywhere; and what it
    /// waits for may be a job that appears, so that there is no idle time.
    #[must_use]
    pub fn options_to_wait(&self) -> Options {
        let idle_interval = self.idle_interval.or(self.interval).or_else(|| (!self.demo).then_some(INTERVAL));
        Options { timeout: TIMEOUT, idle_interval, ..self.options() }
    }

    /// Who says what holds for a setting.
    #[must_use]
    pub fn origin(&self, key: &str) -> Origin {
        let known = self.settings.iter().find(|known| known.setting.key == key);
        known.map_or(Origin::Default, |known| known.origin.clone())
    }

    /// Where the journal is kept. `None` where the user wants none, where there is no home, and in the demo: what is made up
    /// does not belong among what was seen.
    #[must_use]
    pub fn journal(&self) -> Option<PathBuf> {
        if self.no_journal || self.demo { None } else { journal::default_path() }
    }

    /// Where the configuration is looked for. `None` where there is no home, and in the demo, unless it was asked for: nobody
    /// is to be called for what is made up.
    #[must_use]
    pub fn config(&self) -> Option<PathBuf> {
        let usual = || if self.demo { None } else { files::in_config_directory("config.toml") };
        self.config.clone().or_else(usual)
    }

    /// Where it is remembered how the dashboard was left. `None` where the user wants that not, where there is no home, and in
    /// the demo: who only looks around neither finds nor leaves a filter.
    #[must_use]
    pub fn session(&self) -> Option<PathBuf> {
        if self.no_state || self.demo { None } else { files::in_state_directory("session.json") }
    }
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// As people write it: `1y`.
const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60 + 6 * 60 * 60);

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
    let [least, most] = [least, most].map(|bound| humantime::format_duration(bound).to_string());
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
