//! From a snapshot to a command that ran: once per way, a few at a time, several at once where that is wanted.

use std::{
    thread,
    time::{Duration, Instant},
};

use super::fixture::*;
use crate::{
    job::{Filter, Status},
    journal::Journal,
    notify::{AT_ONCE, Kind, Notifier, Starter, Way},
};

fn start(ways: &[Way], place: &Place) -> Notifier {
    Notifier::start(ways, Some(&place.journal()), &clock(), Starter::Direct).unwrap()
}

#[test]
fn each_signal_is_told_once_over_processes_and_restarts() {
    let place = Place::new();
    let way = place.way("file", r#"echo "$TRAILWATCH_EVENT $TRAILWATCH_JOB_ID" >> "$0""#);
    for _ in 0..2 {
        let notifiers = [start(std::slice::from_ref(&way), &place), start(std::slice::from_ref(&way), &place)];
        let world = failed(1..13);
        notifiers.iter().for_each(|notifier| notifier.see(world.0.snapshot().clone()));
        eventually("all are told", || place.lines().len() >= 12);
    }
    let mut lines = place.lines();
    lines.sort();
    lines.dedup();
    assert_eq!((place.lines().len(), lines.len()), (12, 12));
    assert!(lines.contains(&"failed 7".to_owned()));
}

#[test]
fn without_a_journal_each_is_told_once() {
    let place = Place::new();
    let way = place.way("file", r#"cat >> "$0""#);
    let notifier = Notifier::start(&[way], None, &clock(), Starter::Direct).unwrap();
    let world = failed(1..3);
    for _ in 0..3 {
        notifier.see(world.0.snapshot().clone());
    }
    drop(notifier);
    assert_eq!(place.lines().len(), 2, "the end waits for what is due");
}

#[test]
fn a_way_hears_of_what_it_is_for() {
    let place = Place::new();
    let told = |name: &str| place.way(name, &format!(r#"echo "{name} $TRAILWATCH_JOB_ID" >> "$0""#));
    let ways = [
        Way { on: vec![Kind::Complete], ..told("done") },
        Way { filter: Filter::parse("trail:pay*").unwrap(), ..told("pay") },
        Way { on: vec![Kind::Stalled, Kind::Unread], ..told("never") },
    ];
    let mut world = World::new();
    world.read(-10, &[job(1, "pay", Status::Delivering), job(2, "audit", Status::Delivering)]);
    let snapshot = world.read(10, &[job(1, "pay", Status::Failed), job(2, "audit", Status::Complete)]);
    let notifier = start(&ways, &place);
    notifier.see(snapshot);
    drop(notifier);
    let mut lines = place.lines();
    lines.sort();
    assert_eq!(lines, ["done 2", "pay 1"]);
}

#[test]
fn what_comes_together_is_one_call_where_that_is_wanted() {
    let place = Place::new();
    let way = place.way("file", r#"echo "$TRAILWATCH_COUNT $(wc -l)" | tr -s ' ' >> "$0""#);
    let way = Way { debounce: Duration::from_secs(60), ..way };
    let notifier = start(&[way], &place);
    notifier.see(failed(1..6).0.snapshot().clone());
    thread::sleep(Duration::from_millis(100));
    assert_eq!(place.lines(), Vec::<String>::new(), "it waits for more");
    drop(notifier);
    assert_eq!(place.lines(), ["5 5"], "but not longer than the program");
}

#[test]
fn no_more_than_a_few_run_at_once_and_the_rest_follows() {
    let place = Place::new();
    let way = place.way("slow", r#"echo begins >> "$0"; sleep 0.3; echo ends >> "$0""#);
    let notifier = start(&[way], &place);
    notifier.see(failed(1..11).0.snapshot().clone());
    eventually("all ran", || place.lines().iter().filter(|line| *line == "ends").count() == 10);
    drop(notifier);
    let mut running = 0;
    for line in place.lines() {
        running = if line == "begins" { running + 1 } else { running - 1 };
        assert!(running <= AT_ONCE as i32, "{:?}", place.lines());
    }
    assert_eq!(place.lines().len(), 20);
}

#[test]
fn a_command_that_is_not_there_waits_until_it_is() {
    let place = Place::new();
    let missing = Way { command: vec!["/nonexistent/notify".into()], ..place.way("file", "") };
    let notifier = start(&[missing], &place);
    notifier.see(failed(1..2).0.snapshot().clone());
    drop(notifier);
    let notifier = start(&[place.way("file", r#"cat >> "$0""#)], &place);
    notifier.see(World::new().0.snapshot().clone());
    drop(notifier);
    assert_eq!(place.lines().len(), 1);
}

#[test]
fn a_hanging_command_holds_up_neither_the_snapshots_nor_the_end() {
    let place = Place::new();
    let way = place.way("hangs", r#"echo $$ >> "$0"; exec sleep 600"#);
    let ways = [Way { timeout: Duration::from_secs(600), ..way }];
    let notifier = start(&ways, &place);
    let began = Instant::now();
    notifier.see(failed(1..9).0.snapshot().clone());
    assert!(began.elapsed() < Duration::from_millis(500));
    eventually("it runs", || place.lines().len() == AT_ONCE);
    let began = Instant::now();
    drop(notifier);
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
    // What was begun goes on alone, and what was not waits.
    let journal = Journal::open(&place.journal(), at(20)).journal.unwrap();
    assert_eq!(journal.pending("hangs", at(0), 100).unwrap().len(), 4);
    for pid in place.lines() {
        let pid = rustix::process::Pid::from_raw(pid.parse().unwrap()).unwrap();
        rustix::process::kill_process_group(pid, rustix::process::Signal::KILL).unwrap();
    }
}

#[test]
fn what_heals_can_be_told_again_and_a_restart_in_between_tells_nothing_twice() {
    let place = Place::new();
    let way = [place.way("file", r#"echo "$TRAILWATCH_EVENT $TRAILWATCH_ERROR" >> "$0""#)];
    let run = |snapshots: &mut dyn FnMut(&Notifier)| {
        let notifier = start(&way, &place);
        snapshots(&notifier);
        drop(notifier);
        place.lines().len()
    };
    let refused = World::new().fail(0, "NoPermission", 403);
    assert_eq!(run(&mut |notifier| notifier.see(refused.clone())), 1);
    assert_eq!(run(&mut |notifier| notifier.see(refused.clone())), 1, "it was refused all the time");
    assert_eq!(run(&mut |notifier| notifier.see(World::new().read(0, &[]))), 1);
    assert_eq!(run(&mut |notifier| notifier.see(refused.clone())), 2, "it was well in between");
    assert_eq!(place.lines(), ["refused NoPermission"; 2]);
}
