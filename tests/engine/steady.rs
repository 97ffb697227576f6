//! The steady state, in which nothing happens: what a poll costs, and what it leaves alone.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use ratatui::layout::Size;
use trailwatch::{
    emulator::{Config, Emulator, Operation, Quota},
    engine::{Command, Scope, Setup, Snapshot, TargetState},
    journal::Journal,
    tui::{App, Charset, Colors, Event, Preferences, Redraw, Theme},
};

use crate::watched::{DEADLINE, Watched, setup, target};

fn still(jobs: usize, interval: Duration) -> (Emulator, Watched) {
    let emulator = Emulator::start(Config { jobs, quota: Quota::UNLIMITED, ..Config::default() }).unwrap();
    let patience = Duration::from_secs(10);
    let setup = Setup { max_qps: 1000, patience, ..setup(vec![target(&emulator)], interval) };
    let watched = Watched::with(&setup);
    (emulator, watched)
}

fn dashboard(snapshot: &Arc<Snapshot>) -> App {
    let size = Size { width: 120, height: 40 };
    let theme = Theme::new(Charset::Unicode, Colors::Sixteen);
    App::new(
        Arc::clone(snapshot),
        size,
        Preferences { theme, keys: Arc::default(), mark: None, marks: Arc::default() },
        snapshot.targets[0].read.as_ref().unwrap().at,
    )
}

#[test]
fn a_poll_that_brings_nothing_new_publishes_its_time_and_draws_nothing() {
    // Longer than a snapshot waits to be published: no two polls share one.
    let (_emulator, watched) = still(250, Duration::from_millis(250));
    let mut before = watched.until("a whole read", |snapshot| snapshot.targets[0].is_complete());
    let mut app = dashboard(&before);
    let deadline = Instant::now() + DEADLINE;
    let (mut polls, mut undrawn) = (0, 0);
    while polls < 8 {
        let after = watched.next("a poll", deadline);
        // A poll that takes long on a busy machine is shown to be under way.
        if after.rev <= before.rev || after.targets[0].reading.is_some() {
            continue;
        }
        let [was, is] = [&before, &after].map(|snapshot| &snapshot.targets[0]);
        assert!(Arc::ptr_eq(&was.jobs, &is.jobs), "the same jobs");
        assert!(Arc::ptr_eq(&was.regions, &is.regions) && Arc::ptr_eq(&was.unlisted, &is.unlisted));
        assert_eq!(after.log.next(), before.log.next(), "no transition");
        let read = |target: &TargetState| target.read.as_ref().unwrap().at;
        assert!(read(is) > read(was), "one snapshot for each poll");
        assert_eq!((was.health.error(), is.health.error()), (None, None));
        let shown = |snapshot: &Snapshot| {
            let minute = read(&snapshot.targets[0]).timestamp().div_euclid(60);
            (minute, snapshot.calls_per_minute, snapshot.targets[0].read.as_ref().unwrap().next_in)
        };
        let update = app.update(read(is), Event::Snapshot(Arc::clone(&after)));
        // The rate of calls grows within the first minute, and it is shown.
        let expected = if shown(&after) == shown(&before) { Redraw::Nothing } else { Redraw::Changes };
        assert_eq!((update.redraw, update.effects), (expected, vec![]), "{:?} {:?}", shown(&before), shown(&after));
        undrawn += usize::from(expected == Redraw::Nothing);
        before = after;
        polls += 1;
    }
    assert_eq!(before.log.next().0, 0, "the first read is no news");
    assert!(undrawn >= 3, "{undrawn} of {polls}");
}

#[test]
fn a_poll_that_brings_nothing_new_writes_nothing_to_the_journal() {
    let emulator = Emulator::start(Config { jobs: 120, quota: Quota::UNLIMITED, ..Config::default() }).unwrap();
    let state = tempfile::TempDir::new().unwrap();
    let path = state.path().join("journal.db");
    let target = target(&emulator);
    let key = target.key.clone();
    let patience = Duration::from_secs(10);
    let setup = setup(vec![target], Duration::from_millis(20));
    let watched = Watched::with(&Setup { max_qps: 1000, patience, journal: Some(path.clone()), ..setup });
    let baseline = || Journal::open_to_read(&path).ok()??.baseline(&key).ok()?;
    let mut last = watched.until("the first read in the journal", |_| baseline().is_some());
    let written = || -> Vec<u64> {
        let length = |name: &str| state.path().join(name).metadata().map_or(0, |metadata| metadata.len());
        ["journal.db", "journal.db-wal"].map(length).to_vec()
    };
    let before = written();
    for _ in 0..5 {
        let read_at = |snapshot: &Snapshot| snapshot.targets[0].read.as_ref().map(|read| read.at);
        last = watched.until("another poll", |snapshot| read_at(snapshot) > read_at(&last));
    }
    assert_eq!(written(), before);
}

#[test]
fn a_poll_costs_exactly_its_pages() {
    for (jobs, pages) in [(3, 1), (100, 1), (101, 2), (250, 3)] {
        let (emulator, watched) = still(jobs, Duration::from_secs(3600));
        let whole = watched.until("a whole read", |snapshot| snapshot.targets[0].is_complete());
        let first = emulator.stats().calls(Operation::ListJobs);
        // One page is believed at once, several pages when a second read agrees.
        let reads = if pages == 1 { 1 } else { 2 };
        assert_eq!(first, pages * reads, "{jobs} jobs");
        let mut read_at = whole.targets[0].read.as_ref().unwrap().at;
        for poll in 1..=3 {
            watched.engine.send(Command::Refresh(Scope::All));
            let next =
                watched.until("the next poll", |snapshot| snapshot.targets[0].read.as_ref().unwrap().at > read_at);
            let read = next.targets[0].read.as_ref().unwrap();
            read_at = read.at;
            assert_eq!(read.request_ids.len() as u64, pages);
            assert_eq!(emulator.stats().calls(Operation::ListJobs), first + poll * pages, "{jobs} jobs");
        }
        assert_eq!(emulator.stats().calls(Operation::GetJob), 0, "nobody looks at a settled job");
    }
}
