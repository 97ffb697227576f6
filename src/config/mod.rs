//! What was asked for, made into what the engine is told: flags over environment over profile file over default, in one place.
//!
//! Reads the environment through [`Env`], the configuration file and the files of credentials; parses no argument. Flags,
//! variables and file meet where arguments are parsed, over the list [`SETTINGS`].

mod file;
mod groups;
mod marks;
mod origin;
mod reader;
mod regions;
mod schema;
mod settings;
mod targets;
mod ways;

use std::{fs, path::Path, path::PathBuf, time::Duration};

use self::{regions::is_all, targets::Found};
use crate::{
    acs::{Endpoint, HttpOptions, InvalidEndpoint, PlainHttp},
    actiontrail::ServedRegion,
    credentials::{self, Env},
    engine::{self, Clock, Depth, Setup, TargetSpec},
    exit::ExitCode,
    job::{InvalidName, ProfileName, Region, TargetKey},
};

pub use file::{File, FileError, Said, Wanted};
pub use groups::Group;
pub use origin::{Known, Origin};
pub use reader::{Fault, Problem};
pub use schema::schema;
pub use settings::{Flag, Kind, SETTINGS, Setting};
pub use ways::WayAt;

/// The file that is a beginning: every setting, commented.
pub const DEFAULT_FILE: &str = include_str!("../../assets/config.toml");

/// How often a target is read where nobody says otherwise.
pub const INTERVAL: Duration = Duration::from_secs(10);
/// How often a target is read in which no job is active, where nobody says otherwise.
pub const IDLE_INTERVAL: Duration = Duration::from_secs(60);
/// How long an active job may stand still where nobody says otherwise.
pub const STALLED_AFTER: Duration = Duration::from_secs(30 * 60);
/// How long `list` and `get` go on without progress where nobody says otherwise.
pub const TIMEOUT: Duration = Duration::from_secs(30);
/// How long the list of regions is waited for, before the one of this version is taken.
const REGIONS_PATIENCE: Duration = Duration::from_secs(3);
/// The calls in any second, per key, region and operation, where nobody says otherwise: half of the service's quota.
pub const MAX_QPS: u32 = 5;

/// What flags, and the variables that stand for flags, asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The profiles, or none: then the sources of credentials decide.
    pub profiles: Vec<ProfileName>,
    /// Every profile of the official command line's file, whatever [`Self::profiles`] says.
    pub all_profiles: bool,
    /// The regions, or none: then the environment or the profile decides.
    pub regions: Vec<Region>,
    /// Groups of targets beside these profiles. What a group does not say is as it is without one.
    pub groups: Vec<Group>,
    /// A base URL instead of the regions' own.
    pub endpoint: Option<String>,
    /// Whether that may be plain http to another machine.
    pub plain_http: PlainHttp,
    /// How often each target is read, where the user says so.
    pub interval: Option<Duration>,
    /// How often a target is read in which no job is active, where the user says so.
    pub idle_interval: Option<Duration>,
    /// How long an active job may stand still before it is called stalled.
    pub stalled_after: Duration,
    /// How long a call is repeated without success.
    pub timeout: Duration,
    /// The most calls in any second, per key, region and operation.
    pub max_qps: u32,
    /// Where what was seen is kept, if it is.
    pub journal: Option<PathBuf>,
    /// A PEM file of certificate authorities to trust, too.
    pub ca_file: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            profiles: Vec::new(),
            all_profiles: false,
            regions: Vec::new(),
            groups: Vec::new(),
            endpoint: None,
            plain_http: PlainHttp::LoopbackOnly,
            interval: None,
            idle_interval: None,
            stalled_after: STALLED_AFTER,
            timeout: TIMEOUT,
            max_qps: MAX_QPS,
            journal: None,
            ca_file: None,
        }
    }
}

impl Options {
    /// Whether what is chosen by name takes a target in; where nothing is, every one.
    #[must_use]
    pub fn takes_in(&self, key: &TargetKey) -> bool {
        self.choices().iter().any(|Self { profiles, all_profiles, regions, .. }| {
            (*all_profiles || profiles.is_empty() || profiles.contains(&key.profile))
                && (regions.is_empty() || regions.contains(&key.region) || regions.iter().any(is_all))
        })
    }

    /// What is chosen, each with its own profiles and regions: every group, and what is named beside them.
    fn choices(&self) -> Vec<Self> {
        let names_profiles = |group: &Group| !group.profiles.is_empty();
        let without = Self { groups: Vec::new(), ..self.clone() };
        let or = |own: &Group| Self {
            all_profiles: self.all_profiles && !names_profiles(own),
            profiles: if names_profiles(own) { own.profiles.clone() } else { self.profiles.clone() },
            regions: if own.regions.is_empty() { self.regions.clone() } else { own.regions.clone() },
            ..without.clone()
        };
        let mut choices: Vec<_> = self.groups.iter().map(or).collect();
        // Groups of regions alone are those of these profiles.
        let are_named = self.all_profiles || !self.profiles.is_empty();
        if choices.is_empty() || are_named && self.groups.iter().any(names_profiles) {
            choices.push(without);
        }
        choices
    }
}

/// What the program needs from its surroundings; tests bring their own.
#[derive(Clone)]
pub struct Surroundings {
    /// The environment variables.
    pub env: Env,
    /// The home directory, if there is one.
    pub home: Option<PathBuf>,
    /// The wall clock.
    pub clock: Clock,
}

impl Surroundings {
    /// Those of this process.
    #[must_use]
    pub fn process() -> Self {
        Self { env: Env::process(), home: etcetera::home_dir().ok(), clock: crate::engine::system_clock() }
    }
}

/// What the engine is told, and what the user should know about it.
#[derive(Clone)]
pub struct Configured {
    /// For the engine.
    pub setup: Setup,
    /// One line each, to be logged as warnings.
    pub notes: Vec<String>,
}

/// Why there is nothing to tell the engine.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The endpoint is none.
    #[error(transparent)]
    Endpoint(#[from] InvalidEndpoint),
    /// No access key.
    #[error(transparent)]
    Credentials(#[from] credentials::Error),
    /// No access key for any of several profiles.
    #[error("no profile can be used:\n{}", each(.0))]
    NoProfile(Vec<(ProfileName, credentials::Error)>),
    /// No region for a profile.
    #[error(
        "no region is set for {profile}: give one with --region (as in --region cn-hangzhou), with TRAILWATCH_REGION or \
         ALIBABA_CLOUD_REGION_ID in the environment, or as region_id of a profile in ~/.aliyun/config.json"
    )]
    NoRegion {
        /// The profile.
        profile: ProfileName,
    },
    /// A variable names no region.
    #[error("environment variable {variable}: {source}")]
    Region {
        /// The variable.
        variable: &'static str,
        /// What is wrong with it.
        source: InvalidName,
    },
    /// The file of certificate authorities can't be read.
    #[error("{path}: {reason}")]
    CaFile {
        /// The file.
        path: String,
        /// What the system said.
        reason: String,
    },
}

fn each(errors: &[(ProfileName, credentials::Error)]) -> String {
    errors.iter().map(|(name, error)| format!("  {name}: {error}")).collect::<Vec<_>>().join("\n")
}

impl Error {
    /// The key of the setting that is wrong, where it is one: who said it is to be told, too.
    #[must_use]
    pub fn setting(&self) -> Option<&'static str> {
        match self {
            Self::Endpoint(_) => Some("endpoint"),
            Self::CaFile { .. } => Some("ca_file"),
            Self::Credentials(_) | Self::NoProfile(_) | Self::NoRegion { .. } | Self::Region { .. } => None,
        }
    }

    /// What to do, where the message does not say it already.
    #[must_use]
    pub fn remedy(&self) -> Option<&'static str> {
        match self {
            Self::Credentials(error) => Some(error.remedy()),
            Self::NoProfile(errors) => errors.first().map(|(_, error)| error.remedy()),
            _ => None,
        }
    }

    /// How the program ends.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Endpoint(_) => ExitCode::Usage,
            Self::Credentials(_) | Self::NoProfile(_) => ExitCode::Refused,
            Self::NoRegion { .. } | Self::Region { .. } | Self::CaFile { .. } => ExitCode::Config,
        }
    }
}

/// The targets (profiles × regions) and how to poll them.
///
/// # Errors
/// [`Error`], with the place where it can be mended.
pub fn configure(options: &Options, surroundings: &Surroundings) -> Result<Configured, Error> {
    let endpoint = options.endpoint.as_deref().map(|url| Endpoint::parse(url, options.plain_http)).transpose()?;
    if let Some(path) = &options.ca_file {
        readable(path)?;
    }
    let Found { targets, notes } =
        targets::find(options, endpoint.as_ref(), surroundings, &|asked| regions(options, asked, surroundings))?;
    Ok(Configured { setup: setup(options, targets, surroundings.clock.clone()), notes })
}

/// Asks which regions there are; who does not answer soon is not waited for.
fn regions(
    options: &Options,
    asked: Vec<TargetSpec>,
    surroundings: &Surroundings,
) -> Vec<Result<Vec<ServedRegion>, engine::Error>> {
    let setup = setup(options, asked, surroundings.clock.clone());
    let patience = setup.patience.min(REGIONS_PATIENCE);
    engine::regions_once(&Setup { patience, ..setup }).unwrap_or_default()
}

/// A setup for these targets, with the options that have nothing to do with targets.
#[must_use]
pub fn setup(options: &Options, targets: Vec<TargetSpec>, clock: Clock) -> Setup {
    Setup {
        targets,
        interval: options.interval.unwrap_or(INTERVAL),
        idle_interval: options.idle_interval.unwrap_or(IDLE_INTERVAL),
        stalled_after: options.stalled_after,
        max_qps: options.max_qps,
        patience: options.timeout,
        depth: Depth::Jobs,
        journal: options.journal.clone(),
        http: http(options),
        clock,
    }
}

fn http(options: &Options) -> HttpOptions {
    HttpOptions { ca_file: options.ca_file.clone() }
}

/// Says at the start, and once, that the file is not there, instead of once per target.
fn readable(path: &Path) -> Result<(), Error> {
    let fail = |reason: String| Error::CaFile { path: path.display().to_string(), reason };
    let metadata = fs::metadata(path).map_err(|error| fail(error.to_string()))?;
    if !metadata.is_file() {
        return Err(fail("it is not a regular file".to_owned()));
    }
    fs::File::open(path).map(drop).map_err(|error| fail(error.to_string()))
}

#[cfg(test)]
#[path = "tests/file.rs"]
mod file_tests;
#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tempfile::TempDir;

    use super::*;
    use crate::job::Timestamp;

    const KEYS: [(&str, &str); 2] =
        [("ALIBABA_CLOUD_ACCESS_KEY_ID", "LTAIenvironment1"), ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "hush")];

    fn with(extra: &[(&str, &str)]) -> Surroundings {
        let variables: Vec<_> = KEYS.iter().chain(extra).copied().collect();
        Surroundings { env: Env::of(&variables), home: None, clock: Arc::new(|| Timestamp::UNIX_EPOCH) }
    }

    fn region(id: &str) -> Region {
        Region::new(id).unwrap()
    }

    fn targets(options: &Options, surroundings: &Surroundings) -> Vec<String> {
        let setup = configure(options, surroundings).map(|configured| configured.setup).unwrap();
        setup.targets.iter().map(|target| format!("{} {}", target.key, target.endpoint)).collect()
    }

    fn error(options: &Options, surroundings: &Surroundings) -> Error {
        configure(options, surroundings).err().unwrap()
    }

    #[test]
    fn flags_come_before_variables() {
        let variable = with(&[("REGION", "cn-beijing"), ("ALICLOUD_REGION_ID", "cn-shanghai")]);
        assert_eq!(targets(&Options::default(), &variable), ["env/cn-shanghai actiontrail.cn-shanghai.aliyuncs.com"]);
        let regions = vec![region("cn-fujian"), region("us-east-1"), region("cn-fujian")];
        assert_eq!(
            targets(&Options { regions, ..Options::default() }, &variable),
            ["env/cn-fujian actiontrail.aliyuncs.com", "env/us-east-1 actiontrail.us-east-1.aliyuncs.com"]
        );
    }

    #[test]
    fn targets_are_profiles_times_regions() {
        let home = TempDir::new().unwrap();
        std::fs::create_dir(home.path().join(".aliyun")).unwrap();
        let profile = |name: &str, region: &str| {
            format!(
                r#"{{"name":"{name}","mode":"AK","access_key_id":"x","access_key_secret":"y","region_id":"{region}"}}"#
            )
        };
        let text = format!(r#"{{"profiles":[{},{}]}}"#, profile("a", "cn-beijing"), profile("b", ""));
        std::fs::write(home.path().join(".aliyun/config.json"), text).unwrap();
        let around = Surroundings { home: Some(home.path().to_owned()), ..with(&[]) };
        let named = |names: &[&str], regions: &[&str]| Options {
            profiles: names.iter().map(|name| ProfileName::new(name).unwrap()).collect(),
            regions: regions.iter().map(|id| region(id)).collect(),
            endpoint: Some("http://127.0.0.1:9".into()),
            ..Options::default()
        };
        assert_eq!(targets(&named(&["a"], &[]), &around), ["a/cn-beijing http://127.0.0.1:9"]);
        assert_eq!(targets(&named(&["a", "b", "a"], &["cn-x", "cn-y"]), &around).len(), 4);
        let missing = error(&named(&["a", "b"], &[]), &around);
        assert_eq!(missing, Error::NoRegion { profile: ProfileName::new("b").unwrap() });
        assert_eq!(missing.exit_code(), ExitCode::Config);
    }

    #[test]
    fn groups_have_their_own_targets_and_each_target_is_there_once() {
        let around = with(&[]);
        let group = |regions: &[&str]| Group {
            name: "g".into(),
            profiles: Vec::new(),
            regions: regions.iter().map(|id| region(id)).collect(),
            line: 1,
        };
        let groups = vec![group(&["cn-beijing", "cn-shanghai"]), group(&["cn-shanghai", "cn-chengdu"]), group(&[])];
        let options = Options {
            groups,
            regions: vec![region("cn-hangzhou")],
            endpoint: Some("https://h".into()),
            ..Options::default()
        };
        let regions = ["cn-beijing", "cn-shanghai", "cn-chengdu", "cn-hangzhou"];
        assert_eq!(targets(&options, &around), regions.map(|region| format!("env/{region} h")));
    }

    #[test]
    fn what_is_wrong_says_where_to_mend_it() {
        let no_region = error(&Options::default(), &with(&[]));
        assert!(no_region.to_string().contains("--region cn-hangzhou"), "{no_region}");
        let bad = error(&Options::default(), &with(&[("REGION_ID", "Moon/1")]));
        assert!(bad.to_string().starts_with("environment variable REGION_ID: \"Moon/1\" is not"), "{bad}");
        let none = Surroundings { env: Env::of(&[]), ..with(&[]) };
        assert_eq!(error(&Options::default(), &none).exit_code(), ExitCode::Refused);
        let nowhere = Options { ca_file: Some("/nonexistent.pem".into()), ..Options::default() };
        assert_eq!(error(&nowhere, &with(&[])).exit_code(), ExitCode::Config);
    }

    #[test]
    fn plain_http_leaves_this_machine_only_when_asked_for() {
        let around = with(&[("REGION", "cn-beijing")]);
        let options = Options { endpoint: Some("http://10.0.0.1".into()), ..Options::default() };
        assert_eq!(error(&options, &around).exit_code(), ExitCode::Usage);
        let allowed = Options { plain_http: PlainHttp::Allowed, ..options };
        assert_eq!(targets(&allowed, &around), ["env/cn-beijing http://10.0.0.1"]);
    }
}
