//! Where calls go: a scheme, a host and a port, checked. Which product has which host is not known here.

use std::{fmt, net::IpAddr};

use url::{Host, Url};

use super::proxy::Proxy;

/// Whether plain http may leave this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlainHttp {
    /// Only to loopback: signatures hide the secret, but not the answers.
    LoopbackOnly,
    /// To any host, because the user asked for it.
    Allowed,
}

/// The base URL of an API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    url: Url,
    host: String,
}

/// Why a text is no endpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidEndpoint {
    /// Not a URL of scheme http or https with a host.
    #[error("{0:?} is not an http or https URL, as in https://actiontrail.cn-hangzhou.aliyuncs.com")]
    NotAUrl(String),
    /// It has a path, a query, a fragment or a user name.
    #[error("{0:?} must be a base URL: scheme, host and port, nothing else")]
    NotABase(String),
    /// Plain http to another machine.
    #[error(
        "{0:?} would send requests over plain http to another machine; use https, or allow it with --insecure-http"
    )]
    PlainHttp(String),
}

impl Endpoint {
    /// Reads a base URL such as `http://127.0.0.1:8080`.
    ///
    /// # Errors
    /// [`InvalidEndpoint`], with what is wrong.
    pub fn parse(text: &str, plain: PlainHttp) -> Result<Self, InvalidEndpoint> {
        let url = Url::parse(text).map_err(|_| InvalidEndpoint::NotAUrl(without_password(text)))?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(InvalidEndpoint::NotAUrl(without_password(text)));
        }
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        if !bare || !url.username().is_empty() || url.password().is_some() {
            return Err(InvalidEndpoint::NotABase(without_userinfo(&url)));
        }
        let endpoint = Self { host: authority(&url), url };
        if !endpoint.is_tls() && !endpoint.is_loopback() && plain == PlainHttp::LoopbackOnly {
            return Err(InvalidEndpoint::PlainHttp(without_password(text)));
        }
        Ok(endpoint)
    }

    /// The endpoint `https://host`.
    ///
    /// # Errors
    /// [`InvalidEndpoint`] where `host` is none.
    pub fn https(host: &str) -> Result<Self, InvalidEndpoint> {
        Self::parse(&format!("https://{host}"), PlainHttp::LoopbackOnly)
    }

    /// The host, with the port where it is not the scheme's own: what the header `Host` says.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The URL of a query that is encoded already.
    #[must_use]
    pub fn url(&self, query: &str) -> Url {
        let mut url = self.url.clone();
        url.set_query((!query.is_empty()).then_some(query));
        url
    }

    /// The URL of a path from the root.
    #[must_use]
    pub fn at(&self, path: &str) -> Url {
        let mut url = self.url.clone();
        url.set_path(path);
        url
    }

    /// Host and port, as a connection needs them.
    #[must_use]
    pub fn address(&self) -> (&str, u16) {
        let host = self.url.host_str().unwrap_or_default().trim_matches(['[', ']']);
        (host, self.url.port_or_known_default().unwrap_or_default())
    }

    /// Whether the connection is encrypted.
    #[must_use]
    pub fn is_tls(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Whether it is this machine: a loopback address, or `localhost`.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        match self.url.host() {
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost",
            None => false,
        }
    }

    /// The proxy through which it is reached, in words without a password, where the environment names one.
    #[must_use]
    pub fn proxy(&self) -> Option<String> {
        Proxy::on_the_way_to(&self.url).map(|proxy| proxy.to_string())
    }

    /// Whether it is never reached through a proxy: this machine, and the metadata service of an instance.
    #[must_use]
    pub fn is_direct(&self) -> bool {
        const METADATA: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(100, 100, 100, 200));
        self.is_loopback() || matches!(self.url.host(), Some(Host::Ipv4(ip)) if IpAddr::V4(ip) == METADATA)
    }
}

impl fmt::Display for Endpoint {
    /// The host alone for https, which is the rule; a base URL for plain http.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_tls() { f.write_str(&self.host) } else { write!(f, "http://{}", self.host) }
    }
}

fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// A text that may be a URL, without what stands between its scheme and its host.
#[must_use]
pub fn without_password(text: &str) -> String {
    match (text.find("://"), text.rfind('@')) {
        (Some(scheme), Some(at)) if scheme < at => format!("{}://{}", &text[..scheme], &text[at + 1..]),
        (None, Some(at)) => text[at + 1..].to_owned(),
        _ => text.to_owned(),
    }
}

/// What may be said of a URL in an error: not the password that somebody put into it.
fn without_userinfo(url: &Url) -> String {
    let mut url = url.clone();
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Endpoint, InvalidEndpoint> {
        Endpoint::parse(text, PlainHttp::LoopbackOnly)
    }

    #[test]
    fn plain_http_stays_on_this_machine() {
        for local in ["http://127.0.0.1:8080", "http://localhost", "http://[::1]:80/", "http://127.9.9.9"] {
            assert!(parse(local).unwrap().is_loopback(), "{local}");
        }
        for remote in ["http://example.com", "http://127.0.0.1.example.com", "http://10.0.0.1:80"] {
            assert_eq!(parse(remote), Err(InvalidEndpoint::PlainHttp(remote.to_owned())));
            assert!(Endpoint::parse(remote, PlainHttp::Allowed).is_ok());
        }
    }

    #[test]
    fn only_a_base_url_will_do() {
        for bad in ["actiontrail.cn-hangzhou.aliyuncs.com", "ftp://host", "https://", "", "unix:/x"] {
            assert_eq!(parse(bad), Err(InvalidEndpoint::NotAUrl(bad.to_owned())));
        }
        assert_eq!(parse("ftp://me:hush@host"), Err(InvalidEndpoint::NotAUrl("ftp://host".into())));
        for bad in ["https://host/path", "https://host/?q", "https://host/#f"] {
            assert_eq!(parse(bad), Err(InvalidEndpoint::NotABase(bad.to_owned())));
        }
        assert_eq!(parse("https://me:pw@host/"), Err(InvalidEndpoint::NotABase("https://host/".into())));
    }

    #[test]
    fn this_machine_and_the_metadata_service_are_never_asked_through_a_proxy() {
        let is_direct = |text: &str| Endpoint::parse(text, PlainHttp::Allowed).unwrap().is_direct();
        assert!(is_direct("http://100.100.100.200") && is_direct("http://127.0.0.1:8080") && is_direct("http://[::1]"));
        assert!(!is_direct("https://sts.aliyuncs.com") && !is_direct("http://100.100.100.201"));
    }

    #[test]
    fn the_host_is_what_the_header_says() {
        assert_eq!(parse("https://Example.com:443").unwrap().host(), "example.com");
        assert_eq!(parse("https://example.com:444").unwrap().to_string(), "example.com:444");
        assert_eq!(parse("http://[::1]:81").unwrap().to_string(), "http://[::1]:81");
        assert_eq!(parse("https://h").unwrap().url("a=b%20c").as_str(), "https://h/?a=b%20c");
    }
}
