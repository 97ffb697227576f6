//! No line to the service: nobody listens, the name is unknown, the certificate is none that is trusted.

use std::net::TcpListener;

use tempfile::TempDir;
use trailwatch::{
    acs::{Endpoint, HttpOptions, PlainHttp},
    emulator::{Config, Emulator},
    engine::{Setup, TargetSpec},
};

use crate::{
    days::{self, Told, watch},
    door::{Authority, Certificate, Door},
    program::{Access, KEYS, run},
    watched::{Watched, setup, target},
};

const REFUSED: Told = Told { code: "NotConnected", status: None, words: &["127.0.0.1:", "can't connect"], exit: 69 };
const UNKNOWN: Told = Told {
    code: "NameNotResolved",
    status: None,
    words: &["nowhere.invalid: the host name can't be resolved"],
    exit: 69,
};
const UNTRUSTED: Told = Told {
    code: "TlsFailed",
    status: None,
    words: &["127.0.0.1:", "no secure connection", "its certificate"],
    exit: 69,
};

fn emulator(port: u16) -> Emulator {
    Emulator::start(Config { port, jobs: 3, ..Config::default() }).unwrap()
}

fn at(url: &str) -> TargetSpec {
    let emulator = emulator(0);
    TargetSpec { endpoint: Endpoint::parse(url, PlainHttp::LoopbackOnly).unwrap(), ..target(&emulator) }
}

#[test]
fn nobody_listens_for_a_while() {
    let first = emulator(0);
    let port = first.url().rsplit(':').next().unwrap().parse().unwrap();
    let watched = watch(target(&first));
    let mut again = None;
    days::engine(&watched, REFUSED, || drop(first), || again = Some(emulator(port)));
}

#[test]
fn list_says_that_nobody_listens() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("http://{free}");
    REFUSED.ends(run(&KEYS, &["list", "-o", "json", "--timeout", "1s", "--endpoint", &url]));
}

#[test]
fn a_name_that_nobody_knows() {
    UNKNOWN.ends(run(&KEYS, &["list", "-o", "json", "--timeout", "1s", "--endpoint", "https://nowhere.invalid"]));
    // The system's proxy would be asked for the name, and nobody here knows what it says.
    if std::env::vars().any(|(name, _)| name.to_ascii_lowercase().ends_with("_proxy")) {
        return;
    }
    let watched = watch(at("https://nowhere.invalid"));
    let bad = watched.until("the unknown name", |snapshot| snapshot.targets[0].lost.is_some());
    let error = bad.targets[0].health.error().unwrap();
    assert_eq!((error.code(), error.to_string().starts_with(UNKNOWN.words[0])), (UNKNOWN.code, true), "{error}");
    assert!(error.remedy().contains("DNS"), "{}", error.remedy());
}

#[test]
fn a_certificate_is_trusted_by_the_authority_that_is_named() {
    let emulator = emulator(0);
    let (company, home) = (Authority::new(), TempDir::new().unwrap());
    let ca_file = home.path().join("company-ca.pem");
    std::fs::write(&ca_file, &company.pem).unwrap();
    let trusted = company.certificate("127.0.0.1");
    for wrong in [
        Certificate::self_signed("127.0.0.1"),
        Authority::new().certificate("127.0.0.1"),
        company.certificate("elsewhere.example"),
    ] {
        let door = Door::open(&emulator.url(), trusted.clone());
        let endpoint = Endpoint::parse(&door.url(), PlainHttp::LoopbackOnly).unwrap();
        let target = TargetSpec { endpoint, ..target(&emulator) };
        let http = HttpOptions { ca_file: Some(ca_file.clone()) };
        let patience = std::time::Duration::from_secs(2);
        let setup = Setup { http, patience, ..setup(vec![target], std::time::Duration::from_millis(100)) };
        let watched = Watched::with(&setup);
        days::engine(&watched, UNTRUSTED, || door.show(wrong), || door.show(trusted.clone()));
    }
}

#[test]
fn list_trusts_the_authority_that_is_named() {
    let emulator = emulator(0);
    let (company, home) = (Authority::new(), TempDir::new().unwrap());
    let ca_file = home.path().join("company-ca.pem");
    std::fs::write(&ca_file, &company.pem).unwrap();
    let door = Door::open(&emulator.url(), company.certificate("127.0.0.1"));
    let (access, url) = (Access::owner(&emulator), door.url());
    let list = |arguments: &[&str]| {
        access.run(&[&["list", "-o", "json", "--timeout", "1s", "--endpoint", &url], arguments].concat())
    };
    let untrusted = list(&[]).says(
        "remedy: if the issuer is your company's, as behind a proxy that opens TLS, name its certificate authority",
    );
    UNTRUSTED.ends(untrusted);
    let trusted = list(&["--ca-file", ca_file.to_str().unwrap()]).ends(0);
    assert_eq!((trusted.json()["jobs"].as_array().unwrap().len(), trusted.stderr.as_str()), (3, ""));
    door.show(Certificate::self_signed("127.0.0.1"));
    UNTRUSTED.ends(list(&["--ca-file", ca_file.to_str().unwrap()]));
}
