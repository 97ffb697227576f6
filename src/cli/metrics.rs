//! `--metrics`: a small HTTP server that a Prometheus scrapes, on a thread of its own.
//!
//! It knows one page. Whoever connects can neither hold it up nor make it hold much: few connections, small heads, short times.
//! What the page says is in [`export::metrics`].

use std::{
    convert::Infallible,
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener},
    rc::Rc,
    sync::Arc,
    thread,
    time::Duration,
};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{
    Method, Request, Response, StatusCode,
    body::Incoming,
    header::{ALLOW, CONTENT_TYPE, HeaderValue},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    runtime,
    sync::{Semaphore, oneshot},
    task::{LocalSet, spawn_local},
    time,
};

use crate::{
    engine::{Clock, Snapshot},
    export,
};

/// The media type of the text format.
const TEXT_FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";
/// How many are served at once; others wait in the system's queue.
const MOST_CONNECTIONS: usize = 16;
/// How long the head of a request may take to arrive.
const HEAD_PATIENCE: Duration = Duration::from_secs(5);
/// How long a connection may last: a Prometheus gives up after 10 s.
const PATIENCE: Duration = Duration::from_secs(15);
/// The longest head, and the most headers in it. A Prometheus sends 300 bytes in 6.
const MOST_HEAD: usize = 8 * 1024;
const MOST_HEADERS: usize = 64;

/// Serves `GET /metrics` until it is dropped.
#[derive(Debug)]
pub struct MetricsServer {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl MetricsServer {
    /// Listens at an address; port 0 takes any that is free. Each answer is made of what `latest` returns then.
    ///
    /// # Errors
    /// Where nothing can listen there, or no thread or runtime can be started.
    pub fn start(
        address: SocketAddr,
        latest: impl Fn() -> Arc<Snapshot> + Send + 'static,
        clock: Clock,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel();
        let thread = thread::Builder::new().name("metrics".to_owned()).spawn(move || {
            let page = Rc::new(move || export::metrics(&latest(), clock()));
            runtime.block_on(serve(page, listener, stopped));
        })?;
        Ok(Self { address, stop: Some(stop), thread: Some(thread) })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for MetricsServer {
    fn drop(&mut self) {
        drop(self.stop.take());
        // It ends at once: it waits for nothing but the network, or writes one page.
        let _ = self.thread.take().map(thread::JoinHandle::join);
    }
}

/// An address to listen at, as in `127.0.0.1:9464`; a port alone is on loopback.
///
/// # Errors
/// Where it is none, in words for whoever typed it.
pub fn metrics_address(text: &str) -> Result<SocketAddr, String> {
    let port = || text.strip_prefix(':').unwrap_or(text).parse().ok();
    let loopback = || port().map(|port| SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port));
    let address = text.parse().ok().or_else(loopback);
    address.ok_or_else(|| "write an address and a port, as in 127.0.0.1:9464, or a port of this machine".to_owned())
}

async fn serve(page: Rc<impl Fn() -> String + 'static>, listener: TcpListener, stop: oneshot::Receiver<()>) {
    let accept = async {
        let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
        let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
        loop {
            let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
            let Ok((stream, _)) = listener.accept().await else {
                // Out of file descriptors, most likely: others must close theirs first.
                time::sleep(Duration::from_millis(50)).await;
                continue;
            };
            let page = Rc::clone(&page);
            spawn_local(async move {
                let _place = place;
                let answer = service_fn(|request| {
                    let page = Rc::clone(&page);
                    async move { Ok::<_, Infallible>(answer(&request, &*page)) }
                });
                let mut http = http1::Builder::new();
                // A scrape a connection: none waits for a next one that may never come.
                http.keep_alive(false).max_buf_size(MOST_HEAD).max_headers(MOST_HEADERS);
                http.timer(TokioTimer::new()).header_read_timeout(HEAD_PATIENCE);
                // One that breaks, or takes too long, concerns its client only.
                let _ = time::timeout(PATIENCE, http.serve_connection(TokioIo::new(stream), answer)).await;
            });
        }
    };
    LocalSet::new()
        .run_until(async {
            tokio::select! {
                () = accept => {}
                _ = stop => {}
            }
        })
        .await;
}

fn answer(request: &Request<Incoming>, page: &impl Fn() -> String) -> Response<Full<Bytes>> {
    let is_read = [Method::GET, Method::HEAD].contains(request.method());
    let (status, kind, body) = match request.uri().path() {
        "/metrics" if is_read => (StatusCode::OK, TEXT_FORMAT, page()),
        "/metrics" => (StatusCode::METHOD_NOT_ALLOWED, "text/plain", "GET or HEAD only\n".to_owned()),
        _ => (StatusCode::NOT_FOUND, "text/plain", "the metrics are at /metrics\n".to_owned()),
    };
    let mut response = Response::new(Full::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    if status == StatusCode::METHOD_NOT_ALLOWED {
        response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
    }
    response
}

#[cfg(test)]
mod tests;
