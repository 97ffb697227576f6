//! Every region of an account: where there is nothing, and where the service says that there is no such region.

use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
    thread,
    time::Duration,
};

use trailwatch::{
    acs::{Endpoint, PlainHttp},
    emulator::{Config, Emulator, Fault, FaultKind, Operation},
    engine::{Command, Freshness, Ground, Scope, TargetSpec, Wish, read_once},
    job::Region,
};

use crate::watched::{Watched, setup, target};

fn region(id: &str) -> Region {
    Region::new(id).unwrap()
}

/// An account at home in cn-hangzhou, and two regions where it has nothing.
fn emulator() -> Emulator {
    let regions = ["cn-hangzhou", "cn-beijing", "us-east-1"].map(region).to_vec();
    Emulator::start(Config { jobs: 5, regions, ..Config::default() }).unwrap()
}

fn found(emulator: &Emulator, id: &str) -> TargetSpec {
    let spec = target(emulator);
    let endpoint = Endpoint::parse(&emulator.url_in(&region(id)).unwrap(), PlainHttp::LoopbackOnly).unwrap();
    let key = trailwatch::job::TargetKey { region: region(id), ..spec.key.clone() };
    TargetSpec { key, endpoint, wish: Wish::Found, ..spec }
}

fn lists(emulator: &Emulator, id: &str) -> usize {
    let is_list = |call: &&trailwatch::emulator::CallRecord| {
        call.region == Some(region(id)) && call.operation == Some(Operation::ListJobs)
    };
    emulator.calls().iter().filter(is_list).count()
}

#[test]
fn a_region_with_nothing_in_it_is_read_once_and_again_when_somebody_asks() {
    let emulator = emulator();
    let targets = ["cn-hangzhou", "cn-beijing"].map(|id| found(&emulator, id)).to_vec();
    let watched = Watched::start(targets, Duration::from_millis(100));
    let busy = watched.until("five reads at home", |snapshot| {
        lists(&emulator, "cn-hangzhou") >= 5 && snapshot.targets.iter().all(|target| target.read.is_some())
    });
    assert_eq!((&busy.targets[0].ground, &busy.targets[1].ground), (&Ground::Used, &Ground::Barren));
    assert!(busy.targets.iter().all(|target| target.is_complete()));
    assert_eq!((busy.targets[1].jobs.rows.len(), lists(&emulator, "cn-beijing")), (0, 1));
    watched.engine.send(Command::Refresh(Scope::Target(busy.targets[1].key.clone())));
    watched.until("another read", |_| lists(&emulator, "cn-beijing") == 2);
}

#[test]
fn a_region_that_has_trails_and_no_job_is_read_often_and_its_trails_rarely() {
    let emulator =
        Emulator::start(Config { jobs: 0, regions: vec![region("cn-hangzhou")], ..Config::default() }).unwrap();
    let watched = Watched::start(vec![found(&emulator, "cn-hangzhou")], Duration::from_millis(20));
    let snapshot = watched.until("five reads", |_| lists(&emulator, "cn-hangzhou") >= 5);
    assert_eq!((&snapshot.targets[0].ground, snapshot.targets[0].jobs.rows.len()), (&Ground::Used, 0));
    assert_eq!(emulator.stats().calls(Operation::DescribeTrails), 1);
}

#[test]
fn a_region_whose_trails_could_not_be_read_counts_as_used() {
    let emulator = emulator();
    emulator.set_faults(vec![Fault::always(FaultKind::ServiceUnavailable).on(&[Operation::DescribeTrails])]);
    let watched = Watched::start(vec![found(&emulator, "cn-beijing")], Duration::from_millis(20));
    let snapshot = watched.until("three reads", |_| lists(&emulator, "cn-beijing") >= 3);
    assert_eq!(snapshot.targets[0].ground, Ground::Used);
    emulator.set_faults(Vec::new());
    watched.until("a verdict", |snapshot| snapshot.targets[0].ground == Ground::Barren);
}

#[test]
fn one_read_for_a_script_does_not_ask_for_trails() {
    let emulator = emulator();
    read_once(&setup(vec![found(&emulator, "cn-beijing")], Duration::from_secs(10)), |_, _| ()).unwrap();
    assert_eq!(emulator.stats().calls(Operation::DescribeTrails), 0);
}

#[test]
fn a_region_that_is_named_is_read_often_although_there_is_nothing() {
    let emulator = emulator();
    let named = TargetSpec { wish: Wish::Named, ..found(&emulator, "cn-beijing") };
    let watched = Watched::start(vec![named], Duration::from_millis(100));
    watched.until("three reads", |_| lists(&emulator, "cn-beijing") >= 3);
    assert_eq!(emulator.stats().calls(Operation::DescribeTrails), 0, "nobody has to know");
}

/// Answers everything with an error of the service.
fn refuses(code: &'static str) -> Endpoint {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut head = Vec::new();
            let mut byte = [0];
            while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read == 1) {
                head.push(byte[0]);
            }
            let body = format!(r#"{{"RequestId":"R-1","Code":"{code}","Message":"no"}}"#);
            let length = body.len();
            let head = "HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nConnection: close\r\n";
            let _ = write!(stream, "{head}Content-Length: {length}\r\n\r\n{body}");
        }
    });
    Endpoint::parse(&url, PlainHttp::LoopbackOnly).unwrap()
}

#[test]
fn a_region_that_is_not_there_is_no_trouble_unless_it_is_named() {
    let emulator = emulator();
    let absent = TargetSpec { endpoint: refuses("InvalidRegionId"), ..found(&emulator, "us-east-1") };
    let snapshot = read_once(&setup(vec![absent.clone()], Duration::from_secs(10)), |_, _| ()).unwrap();
    let target = &snapshot.targets[0];
    assert!(target.is_complete() && target.health.error().is_none());
    assert!(matches!(&target.ground, Ground::Absent(error) if error.code() == "InvalidRegionId"));
    let freshness = target.freshness(snapshot.interval, chrono::Utc::now());
    assert_eq!(freshness, Freshness::Absent);
    let named = TargetSpec { wish: Wish::Named, ..absent.clone() };
    let trouble = read_once(&setup(vec![named], Duration::from_secs(10)), |_, _| ()).unwrap();
    assert!(trouble.targets[0].health.error().is_some());
    let denied = TargetSpec { endpoint: refuses("NotSupportDeliveryHistoryJob"), ..absent };
    let trouble = read_once(&setup(vec![denied], Duration::from_secs(10)), |_, _| ()).unwrap();
    assert!(trouble.targets[0].health.error().is_some(), "that is the account's, not the region's");
}
