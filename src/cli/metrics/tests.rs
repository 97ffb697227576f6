//! Over real HTTP: what a Prometheus asks, and what nobody should be able to do.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use super::*;
use crate::{
    engine::{Store, TargetState, system_clock},
    job::{ProfileName, Region, TargetKey, coverage::Rules},
};

fn snapshot() -> Arc<Snapshot> {
    let key = TargetKey { profile: ProfileName::new("prod").unwrap(), region: Region::new("cn-hangzhou").unwrap() };
    let target = TargetState::new(key, "host", "environment");
    Arc::clone(Store::new(vec![target], Duration::from_secs(10), Rules::default()).snapshot())
}

fn server() -> MetricsServer {
    MetricsServer::start("127.0.0.1:0".parse().unwrap(), snapshot, system_clock()).unwrap()
}

/// All that comes back for these bytes.
fn ask(server: &MetricsServer, bytes: &str) -> String {
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    // A server that has heard enough may be gone before all is written.
    let _ = stream.write_all(bytes.as_bytes());
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8(answer).unwrap()
}

fn request(server: &MetricsServer, line: &str) -> String {
    ask(server, &format!("{line} HTTP/1.1\r\nHost: {}\r\n\r\n", server.address()))
}

#[test]
fn the_page_is_the_text_format() {
    let server = server();
    let answer = request(&server, "GET /metrics");
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    assert!(head.contains("\r\ncontent-type: text/plain; version=0.0.4; charset=utf-8\r\n"), "{head}");
    assert!(body.contains("\ntrailwatch_target_up{profile=\"prod\",region=\"cn-hangzhou\"} 0\n"), "{body}");
    let queried = request(&server, "GET /metrics?name[]=up");
    assert!(queried.starts_with("HTTP/1.1 200 OK\r\n"), "{queried}");
    let head = request(&server, "HEAD /metrics");
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n") && head.ends_with("\r\n\r\n"), "{head}");
}

#[test]
fn there_is_nothing_else() {
    let server = server();
    for path in ["/", "/metrics/", "/Metrics", "//metrics", "/../metrics", "http://h/"] {
        assert!(request(&server, &format!("GET {path}")).starts_with("HTTP/1.1 404 "), "{path}");
    }
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "BREW"] {
        let answer = request(&server, &format!("{method} /metrics"));
        assert!(answer.starts_with("HTTP/1.1 405 ") && answer.contains("\r\nallow: GET, HEAD\r\n"), "{answer}");
    }
    assert!(ask(&server, "garbage\r\n\r\n").starts_with("HTTP/1.1 400 "));
}

#[test]
fn long_heads_are_refused() {
    let server = server();
    let long = format!("GET /metrics HTTP/1.1\r\nX: {}\r\n\r\n", "x".repeat(64 * 1024));
    let many = format!("GET /metrics HTTP/1.1\r\n{}\r\n", "X: y\r\n".repeat(200));
    for head in [long, many] {
        let answer = ask(&server, &head);
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431 "), "{answer}");
    }
    assert!(request(&server, "GET /metrics").starts_with("HTTP/1.1 200 "));
}

#[test]
fn who_says_nothing_holds_nobody_up_for_long() {
    let server = server();
    // As many as are served at once, each in the middle of its head.
    let slow: Vec<TcpStream> = (0..MOST_CONNECTIONS)
        .map(|_| {
            let mut stream = TcpStream::connect(server.address()).unwrap();
            stream.write_all(b"GET /metrics HTTP/1.1\r\nX: ").unwrap();
            stream
        })
        .collect();
    assert!(request(&server, "GET /metrics").starts_with("HTTP/1.1 200 "), "it is their turn to go");
    drop(slow);
}

#[test]
fn each_answer_is_the_latest_and_a_connection_ends_with_it() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    let latest = move || {
        counted.fetch_add(1, Ordering::SeqCst);
        snapshot()
    };
    let server = MetricsServer::start("127.0.0.1:0".parse().unwrap(), latest, system_clock()).unwrap();
    for _ in 0..3 {
        request(&server, "GET /metrics");
    }
    request(&server, "GET /");
    assert_eq!(asked.load(Ordering::SeqCst), 3);
    let twice = "GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n".repeat(2);
    assert_eq!(ask(&server, &twice).matches("HTTP/1.1 200 ").count(), 1);
}

#[test]
fn it_ends_when_it_is_dropped_and_tells_a_port_that_is_taken() {
    let server = server();
    let address = server.address();
    let error = MetricsServer::start(address, snapshot, system_clock()).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
    let _half = TcpStream::connect(address).unwrap();
    drop(server);
    assert!(TcpStream::connect(address).is_err());
}

#[test]
fn a_port_alone_is_on_loopback() {
    for text in ["127.0.0.1:9464", ":9464", "9464"] {
        assert_eq!(metrics_address(text), Ok("127.0.0.1:9464".parse().unwrap()), "{text}");
    }
    assert_eq!(metrics_address("0.0.0.0:1").unwrap().ip().to_string(), "0.0.0.0");
    assert_eq!(metrics_address("[::1]:9464").unwrap().to_string(), "[::1]:9464");
    for text in ["", ":", "localhost:9464", "99999", "127.0.0.1", "host", "-1"] {
        assert!(metrics_address(text).unwrap_err().contains("as in 127.0.0.1:9464"), "{text}");
    }
}
