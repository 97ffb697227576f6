//! One signed call: request out, bounded answer in, every failure as a typed [`Error`].

use std::{mem, sync::Arc};

use bytes::Bytes;
use chrono::{DateTime, SecondsFormat, TimeDelta};
use reqwest::{
    RequestBuilder, Response, StatusCode,
    header::{ACCEPT, CONTENT_TYPE, DATE, HeaderMap, HeaderName, HeaderValue, LOCATION},
};
use ring::rand::{SecureRandom, SystemRandom};
use secrecy::{SecretString, zeroize::Zeroize as _};

use super::{AccessKey, Endpoint, Error, Http, error, http, secrets::Secrets, sign};
use crate::job::Timestamp;

/// How far a server's clock may seem to be apart from ours without notice: `Date` has whole seconds, and the answer took its time.
pub const CLOCK_NOISE: TimeDelta = TimeDelta::seconds(5);

/// The most that a body may have.
pub(super) const MAX_BODY: usize = 8 * 1024 * 1024;

/// What to call, with which parameters.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    /// The operation's name.
    pub action: &'a str,
    /// The API's version, a date.
    pub version: &'a str,
    /// Names and values, in any order.
    pub params: &'a [(&'a str, &'a str)],
}

/// A successful answer.
#[derive(Clone)]
pub struct Answer {
    /// The body, not decoded yet.
    pub body: Bytes,
    /// The server's clock, from the header `Date`, whole seconds.
    pub server_time: Option<Timestamp>,
    content_type: String,
}

impl Answer {
    /// The error of a body that is not what the API answers; `detail` says what a parser made of it.
    #[must_use]
    pub fn not_api(&self, detail: impl Into<String>) -> Error {
        error::not_api(StatusCode::OK, &self.content_type, &self.body, detail.into(), None)
    }

    /// The same without a word of the body, which may hold half of a key.
    #[must_use]
    pub fn not_api_unquoted(&self, detail: impl Into<String>) -> Error {
        error::not_api(StatusCode::OK, &self.content_type, b"(not shown)", detail.into(), None)
    }

    /// Wipes the body from memory, because a secret was in it; what others hold of it apart.
    pub(crate) fn wipe(&mut self) {
        if let Ok(mut body) = mem::take(&mut self.body).try_into_mut() {
            body.as_mut().zeroize();
        }
    }

    /// An answer with this body, of which no header is known: what a decoder can be tried on without a server.
    #[must_use]
    pub fn of(body: impl Into<Bytes>) -> Self {
        Self { body: body.into(), server_time: None, content_type: String::new() }
    }
}

/// Calls one endpoint.
#[derive(Debug, Clone)]
pub struct Client {
    http: Arc<Http>,
    endpoint: Endpoint,
}

impl Client {
    /// A client for an endpoint, over shared connections.
    #[must_use]
    pub fn new(http: Arc<Http>, endpoint: Endpoint) -> Self {
        Self { http, endpoint }
    }

    /// Where it calls.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Sends one call, signed with `key` and dated `now`.
    ///
    /// # Errors
    /// Every [`Error`]; nothing is retried here.
    pub async fn call(&self, key: &AccessKey, call: &Call<'_>, now: Timestamp) -> Result<Answer, Error> {
        let query = sign::canonical_query(call.params);
        let request = sign::Request {
            method: "POST",
            host: self.endpoint.host(),
            action: call.action,
            version: call.version,
            query: &query,
            body: b"",
            date: now,
            nonce: &nonce()?,
        };
        let headers = header_map(sign::sign(&request, key))?;
        let secrets = Secrets::of([Some(&key.secret), key.token.as_ref()].into_iter().flatten());
        let request = self.http.client(&self.endpoint)?.post(self.endpoint.url(&query)).headers(headers);
        self.send(request, call.action, secrets).await
    }

    /// Sends one call that nobody signs, because a parameter proves who calls. The parameters go in a form, as the vendor's
    /// SDKs send them: a proof does not belong into a URL. No error shows `proof`, whatever comes as an answer.
    ///
    /// # Errors
    /// Every [`Error`]; nothing is retried here.
    pub async fn call_unsigned(&self, call: &Call<'_>, proof: &SecretString, now: Timestamp) -> Result<Answer, Error> {
        let query = sign::canonical_query(&[
            ("Action", call.action),
            ("Format", "JSON"),
            ("SignatureNonce", &nonce()?),
            ("Timestamp", &now.to_rfc3339_opts(SecondsFormat::Secs, true)),
            ("Version", call.version),
        ]);
        let form = sign::canonical_query(call.params);
        let request = self.http.client(&self.endpoint)?.post(self.endpoint.url(&query));
        let request =
            request.header(ACCEPT, "application/json").header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request.body(form), call.action, Secrets::of([proof])).await
    }

    async fn send(&self, request: RequestBuilder, action: &str, secrets: Secrets<'_>) -> Result<Answer, Error> {
        let host = self.endpoint.host();
        let response = request.send().await.map_err(|error| http::transport(error, host))?;
        let answer = read(response, host, &secrets).await?;
        tracing::debug!(action, host, bytes = answer.body.len(), "answered");
        Ok(answer)
    }
}

/// Reads a response to its end, and tells success from failure.
async fn read(response: Response, host: &str, secrets: &Secrets<'_>) -> Result<Answer, Error> {
    let status = response.status();
    let headers = response.headers();
    if status.is_redirection() {
        let location = header(headers, LOCATION.as_str()).map(|location| secrets.hide(&location).into_owned());
        return Err(Error::Redirect { status: status.as_u16(), location });
    }
    let content_type = header(headers, CONTENT_TYPE.as_str()).unwrap_or_default();
    let content_type = secrets.hide(&content_type).into_owned();
    let retry_after = header(headers, "x-acs-retry-after").and_then(|text| error::retry_after(&text));
    let server_time = server_time(headers);
    let body = secrets.hide_in(bounded_body(response, host, MAX_BODY).await?.into());
    if status == StatusCode::OK {
        return Ok(Answer { body, server_time, content_type });
    }
    Err(error::refusal(status, &content_type, &body, retry_after, server_time, secrets))
}

/// Reads a body to its end, unless it is larger than that.
pub(super) async fn bounded_body(mut response: Response, host: &str, limit: usize) -> Result<Vec<u8>, Error> {
    let too_large = Error::TooLarge { limit };
    let announced = response.content_length().unwrap_or(0);
    if announced > limit as u64 {
        return Err(too_large);
    }
    // In pieces, as they come: a buffer that grows with a body without end would be the largest that there ever is, and an
    // allocator may keep what is so large for later.
    let (mut pieces, mut length) = (Vec::new(), 0);
    while let Some(piece) = response.chunk().await.map_err(|error| http::transport(error, host))? {
        length += piece.len();
        if length > limit {
            return Err(too_large);
        }
        pieces.push(piece);
    }
    Ok(pieces.concat())
}

/// The server's clock, from the header `Date`, whole seconds.
pub(super) fn server_time(headers: &HeaderMap) -> Option<Timestamp> {
    let date = header(headers, DATE.as_str())?;
    DateTime::parse_from_rfc2822(&date).ok().map(|date| date.to_utc())
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}

/// The headers to send. A key that can't be one (a line break in a variable) is named, never shown.
fn header_map(signed: sign::Headers) -> Result<HeaderMap, Error> {
    let mut headers = HeaderMap::with_capacity(signed.len() + 1);
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    for (name, value) in signed {
        let mut value = HeaderValue::from_str(&value).map_err(|_| Error::Setup {
            detail: format!("the header {name} can't be sent: the access key or token has a character that no key has"),
        })?;
        value.set_sensitive(matches!(name, "authorization" | "x-acs-security-token"));
        headers.insert(HeaderName::from_static(name), value);
    }
    Ok(headers)
}

/// 32 hex digits that no request had before.
fn nonce() -> Result<String, Error> {
    let mut bytes = [0; 16];
    let failed = |_| Error::Setup { detail: "the system gives no random numbers".to_owned() };
    SystemRandom::new().fill(&mut bytes).map_err(failed)?;
    Ok(sign::hex(&bytes))
}
