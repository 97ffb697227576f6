//! The endpoint: one thread that takes HTTP requests apart, checks them in the service's order and writes the answers.
//!
//! Everything that it owns lives in this thread, so nothing is locked; only the ledger is read from outside.

use std::{
    cell::RefCell,
    error::Error as _,
    future, io,
    net::{SocketAddr, TcpListener},
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use bytes::Bytes;
use chrono::TimeDelta;
use http_body_util::{BodyExt, Limited};
use hyper::{
    HeaderMap, Method, Request, Response,
    body::Incoming,
    header::{CONTENT_TYPE, DATE, HeaderValue},
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::TcpStream,
    sync::{oneshot, watch},
    task::LocalSet,
    time,
};

use super::{
    Clock,
    auth::{Keyring, Now, Received},
    calls::{Calls, Ticket},
    churn::Churn,
    delivery::{Delivery, Reply},
    faults::{Fault, FaultKind, strike},
    operations::{Call, Operation, Parameters},
    quota::Meter,
    rng::Rng,
    truth::Truth,
    wire::{Refusal, endpoint},
    world::World,
};
use crate::job::{AccountId, Region};

/// No call of this API has a body of more than a few hundred bytes.
const MAX_BODY: usize = 64 * 1024;
/// How long a request's head or body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(120);

/// What `Emulator` lets others read.
#[derive(Debug)]
pub(super) struct Ledger {
    pub(super) counters: Counters,
    pub(super) calls: Calls,
    pub(super) truth: Truth,
}

/// The counters that `Emulator::stats` reads.
#[derive(Debug, Default)]
pub(super) struct Counters {
    /// The number of the last call that was decided.
    pub(super) decided: AtomicU64,
    pub(super) calls: [AtomicU64; Operation::ALL.len()],
    pub(super) answered: AtomicU64,
    pub(super) throttled: AtomicU64,
}

/// What can be changed while it runs.
#[derive(Debug, Clone)]
pub(super) struct Controls {
    pub(super) faults: Vec<Fault>,
    pub(super) churn: Churn,
}

/// What the endpoint knows.
pub(super) struct Service {
    pub(super) clock: Clock,
    /// How far [`FaultKind::Clock`] is off.
    pub(super) clock_offset: TimeDelta,
    pub(super) latency: Duration,
    pub(super) seed: u64,
    /// Its own base URL.
    pub(super) url: String,
    pub(super) controls: watch::Receiver<Controls>,
    /// For an error that is no account's.
    pub(super) host: String,
    pub(super) ledger: Arc<Ledger>,
    /// The regions that have a port of their own.
    pub(super) regions: Vec<(Region, SocketAddr)>,
    pub(super) state: RefCell<State>,
}

/// What changes from call to call.
pub(super) struct State {
    pub(super) world: World,
    pub(super) keyring: Keyring,
    pub(super) meter: Meter,
    pub(super) requests: u64,
    /// The calls of STS.
    pub(super) identities: u64,
}

/// From here on calls of STS are numbered, which is another service: when a client asks it changes nothing of what ActionTrail's
/// calls are answered.
const OF_STS: u64 = 1 << 48;

impl State {
    /// The number of the next call.
    fn number(&mut self, operation: Option<Operation>) -> u64 {
        let (first, count) = match operation {
            Some(Operation::GetCallerIdentity) => (OF_STS, &mut self.identities),
            _ => (0, &mut self.requests),
        };
        *count += 1;
        first + *count
    }
}

/// A request, received whole.
struct Whole {
    method: Method,
    uri: hyper::Uri,
    headers: HeaderMap,
    body: Result<Bytes, Refusal>,
    operation: Result<Operation, Refusal>,
    /// The region whose port it came to.
    region: Option<Region>,
    /// None for a call of STS.
    ticket: Option<Ticket>,
}

/// What becomes of a request.
enum Outcome {
    Answered(Reply),
    /// No answer, but the connection stays.
    Hangs,
    /// No answer, and the connection is reset.
    Reset,
}

/// Serves until the other end of `stop` is dropped.
pub(super) async fn serve(
    service: Service,
    listeners: Vec<(Option<Region>, TcpListener)>,
    stop: oneshot::Receiver<()>,
) {
    let service = Rc::new(service);
    let tasks = LocalSet::new();
    for (region, listener) in listeners {
        tasks.spawn_local(accept(Rc::clone(&service), region, listener));
    }
    // Dropping the tasks closes their ports.
    let _ = tasks.run_until(stop).await;
}

/// Takes what comes to one port.
async fn accept(service: Rc<Service>, region: Option<Region>, listener: TcpListener) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file descriptors, most likely: others must close theirs first.
            time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        // Answers are small; without this each would wait for the acknowledgement of the one before.
        let _ = stream.set_nodelay(true);
        tokio::task::spawn_local(connection(Rc::clone(&service), region.clone(), stream));
    }
}

/// Answers what comes over one connection. One that breaks concerns its client only.
async fn connection(service: Rc<Service>, region: Option<Region>, stream: TcpStream) {
    let answer = service_fn(move |request| {
        let (service, region) = (Rc::clone(&service), region.clone());
        async move { service.answer(request, region).await }
    });
    let mut http = hyper::server::conn::http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(PATIENCE);
    let mut connection = http.serve_connection(TokioIo::new(stream), answer);
    let Err(broken) = (&mut connection).await else { return };
    let cause = broken.source().and_then(|cause| cause.downcast_ref::<io::Error>());
    if broken.is_user() && cause.is_some_and(|cause| cause.kind() == io::ErrorKind::ConnectionReset) {
        // Without it the client would see a connection that is closed in good order.
        let _ = connection.into_parts().io.into_inner().set_zero_linger();
    }
}

impl Service {
    async fn answer(&self, request: Request<Incoming>, region: Option<Region>) -> io::Result<Response<Delivery>> {
        let (head, body) = request.into_parts();
        let operation = operation(&head.uri, &head.headers);
        let account = self.state.borrow().keyring.claimed(&head.headers).map(|key| key.identity.account.clone());
        let asked = operation.as_ref().ok().copied();
        // STS is another service, which is not what those who look at calls are about.
        let is_ours = asked != Some(Operation::GetCallerIdentity);
        let ticket = is_ours.then(|| self.ledger.calls.arrived(account, region.clone(), asked));
        if let Ok(operation) = operation {
            self.ledger.counters.calls[operation as usize].fetch_add(1, Relaxed);
        }
        let body = match time::timeout(PATIENCE, Limited::new(body, MAX_BODY).collect()).await {
            Ok(Ok(body)) => Ok(body.to_bytes()),
            Ok(Err(why)) if why.is::<http_body_util::LengthLimitError>() => {
                Err(Refusal::new(413, "RequestEntityTooLarge", "The request body is too large."))
            }
            Ok(Err(_)) | Err(_) => Err(Refusal::new(400, "InvalidRequestBody", "The request body is incomplete.")),
        };
        if !self.latency.is_zero() {
            time::sleep(self.latency).await;
        }
        let whole =
            Whole { method: head.method, uri: head.uri, headers: head.headers, body, operation, region, ticket };
        match self.outcome(&whole) {
            Outcome::Answered(reply) => {
                self.ledger.counters.answered.fetch_add(1, Relaxed);
                Ok(reply.0)
            }
            Outcome::Hangs => future::pending().await,
            Outcome::Reset => Err(io::ErrorKind::ConnectionReset.into()),
        }
    }

    /// Numbers the call, lets chance decide whether a fault strikes it, and notes what becomes of it.
    fn outcome(&self, whole: &Whole) -> Outcome {
        let state = &mut *self.state.borrow_mut();
        let operation = whole.operation.as_ref().ok().copied();
        let number = state.number(operation);
        let fault = strike(&self.controls.borrow().faults, operation, self.seed, number);
        let outcome = match fault {
            Some(FaultKind::Hang) => Outcome::Hangs,
            Some(FaultKind::Reset) => Outcome::Reset,
            _ => Outcome::Answered(self.reply(state, whole, fault, number)),
        };
        let status = match &outcome {
            Outcome::Answered(reply) => Some(reply.0.status().as_u16()),
            Outcome::Hangs | Outcome::Reset => None,
        };
        if let Some(ticket) = whole.ticket {
            self.ledger.calls.decided(ticket, number, fault, status);
        }
        self.ledger.counters.decided.store(state.requests, Relaxed);
        outcome
    }

    fn reply(&self, state: &mut State, whole: &Whole, fault: Option<FaultKind>, number: u64) -> Reply {
        let mut now = Now::from((self.clock)());
        if fault == Some(FaultKind::Clock) {
            now.shown = now.real.checked_add_signed(self.clock_offset).unwrap_or(now.real);
        }
        let request_id = request_id(self.seed, number);
        let instead = fault.and_then(|fault| Reply::instead(fault, &request_id, &self.host, &self.url));
        let mut reply = instead.unwrap_or_else(|| {
            let mut host = self.host.clone();
            let answer = self.decide(state, whole, fault, &request_id, &mut host, now);
            let reply = Reply::of(answer, &request_id, &host);
            if let Some(fault) = fault { reply.damaged(fault) } else { reply }
        });
        // The emulator's clock, not the system's: clients learn from it how far theirs is off.
        reply.set(DATE, &now.shown.format("%a, %d %b %Y %H:%M:%S GMT").to_string());
        reply
    }

    /// The service's checks, in its order: the call, the caller, the permission, the quota, the service's health, the parameters.
    fn decide(
        &self,
        state: &mut State,
        request: &Whole,
        fault: Option<FaultKind>,
        request_id: &str,
        host: &mut String,
        now: Now,
    ) -> Result<Vec<u8>, Refusal> {
        if ![Method::GET, Method::POST].contains(&request.method) {
            return Err(Refusal::new(405, "UnsupportedHTTPMethod", "This http method is not supported."));
        }
        let body = request.body.clone()?;
        let operation = request.operation.clone()?;
        let query = request.uri.query().unwrap_or_default();
        let received = Received {
            method: request.method.as_str(),
            path: request.uri.path(),
            query,
            headers: &request.headers,
            body: &body,
        };
        let key = state.keyring.verify(&received, now)?;
        *host = endpoint(request.region.as_ref().unwrap_or(&key.identity.region).as_str());
        let account_id: &AccountId = &key.identity.account;
        if let Some(action) = operation.permission().filter(|_| !key.policy.allows(operation)) {
            return Err(Refusal::denied(action, account_id.as_str().to_owned()));
        }
        let (place, account) = state.world.place(key.account, request.region.as_ref().map(Region::as_str));
        // Where an account has nothing, nobody counts how often it asks.
        let taken = place.map_or(Ok(()), |place| state.meter.take(place, operation, now.real));
        taken.map_err(|free_in| {
            self.ledger.counters.throttled.fetch_add(1, Relaxed);
            Refusal::throttled(free_in)
        })?;
        if let Some(refusal) = fault.and_then(|fault| fault.refusal(operation, account_id)) {
            return Err(refusal);
        }
        account.advance(now.real);
        let out = account.is_out();
        if operation == Operation::ListJobs && !out {
            self.controls.borrow().churn.happen(account, self.seed, state.requests);
        }
        // This call sees what happened until now, and the next one what this one does.
        let truth = &self.ledger.truth;
        let note = |call, changes| place.map(|place| truth.note(place, call, changes));
        note(state.requests.saturating_sub(1), account.take_changes());
        if out {
            return Err(Refusal::unavailable());
        }
        let is_form = request
            .headers
            .get(CONTENT_TYPE)
            .is_some_and(|kind| kind.as_bytes().to_ascii_lowercase().starts_with(b"application/x-www-form-urlencoded"));
        let parameters = Parameters::new(query.as_bytes(), if is_form { &body } else { &[] });
        let caller = key.identity.profile.as_str();
        let regions = &self.regions;
        let call = Call { account: &mut *account, account_id, caller, regions, request_id: request_id.to_owned() };
        let answer = call.answer(operation, &parameters);
        note(state.requests, account.take_changes());
        answer
    }
}

/// Which operation is called, if it is one of those that are known.
fn operation(uri: &hyper::Uri, headers: &HeaderMap) -> Result<Operation, Refusal> {
    let header = |name| headers.get(name).map(HeaderValue::as_bytes);
    let action = header("x-acs-action").ok_or_else(|| Refusal::missing("Action"))?;
    let version = header("x-acs-version").ok_or_else(|| Refusal::missing("Version"))?;
    let operation = Operation::named(action, version)?;
    if uri.path() == "/" { Ok(operation) } else { Err(Refusal::no_such_api()) }
}

/// The n-th request's id: looks like the service's, repeats with the seed.
fn request_id(seed: u64, request: u64) -> String {
    let mut rng = Rng::new(seed, 0x1D00_0000_0000 + request);
    let (high, low) = (rng.next(), rng.next());
    format!(
        "{:08X}-{:04X}-4{:03X}-{:04X}-{:012X}",
        high >> 32,
        (high >> 16) & 0xFFFF,
        high & 0xFFF,
        0x8000 | (low >> 48 & 0x3FFF),
        low & 0xFFFF_FFFF_FFFF
    )
}
