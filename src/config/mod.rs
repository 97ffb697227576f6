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

use std::{fmt, fs, path::Path, path::PathBuf, time::Duration};

use self::{
    regions::{Hosts, is_all},
    targets::Found,
};
use crate::{
    acs::{Endpoint, HttpOptions, InvalidEndpoint, PlainHttp},
    actiontrail::{EndpointType, ServedRegion, UnknownEndpointType},
    credentials::{self, Env, STS_REGION_VARIABLE},
    engine::{self, Clock, Depth, Setup, TargetSpec},
    exit::ExitCode,
    job::{InvalidName, ProfileName, Region, TargetKey},
};

pub use file::{File, FileError, Said, Wanted};
pub use groups::Group;
pub use marks::{Stray, stray_marks, stray_profiles};
pub use origin::{Known, Origin};
pub use reader::{Fault, Problem};
pub use schema::schema;
pub use settings::{Flag, Kind, SETTINGS, Setting};
pub use ways::WayAt;

/// The variable with which the vendor's tools are told from where the service is called: `public` or `vpc`.
pub const ENDPOINT_TYPE_VARIABLE: &str = "ALIBABA_CLOUD_ENDPOINT_TYPE";

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
/// The calls in any second, per account, region and operation, where nobody says otherwise: half of the service's quota.
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
    /// From where the regions' own are called, where the user says so.
    pub endpoint_type: Option<EndpointType>,
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
    /// The most calls in any second, per account, region and operation.
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
            endpoint_type: None,
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
    /// What did not go as its user may expect.
    pub notes: Vec<Note>,
}

/// What its user should know of how it goes, a line each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// A source of keys is used where another one may be meant.
    PassedOver(String),
    /// The regions of an account can't be listed: those that this version knows are read.
    RegionsUnlisted(String),
    /// The demo does not do what was asked for beside it.
    LeftAside(String),
    /// No target has the name that a mark is for.
    StrayMark(String),
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::PassedOver(words) | Self::RegionsUnlisted(words) | Self::LeftAside(words) | Self::StrayMark(words)) =
            self;
        f.write_str(words)
    }
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
    /// The vendor's variable names no type of endpoint.
    #[error("environment variable {ENDPOINT_TYPE_VARIABLE}: {0}")]
    EndpointType(#[from] UnknownEndpointType),
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
            Self::Credentials(_)
            | Self::NoProfile(_)
            | Self::NoRegion { .. }
            | Self::EndpointType(_)
            | Self::Region { .. } => None,
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
            Self::NoRegion { .. } | Self::EndpointType(_) | Self::Region { .. } | Self::CaFile { .. } => {
                ExitCode::Config
            }
        }
    }
}

/// The targets (profiles × regions) and how to poll them.
///
/// # Errors
/// [`Error`], with the place where it can be mended.
pub fn configure(options: &Options, surroundings: &Surroundings) -> Result<Configured, Error> {
    let kind = endpoint_type(options, &surroundings.env)?;
    let hosts = match &options.endpoint {
        Some(url) => Hosts::One(Endpoint::parse(url, options.plain_http)?),
        None => Hosts::OfRegions(kind),
    };
    // Whoever else goes by the variable is told the same.
    let env = beside_targets(options, kind, surroundings.env.with(ENDPOINT_TYPE_VARIABLE, kind.word()));
    let surroundings = &Surroundings { env, ..surroundings.clone() };
    if let Some(path) = &options.ca_file {
        readable(path)?;
    }
    let Found { targets, notes } =
        targets::find(options, &hosts, surroundings, &|asked| regions(options, asked, surroundings))?;
    Ok(Configured { setup: setup(options, targets, surroundings.clock.clone()), notes })
}

/// Lets STS be asked inside the VPC of the first region that is named, where nothing else says where.
fn beside_targets(options: &Options, kind: EndpointType, env: Env) -> Env {
    let named = options.choices().into_iter().flat_map(|choice| choice.regions).find(|region| !is_all(region));
    match named {
        Some(region) if kind == EndpointType::Vpc && env.get(STS_REGION_VARIABLE).is_none() => {
            env.with(STS_REGION_VARIABLE, region.as_str())
        }
        _ => env,
    }
}

/// By flag or file, else by the vendor's variable.
fn endpoint_type(options: &Options, env: &Env) -> Result<EndpointType, Error> {
    match (options.endpoint_type, env.get(ENDPOINT_TYPE_VARIABLE)) {
        (Some(kind), _) => Ok(kind),
        (None, Some(word)) => Ok(word.parse()?),
        (None, None) => Ok(EndpointType::default()),
    }
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
pub(crate) fn readable(path: &Path) -> Result<(), Error> {
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
#[path = "tests/configure.rs"]
mod tests;
