//! What can go wrong with a call, as values: each knows its class, so that callers decide without reading words.

use std::{fmt, time::Duration};

use reqwest::StatusCode;
use serde_json::Value;

use super::secrets::Secrets;
use crate::{job::Timestamp, text};

/// Why a call has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No HTTP answer at all, or only part of one.
    #[error("{host}: {kind}: {detail}")]
    Transport {
        /// At which step.
        kind: TransportKind,
        /// The host that was called.
        host: String,
        /// What the network library said, without URLs.
        detail: String,
    },
    /// The API refused, in its own words.
    #[error(transparent)]
    Api(Box<ApiError>),
    /// Something else answered: a proxy's page, XML, nothing, half of the JSON.
    #[error("not an answer of the API: HTTP {status}, {content_type}, {first_words}{detail}")]
    NotApi {
        /// The HTTP status.
        status: u16,
        /// `Content-Type`, or that there was none.
        content_type: String,
        /// The first words of the body, or that it was empty.
        first_words: String,
        /// What a parser made of it, in parentheses; may be empty.
        detail: String,
        /// How long it asks to wait.
        retry_after: Option<Duration>,
    },
    /// A redirect, which is never followed: it could carry the signed request elsewhere.
    #[error("HTTP {status}: the endpoint redirects{}, which is not followed", to(.location.as_deref()))]
    Redirect {
        /// The HTTP status.
        status: u16,
        /// Where to.
        location: Option<String>,
    },
    /// A body over the limit.
    #[error("the answer is larger than {}", size(*.limit))]
    TooLarge {
        /// Bytes.
        limit: usize,
    },
    /// The call could not be made from here.
    #[error("{detail}")]
    Setup {
        /// What is wrong.
        detail: String,
    },
}

/// At which step a connection failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransportKind {
    /// The name has no address.
    Resolve,
    /// Nobody answers at the address.
    Connect,
    /// Certificate or handshake.
    Tls,
    /// Whoever answers speaks something else.
    NoTls,
    /// The proxy on the way can't be reached, or lets nothing through.
    Proxy,
    /// 5 s to connect or 10 s in all were not enough.
    Timeout,
    /// It broke off in the middle.
    Interrupted,
}

impl fmt::Display for TransportKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Resolve => "the host name can't be resolved",
            Self::Connect => "can't connect",
            Self::Tls | Self::NoTls => "no secure connection",
            Self::Proxy => "no way through the proxy",
            Self::Timeout => "no answer in time",
            Self::Interrupted => "the connection broke off",
        })
    }
}

/// The body of a 4xx or 5xx of the API.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code} (HTTP {http_status}): {message}")]
pub struct ApiError {
    /// `Code`.
    pub code: String,
    /// `Message`.
    pub message: String,
    /// The HTTP status.
    pub http_status: u16,
    /// `RequestId`, to quote in a support ticket.
    pub request_id: Option<String>,
    /// The action that a policy denied, from `AccessDeniedDetail`.
    pub denied_action: Option<String>,
    /// How long the server asks to wait.
    pub retry_after: Option<Duration>,
    /// The server's clock.
    pub server_time: Option<Timestamp>,
}

/// What an error means for the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// It may pass by itself: the network, a 5xx.
    Transient,
    /// Too many calls.
    Throttled,
    /// The local clock is off by more than the service accepts.
    Clock,
    /// The nonce was used before.
    Nonce,
    /// The security token expired or does not fit.
    Token,
    /// The access key is unknown, inactive or its secret is wrong.
    Key,
    /// A permission is missing.
    Denied,
    /// What was asked for does not exist.
    NotFound,
    /// Refused for another reason: asking again does not help.
    Refused,
    /// The call could not be made from here.
    Setup,
}

impl Error {
    /// What it means, by the table of the service's error codes.
    #[must_use]
    pub fn class(&self) -> Class {
        match self {
            Self::Transport { .. } | Self::TooLarge { .. } => Class::Transient,
            Self::NotApi { status: 429, .. } | Self::NotApi { retry_after: Some(_), .. } => Class::Throttled,
            Self::NotApi { status, .. } if *status < 400 || *status >= 500 => Class::Transient,
            Self::NotApi { .. } | Self::Redirect { .. } => Class::Refused,
            Self::Api(error) => error.class(),
            Self::Setup { .. } => Class::Setup,
        }
    }

    /// The API's own code, else one word of ours for what happened.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Transport { kind: TransportKind::Resolve, .. } => "NameNotResolved",
            Self::Transport { kind: TransportKind::Connect, .. } => "NotConnected",
            Self::Transport { kind: TransportKind::Tls | TransportKind::NoTls, .. } => "TlsFailed",
            Self::Transport { kind: TransportKind::Proxy, .. } => "ProxyFailed",
            Self::Transport { kind: TransportKind::Timeout, .. } => "TimedOut",
            Self::Transport { kind: TransportKind::Interrupted, .. } => "Interrupted",
            Self::Api(error) => &error.code,
            Self::NotApi { .. } => "NotAnApiAnswer",
            Self::Redirect { .. } => "Redirected",
            Self::TooLarge { .. } => "AnswerTooLarge",
            Self::Setup { .. } => "NotSent",
        }
    }

    /// The server's clock when it refused.
    #[must_use]
    pub fn server_time(&self) -> Option<Timestamp> {
        match self {
            Self::Api(error) => error.server_time,
            _ => None,
        }
    }

    /// How long the server asks to wait before the next call.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Api(error) => error.retry_after,
            Self::NotApi { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// The HTTP status, where there was one.
    #[must_use]
    pub fn http_status(&self) -> Option<u16> {
        match self {
            Self::Api(error) => Some(error.http_status),
            Self::NotApi { status, .. } | Self::Redirect { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// `RequestId`, where there was one.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Self::Api(error) => error.request_id.as_deref(),
            _ => None,
        }
    }
}

impl ApiError {
    fn class(&self) -> Class {
        let code = self.code.as_str();
        if code.contains("Throttling") || self.retry_after.is_some() || self.http_status == 429 {
            return Class::Throttled;
        }
        match code {
            "InvalidTimeStamp.Expired" | "InvalidTimeStamp.Format" => Class::Clock,
            "SignatureNonceUsed" => Class::Nonce,
            "MissingSecurityToken" => Class::Token,
            _ if code.starts_with("InvalidSecurityToken") => Class::Token,
            "SignatureDoesNotMatch" | "IncompleteSignature" => Class::Key,
            _ if code.starts_with("InvalidAccessKeyId") => Class::Key,
            "NoPermission" | "Forbidden.RAM" | "Forbidden" => Class::Denied,
            _ if self.http_status == 404 => Class::NotFound,
            _ if self.http_status >= 500 => Class::Transient,
            _ => Class::Refused,
        }
    }
}

/// The API's error, or what else came with a status that is not 200.
pub(super) fn refusal(
    status: StatusCode,
    content_type: &str,
    body: &[u8],
    retry_after: Option<Duration>,
    server_time: Option<Timestamp>,
    secrets: &Secrets<'_>,
) -> Error {
    let wire: Value = serde_json::from_slice(body).unwrap_or_default();
    // Older gateways write the names in lower case.
    let text = |names: [&str; 2]| names.iter().find_map(|name| words(&wire[*name], secrets));
    let Some(code) = text(["Code", "code"]) else {
        return not_api(status, content_type, body, String::new(), retry_after);
    };
    Error::Api(Box::new(ApiError {
        code,
        message: text(["Message", "message"]).unwrap_or_default(),
        http_status: status.as_u16(),
        request_id: text(["RequestId", "requestId"]),
        denied_action: words(&wire["AccessDeniedDetail"]["AuthAction"], secrets),
        retry_after,
        server_time,
    }))
}

/// The most of a text that is kept: a message that does not end would freeze every screen.
const LONGEST_TEXT: usize = 2_048;

/// A text that is not empty, or a number in its place.
fn words(value: &Value, secrets: &Secrets<'_>) -> Option<String> {
    match value {
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(secrets.hide(text).chars().take(LONGEST_TEXT).collect()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

pub(super) fn not_api(
    status: StatusCode,
    content_type: &str,
    body: &[u8],
    detail: String,
    retry_after: Option<Duration>,
) -> Error {
    let words = text::first_words(body, 80);
    Error::NotApi {
        status: status.as_u16(),
        content_type: match content_type {
            "" => "no content type".to_owned(),
            said => said.chars().take(100).collect(),
        },
        first_words: if words.is_empty() { "an empty body".to_owned() } else { format!("{words:?}") },
        detail: if detail.is_empty() { detail } else { format!(" ({detail})") },
        retry_after,
    }
}

/// How long a server may ask us to wait at most.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(120);

/// `x-acs-retry-after`: a positive whole number of milliseconds, 120 s at most; anything else counts as absent.
pub(super) fn retry_after(text: &str) -> Option<Duration> {
    let millis = text.trim().parse::<u64>().ok().filter(|millis| *millis > 0)?;
    Some(Duration::from_millis(millis).min(MAX_RETRY_AFTER))
}

fn size(bytes: usize) -> String {
    let kib = bytes / 1024;
    if kib < 1024 { format!("{kib} KiB") } else { format!("{} MiB", kib / 1024) }
}

fn to(location: Option<&str>) -> String {
    location.map(|location| format!(" to {}", text::truncate(&text::clean(location), 80, "..."))).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn api(status: u16, body: &str) -> Error {
        let retry = body.contains("with-retry").then_some(Duration::from_millis(500));
        refusal(
            StatusCode::from_u16(status).unwrap(),
            "application/json",
            body.as_bytes(),
            retry,
            None,
            &Secrets::default(),
        )
    }

    fn class(status: u16, code: &str) -> Class {
        api(status, &format!(r#"{{"Code":"{code}","Message":"m","RequestId":"R"}}"#)).class()
    }

    #[test]
    fn the_table_of_codes() {
        use Class::{Clock, Denied, Key, Nonce, NotFound, Refused, Throttled, Token, Transient};
        for (status, code, expected) in [
            (503, "ServiceUnavailable", Transient),
            (500, "InternalError", Transient),
            (500, "InternalFailure", Transient),
            (400, "Throttling.User", Throttled),
            (503, "Rejected.Throttling", Throttled),
            (429, "Whatever", Throttled),
            (400, "with-retry", Throttled),
            (400, "InvalidTimeStamp.Expired", Clock),
            (400, "InvalidTimeStamp.Format", Clock),
            (400, "SignatureNonceUsed", Nonce),
            (403, "InvalidSecurityToken.Expired", Token),
            (400, "InvalidSecurityToken.MismatchWithAccessKey", Token),
            (400, "MissingSecurityToken", Token),
            (404, "InvalidAccessKeyId.NotFound", Key),
            (403, "InvalidAccessKeyId.Inactive", Key),
            (400, "SignatureDoesNotMatch", Key),
            (400, "IncompleteSignature", Key),
            (403, "NoPermission", Denied),
            (403, "Forbidden.RAM", Denied),
            (404, "DeliveryHistoryJobNotFound", NotFound),
            (404, "TrailNotFoundException", NotFound),
            (400, "NotSupportDeliveryHistoryJob", Refused),
        ] {
            assert_eq!(class(status, code), expected, "{code}");
        }
    }

    #[test]
    fn an_error_keeps_what_support_asks_for() {
        let error = api(
            403,
            r#"{"RequestId":"B19","HostId":"h","Code":"NoPermission","Message":"You are not authorized.",
                "AccessDeniedDetail":{"AuthAction":"actiontrail:ListDeliveryHistoryJobs","PolicyType":"x"}}"#,
        );
        assert_eq!(error.to_string(), "NoPermission (HTTP 403): You are not authorized.");
        assert_eq!(error.request_id(), Some("B19"));
        let Error::Api(error) = error else { panic!("{error:?}") };
        assert_eq!(error.denied_action.as_deref(), Some("actiontrail:ListDeliveryHistoryJobs"));
    }

    #[test]
    fn older_gateways_write_lower_case() {
        let error = api(500, r#"{"code":"InternalError","message":"m","requestId":"R1","AccessDeniedDetail":7}"#);
        assert_eq!((error.code(), error.request_id()), ("InternalError", Some("R1")));
    }

    #[test]
    fn what_is_not_the_api_is_described() {
        let none = Secrets::default();
        let html =
            refusal(StatusCode::BAD_GATEWAY, "text/html", b"<html>\n<h1>502 Bad Gateway</h1>", None, None, &none);
        assert_eq!(
            html.to_string(),
            r#"not an answer of the API: HTTP 502, text/html, "<html> <h1>502 Bad Gateway</h1>""#
        );
        assert_eq!(html.class(), Class::Transient);
        let asked = Some(Duration::from_secs(7));
        let busy = refusal(StatusCode::SERVICE_UNAVAILABLE, "text/xml", b"<Error/>", asked, None, &none);
        assert_eq!((busy.class(), busy.retry_after()), (Class::Throttled, asked), "a gateway may ask for time, too");
        let empty = refusal(StatusCode::FORBIDDEN, "", b"", None, None, &none);
        assert_eq!(empty.to_string(), "not an answer of the API: HTTP 403, no content type, an empty body");
        assert_eq!(empty.class(), Class::Refused);
        assert_eq!(api(403, r#"{"Code":"NoPermission","code":"x","RequestId":7}"#).request_id(), Some("7"));
        assert_eq!(api(400, r#"{"Message":"no code"}"#).code(), "NotAnApiAnswer");
    }

    #[test]
    fn retry_after_is_a_positive_whole_number_of_milliseconds() {
        assert_eq!(retry_after(" 1500 "), Some(Duration::from_millis(1500)));
        assert_eq!(retry_after("999999999"), Some(MAX_RETRY_AFTER));
        for absent in ["0", "-1", "1.5", "soon", ""] {
            assert_eq!(retry_after(absent), None, "{absent:?}");
        }
    }
}
