//! What every command takes, and what it means for the targets. What the file says of it is put below it by `layers`.

use std::{fmt, path::PathBuf, time::Duration};

use clap::{ArgAction, Args, builder::FalseyValueParser};

use super::{interval, timeout};
use crate::{
    acs::PlainHttp,
    actiontrail::EndpointType,
    config::{File, FileError, Group, INTERVAL, Known, MAX_QPS, Options, Origin, TIMEOUT},
    files,
    job::{ProfileName, Region},
    journal,
    looks::ThemeName,
};

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

    /// The most calls a second, per account, region and operation
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

    /// The key map that changes the default one: where it is, and what stands in it. One that was asked for must be there.
    ///
    /// # Errors
    /// In words, where it can't be read.
    pub fn key_map(&self) -> Result<Option<(PathBuf, String)>, String> {
        let Some(path) = self.keys.clone().or_else(|| files::in_config_directory("keys.toml")) else { return Ok(None) };
        let wrong = |words: &dyn fmt::Display| Err(format!("{}: {words}", path.display()));
        match files::read_text(&path) {
            Ok(Some(text)) => Ok(Some((path, text))),
            Ok(None) if self.keys.is_some() => wrong(&format_args!("there is no such file ({})", self.origin("keys"))),
            Ok(None) => Ok(None),
            Err(error) => wrong(&error),
        }
    }

    /// Where it is remembered how the dashboard was left. `None` where the user wants that not, where there is no home, and in
    /// the demo: who only looks around neither finds nor leaves a filter.
    #[must_use]
    pub fn session(&self) -> Option<PathBuf> {
        if self.no_state || self.demo { None } else { files::in_state_directory("session.json") }
    }
}
