//! One plain request to what is no API: a metadata service of an instance, a helper on loopback, a sign-in service.

use std::time::Duration;

use reqwest::{
    Method,
    header::{HeaderMap, HeaderName, HeaderValue},
};
use secrecy::zeroize::Zeroizing;
use url::Url;

use super::{
    Endpoint, Error, Http, PlainHttp,
    call::{bounded_body, server_time},
    http,
};
use crate::job::Timestamp;

/// The most that a body may have: these answer with a few hundred bytes.
const MAX_BODY: usize = 64 * 1024;

/// What is asked. Nothing of it is logged: each part may be a secret.
pub struct PlainRequest<'a> {
    /// The method.
    pub method: Method,
    /// The whole URL; whether plain http will do is its author's matter.
    pub url: &'a Url,
    /// Names in lower case, and values.
    pub headers: &'a [(&'static str, &'a str)],
    /// The body; may be empty.
    pub body: Vec<u8>,
    /// How long it may take in all.
    pub limit: Duration,
}

/// What was answered, with whatever status.
pub struct PlainAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The body, wiped when it is dropped: it may be a secret.
    pub body: Zeroizing<Vec<u8>>,
    /// The server's clock, from the header `Date`, whole seconds.
    pub server_time: Option<Timestamp>,
}

impl Http {
    /// Sends one request that is not signed. Redirects are answers like others: none is followed.
    ///
    /// # Errors
    /// [`Error`] where there is no answer.
    pub async fn plain(&self, request: PlainRequest<'_>) -> Result<PlainAnswer, Error> {
        let PlainRequest { method, url, headers, body, limit } = request;
        let setup = |detail: &str| Error::Setup { detail: detail.to_owned() };
        let origin = url.origin().ascii_serialization();
        let endpoint = Endpoint::parse(&origin, PlainHttp::Allowed).map_err(|_| setup("it has no host"))?;
        let mut map = HeaderMap::with_capacity(headers.len());
        for (name, value) in headers {
            let mut value =
                HeaderValue::from_str(value).map_err(|_| setup("a header has a character that none has"))?;
            value.set_sensitive(true);
            map.insert(HeaderName::from_static(name), value);
        }
        let transport = |error: reqwest::Error| http::transport(error, endpoint.host());
        let sent = self.client(&endpoint)?.request(method, url.clone()).headers(map).body(body).timeout(limit).send();
        let response = sent.await.map_err(transport)?;
        let server_time = server_time(response.headers());
        let status = response.status().as_u16();
        let body = bounded_body(response, endpoint.host(), MAX_BODY).await?.into();
        Ok(PlainAnswer { status, body, server_time })
    }
}
