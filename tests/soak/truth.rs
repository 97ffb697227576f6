//! What really happened to the jobs of an account, by the emulator's own log and by what it answers at the end.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use trailwatch::emulator::{Change, Emulator, Identity};

use crate::caller::{Call, Hand};

/// The statuses of the API, by their numbers.
const STATUSES: [&str; 4] = ["initializing", "delivering", "complete", "failed"];

/// One account, from the start to the end.
pub(crate) struct Truth {
    /// The jobs that were there at the start.
    pub(crate) at_start: BTreeSet<i64>,
    pub(crate) came: BTreeSet<i64>,
    pub(crate) went: BTreeSet<i64>,
    /// The status of each job that is there at the end.
    pub(crate) at_end: BTreeMap<i64, &'static str>,
    /// The same of its regions, of the jobs that came.
    pub(crate) regions: BTreeMap<(i64, String), &'static str>,
}

impl Truth {
    /// Asks without any fault in the way.
    pub(crate) fn of(emulator: &Emulator, hand: &Hand, who: &Identity) -> Self {
        let call = |action: &str, query: &str| Call::new(who, hand, action, query).send(emulator).good();
        let listed = call("ListDeliveryHistoryJobs", "PageNumber=1&PageSize=100");
        let jobs = listed["DeliveryHistoryJobs"].as_array().unwrap();
        let at_end: BTreeMap<i64, _> =
            jobs.iter().map(|job| (job["JobId"].as_i64().unwrap(), status(job, "JobStatus"))).collect();
        let events = emulator.truth().into_iter().filter(|event| event.account == who.account);
        let (mut came, mut went) = (BTreeSet::new(), BTreeSet::new());
        for event in events {
            match event.what {
                Change::Inserted(id) => came.insert(id.get()),
                Change::Deleted(id) => went.insert(id.get()),
                Change::Reordered => continue,
            };
        }
        let known = at_end.keys().chain(&went).copied();
        let at_start = known.filter(|id| !came.contains(id)).collect();
        let mut regions = BTreeMap::new();
        for id in came.iter().filter(|id| !went.contains(id)) {
            let job = call("GetDeliveryHistoryJob", &format!("JobId={id}"));
            let statuses = job["Status"].as_array().unwrap().iter();
            regions
                .extend(statuses.map(|one| ((*id, one["Region"].as_str().unwrap().to_owned()), status(one, "Status"))));
        }
        Self { at_start, came, went, at_end, regions }
    }

    /// Whether a job is still under way.
    pub(crate) fn is_active(&self, id: i64) -> bool {
        self.at_end.get(&id).is_some_and(|status| STATUSES[..2].contains(status))
    }
}

fn status(of: &Value, field: &str) -> &'static str {
    STATUSES[of[field].as_u64().unwrap() as usize]
}
