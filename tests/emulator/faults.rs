//! Each kind of fault as a socket sees it, and outages that begin and end while the endpoint runs.

#![allow(clippy::unwrap_used)] // Also in the helpers: what goes wrong there must end the test.

use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use chrono::TimeDelta;
use trailwatch::emulator::{Config, Emulator, Fault, FaultKind, Operation, Quota};

use crate::{
    GET, LIST, call,
    caller::{Call, Hand, emulator},
};

/// An emulator of three jobs with a fault that strikes every call.
fn with(kind: FaultKind) -> (Emulator, Hand) {
    emulator(Config { jobs: 3, faults: vec![Fault::always(kind)], ..Config::default() })
}

/// A connection on which a list was asked for.
fn asked(emulator: &Emulator, hand: &Hand) -> TcpStream {
    let mut stream = TcpStream::connect(emulator.url().trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(&Call::new(&emulator.identities()[0], hand, LIST, "PageSize=2").bytes()).unwrap();
    stream
}

/// Head and body of an answer, as far as it came until the connection was closed or nothing came for so long.
fn heard(mut stream: TcpStream, patience: Duration) -> (String, String) {
    stream.set_read_timeout(Some(patience)).unwrap();
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_default();
    (head.to_ascii_lowercase(), body.to_owned())
}

fn promised(head: &str) -> usize {
    let line = head.lines().find_map(|line| line.strip_prefix("content-length: ")).expect("a length");
    line.parse().unwrap()
}

#[test]
fn refusals_have_the_services_codes() {
    for (kind, status, code) in [
        (FaultKind::ServiceUnavailable, 503, "ServiceUnavailable"),
        (FaultKind::InternalError, 500, "InternalError"),
        (FaultKind::Throttle, 429, "Throttling.User"),
        (FaultKind::Throttle400, 400, "Throttling.User"),
        (FaultKind::Nonce, 400, "SignatureNonceUsed"),
        (FaultKind::Token, 400, "InvalidSecurityToken.Expired"),
        (FaultKind::Key, 403, "InvalidAccessKeyId.Inactive"),
        (FaultKind::Denied, 403, "NoPermission"),
        (FaultKind::NotSupported, 400, "NotSupportDeliveryHistoryJob"),
    ] {
        let (emulator, hand) = with(kind);
        let answer = call(&emulator, &hand, LIST, "");
        assert_eq!(answer.refusal(), (status, code.to_owned()), "{kind}");
        let wait = answer.headers.get("x-acs-retry-after").map(String::as_str);
        assert_eq!(wait, (kind == FaultKind::Throttle).then_some("500"), "{kind}");
        assert_eq!(answer.headers["x-acs-request-id"], answer.json()["RequestId"].as_str().unwrap());
        let mut forged = Call::new(&emulator.identities()[0], &hand, LIST, "");
        forged.secret.push('x');
        assert_eq!(forged.send(&emulator).refusal().1, "SignatureDoesNotMatch", "{kind}: the caller is checked first");
    }
}

#[test]
fn a_denied_call_names_the_action_and_what_needs_none_is_answered() {
    let (emulator, hand) = with(FaultKind::Denied);
    let denied = call(&emulator, &hand, GET, "JobId=1").json()["AccessDeniedDetail"].clone();
    assert_eq!(denied["AuthAction"], "actiontrail:GetDeliveryHistoryJob");
    assert_eq!(call(&emulator, &hand, "DescribeRegions", "").status, 200);
}

#[test]
fn proxies_answer_in_the_services_place() {
    for (kind, status, content_type, words) in [
        (FaultKind::Html, 502, "text/html; charset=utf-8", "<h1>502 Bad Gateway</h1>"),
        (FaultKind::Html200, 200, "text/html; charset=utf-8", "Please sign in"),
        (FaultKind::Xml, 503, "text/xml;charset=utf-8", "<Code>ServiceUnavailable</Code>"),
        (FaultKind::Empty, 200, "application/json;charset=utf-8", ""),
        (FaultKind::Redirect, 302, "text/html; charset=utf-8", ""),
    ] {
        let (emulator, hand) = with(kind);
        let answer = call(&emulator, &hand, LIST, "");
        assert_eq!((answer.status, answer.headers["content-type"].as_str()), (status, content_type), "{kind}");
        assert!(answer.text.contains(words), "{kind}: {}", answer.text);
        assert_eq!(answer.text.is_empty(), words.is_empty(), "{kind}");
        let location = (kind == FaultKind::Redirect).then(|| format!("{}/elsewhere", emulator.url()));
        assert_eq!(answer.headers.get("location"), location.as_ref(), "{kind}");
    }
}

#[test]
fn a_proxy_keeps_the_call_from_the_service_and_a_line_does_not() {
    let created = |kind| {
        let (emulator, hand) = with(kind);
        let create = Call::new(&emulator.identities()[0], &hand, "CreateDeliveryHistoryJob", "TrailName=audit-all");
        assert_eq!(create.send(&emulator).status, if kind == FaultKind::Html { 502 } else { 200 });
        emulator.set_faults(Vec::new());
        call(&emulator, &hand, LIST, "").good()["TotalCount"].as_i64().unwrap() - 3
    };
    assert_eq!((created(FaultKind::Html), created(FaultKind::Half)), (0, 1));
}

#[test]
fn bodies_are_cut() {
    let (emulator, hand) = with(FaultKind::Truncated);
    let (head, body) = heard(asked(&emulator, &hand), Duration::from_secs(20));
    assert!(head.starts_with("http/1.1 200") && promised(&head) / 2 == body.len(), "{head}\n{body}");
    assert!(body.starts_with("{\"DeliveryHistoryJobs\":[{"));

    emulator.set_faults(vec![Fault::always(FaultKind::Half)]);
    let answer = call(&emulator, &hand, LIST, "");
    assert!(answer.status == 200 && answer.text.starts_with("{\"DeliveryHistoryJobs\":[{"));
    let error = serde_json::from_str::<serde_json::Value>(&answer.text).unwrap_err();
    assert!(error.is_eof(), "{error}");
}

#[test]
fn bodies_are_too_long() {
    let (emulator, hand) = with(FaultKind::Oversized);
    let (head, body) = heard(asked(&emulator, &hand), Duration::from_secs(2));
    assert!(promised(&head) == body.len() && body.len() > 8 << 20, "{head}");
    assert!(body.trim_end().ends_with('}') && body.trim_end().len() < 2000);

    emulator.set_faults(vec![Fault::always(FaultKind::Endless)]);
    let mut stream = asked(&emulator, &hand);
    let mut start = vec![0; 64 << 20];
    stream.read_exact(&mut start).unwrap();
    let start = String::from_utf8(start).unwrap();
    assert!(start.to_ascii_lowercase().contains("transfer-encoding: chunked") && start.contains("\"TotalCount\":3}"));
    // Who does not read is not fed, and others are answered meanwhile.
    let mut waiting = asked(&emulator, &hand);
    waiting.read_exact(&mut [0; 1]).unwrap();
    emulator.set_faults(Vec::new());
    assert_eq!(call(&emulator, &hand, LIST, "").status, 200);
    waiting.read_exact(&mut [0; 1 << 20]).unwrap();
}

#[test]
fn a_call_hangs_until_the_client_goes_away() {
    let (emulator, hand) = with(FaultKind::Hang);
    let mut stream = asked(&emulator, &hand);
    stream.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    let error = stream.read(&mut [0; 1]).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{error}");
    emulator.set_faults(Vec::new());
    assert_eq!(call(&emulator, &hand, LIST, "").status, 200, "others are answered");
    assert!(stream.read(&mut [0; 1]).is_err(), "what hangs goes on hanging");
    assert_eq!(emulator.stats().answered, 1);
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    assert_eq!(stream.read(&mut [0; 1]).unwrap(), 0, "the connection is given up with the client");
}

#[test]
fn an_answer_drips() {
    let (emulator, hand) = with(FaultKind::Slow);
    let mut stream = asked(&emulator, &hand);
    let mut bytes = Vec::new();
    let begun = Instant::now();
    while !bytes.ends_with(b"\r\n\r\n{\"Del") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        bytes.push(byte[0]);
    }
    assert!(begun.elapsed() >= Duration::from_millis(450), "{:?}", begun.elapsed());
}

#[test]
fn a_connection_is_reset() {
    let (emulator, hand) = with(FaultKind::Reset);
    let error = asked(&emulator, &hand).read(&mut [0; 1]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    assert_eq!((emulator.stats().answered, emulator.stats().calls(Operation::ListJobs)), (0, 1));
}

#[test]
fn a_wrong_clock_can_be_learned() {
    let (service, hand) = with(FaultKind::Clock);
    let answer = call(&service, &hand, LIST, "");
    assert_eq!(answer.refusal(), (400, "InvalidTimeStamp.Expired".into()));
    assert_eq!(answer.headers["date"], "Tue, 24 Nov 2026 21:00:00 GMT", "an hour ahead");
    let corrected = Call::new(&service.identities()[0], &hand, LIST, "").with("x-acs-date", "2026-11-24T21:00:00Z");
    assert_eq!(corrected.send(&service).status, 200);
    service.set_faults(Vec::new());
    assert_eq!(call(&service, &hand, LIST, "").headers["date"], "Tue, 24 Nov 2026 20:00:00 GMT");

    let (clock_offset, faults) = (TimeDelta::minutes(-10), vec![Fault::always(FaultKind::Clock)]);
    let (emulator, hand) = emulator(Config { clock_offset, faults, ..Config::default() });
    let answer = call(&emulator, &hand, LIST, "");
    assert_eq!((answer.status, answer.headers["date"].as_str()), (200, "Tue, 24 Nov 2026 19:50:00 GMT"));
}

#[test]
fn an_outage_begins_and_ends_while_it_runs() {
    let (emulator, hand) = emulator(Config { jobs: 3, ..Config::default() });
    for _ in 0..2 {
        assert_eq!(call(&emulator, &hand, LIST, "").status, 200);
        emulator.set_faults(vec![Fault::always(FaultKind::ServiceUnavailable).on(&[Operation::ListJobs])]);
        assert_eq!(call(&emulator, &hand, LIST, "").status, 503);
        assert_eq!(call(&emulator, &hand, "DescribeTrails", "").status, 200, "another operation");
        emulator.set_faults(Vec::new());
        assert_eq!(call(&emulator, &hand, LIST, "").status, 200);
    }
}

#[test]
fn the_same_seed_and_calls_have_the_same_faults() {
    let record = |seed| {
        let faults = ["503=0.2", "html=0.2", "half=0.1", "throttle=0.1"].map(|fault| fault.parse().unwrap()).into();
        let (emulator, hand) = emulator(Config { seed, faults, quota: Quota::UNLIMITED, ..Config::default() });
        (0..40).map(|_| call(&emulator, &hand, LIST, "PageSize=1")).collect::<Vec<_>>()
    };
    let (one, other) = (record(7), record(8));
    assert_eq!(one, record(7));
    assert_ne!(one, other);
    let good = one.iter().filter(|answer| answer.status == 200).count();
    assert!((10..=30).contains(&good), "{good} of 40");
}

#[test]
fn it_ends_at_once_whatever_is_open() {
    let (emulator, hand) = with(FaultKind::Endless);
    let endless = asked(&emulator, &hand);
    emulator.set_faults(vec![Fault::always(FaultKind::Hang)]);
    let hanging = asked(&emulator, &hand);
    while emulator.stats().calls(Operation::ListJobs) < 2 {
        std::thread::sleep(Duration::from_millis(5));
    }
    let begun = Instant::now();
    drop(emulator);
    assert!(begun.elapsed() < Duration::from_secs(5));
    drop((endless, hanging));
}
