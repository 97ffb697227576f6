//! The targets: which are hidden, and what is done with the one that is selected in their list.

use std::{borrow::Cow, collections::BTreeSet, sync::Arc};

use super::{App, Message, Screen};
use crate::{
    engine::{Command, Scope, Snapshot, TargetState},
    job::{Filter, TargetKey, Timestamp},
    tui::{
        event::{Effect, Update},
        fare::Fare,
    },
};

/// The targets whose jobs the user does not want to see. They are polled as before. Some may not be there in this run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::tui) struct Hidden(BTreeSet<TargetKey>);

impl Hidden {
    /// Whether a target is hidden.
    pub(in crate::tui) fn holds(&self, target: &TargetKey) -> bool {
        self.0.contains(target)
    }

    /// Whether the jobs of a target are to be seen: it is not hidden, or it is read in the place of another one that is not.
    pub(in crate::tui) fn shows(&self, target: &TargetState, snapshot: &Snapshot) -> bool {
        let shown_twin =
            |other: &&Arc<TargetState>| other.twin.as_ref() == Some(&target.key) && !self.holds(&other.key);
        !self.holds(&target.key) || snapshot.targets.iter().any(|other| shown_twin(&other))
    }

    /// Those that are remembered; what names no target is none.
    pub(super) fn restored(remembered: &[String]) -> Self {
        Self(remembered.iter().filter_map(|name| name.parse().ok()).collect())
    }

    /// Their names, to be remembered.
    pub(super) fn names(&self) -> Vec<String> {
        self.0.iter().map(ToString::to_string).collect()
    }

    fn toggle(&mut self, target: &TargetKey) {
        if !self.0.remove(target) {
            self.0.insert(target.clone());
        }
    }
}

impl App {
    /// The targets whose jobs are to be seen.
    pub(in crate::tui) fn shown_targets(&self) -> impl Iterator<Item = &TargetState> {
        self.snapshot.targets.iter().map(AsRef::as_ref).filter(|target| self.hidden.shows(target, &self.snapshot))
    }

    /// Of how many targets the jobs are not to be seen.
    pub(in crate::tui) fn hidden_targets(&self) -> usize {
        self.snapshot.targets.len() - self.fare.all
    }

    /// The target that is selected in the list of targets, while that is open.
    pub(in crate::tui) fn target_looked_at(&self) -> Option<&TargetState> {
        let Screen::Targets(place) = self.screen else { return None };
        self.snapshot.targets.get(place).map(AsRef::as_ref)
    }

    pub(super) fn refresh_target(&mut self, now: Timestamp) -> Update {
        let Some(target) = self.target_looked_at() else { return Update::default() };
        self.refresh(now, Scope::Target(target.told_by().clone()))
    }

    pub(super) fn pause_target(&mut self) -> Update {
        let Some(target) = self.target_looked_at() else { return Update::default() };
        let scope = Scope::Target(target.key.clone());
        let command = if target.paused { Command::Resume(scope) } else { Command::Pause(scope) };
        Update::with(Effect::Send(command))
    }

    pub(super) fn hide_target(&mut self, now: Timestamp) -> Update {
        let Some(target) = self.target_looked_at() else { return Update::default() };
        let key = target.key.clone();
        self.hidden.toggle(&key);
        self.index_all(now);
        Update::changes()
    }

    /// Shows the jobs of one target.
    pub(super) fn open_target(&mut self, now: Timestamp, place: usize) -> Update {
        let Some(target) = self.snapshot.targets.get(place) else { return Update::default() };
        let TargetKey { profile, region } = target.told_by().clone();
        let text = format!("profile:\"{profile}\" region:{region}");
        if Filter::parse(&text).is_err() {
            return self.say(Message::bad(format!("no filter can name the profile {profile}"), now));
        }
        self.hidden.0.remove(&TargetKey { profile, region });
        self.search.set(&text);
        self.index_all(now);
        self.show(Screen::Table)
    }

    /// How those that are not hidden fare: what is known of that, or what is true at another time.
    pub(in crate::tui) fn fare_at(&self, now: Timestamp) -> Cow<'_, Fare> {
        if self.fare.holds_at(now) { Cow::Borrowed(&self.fare) } else { Cow::Owned(self.summed_up(now)) }
    }

    pub(super) fn sum_up(&mut self, now: Timestamp) {
        self.fare = self.summed_up(now);
    }

    fn summed_up(&self, now: Timestamp) -> Fare {
        Fare::of(&self.snapshot, &self.hidden, &self.preferences.marks, now)
    }

    pub(super) fn index_all(&mut self, now: Timestamp) {
        self.sum_up(now);
        self.index(now);
        self.index_trails(now, None);
    }
}
