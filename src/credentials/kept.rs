//! What is kept of a source: its key, and when it is asked next. Plain rules over (state, now); who asks is in `provider`.

use std::fmt;

use chrono::TimeDelta;
use secrecy::ExposeSecret;

use super::{Error, Source, lease::Lease, moment::Moment};
use crate::{acs::AccessKey, job::Timestamp};

/// How long before a key expires its source is asked for the next one; for short-lived ones the last third of their life.
pub(super) const AHEAD: TimeDelta = TimeDelta::minutes(5);

/// How soon a source is asked again at all: one that answers with the same key would be asked at every call.
const PAUSE: TimeDelta = TimeDelta::seconds(30);

/// The pause after a first failure; it doubles up to [`PAUSE`].
const FIRST_PAUSE: TimeDelta = TimeDelta::seconds(1);

/// A source's key, and how asking for it went.
#[derive(Debug, Default)]
pub(super) struct Kept {
    held: Option<Held>,
    /// The source is not asked before, by the local clock, as every pause here.
    not_before: Option<Timestamp>,
    failure: Option<Failure>,
    /// When it was last asked because its key was refused, and which that was.
    refused: Option<(Timestamp, AccessKey)>,
}

#[derive(Debug)]
struct Held {
    lease: Lease,
    /// When the next one is asked for, by the service's clock.
    renew: Option<Timestamp>,
}

#[derive(Debug)]
struct Failure {
    error: Error,
    pause: TimeDelta,
}

impl Failure {
    /// How long the source is left alone: longer where it asks for that.
    fn rest(&self) -> TimeDelta {
        let asked = self.error.retry_after().and_then(|asked| TimeDelta::from_std(asked).ok());
        self.pause.max(asked.unwrap_or_default())
    }
}

/// What whoever needs a key does.
#[derive(Debug)]
pub(super) enum Step {
    /// Sign with this.
    Use(AccessKey),
    /// Sign with this; the source is to be asked for the next one, which nobody waits for.
    UseAndAsk(AccessKey),
    /// Ask the source, and wait.
    Ask,
    /// There is none, and the source was asked just now.
    Fail(Error),
}

/// Whether a key that was refused can be replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewal {
    /// The next key may be another one: worth signing again, once.
    Possible,
    /// There is no other.
    None,
}

impl Kept {
    /// A key that nobody has to be asked for.
    pub(super) fn holding(lease: Lease) -> Self {
        Self { held: Some(Held { lease, renew: None }), ..Self::default() }
    }

    /// A key to begin with, after which the source is asked for the next one.
    pub(super) fn beginning(lease: Lease) -> Self {
        let renew = lease.expires.map(|expires| expires - AHEAD);
        Self { held: Some(Held { lease, renew }), ..Self::default() }
    }

    /// What to do for a key.
    pub(super) fn step(&self, now: Moment) -> Step {
        let may_ask = self.may_ask(now);
        match (&self.held, &self.failure) {
            (Some(held), _) if held.is_good(now) => match held.renew {
                Some(renew) if renew <= now.service && may_ask => Step::UseAndAsk(held.lease.key.clone()),
                _ => Step::Use(held.lease.key.clone()),
            },
            (_, Some(failure)) if !may_ask => Step::Fail(failure.error.clone()),
            _ => Step::Ask,
        }
    }

    /// The source may be asked. A pause that is longer than any is one from before the clock was set back.
    fn may_ask(&self, now: Moment) -> bool {
        let longest = self.failure.as_ref().map_or(PAUSE, |failure| failure.rest().max(PAUSE));
        self.not_before.is_none_or(|at| at <= now.local || at - now.local > longest)
    }

    /// The source answered. Whether that is another key than before.
    pub(super) fn got(&mut self, lease: Lease, now: Moment) -> Change {
        let renew = lease.expires.map(|expires| expires - AHEAD.min((expires - now.service) / 3));
        let held = Held { lease, renew };
        let before = self.held.replace(held);
        (self.failure, self.not_before) = (None, Some(now.local + PAUSE));
        let same = before.is_some_and(|before| self.key().is_some_and(|key| is_same(&before.lease.key, key)));
        if same { Change::Same } else { Change::Another }
    }

    /// The source did not answer with a key.
    pub(super) fn failed(&mut self, error: Error, now: Moment) {
        let pause = self.failure.take().map_or(FIRST_PAUSE, |before| PAUSE.min(before.pause * 2));
        let failure = Failure { error, pause };
        self.not_before = Some(now.local + failure.rest());
        self.failure = Some(failure);
    }

    /// What the source is asked by was changed: the key at hand is only good until there is another.
    pub(super) fn replaced(&mut self, now: Moment) {
        self.healed();
        if let Some(held) = &mut self.held {
            held.renew = Some(now.service);
        }
    }

    /// What it failed for may be over: the source may be asked at once.
    pub(super) fn healed(&mut self) {
        (self.failure, self.not_before) = (None, None);
    }

    /// The service refused a key of this source.
    pub(super) fn refused(&mut self, key: &AccessKey, now: Moment) -> Renewal {
        match &self.held {
            Some(held) if !is_same(&held.lease.key, key) => return Renewal::Possible,
            // Another user of it was quicker: the next key is on its way.
            None if self.refused.as_ref().is_some_and(|(_, refused)| is_same(refused, key)) => {
                return Renewal::Possible;
            }
            _ => {}
        }
        // One that is refused at every call must not be asked for at every call.
        if self.refused.as_ref().is_some_and(|(at, _)| *at <= now.local && now.local - *at < PAUSE) {
            return Renewal::None;
        }
        self.refused = Some((now.local, key.clone()));
        self.held = None;
        if self.failure.as_ref().is_none_or(|failure| failure.error.retry_after().is_none()) {
            self.not_before = None;
        }
        Renewal::Possible
    }

    /// The key at hand, good or not.
    pub(super) fn key(&self) -> Option<&AccessKey> {
        self.held.as_ref().map(|held| &held.lease.key)
    }

    /// Which source the key at hand is of, where the plan leaves that open.
    pub(super) fn giver(&self) -> Option<&Source> {
        self.held.as_ref()?.lease.giver.as_ref()
    }

    /// That the next key is overdue, where it is, or will be, as is known beforehand.
    pub(super) fn late(&self, outlook: Option<Error>, now: Moment) -> Option<Late> {
        let held = self.held.as_ref().filter(|held| held.is_good(now))?;
        let error = self.failure.as_ref().map(|failure| failure.error.clone()).or(outlook)?;
        Some(Late { until: held.lease.expires, error })
    }
}

/// The next key is overdue: why, and until when the one at hand is good, where that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Late {
    until: Option<Timestamp>,
    error: Error,
}

impl fmt::Display for Late {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let until = self.until.map_or_else(String::new, |at| format!(" until {}", at.format("%Y-%m-%dT%H:%M:%SZ")));
        write!(f, "the key can't be renewed, the one at hand is used{until}: {}", self.error.line())
    }
}

impl Late {
    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        self.error.remedy()
    }
}

impl Held {
    fn is_good(&self, now: Moment) -> bool {
        self.lease.expires.is_none_or(|expires| now.service < expires)
    }
}

/// Whether an answer brought another key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    Same,
    Another,
}

/// Whether two are one key. Of one id there can be many tokens.
pub(super) fn is_same<'a>(one: &'a AccessKey, other: &'a AccessKey) -> bool {
    let token = |key: &'a AccessKey| key.token.as_ref().map(ExposeSecret::expose_secret);
    one.id == other.id && one.secret.expose_secret() == other.secret.expose_secret() && token(one) == token(other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credentials::Remedy;

    fn at(second: i64) -> Moment {
        Moment::new(Timestamp::from_timestamp(1_800_000_000 + second, 0).unwrap(), TimeDelta::zero())
    }

    fn lease(id: &str, until: i64) -> Lease {
        let key = AccessKey { id: id.into(), secret: "hush".into(), token: Some("hush".into()) };
        Lease::until(key, Some(at(until).service))
    }

    fn failure() -> Error {
        Error::NotGiven { place: "p".into(), problem: "q".into(), remedy: Remedy::AskAgain }
    }

    fn step(kept: &Kept, second: i64) -> &'static str {
        match kept.step(at(second)) {
            Step::Use(_) => "use",
            Step::UseAndAsk(_) => "use and ask",
            Step::Ask => "ask",
            Step::Fail(_) => "fail",
        }
    }

    #[test]
    fn a_key_is_renewed_five_minutes_ahead_and_a_short_one_in_its_last_third() {
        for (life, renewed) in [(3600, 3300), (900, 600), (120, 80)] {
            let mut kept = Kept::default();
            assert_eq!(step(&kept, 0), "ask");
            assert_eq!(kept.got(lease("a", life), at(0)), Change::Another);
            assert_eq!(step(&kept, renewed - 1), "use");
            assert_eq!(step(&kept, renewed), "use and ask");
            assert_eq!(step(&kept, life), "ask");
        }
    }

    #[test]
    fn a_source_that_has_nothing_new_is_not_asked_at_every_call() {
        let mut kept = Kept::default();
        kept.got(lease("a", 900), at(0));
        assert_eq!(kept.got(lease("a", 900), at(600)), Change::Same);
        assert_eq!(step(&kept, 629), "use");
        kept.got(lease("a", 900), at(800));
        assert_eq!(step(&kept, 829), "use");
        assert_eq!(step(&kept, 867), "use and ask");
    }

    #[test]
    fn all_users_of_a_refused_key_get_the_next_one() {
        let mut kept = Kept::default();
        kept.got(lease("a", 3600), at(0));
        let refused = lease("a", 3600).key;
        for _ in 0..10 {
            assert_eq!(kept.refused(&refused, at(60)), Renewal::Possible);
            assert_eq!(step(&kept, 60), "ask");
        }
        kept.failed(failure(), at(61));
        assert_eq!(kept.refused(&refused, at(61)), Renewal::Possible);
        assert_eq!(step(&kept, 61), "fail", "the source is not asked at every call");
        kept.got(lease("a", 3600), at(62));
        assert_eq!(kept.refused(&refused, at(63)), Renewal::None, "there is no other");
        kept.got(lease("b", 3600), at(64));
        assert_eq!(kept.refused(&refused, at(65)), Renewal::Possible);
    }

    #[test]
    fn pauses_after_failures_double_up_to_half_a_minute() {
        let mut kept = Kept::default();
        let mut now = 0;
        for pause in [1, 2, 4, 8, 16, 30, 30] {
            kept.failed(failure(), at(now));
            assert_eq!(step(&kept, now + pause - 1), "fail");
            assert_eq!(step(&kept, now + pause), "ask");
            now += pause;
        }
        kept.failed(failure(), at(now));
        kept.healed();
        assert_eq!(step(&kept, now), "ask", "its cause is gone");
    }

    #[test]
    fn a_source_that_asks_to_be_left_alone_is() {
        let mut kept = Kept::default();
        let remedy = Remedy::AskLater(std::time::Duration::from_secs(100));
        kept.failed(Error::NotGiven { place: "p".into(), problem: "q".into(), remedy }, at(0));
        assert_eq!((step(&kept, 99), step(&kept, 100)), ("fail", "ask"));
        assert_eq!(step(&kept, -1), "ask", "the clock was set back");
        assert_eq!(kept.refused(&lease("a", 3600).key, at(50)), Renewal::Possible);
        assert_eq!(step(&kept, 50), "fail", "whoever needs another key");
        kept.failed(failure(), at(100));
        assert_eq!((step(&kept, 101), step(&kept, 102)), ("fail", "ask"), "its own pause goes on doubling");
    }

    #[test]
    fn a_clock_that_was_set_back_stops_nothing_for_long() {
        let mut kept = Kept::default();
        kept.failed(failure(), at(3600));
        assert_eq!(step(&kept, 0), "ask");
    }
}
