//! What the sources of keys look at: variables, a home directory, the network. Tests bring their own.

use std::{
    collections::HashMap,
    fmt,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use super::{
    Env, Provider,
    provider::Remembered,
    sts::{Sts, Turns},
};
use crate::{
    acs::{self, Endpoint, Http, HttpOptions, PlainHttp},
    job::ProfileName,
};

/// What the sources look at. Clones share the connections, and the providers: a profile is one source, however many need it.
#[derive(Clone)]
pub struct Places {
    /// The environment variables.
    pub env: Env,
    /// The home directory, if there is one.
    pub home: Option<PathBuf>,
    /// The metadata service of the instance that this may be.
    pub metadata: Endpoint,
    /// How long a command that prints a key may run.
    pub command_limit: Duration,
    http: Arc<Http>,
    turns: Turns,
    remembered: Arc<Mutex<HashMap<ProfileName, Remembered>>>,
}

impl fmt::Debug for Places {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Places").field("home", &self.home).finish_non_exhaustive()
    }
}

impl Places {
    /// These variables, this home, connections with these options.
    #[must_use]
    pub fn new(env: Env, home: Option<PathBuf>, options: HttpOptions) -> Self {
        // It has no name and no certificate; who could answer in its place is the host of the instance.
        let metadata = Endpoint::parse("http://100.100.100.200", PlainHttp::Allowed).expect("a fixed address is one");
        let command_limit = Duration::from_secs(60);
        let (http, turns, remembered) = (Arc::new(Http::new(options)), Turns::default(), Arc::default());
        Self { env, home, metadata, command_limit, http, turns, remembered }
    }

    /// The connections of all sources.
    pub(super) fn http(&self) -> Arc<Http> {
        Arc::clone(&self.http)
    }

    /// STS at this endpoint; all who ask it wait for their turn together.
    pub(super) fn sts(&self, endpoint: &Endpoint) -> Sts {
        Sts::new(acs::Client::new(self.http(), endpoint.clone()), self.turns.clone())
    }

    /// The provider of a profile that somebody has already.
    pub(super) fn remembered(&self, profile: &ProfileName) -> Option<Provider> {
        self.remembered.lock().unwrap_or_else(PoisonError::into_inner).get(profile)?.provider(profile)
    }

    /// Lets others find a provider by its profile.
    pub(super) fn remember(&self, provider: &Provider) {
        let mut remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        remembered.insert(provider.profile.clone(), Remembered::of(provider));
    }
}
