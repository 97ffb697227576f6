//! The HTTP clients and their TLS: built once for each way to reach a host, shared by every caller.
//!
//! The only file that knows of rustls and the crypto provider.

use std::{path::PathBuf, sync::OnceLock, time::Duration};

use reqwest::{Certificate, ClientBuilder, redirect};

use super::{Endpoint, Error, TransportKind};

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
        install_crypto();
        let builder = ClientBuilder::new()
            .user_agent(concat!("trailwatch/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(CALL_TIMEOUT)
            .pool_max_idle_per_host(MOST_IDLE)
            .redirect(redirect::Policy::none());
        let builder = if endpoint.is_direct() { builder.no_proxy() } else { builder };
        let builder = if endpoint.is_tls() {
            self.trust(builder)?
        } else {
            // A machine without any CA certificate can't build a client with the system's, yet plain http needs none.
            builder.tls_certs_only([])
        };
        builder.build().map_err(|error| Error::Setup { detail: cause(&error.without_url()) })
    }

    fn trust(&self, builder: ClientBuilder) -> Result<ClientBuilder, Error> {
        let Some(path) = &self.options.ca_file else { return Ok(builder) };
        let fail = |why: String| Error::Setup { detail: format!("--ca-file {}: {why}", path.display()) };
        let pem = std::fs::read(path).map_err(|error| fail(error.to_string()))?;
        let certificates = Certificate::from_pem_bundle(&pem).map_err(|error| fail(cause(&error)))?;
        if certificates.is_empty() {
            return Err(fail(
                "no certificate in it; a PEM file has blocks that begin with BEGIN CERTIFICATE".to_owned(),
            ));
        }
        Ok(builder.tls_certs_merge(certificates))
    }
}

/// ring for the whole process. A second call finds it installed, which is as good.
fn install_crypto() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// The error of a call that got no answer, or only part of one.
pub(super) fn transport(error: reqwest::Error, host: &str) -> Error {
    let error = error.without_url();
    let kind = transport_kind(&error);
    Error::Transport { kind, host: host.to_owned(), detail: cause(&error) }
}

fn transport_kind(error: &reqwest::Error) -> TransportKind {
    if error.is_timeout() {
        TransportKind::Timeout
    } else if sources(error).any(is_tls_error) {
        TransportKind::Tls
    } else if error.is_dns() {
        TransportKind::Resolve
    } else if error.is_connect() {
        TransportKind::Connect
    } else {
        TransportKind::Interrupted
    }
}

fn sources<'a>(
    error: &'a (dyn std::error::Error + 'static),
) -> impl Iterator<Item = &'a (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |error| error.source())
}

/// The innermost cause: the layers above it only say that sending failed.
fn cause(error: &(dyn std::error::Error + 'static)) -> String {
    sources(error).last().map(ToString::to_string).unwrap_or_default()
}

/// Whether an error comes from TLS: a certificate, a handshake. The network library wraps it in I/O errors, one in another,
/// which do not count each other among their sources.
fn is_tls_error(error: &(dyn std::error::Error + 'static)) -> bool {
    if error.is::<rustls::Error>() {
        return true;
    }
    let wrapped = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    wrapped.is_some_and(|inner| is_tls_error(inner))
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn trouble_with_tls_is_found_however_deep_it_is() {
        let tls = || rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer);
        assert!(is_tls_error(&tls()));
        assert!(is_tls_error(&io::Error::other(tls())));
        assert!(is_tls_error(&io::Error::other(io::Error::new(io::ErrorKind::InvalidData, tls()))));
        assert!(!is_tls_error(&io::Error::other("something else")));
    }
}
