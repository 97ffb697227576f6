//! Clocks that are off, and nonces that were used: signed again, once, and no trouble for anybody.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use chrono::{TimeDelta, Utc};
use trailwatch::{
    emulator::{Config, Emulator, Fault, FaultKind},
    engine::{Freshness, TargetState},
};

use crate::{
    days::{watch, whole},
    program::{Access, KEYS, api_error, http, run, serve},
    watched::target,
};

const PAGE: &str = r#"{"DeliveryHistoryJobs":[{"JobId":7,"JobStatus":2,"TrailName":"t"}],"TotalCount":1}"#;

/// A service whose clock is off by so much where the fault strikes.
fn emulator(clock_offset: TimeDelta) -> Emulator {
    Emulator::start(Config { jobs: 3, clock_offset, ..Config::default() }).unwrap()
}

fn is_about(target: &TargetState, offset: TimeDelta) -> bool {
    (target.clock_offset - offset).abs() < TimeDelta::minutes(2)
}

#[test]
fn how_far_a_clock_is_off_is_learned_and_told_and_forgotten() {
    for offset in [TimeDelta::hours(1), TimeDelta::hours(-30)] {
        let emulator = emulator(offset);
        let watched = watch(target(&emulator));
        assert_eq!(whole(&watched).targets[0].clock_offset, TimeDelta::zero());
        emulator.set_faults(vec![Fault::always(FaultKind::Clock)]);
        let learned = watched.until("the offset", |snapshot| {
            let target = &snapshot.targets[0];
            assert_eq!(target.health.error(), None, "it is signed again at once");
            is_about(target, offset)
        });
        let refused = emulator.calls().iter().filter(|call| call.status == Some(400)).count();
        assert_eq!(refused, 1, "all later calls have the right date");
        let target = &learned.targets[0];
        let corrected = Utc::now() + target.clock_offset;
        assert!(target.is_complete() && target.read_age(corrected).unwrap() < TimeDelta::minutes(2));
        let later = corrected + TimeDelta::minutes(3);
        assert_eq!(target.freshness(learned.interval, later), Freshness::Stale, "however the clock is off");
        emulator.set_faults(Vec::new());
        watched.until("no offset", |snapshot| {
            assert_eq!(snapshot.targets[0].health.error(), None);
            snapshot.targets[0].clock_offset == TimeDelta::zero()
        });
    }
}

#[test]
fn a_clock_that_is_off_by_less_than_the_service_minds_is_known_too() {
    let offset = TimeDelta::minutes(10);
    let clock = Arc::new(move || Utc::now() + offset);
    let emulator = Emulator::start(Config { jobs: 3, clock, ..Config::default() }).unwrap();
    let watched = watch(target(&emulator));
    watched.until("the offset", |snapshot| is_about(&snapshot.targets[0], offset));
    assert!(emulator.calls().iter().all(|call| call.status == Some(200)));
    assert_eq!(Access::owner(&emulator).run(&["list"]).ends(0).stderr, "", "nobody needs to do anything about it");
}

#[test]
fn list_goes_on_with_a_wrong_clock_and_says_so() {
    let emulator = emulator(TimeDelta::hours(1));
    emulator.set_faults(vec![Fault::always(FaultKind::Clock)]);
    let outcome = Access::owner(&emulator).run(&["list", "-o", "id"]).ends(0);
    assert_eq!(outcome.stdout.lines().count(), 3);
    let warning = outcome.stderr.strip_suffix('\n').unwrap();
    assert!(warning.starts_with("warning: env/cn-hangzhou: the clock of this machine is "), "{warning}");
    assert!(warning.ends_with(" behind the service's: put it right; the calls were signed with the service's time"));
    assert_eq!(emulator.calls().len(), 2);
}

#[test]
fn a_service_that_hides_its_clock_cannot_be_followed() {
    let url = serve(|_| api_error("400 Bad Request", "InvalidTimeStamp.Expired"));
    let outcome = run(&KEYS, &["list", "--endpoint", &url]).ends(69).says("InvalidTimeStamp.Expired (HTTP 400)");
    outcome.says("remedy: set the clock of this machine");
}

#[test]
fn a_used_nonce_is_replaced_at_once() {
    let heads = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&heads);
    let asked = AtomicUsize::new(0);
    let url = serve(move |head| {
        seen.lock().unwrap().push(head.to_owned());
        match asked.fetch_add(1, SeqCst) {
            0 => api_error("400 Bad Request", "SignatureNonceUsed"),
            _ => http("200 OK", "application/json", PAGE),
        }
    });
    let outcome = run(&KEYS, &["list", "-o", "id", "--endpoint", &url]).ends(0);
    assert_eq!((outcome.stdout.as_str(), outcome.stderr.as_str()), ("7\n", ""));
    let heads = heads.lock().unwrap();
    let nonce =
        |head: &String| head.lines().find(|line| line.starts_with("x-acs-signature-nonce: ")).unwrap().to_owned();
    let [first, second] = &heads[..] else { panic!("{heads:?}") };
    assert_ne!(nonce(first), nonce(second));
}
