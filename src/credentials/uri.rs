//! A credentials URI: a helper that hands out keys over HTTP, on this machine or over TLS.

use std::{fmt, sync::Arc, time::Duration};

use url::{Host, Url};

use super::{
    Error, Places, Remedy,
    lease::{self, Handed, Lease},
};
use crate::{
    acs::{Http, Method, PlainRequest},
    job::Timestamp,
};

/// The variable with the URI.
pub(super) const VARIABLE: &str = "ALIBABA_CLOUD_CREDENTIALS_URI";

/// How long an answer may take in all: 5 s to connect, 10 s to read.
const LIMIT: Duration = Duration::from_secs(15);

/// A helper that is asked for keys.
pub(super) struct Uri {
    place: String,
    http: Arc<Http>,
    /// Path and query may be what lets one in, so no error shows them.
    url: Url,
    is_local: bool,
}

impl fmt::Debug for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Uri").field("place", &self.place).finish_non_exhaustive()
    }
}

impl Uri {
    /// The helper at this URL.
    ///
    /// # Errors
    /// [`Error::Broken`] where it is none, or would send keys over plain http from another machine.
    pub(super) fn new(place: String, text: &str, places: &Places) -> Result<Self, Error> {
        let broken = |problem: &str| Error::Broken { place: place.clone(), problem: problem.to_owned() };
        let url = Url::parse(text).map_err(|_| broken("it is no URL"))?;
        let is_local = match url.host() {
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            // A name is what somebody says that it is.
            Some(Host::Domain(_)) => false,
            None => return Err(broken("it is no URL with a host")),
        };
        match url.scheme() {
            "https" => {}
            "http" if is_local => {}
            "http" => return Err(broken("keys would cross the network over plain http; use https, or 127.0.0.1")),
            _ => return Err(broken("it is neither an https nor an http URL")),
        }
        Ok(Self { http: places.http(), url, place, is_local })
    }

    /// Asks for a key.
    pub(super) async fn ask(&self, now: Timestamp) -> Result<Lease, Error> {
        let fail = |remedy: Remedy| move |problem: String| Error::NotGiven { place: self.shown(), problem, remedy };
        let headers = [("accept", "application/json")];
        let request =
            PlainRequest { method: Method::GET, url: &self.url, headers: &headers, body: Vec::new(), limit: LIMIT };
        let answer = self.http.plain(request).await;
        let answer = answer.map_err(|error| fail(Remedy::of_transport(&error))(error.to_string()))?;
        if answer.status != 200 {
            let remedy = if answer.status >= 500 || answer.status == 429 { Remedy::AskAgain } else { Remedy::Mend };
            return Err(fail(remedy)(format!("it answers HTTP {}", answer.status)));
        }
        let handed: Result<Handed, String> = lease::parse(&answer.body);
        let lease = handed.and_then(Handed::lease).map_err(fail(Remedy::Mend))?;
        // A helper on this machine has our own clock, of which nothing can be learned.
        let theirs = answer.server_time.filter(|_| !self.is_local);
        lease.handed_at(theirs).unexpired(now).map_err(fail(Remedy::AskAgain))
    }

    fn shown(&self) -> String {
        format!("{}, {}", self.place, self.url.origin().ascii_serialization())
    }
}
