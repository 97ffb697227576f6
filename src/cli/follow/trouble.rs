//! The trouble of a target in words, once when it begins and once when it ends, and that of the journal. Pure.

use std::sync::Arc;

use crate::{
    cli::report::Severity,
    engine::{self, Snapshot, Verdict},
    job::{Transition, What},
    units,
};

/// What the user should know of the journal, each time that it is something else.
#[derive(Debug, Default)]
pub(crate) struct Notices {
    said: Option<Arc<str>>,
}

impl Notices {
    /// What is to be said after a snapshot, if anything.
    pub(crate) fn next<'a>(&mut self, snapshot: &'a Snapshot) -> Option<&'a str> {
        let notice = snapshot.notice.as_ref().filter(|notice| self.said.as_ref() != Some(notice))?;
        self.said = Some(Arc::clone(notice));
        Some(notice)
    }
}

/// What to say on standard error where a change is one of a target.
pub(crate) fn trouble(snapshot: &Snapshot, transition: &Transition) -> Option<(Severity, String)> {
    let (target, at) = (&transition.target, units::rfc3339_seconds(transition.seen.by));
    match &transition.what {
        What::TargetLost(trouble) => {
            let error = snapshot.target_of(target).and_then(|state| state.health.error());
            // The one that is met now may be another by now.
            let error = error.filter(|error| error.code() == &*trouble.code);
            let words = error.map_or_else(|| trouble.message.to_string(), |error| words(error));
            Some((Severity::Warning, format!("{at}: {target} can't be read: {words}")))
        }
        What::TargetBack => Some((Severity::Note, format!("{at}: {target} can be read again"))),
        What::Job(..) => None,
    }
}

fn words(error: &engine::Error) -> String {
    let mut words = error.to_string();
    if !words.contains(error.code()) {
        words = format!("{}: {words}", error.code());
    }
    if let Some(id) = error.request_id() {
        words += &format!(" (RequestId: {id})");
    }
    match error.verdict() {
        Verdict::MayPass => words + "; it is tried again",
        _ => format!("{words}; remedy: {}", error.remedy()),
    }
}
