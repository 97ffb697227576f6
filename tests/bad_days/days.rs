//! What is expected on a bad day: of the engine from its beginning to its end, and of one `trailwatch list`.

use std::{sync::Arc, time::Duration};

use chrono::{TimeDelta, Utc};
use trailwatch::{
    engine::{Command, Freshness, Health, Scope, Setup, Snapshot, TargetSpec, TargetState},
    job::What,
};

use crate::{
    program::Outcome,
    watched::{Watched, setup},
};

/// What is to be told on a bad day.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Told {
    /// The service's code, or one of ours.
    pub(crate) code: &'static str,
    /// The HTTP status, where there is one.
    pub(crate) status: Option<u16>,
    /// Words of the reason.
    pub(crate) words: &'static [&'static str],
    /// How `list` ends.
    pub(crate) exit: i32,
}

impl Told {
    fn is_told_of(self, target: &TargetState) -> bool {
        target.health.error().is_some_and(|error| error.code() == self.code)
    }

    fn is_refused(self) -> bool {
        self.exit == 77 || self.code == "NotSupportDeliveryHistoryJob"
    }

    /// One `list -o json`: the exit code, one error in words, the same for scripts.
    pub(crate) fn ends(self, outcome: Outcome) {
        let outcome = outcome.ends(self.exit);
        let errors: Vec<&str> = outcome.stderr.lines().filter(|line| line.starts_with("error: ")).collect();
        let [error] = errors[..] else { panic!("one message, not:\n{}", outcome.stderr) };
        assert!(error.contains(self.code), "{error}");
        assert!(self.words.iter().all(|words| error.contains(words)), "{:?} in {error}", self.words);
        assert!(outcome.stderr.lines().any(|line| line.starts_with("  remedy: ")), "{}", outcome.stderr);
        let document = outcome.json();
        let told = &document["targets"][0]["error"];
        assert_eq!(document["complete"], false);
        assert_eq!(
            (told["code"].as_str(), told["http_status"].as_u64()),
            (Some(self.code), self.status.map(u64::from))
        );
    }
}

/// An engine with some patience, that reads often.
pub(crate) fn watch(target: TargetSpec) -> Watched {
    Watched::with(&Setup { patience: Duration::from_secs(2), ..setup(vec![target], Duration::from_millis(100)) })
}

pub(crate) fn whole(watched: &Watched) -> Arc<Snapshot> {
    watched.until("a whole read", |snapshot| snapshot.targets[0].is_complete())
}

fn read_at(snapshot: &Snapshot) -> chrono::DateTime<Utc> {
    snapshot.targets[0].read.as_ref().unwrap().at
}

/// A day of the engine: it reads, `begin`s to fail, tells why, keeps what it has, and heals after `end`.
pub(crate) fn engine(watched: &Watched, told: Told, begin: impl FnOnce(), end: impl FnOnce()) {
    let before = whole(watched);
    begin();
    let bad = watched.until(told.code, |snapshot| told.is_told_of(&snapshot.targets[0]));
    let target = &bad.targets[0];
    let error = target.health.error().unwrap();
    let words = error.to_string();
    assert!(told.words.iter().all(|expected| words.contains(expected)), "{:?} in {words}", told.words);
    assert_eq!(error.http_status(), told.status);
    assert!(!error.remedy().is_empty() && !target.is_complete());

    assert!(Arc::ptr_eq(&target.jobs, &before.targets[0].jobs), "the last whole list stays");
    let (now, later) = (Utc::now(), Utc::now() + TimeDelta::seconds(60));
    assert!(target.read_age(later).unwrap() >= TimeDelta::seconds(60), "with its age");
    if told.is_refused() {
        assert!(matches!(target.health, Health::Refused { .. }));
        assert_eq!(target.freshness(bad.interval, later), Freshness::Refused);
    } else {
        assert!(matches!(target.health, Health::Retrying { .. }));
        assert_eq!(target.freshness(bad.interval, now), Freshness::Retrying);
        assert_eq!(target.freshness(bad.interval, later), Freshness::Stale);
        let lost = watched.until("that the target is lost", |snapshot| snapshot.targets[0].lost.is_some());
        assert_eq!(read_at(&lost), read_at(&bad), "nothing was read since");
        assert!(lost.log.iter().any(|change| matches!(&change.what, What::TargetLost(_))));
    }

    end();
    if told.is_refused() {
        // It would be asked again by itself, but only after five minutes.
        watched.engine.send(Command::Refresh(Scope::All));
    }
    let healed = watched
        .until("the end of trouble", |snapshot| snapshot.targets[0].is_complete() && read_at(snapshot) > read_at(&bad));
    let target = &healed.targets[0];
    let ids = |target: &TargetState| target.jobs.rows.iter().map(|job| job.id).collect::<Vec<_>>();
    assert_eq!(ids(target), ids(&before.targets[0]));
    assert_eq!(target.freshness(healed.interval, Utc::now()), Freshness::Live);
    assert!(target.lost.is_none() && healed.log.iter().any(|change| change.what == What::TargetBack));
}
