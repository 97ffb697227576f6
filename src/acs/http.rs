//! The HTTP clients: built once for each way to reach a host, shared by every caller. Whom they trust is in `tls`, which way
//! they take in `proxy`.

use std::{error::Error as StdError, path::PathBuf, sync::OnceLock, time::Duration};

use reqwest::{ClientBuilder, redirect};

use super::{
    Endpoint, Error, TransportKind,
    proxy::{self, Proxy},
    tls,
};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const CALL_TIMEOUT: Duration = Duration::from_secs(10);

/// How many connections to a host wait for the next call: each keeps the room that its largest answer took.
const MOST_IDLE: usize = 12;

/// What a user can set about the connections.
#[derive(Debug, Clone, Default)]
pub struct HttpOptions {
    /// A PEM file of certificate authorities to trust beside the system's.
    pub ca_file: Option<PathBuf>,
}

/// The clients, with their pools of kept-alive connections.
#[derive(Debug, Default)]
pub struct Http {
    options: HttpOptions,
    /// By scheme (https first) and by route (through the system's proxy first).
    clients: [[OnceLock<reqwest::Client>; 2]; 2],
}

impl Http {
    /// No client yet; each is built when it is first needed.
    #[must_use]
    pub fn new(options: HttpOptions) -> Self {
        Self { options, clients: Default::default() }
    }

    /// The client for an endpoint: 5 s to connect, 10 s for a whole call, no redirects.
    ///
    /// # Errors
    /// [`Error::Setup`] where the trusted certificates can't be read.
    pub fn client(&self, endpoint: &Endpoint) -> Result<&reqwest::Client, Error> {
        let slot = &self.clients[usize::from(!endpoint.is_tls())][usize::from(endpoint.is_direct())];
        if let Some(client) = slot.get() {
            return Ok(client);
        }
        let client = self.build(endpoint)?;
        Ok(slot.get_or_init(|| client))
    }

    fn build(&self, endpoint: &Endpoint) -> Result<reqwest::Client, Error> {
        tls::install_crypto();
        let builder = ClientBuilder::new()
            .user_agent(concat!("trailwatch/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(CALL_TIMEOUT)
            .pool_max_idle_per_host(MOST_IDLE)
            .redirect(redirect::Policy::none());
        let builder = if endpoint.is_direct() {
            builder.no_proxy()
        } else {
            proxy::check(endpoint).map_err(|detail| Error::Setup { detail })?;
            builder
        };
        let builder = if endpoint.is_tls() {
            builder.tls_backend_preconfigured(tls::config(self.options.ca_file.as_deref())?)
        } else {
            // A machine without any CA certificate can't build a client with the system's, yet plain http needs none.
            builder.tls_certs_only([])
        };
        builder.build().map_err(|error| Error::Setup { detail: cause(&error.without_url()) })
    }
}

/// The error of a call that got no answer, or only part of one.
pub(super) fn transport(error: reqwest::Error, host: &str) -> Error {
    let proxy = error.url().and_then(Proxy::on_the_way_to);
    let error = error.without_url();
    let of_proxy = || proxy.as_ref().and_then(|proxy| proxy.trouble(sources(&error)));
    let (kind, detail) = if let Some(trouble) = tls_trouble(&error) {
        trouble
    } else if let Some(trouble) = of_proxy() {
        (TransportKind::Proxy, trouble)
    } else {
        (transport_kind(&error), cause(&error))
    };
    let detail = match proxy {
        Some(proxy) if kind != TransportKind::Proxy => format!("{detail} (through the proxy {proxy})"),
        _ => detail,
    };
    Error::Transport { kind, host: host.to_owned(), detail }
}

fn transport_kind(error: &reqwest::Error) -> TransportKind {
    if error.is_timeout() {
        TransportKind::Timeout
    } else if error.is_dns() {
        TransportKind::Resolve
    } else if error.is_connect() {
        TransportKind::Connect
    } else {
        TransportKind::Interrupted
    }
}

fn tls_trouble(error: &reqwest::Error) -> Option<(TransportKind, String)> {
    sources(error).find_map(tls::trouble).filter(|_| !error.is_timeout())
}

fn sources<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error| (**error).source())
}

/// The innermost cause: the layers above it only say that sending failed.
fn cause(error: &(dyn StdError + 'static)) -> String {
    sources(error).last().map(ToString::to_string).unwrap_or_default()
}
