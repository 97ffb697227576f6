//! What the dashboard reads in these tests: emulators with jobs that stay as they are, and servers by hand.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::{TcpListener, TcpStream},
    sync::Arc,
    thread,
};

use trailwatch::emulator::{Config, Emulator, Identity, Quota};

/// Variables with which the program reads something.
pub(crate) type Variables = Vec<(&'static str, String)>;

/// An emulator with so many jobs, in which nothing happens.
pub(crate) fn still(jobs: usize) -> Emulator {
    Emulator::start(Config { jobs, quota: Quota::UNLIMITED, ..Config::default() }).unwrap()
}

/// Reads an emulator as its first identity, and again only when told to.
pub(crate) fn reading(emulator: &Emulator) -> Variables {
    let Identity { key_id, secret, region, .. } = &emulator.identities()[0];
    let mut variables = keys(key_id, secret);
    variables.extend([
        ("TRAILWATCH_ENDPOINT", emulator.url()),
        ("TRAILWATCH_REGION", region.to_string()),
        ("TRAILWATCH_INTERVAL", "1h".to_owned()),
    ]);
    variables
}

/// Reads a server that checks no keys.
pub(crate) fn reading_url(url: &str) -> Variables {
    let mut variables = keys("LTAI5tSomebodysKey", "hush");
    variables.extend([("TRAILWATCH_ENDPOINT", url.to_owned()), ("TRAILWATCH_REGION", "cn-hangzhou".to_owned())]);
    variables
}

/// Keys, and no limit that a test would have to wait for.
fn keys(id: &str, secret: &str) -> Variables {
    vec![
        ("ALIBABA_CLOUD_ACCESS_KEY_ID", id.to_owned()),
        ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", secret.to_owned()),
        ("TRAILWATCH_MAX_QPS", "1000".to_owned()),
    ]
}

/// Serves JSON on loopback until the tests end: `answer` makes it from a request's head. Returns the base URL.
pub(crate) fn serve(answer: impl Fn(&str) -> String + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let answer = Arc::new(answer);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer = Arc::clone(&answer);
            thread::spawn(move || answer_one(stream, &*answer));
        }
    });
    url
}

fn answer_one(mut stream: TcpStream, answer: &dyn Fn(&str) -> String) -> std::io::Result<()> {
    let mut head = String::new();
    let mut reader = BufReader::new(stream.try_clone()?);
    while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head)? > 0 {}
    let body = answer(&head.to_ascii_lowercase());
    let length = body.len();
    let head =
        format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close");
    stream.write_all(format!("{head}\r\n\r\n{body}").as_bytes())
}
