//! A small HTTP server that answers by a function and remembers what it was asked.

use std::{
    collections::BTreeMap,
    convert::Infallible,
    io::{Read as _, Write as _},
    net::TcpListener,
    rc::Rc,
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http_body_util::{BodyExt, Full};
use hyper::{Request, Response, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{runtime, task::LocalSet};

use crate::fixture::start;

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// The parameters of the query and of the form.
    pub(crate) fn params(&self) -> BTreeMap<String, String> {
        let pairs = self.query.split('&').chain(self.body.split('&')).filter_map(|pair| pair.split_once('='));
        let decode = |text: &str| {
            percent_encoding::percent_decode_str(&text.replace('+', " ")).decode_utf8().unwrap().into_owned()
        };
        pairs.map(|(name, value)| (decode(name), decode(value))).collect()
    }
}

/// What it answers.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn new(status: u16, body: impl Into<String>) -> Self {
        Self { status, headers: Vec::new(), body: body.into() }
    }

    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }
}

/// A server that refuses everybody, in no hurry: its URL, and the most requests that it had at a time and in all.
pub(crate) fn counting() -> (String, Arc<Mutex<(usize, usize)>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (counted, now) = (Arc::new(Mutex::new((0, 0))), Arc::new(Mutex::new(0)));
    let counts = Arc::clone(&counted);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, counts, now) = (stream.unwrap(), Arc::clone(&counts), Arc::clone(&now));
            thread::spawn(move || {
                {
                    let (mut now, mut counts) = (now.lock().unwrap(), counts.lock().unwrap());
                    *now += 1;
                    *counts = (counts.0.max(*now), counts.1 + 1);
                }
                let mut request = [0; 4096];
                let _ = stream.read(&mut request);
                thread::sleep(Duration::from_millis(50)); // so that there are several at a time
                *now.lock().unwrap() -= 1;
                let _ = stream.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            });
        }
    });
    (url, counted)
}

/// A running server; its thread ends with the test program.
pub(crate) struct Server {
    pub(crate) url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    now: Arc<Mutex<DateTime<Utc>>>,
}

impl Server {
    pub(crate) fn start(answer: impl Fn(&Seen) -> Answer + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let now = Arc::new(Mutex::new(start()));
        let (noted, clock) = (Arc::clone(&seen), Arc::clone(&now));
        let answer = move |seen: &Seen| {
            let date = clock.lock().unwrap().format("%a, %d %b %Y %H:%M:%S GMT").to_string();
            answer(seen).with("date", &date)
        };
        thread::spawn(move || {
            let runtime = runtime::Builder::new_current_thread().enable_all().build().unwrap();
            LocalSet::new().block_on(&runtime, serve(listener, Rc::new(answer), noted));
        });
        Self { url, seen, now }
    }

    /// What its clock says from now on.
    pub(crate) fn set_now(&self, now: DateTime<Utc>) {
        *self.now.lock().unwrap() = now;
    }

    /// All that was asked so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

type Answering = Rc<dyn Fn(&Seen) -> Answer>;

async fn serve(listener: TcpListener, answer: Answering, noted: Arc<Mutex<Vec<Seen>>>) {
    let listener = tokio::net::TcpListener::from_std(listener).unwrap();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let (answer, noted) = (Rc::clone(&answer), Arc::clone(&noted));
        tokio::task::spawn_local(async move {
            let service = service_fn(move |request| answered(request, Rc::clone(&answer), Arc::clone(&noted)));
            // A client that goes away is none of the server's business.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn answered(
    request: Request<Incoming>,
    answer: Answering,
    noted: Arc<Mutex<Vec<Seen>>>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let text = |value: &hyper::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let seen = Seen {
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: head.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
        body: String::from_utf8_lossy(&body.collect().await.unwrap().to_bytes()).into_owned(),
    };
    noted.lock().unwrap().push(seen.clone());
    let answer = answer(&seen);
    let mut response = Response::builder().status(answer.status);
    for (name, value) in answer.headers {
        response = response.header(name, value);
    }
    Ok(response.body(Full::from(answer.body)).unwrap())
}
