//! The state of every account at a moment: which jobs there are, and what clients did to them.
//!
//! Pure: the seed and the clock decide everything, and how often the clock is looked at decides nothing. No wire here.

use std::collections::VecDeque;

use chrono::{SubsecRound, TimeDelta};

use super::{
    plan::{Outcome, Pace, Plan},
    rng::Rng,
    scenario::{Delivers, Scenario, Setting, Trail, history},
};
use crate::job::{JobId, Timestamp};

/// Client tokens that an account remembers; the oldest is forgotten first.
const TOKENS: usize = 1000;

/// All accounts.
#[derive(Debug)]
pub(super) struct World {
    pub(super) accounts: Vec<Account>,
}

/// Why a job can't be created.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CannotCreate {
    /// The account has no trail of that name.
    NoSuchTrail,
    /// The trail does not deliver to Simple Log Service.
    NotToSls,
    /// Another job runs.
    OneRuns,
    /// The client token belongs to a job of another trail.
    TokenReused,
}

/// The trails and jobs of one account.
#[derive(Debug)]
pub(super) struct Account {
    pub(super) setting: Setting,
    seed: u64,
    start: Timestamp,
    now: Timestamp,
    /// What was settled before the start, by id.
    history: Vec<Plan>,
    /// What began since, by id.
    begun: Vec<Plan>,
    last_id: i64,
    /// How many runs of the script are behind us.
    scripted: u64,
    tokens: VecDeque<(String, usize, JobId)>,
}

impl World {
    /// The world at its start.
    pub(super) fn new(scenario: Scenario, seed: u64, jobs: usize, start: Timestamp) -> Self {
        let account = |(index, (setting, jobs)): (u64, _)| {
            let seed = Rng::new(seed, 0xACC0 + index).next();
            Account::new(setting, jobs, seed, 14_001 + 9_000 * index as i64, start)
        };
        Self { accounts: (0..).zip(scenario.accounts(jobs)).map(account).collect() }
    }
}

impl Account {
    fn new(setting: Setting, jobs: usize, seed: u64, first_id: i64, start: Timestamp) -> Self {
        let start = start.trunc_subsecs(0);
        let history = history(&setting, jobs, seed, first_id, start);
        let last_id = history.last().map_or(first_id, |plan| plan.id.get());
        let (begun, tokens) = (Vec::new(), VecDeque::new());
        let mut account = Self { setting, seed, start, now: start, history, begun, last_id, scripted: 0, tokens };
        account.advance(start);
        account
    }

    /// Lets time pass until `now`. A clock that was set back stops the world until it has caught up.
    pub(super) fn advance(&mut self, now: Timestamp) {
        // The service's times are whole seconds, and so is everything that happens here.
        let now = now.trunc_subsecs(0).max(self.now);
        while let Some(run) = self.setting.script.run(self.scripted, self.seed, &self.setting) {
            let at = self.start + TimeDelta::seconds(run.at);
            if at > now {
                break;
            }
            self.scripted += 1;
            // A client's job may be in the way: an account has one running job, so this run does not take place.
            if !self.is_running(at) {
                self.begin(run.trail, at, run.pace, run.outcome);
            }
        }
        self.now = now;
    }

    /// The latest moment that the world has reached, in whole seconds.
    pub(super) fn now(&self) -> Timestamp {
        self.now
    }

    /// When the world began.
    pub(super) fn start(&self) -> Timestamp {
        self.start
    }

    /// Whether the endpoint is out of service for this account.
    pub(super) fn is_out(&self) -> bool {
        self.setting.outage.is_some_and(|outage| outage.covers(self.now - self.start))
    }

    /// The account's trails.
    pub(super) fn trails(&self) -> &'static [Trail] {
        self.setting.trails
    }

    /// The name of a job's trail.
    pub(super) fn trail_of(&self, plan: &Plan) -> &'static str {
        self.setting.trails.get(plan.trail).map_or("", |trail| trail.name)
    }

    /// How many jobs the list has.
    pub(super) fn len(&self) -> usize {
        self.history.len() + self.begun.len()
    }

    /// A part of the list, newest first: its order is documented nowhere.
    pub(super) fn page(&self, before: usize, size: usize) -> impl Iterator<Item = &Plan> {
        let (history, begun) = (&self.history, &self.begun);
        let newest = move |place: usize| match begun.len().checked_sub(place + 1) {
            Some(index) => &begun[index],
            None => &history[history.len() + begun.len() - place - 1],
        };
        (before..before.saturating_add(size).min(self.len())).map(newest)
    }

    /// One job.
    pub(super) fn job(&self, id: JobId) -> Option<&Plan> {
        let find = |plans: &'_ Vec<Plan>| plans.binary_search_by_key(&id, |plan| plan.id).ok();
        find(&self.history)
            .map(|index| &self.history[index])
            .or_else(|| find(&self.begun).map(|index| &self.begun[index]))
    }

    /// Begins a job, or finds the one that the same client token began.
    pub(super) fn create(&mut self, trail: &str, token: Option<&str>) -> Result<JobId, CannotCreate> {
        let trail = self.trails().iter().position(|known| known.name == trail).ok_or(CannotCreate::NoSuchTrail)?;
        if self.trails()[trail].delivers == Delivers::ToOss {
            return Err(CannotCreate::NotToSls);
        }
        if let Some((_, of, id)) = self.tokens.iter().find(|(known, ..)| Some(known.as_str()) == token) {
            return if *of == trail { Ok(*id) } else { Err(CannotCreate::TokenReused) };
        }
        if self.is_running(self.now) {
            return Err(CannotCreate::OneRuns);
        }
        let (pace, outcome) = self.setting.created(trail);
        let id = self.begin(trail, self.now, pace, outcome);
        if let Some(token) = token {
            self.tokens.truncate(TOKENS - 1);
            self.tokens.push_front((token.to_owned(), trail, id));
        }
        Ok(id)
    }

    /// Deletes a job, running or not; whether there was one.
    pub(super) fn delete(&mut self, id: JobId) -> bool {
        for plans in [&mut self.history, &mut self.begun] {
            if let Ok(index) = plans.binary_search_by_key(&id, |plan| plan.id) {
                plans.remove(index);
                return true;
            }
        }
        false
    }

    fn is_running(&self, at: Timestamp) -> bool {
        self.begun.iter().any(|plan| plan.is_running(at))
    }

    fn begin(&mut self, trail: usize, created: Timestamp, pace: Pace, outcome: Outcome) -> JobId {
        let seed = Rng::new(self.seed, self.last_id as u64).next();
        self.last_id += 1 + (seed % 3) as i64;
        let id = JobId::new(self.last_id);
        self.begun.push(Plan { id, trail, created, pace, outcome, seed });
        // A script goes on for ever, the list must not. None but the newest can be running.
        if self.begun.len() > self.setting.kept {
            self.begun.remove(0);
        }
        id
    }
}

#[cfg(test)]
mod tests;
