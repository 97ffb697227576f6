//! A client by hand: HTTP/1.1 over a socket, and a second, plain implementation of the signature. Shared with nothing.

#![allow(clippy::unwrap_used)] // What goes wrong in a test's own client must end the test.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering::SeqCst},
    },
    time::Duration,
};

use chrono::{DateTime, Utc};
use ring::{digest, hmac};
use serde_json::Value;
use trailwatch::emulator::{Clock, Config, Emulator, Identity};

/// A clock that only moves when it is told to.
#[derive(Clone)]
pub(crate) struct Hand(Arc<AtomicI64>);

impl Hand {
    pub(crate) fn new() -> Self {
        let start: DateTime<Utc> = "2026-11-24T20:00:00Z".parse().unwrap();
        Self(Arc::new(AtomicI64::new(start.timestamp_millis())))
    }

    pub(crate) fn pass(&self, millis: i64) {
        self.0.fetch_add(millis, SeqCst);
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0.load(SeqCst)).unwrap()
    }

    pub(crate) fn clock(&self) -> Clock {
        let hand = self.clone();
        Arc::new(move || hand.now())
    }
}

/// An emulator whose time is in the test's hand.
pub(crate) fn emulator(mut config: Config) -> (Emulator, Hand) {
    let hand = Hand::new();
    config.clock = hand.clock();
    (Emulator::start(config).unwrap(), hand)
}

/// An answer, taken apart.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|why| panic!("{why}: {:?}", self.text))
    }

    /// Status and code of a refusal, whose body must have all that the service says.
    pub(crate) fn refusal(&self) -> (u16, String) {
        let body = self.json();
        for field in ["RequestId", "HostId", "Code", "Message", "Recommend"] {
            assert!(body[field].as_str().is_some_and(|text| !text.is_empty()), "{field} is missing in {body}");
        }
        (self.status, body["Code"].as_str().unwrap().to_owned())
    }

    /// The body of a success.
    pub(crate) fn good(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text);
        self.json()
    }
}

/// One call; what a test wants wrong is changed before it is sent.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) method: &'static str,
    /// Encoded as it goes over the wire.
    pub(crate) query: String,
    /// By name in lower case; all are signed.
    pub(crate) headers: BTreeMap<String, String>,
    /// Sent, but not signed.
    pub(crate) unsigned: Vec<(String, String)>,
    pub(crate) body: String,
    key_id: String,
    pub(crate) secret: String,
}

static NONCE: AtomicU64 = AtomicU64::new(0);

impl Call {
    /// A call as an official client makes it.
    pub(crate) fn new(who: &Identity, hand: &Hand, action: &str, query: &str) -> Self {
        let date = hand.now().format("%Y-%m-%dT%H:%M:%SZ").to_string();
        let nonce = format!("nonce-{}", NONCE.fetch_add(1, SeqCst));
        let headers = [
            ("host", "127.0.0.1"),
            ("accept", "application/json"),
            ("user-agent", "by hand"),
            ("x-acs-action", action),
            ("x-acs-version", "2020-07-06"),
            ("x-acs-date", &date),
            ("x-acs-signature-nonce", &nonce),
        ];
        let mut headers: BTreeMap<_, _> =
            headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        if let Some(token) = &who.token {
            headers.insert("x-acs-security-token".into(), token.clone());
            headers.insert("x-acs-accesskey-id".into(), who.key_id.clone());
        }
        let (key_id, secret) = (who.key_id.clone(), who.secret.clone());
        Self { method: "POST", query: query.into(), headers, unsigned: Vec::new(), body: String::new(), key_id, secret }
    }

    /// With one header set.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.insert(name.into(), value.into());
        self
    }

    /// Without one header.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.remove(name);
        self
    }

    /// With the parameters in a form.
    pub(crate) fn form(mut self, form: &str) -> Self {
        self.body = form.into();
        self.with("content-type", "application/x-www-form-urlencoded")
    }

    /// The request's bytes, signed.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut headers = self.headers.clone();
        let hash = hex(digest::digest(&digest::SHA256, self.body.as_bytes()).as_ref());
        headers.entry("x-acs-content-sha256".into()).or_insert_with(|| hash.clone());
        // The tests' queries are encoded already: only their order is missing.
        let mut query: Vec<&str> = self.query.split('&').collect();
        query.sort_unstable();
        let names = headers.keys().cloned().collect::<Vec<_>>().join(";");
        let lines: String = headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        let canonical = format!("{}\n/\n{}\n{lines}\n{names}\n{hash}", self.method, query.join("&"));
        let to_sign =
            format!("ACS3-HMAC-SHA256\n{}", hex(digest::digest(&digest::SHA256, canonical.as_bytes()).as_ref()));
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.secret.as_bytes());
        let signature = hex(hmac::sign(&key, to_sign.as_bytes()).as_ref());
        let authorization =
            format!("ACS3-HMAC-SHA256 Credential={},SignedHeaders={names},Signature={signature}", self.key_id);
        headers.insert("authorization".into(), authorization);
        headers.extend(self.unsigned.iter().cloned());
        headers.insert("content-length".into(), self.body.len().to_string());
        let lines: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let target = if self.query.is_empty() { "/".to_owned() } else { format!("/?{}", self.query) };
        format!("{} {target} HTTP/1.1\r\n{lines}\r\n{}", self.method, self.body).into_bytes()
    }

    /// Sends it over a connection of its own.
    pub(crate) fn send(&self, emulator: &Emulator) -> Answer {
        Connection::new(emulator).exchange(&self.bytes())
    }
}

/// A connection that is kept alive.
pub(crate) struct Connection(BufReader<TcpStream>);

impl Connection {
    pub(crate) fn new(emulator: &Emulator) -> Self {
        let stream = TcpStream::connect(emulator.url().trim_start_matches("http://")).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        Self(BufReader::new(stream))
    }

    pub(crate) fn exchange(&mut self, request: &[u8]) -> Answer {
        self.0.get_mut().write_all(request).unwrap();
        let mut line = || {
            let mut line = String::new();
            self.0.read_line(&mut line).unwrap();
            line.trim_end().to_owned()
        };
        let status = line().split(' ').nth(1).expect("a status line").parse().unwrap();
        let mut headers = BTreeMap::new();
        loop {
            let line = line();
            let Some((name, value)) = line.split_once(": ") else { break };
            assert_eq!(headers.insert(name.to_ascii_lowercase(), value.to_owned()), None, "{name} twice");
        }
        let mut body = vec![0; headers["content-length"].parse().unwrap()];
        self.0.read_exact(&mut body).unwrap();
        Answer { status, headers, text: String::from_utf8(body).unwrap() }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
