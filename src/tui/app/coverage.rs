//! The coverage view: which trail is selected in it, and the way from there to a job.

use std::sync::Arc;

use super::{App, Details, DetailsTab, Message, Screen};
use crate::{
    engine::{Snapshot, TrailRef},
    job::{JobKey, TargetKey, Timestamp},
    tui::{event::Update, trails::TrailRows},
};

/// A trail, whatever becomes of its place.
type Identity = (TargetKey, Arc<str>);

fn identity(snapshot: &Snapshot, at: TrailRef) -> Identity {
    let row = snapshot.trail(at);
    (row.target.clone(), Arc::clone(&row.known.trail.name))
}

impl App {
    /// Which trail is selected, to be found again in the next snapshot.
    pub(super) fn trail_looked_at(&self, snapshot: &Snapshot) -> Option<Identity> {
        let Screen::Coverage(place) = &self.screen else { return None };
        self.trails.shown.get(*place).map(|at| identity(snapshot, *at))
    }

    /// Lists the trails anew; the selection goes where its trail goes.
    pub(super) fn index_trails(&mut self, now: Timestamp, looked_at: Option<&Identity>) {
        self.trails = TrailRows::build(&self.snapshot, &self.hidden, now);
        if let Screen::Coverage(place) = &mut self.screen {
            let found = self.trails.shown.iter().position(|at| Some(&identity(&self.snapshot, *at)) == looked_at);
            *place = found.unwrap_or(*place).min(self.trails.shown.len().saturating_sub(1));
        }
    }

    /// Opens the newest job of a trail.
    pub(super) fn open_trail(&mut self, now: Timestamp, place: usize) -> Update {
        match self.newest_job(place) {
            Some(job) => self.show(Screen::Details(Details { job, tab: DetailsTab::Summary, scroll: 0 })),
            None => self.say(Message::bad("this trail has no job that is listed", now)),
        }
    }

    fn newest_job(&self, place: usize) -> Option<JobKey> {
        let at = *self.trails.shown.get(place)?;
        let (target, known) = (&self.snapshot.targets[at.target as usize], self.snapshot.trail(at).known);
        let jobs = target.jobs.rows.iter().filter(|job| known.is_of(job));
        jobs.max_by_key(|job| (job.created, job.id)).map(|job| target.job_key(job))
    }
}
