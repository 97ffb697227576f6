//! What signs the calls of a target: a key that renews itself. It reads its file again when that changes, asks its source ahead
//! of time, once for all who need the key, and serves the key at hand meanwhile.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use chrono::TimeDelta;
use tokio::{
    sync::{Mutex as Turn, OwnedMutexGuard},
    time::{Instant, timeout},
};

use super::{
    Error, Remedy, Source,
    file::Stamp,
    kept::{self, Change, Late, Renewal, Step},
    lease::Lease,
    moment::Moment,
    plan::{Origin, Plan, Print},
    state::{Edition, State},
    way::Way,
};
use crate::{
    acs::{AccessKey, Endpoint},
    job::{ProfileName, Region, Timestamp},
};

/// How many roles on top of each other are looked through. A file that is changed may put them in a circle for a moment.
const DEEPEST: usize = 8;

/// Whose key, where it comes from, and the key. Clones share all of it.
#[derive(Debug, Clone)]
pub struct Provider {
    /// What the dashboard and the scripts call it.
    pub profile: ProfileName,
    /// Where the key came from at the start; [`Self::signs_with`] says where it comes from now.
    pub source: Source,
    /// The default region that stands beside the key.
    pub region: Option<Region>,
    shared: Arc<Shared>,
}

struct Shared {
    /// `None` where nothing that was read can change.
    origin: Option<Origin>,
    /// Never held while anybody waits.
    state: Mutex<State>,
    /// Whose turn it is to ask the source.
    turn: Arc<Turn<()>>,
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

/// A provider that others may have dropped meanwhile.
#[derive(Debug)]
pub(super) struct Remembered {
    source: Source,
    region: Option<Region>,
    shared: Weak<Shared>,
}

impl Remembered {
    pub(super) fn of(provider: &Provider) -> Self {
        let Provider { source, region, shared, .. } = provider.clone();
        Self { source, region, shared: Arc::downgrade(&shared) }
    }

    /// The provider, if anybody still has it.
    pub(super) fn provider(&self, profile: &ProfileName) -> Option<Provider> {
        let Self { source, region, shared } = self;
        let (source, region) = (source.clone(), region.clone());
        Some(Provider { profile: profile.clone(), source, region, shared: shared.upgrade()? })
    }
}

impl Provider {
    /// A key that is known already, and where STS says whose it is.
    #[must_use]
    pub fn fixed(profile: ProfileName, source: Source, region: Option<Region>, key: AccessKey, sts: Endpoint) -> Self {
        let way = Way::Known(Lease::lasting(key));
        Self::new(profile, Plan { way, source, region, sts, print: Print::default() }, None)
    }

    /// A provider by this plan; one that was read from a file is read again from there.
    pub(super) fn new(profile: ProfileName, plan: Plan, origin: Option<(Origin, Stamp)>) -> Self {
        let (source, region) = (plan.source.clone(), plan.region.clone());
        let (origin, stamp) = origin.unzip();
        let shared = Shared { origin, state: Mutex::new(State::new(plan, stamp)), turn: Arc::default() };
        Self { profile, source, region, shared: Arc::new(shared) }
    }

    /// The key to sign the next call with. At the first time, and after the one at hand has expired, this waits for the source.
    ///
    /// Here and elsewhere, `now` is the local clock's time: all who share a provider have the same. When keys end, by the
    /// service's clock, is weighed by what was [learned](Self::learn) of that.
    ///
    /// # Errors
    /// [`Error`] where the source gives none.
    pub async fn key(&self, now: Timestamp) -> Result<AccessKey, Error> {
        let (step, now) = {
            let state = self.look(now);
            let now = state.moment(now);
            (state.kept.step(now), now)
        };
        match step {
            Step::Use(key) => Ok(key),
            Step::Fail(error) => Err(error),
            Step::UseAndAsk(key) => {
                // Where it is somebody's turn already, the next key is on its way.
                if let Ok(turn) = Arc::clone(&self.shared.turn).try_lock_owned() {
                    tokio::spawn(self.clone().ask_aside(turn, now));
                }
                Ok(key)
            }
            Step::Ask => self.wait(now).await,
        }
    }

    /// [`Self::key`], for which nobody waits longer than this. The source is asked to the end all the same: its answer is there
    /// for who asks next.
    ///
    /// # Errors
    /// As of [`Self::key`]; where the time is over, one that may pass.
    pub async fn key_within(&self, limit: Duration, now: Timestamp) -> Result<AccessKey, Error> {
        let late = || self.interrupted(&format!("no key within {limit:.0?}"));
        timeout(limit, self.key(now)).await.unwrap_or_else(|_| Err(late()))
    }

    async fn wait(&self, now: Moment) -> Result<AccessKey, Error> {
        let begun = Instant::now();
        let turn = Arc::clone(&self.shared.turn).lock_owned().await;
        // Whoever had the turn before has asked, and may have learned what time it is.
        let (step, now) = {
            let state = self.state();
            let now = state.moment(now.later(begun).local);
            (state.kept.step(now), now)
        };
        match step {
            Step::Use(key) | Step::UseAndAsk(key) => return Ok(key),
            Step::Fail(error) => return Err(error),
            Step::Ask => {}
        }
        // In a task of its own: who gives up waiting takes nothing from the others.
        let asked = tokio::spawn(self.clone().ask(turn, now)).await;
        asked.unwrap_or_else(|_| Err(self.interrupted("it was not asked to the end")))
    }

    /// Asks the source, for as long as it has the turn.
    async fn ask(self, _turn: OwnedMutexGuard<()>, now: Moment) -> Result<AccessKey, Error> {
        let plan = Arc::clone(&self.state().plan);
        let begun = Instant::now();
        let outcome = plan.way.ask(now).await;
        let now = now.later(begun);
        let mut state = self.state();
        if !Arc::ptr_eq(&plan, &state.plan) {
            // Whatever came, it is of somebody whom the file does not name any more.
            return Err(self.interrupted("its file changed meanwhile"));
        }
        match outcome {
            Ok(lease) => {
                let key = lease.key.clone();
                if let Some(theirs) = lease.handed {
                    state.ahead = theirs - now.local;
                }
                let now = state.moment(now.local);
                if state.kept.got(lease, now) == Change::Another {
                    state.edition.bump();
                    tracing::info!("{}: {} gave key {}", self.profile, state.source(), key.short_id());
                }
                Ok(key)
            }
            Err(error) => {
                tracing::info!("{}: {} gave no key: {}", self.profile, plan.source, error.line());
                state.kept.failed(error.clone(), now);
                Err(error)
            }
        }
    }

    /// The same where nobody waits for the answer, and so nobody would hear of an error.
    async fn ask_aside(self, turn: OwnedMutexGuard<()>, now: Moment) {
        let provider = self.clone();
        if self.ask(turn, now).await.is_err()
            && let Some(late) = provider.late(now.local)
        {
            tracing::warn!("{}: {late}", provider.profile);
        }
    }

    fn interrupted(&self, why: &str) -> Error {
        Error::NotGiven { place: self.source.to_string(), problem: why.to_owned(), remedy: Remedy::AskAgain }
    }

    /// Takes note that the service refused a key of this provider: what is no good is asked for anew, but not at every call.
    pub fn refused(&self, key: &AccessKey, now: Timestamp) -> Renewal {
        let mut state = self.state();
        if let Some(origin) = &self.shared.origin {
            state.read_again(origin, now);
        }
        match state.kept.key() {
            // What stands in a file is the same for as long as the file is.
            Some(known) if state.plan.way.known().is_some() && kept::is_same(known, key) => Renewal::None,
            _ => {
                let now = state.moment(now);
                state.kept.refused(key, now)
            }
        }
    }

    /// Takes note of how far the service's clock is ahead of the local one, as its answers say.
    pub fn learn(&self, ahead: TimeDelta) {
        self.state().ahead = ahead;
    }

    /// What [`Self::may_have_healed`] compares with.
    #[must_use]
    pub fn edition(&self) -> Edition {
        self.edition_through(None, DEEPEST)
    }

    /// Whether a call that was refused may be answered by now: the file has changed since, or there is another key.
    #[must_use]
    pub fn may_have_healed(&self, since: Edition, now: Timestamp) -> bool {
        self.edition_through(Some(now), DEEPEST) != since
    }

    /// The edition, with those of the providers below; after a look at their files, where a time is given.
    fn edition_through(&self, look: Option<Timestamp>, depth: usize) -> Edition {
        let (own, plan) = {
            let state = look.map_or_else(|| self.state(), |now| self.look(now));
            (state.edition, Arc::clone(&state.plan))
        };
        match &plan.way {
            Way::Role(role) if depth > 0 => own.with(role.base.edition_through(look, depth - 1)),
            _ => own,
        }
    }

    /// That the next key is overdue, or will not come, while the one at hand is still good.
    #[must_use]
    pub fn late(&self, now: Timestamp) -> Option<Late> {
        let state = self.state();
        let now = state.moment(now);
        state.kept.late(state.plan.way.outlook(now.service), now)
    }

    /// The key's id, shortened in the middle; `None` where it is not known yet.
    #[must_use]
    pub fn short_key_id(&self) -> Option<String> {
        self.state().kept.key().map(AccessKey::short_id)
    }

    /// Where the key comes from, and its id shortened in the middle, where that is known yet.
    #[must_use]
    pub fn signs_with(&self) -> String {
        let state = self.state();
        match state.kept.key() {
            Some(key) => format!("{} ({})", state.source(), key.short_id()),
            None if state.is_broken() => "none".to_owned(),
            None => state.source().to_string(),
        }
    }

    /// The profile by which the official command line would sign as this does, where its file has one.
    #[must_use]
    pub fn official_profile(&self) -> Option<&ProfileName> {
        let state = self.state();
        let can_sign = matches!(state.plan.source, Source::File { .. }) && !state.is_broken();
        can_sign.then_some(&self.profile)
    }

    /// What stands for the account where its number is not known: the id of a lasting key, else the profile.
    #[must_use]
    pub fn stand_in(&self) -> String {
        let state = self.state();
        let lasting = state.plan.way.known().filter(|lease| lease.key.token.is_none());
        lasting.map_or_else(|| format!("profile {}", self.profile), |lease| lease.key.id.clone())
    }

    /// That nothing gives a key, where it is known before anybody is asked over the network: a machine of the cloud apart.
    #[must_use]
    pub fn unasked(&self) -> Option<Error> {
        match &self.state().plan.way {
            Way::Last(last) => last.unasked(),
            _ => None,
        }
    }

    /// Where STS says whose the key is: [`super::sts::get_caller_identity`].
    #[must_use]
    pub fn sts(&self) -> Endpoint {
        self.state().plan.sts.clone()
    }

    /// The state, after a look at the file where that is due.
    fn look(&self, now: Timestamp) -> MutexGuard<'_, State> {
        let mut state = self.state();
        state.look(self.shared.origin.as_ref(), now);
        state
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.shared)
    }
}

/// Nothing that holds it can panic half way through a change, so a poisoned lock is as good.
fn lock(shared: &Shared) -> MutexGuard<'_, State> {
    shared.state.lock().unwrap_or_else(PoisonError::into_inner)
}
