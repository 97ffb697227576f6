//! The state of every account at a moment: which jobs there are, and what clients did to them.
//!
//! Pure: the seed and the clock decide everything, and how often the clock is looked at decides nothing. No wire here.

use std::collections::VecDeque;

use chrono::{SubsecRound, TimeDelta};

use super::{
    listing::{ListOrder, Listing},
    plan::{Outcome, Pace, Plan},
    rng::Rng,
    scenario::{Delivers, NOWHERE, Past, Scenario, Setting, Trail, history},
    truth::Change,
};
use crate::job::{JobId, Timestamp};

/// Client tokens that an account remembers; the oldest is forgotten first.
const TOKENS: usize = 1000;

/// All accounts.
#[derive(Debug)]
pub(super) struct World {
    /// Each account in each region where it has something.
    pub(super) accounts: Vec<Account>,
    /// Any account where it has nothing.
    nowhere: Account,
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
    /// What was settled before the start or slipped in since, by id.
    history: Vec<Plan>,
    /// What began since, by id.
    begun: Vec<Plan>,
    listing: Listing,
    /// What changed in the list since that was asked for.
    changes: Vec<Change>,
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
        let nowhere = Account::new(NOWHERE, 0, seed, 0, start);
        Self { accounts: (0..).zip(scenario.accounts(jobs)).map(account).collect(), nowhere }
    }

    /// What an account has in a region, or at home where none is named; and its place, if it has one.
    pub(super) fn place(&mut self, account: usize, region: Option<&str>) -> (Option<usize>, &mut Account) {
        let is_there = |(place, state): (usize, &Account)| {
            place == account && region.is_none_or(|region| state.setting.region == region)
                || state.setting.elsewhere_of == Some(account) && region == Some(state.setting.region)
        };
        let place = self.accounts.iter().enumerate().position(is_there);
        (place, place.map_or(&mut self.nowhere, |place| &mut self.accounts[place]))
    }

    /// The same, with its lists in this order.
    pub(super) fn in_order(mut self, order: ListOrder) -> Self {
        for account in &mut self.accounts {
            account.listing = Listing::new(order, account.seed, account.ids());
        }
        self
    }
}

impl Account {
    fn new(setting: Setting, jobs: usize, seed: u64, first_id: i64, start: Timestamp) -> Self {
        let start = start.trunc_subsecs(0);
        let history = history(&setting, jobs, seed, first_id, start);
        let last_id = history.last().map_or(first_id, |plan| plan.id.get());
        let listing = Listing::new(ListOrder::default(), seed, history.iter().map(|plan| plan.id).collect());
        let (begun, changes, tokens) = (Vec::new(), Vec::new(), VecDeque::new());
        let mut account =
            Self { setting, seed, start, now: start, history, begun, listing, changes, last_id, scripted: 0, tokens };
        account.advance(start);
        // What is there at the start did not change anything.
        account.changes.clear();
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

    /// The account's trails, without those that were deleted.
    pub(super) fn trails(&self) -> impl Iterator<Item = &'static Trail> {
        self.setting.trails.iter().filter(|trail| trail.past != Past::Deleted)
    }

    /// The name of a job's trail.
    pub(super) fn trail_of(&self, plan: &Plan) -> &'static str {
        self.setting.trails.get(plan.trail).map_or("", |trail| trail.name)
    }

    /// How many jobs the list has.
    pub(super) fn len(&self) -> usize {
        self.listing.len()
    }

    /// A part of the list.
    pub(super) fn page(&self, before: usize, size: usize) -> impl Iterator<Item = &Plan> {
        self.listing.page(before, size).filter_map(|id| self.job(id))
    }

    /// The ids of all jobs, in ascending order.
    pub(super) fn ids(&self) -> Vec<JobId> {
        let mut ids: Vec<JobId> = self.history.iter().chain(&self.begun).map(|plan| plan.id).collect();
        ids.sort_unstable();
        ids
    }

    /// What changed in the list since the last time.
    pub(super) fn take_changes(&mut self) -> Vec<Change> {
        std::mem::take(&mut self.changes)
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
        let known = self.trails().find(|known| known.name == trail).ok_or(CannotCreate::NoSuchTrail)?;
        if known.delivers == Delivers::ToOss {
            return Err(CannotCreate::NotToSls);
        }
        let trail = self.setting.trails.iter().position(|place| place.name == trail).unwrap_or(0);
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
                self.listing.remove(id);
                self.changes.push(Change::Deleted(id));
                return true;
            }
        }
        false
    }

    /// Deletes the job at this place of the list, if there is one.
    pub(super) fn delete_at(&mut self, place: usize) {
        let id = self.listing.page(place, 1).next();
        id.map(|id| self.delete(id));
    }

    /// A settled job is suddenly there, at this place of the list.
    pub(super) fn slip_in(&mut self, place: usize, rng: &mut Rng) {
        let id = self.next_id();
        let trail = rng.below(self.setting.backfilled() as u64) as usize;
        let created = self.now - TimeDelta::seconds(rng.seconds(3_600, 90 * 86_400));
        let pace = Pace { initializing: rng.seconds(5, 30), delivering: rng.seconds(150, 900) };
        let outcome = if rng.percent(20) { Outcome::Failed(2) } else { Outcome::Complete };
        self.history.push(Plan { id, trail, created, pace, outcome, seed: rng.next() });
        self.listing.insert(place, id);
        self.changes.push(Change::Inserted(id));
    }

    /// The list has another order.
    pub(super) fn reorder(&mut self, rng: &mut Rng) {
        self.listing.reorder(rng);
        self.changes.push(Change::Reordered);
    }

    fn is_running(&self, at: Timestamp) -> bool {
        self.begun.iter().any(|plan| plan.is_running(at))
    }

    fn begin(&mut self, trail: usize, created: Timestamp, pace: Pace, outcome: Outcome) -> JobId {
        let seed = Rng::new(self.seed, self.last_id as u64).next();
        let id = self.next_id();
        self.begun.push(Plan { id, trail, created, pace, outcome, seed });
        self.listing.add(id);
        self.changes.push(Change::Inserted(id));
        // A script goes on for ever, the list must not. None but the newest can be running.
        if self.begun.len() > self.setting.kept {
            let oldest = self.begun[0].id;
            self.delete(oldest);
        }
        id
    }

    /// Ids only grow, and none comes twice.
    fn next_id(&mut self) -> JobId {
        let seed = Rng::new(self.seed, self.last_id as u64).next();
        self.last_id += 1 + (seed % 3) as i64;
        JobId::new(self.last_id)
    }
}

#[cfg(test)]
mod tests;
