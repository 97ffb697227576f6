//! What `watch -o ndjson` told of the jobs of an account, held against the truth.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::truth::Truth;

/// What was told of one account, in the order of the lines.
#[derive(Default)]
pub(crate) struct Told {
    lines: Vec<Value>,
}

/// Statuses one after the other, each with the line's `from`.
type Chain<'a> = Vec<(Option<&'a str>, Option<&'a str>)>;

impl Told {
    /// By profile.
    pub(crate) fn by_profile(stdout: &str) -> BTreeMap<String, Self> {
        let mut all: BTreeMap<String, Self> = BTreeMap::new();
        for line in stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()) {
            all.entry(line["profile"].as_str().unwrap().to_owned()).or_default().lines.push(line);
        }
        all
    }

    /// How many lines of jobs after their first state there are.
    pub(crate) fn changes(&self) -> usize {
        self.lines.iter().filter(|line| line["job_id"].is_i64() && line["type"] != "state").count()
    }

    /// How many of trouble there are.
    pub(crate) fn troubles(&self) -> usize {
        self.of_type("target_lost").count()
    }

    fn of_type(&self, kind: &str) -> impl Iterator<Item = &Value> {
        self.lines.iter().filter(move |line| line["type"] == kind)
    }

    /// The jobs of all lines of a type, of which none may have two.
    fn jobs(&self, kind: &str) -> BTreeSet<i64> {
        let ids: Vec<i64> = self.of_type(kind).map(|line| line["job_id"].as_i64().unwrap()).collect();
        let distinct: BTreeSet<i64> = ids.iter().copied().collect();
        assert_eq!(ids.len(), distinct.len(), "{kind} is told twice: {ids:?}");
        distinct
    }

    /// Checks every line, and that none is missing.
    pub(crate) fn is(&self, truth: &Truth) {
        assert_eq!(self.jobs("state"), truth.at_start);
        assert_eq!(self.jobs("appeared"), truth.came);
        assert_eq!(self.jobs("gone"), truth.went);
        assert_eq!(self.of_type("stalled").count(), 0);
        self.statuses_are(truth);
        self.regions_are(truth);
        let troubles = self.lines.iter().filter(|line| line["job_id"].is_null());
        let kinds: Vec<&str> = troubles.map(|line| line["type"].as_str().unwrap()).collect();
        assert!(kinds.chunks(2).all(|pair| pair == ["target_lost", "target_back"]), "{kinds:?}");
    }

    /// Each job's lines go on where the one before ended, and end with what the job is now: none is missing, none doubled.
    fn statuses_are(&self, truth: &Truth) {
        let mut chains: BTreeMap<i64, Chain<'_>> = BTreeMap::new();
        let of_status =
            |line: &&Value| ["state", "appeared", "status", "gone"].iter().any(|kind| line["type"] == **kind);
        for line in self.lines.iter().filter(of_status) {
            chains
                .entry(line["job_id"].as_i64().unwrap())
                .or_default()
                .push((line["from"].as_str(), line["to"].as_str()));
        }
        for (id, chain) in chains {
            assert_eq!(chain[0].0, None, "{id}: {chain:?}");
            assert!(goes_on(&chain), "{id}: {chain:?}");
            assert_eq!(chain.last().unwrap().1, truth.at_end.get(&id).copied(), "{id}: {chain:?}");
        }
    }

    /// The same of the regions of the jobs that came and are still there. Complete without a line are those alone that were so
    /// when the job's regions were first read.
    fn regions_are(&self, truth: &Truth) {
        let mut chains: BTreeMap<(i64, &str), Chain<'_>> = BTreeMap::new();
        for line in self.of_type("region") {
            let key = (line["job_id"].as_i64().unwrap(), line["changed_region"].as_str().unwrap());
            chains.entry(key).or_default().push((line["from"].as_str(), line["to"].as_str()));
        }
        assert!(chains.values().all(goes_on), "{chains:?}");
        let mut silent: BTreeMap<i64, usize> = BTreeMap::new();
        for ((id, region), status) in &truth.regions {
            match chains.get(&(*id, region.as_str())) {
                Some(chain) => assert_eq!(chain.last().unwrap().1, Some(*status), "{id}, {region}: {chain:?}"),
                None => *silent.entry(*id).or_default() += usize::from(*status == "complete"),
            }
        }
        for (id, count) in silent {
            let first = self.complete_when_first_read(id);
            // Of one that began a moment ago there may be no line yet that has a count.
            assert!(first == Some(count) || first.is_none() && truth.is_active(id), "{id}: {count}, not {first:?}");
        }
    }

    /// How many regions of a job were complete when they were first read, by the count that its lines have.
    fn complete_when_first_read(&self, id: i64) -> Option<usize> {
        let of_job = || self.lines.iter().filter(|line| line["job_id"] == id);
        let first = of_job().find(|line| line["regions"].is_object())?;
        let changed = of_job().filter(|line| line["changed_region"].is_string() && line["time"] == first["time"]);
        let complete = changed.filter(|line| line["to"] == "complete").count();
        Some(first["regions"]["complete"].as_u64().unwrap() as usize - complete)
    }
}

/// Whether each begins as the one before ended, and none stands still.
fn goes_on(chain: &Chain<'_>) -> bool {
    chain.windows(2).all(|pair| pair[0].1 == pair[1].0) && chain.iter().all(|(from, to)| from != to)
}
