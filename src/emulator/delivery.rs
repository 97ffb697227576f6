//! What goes over the wire: an answer with its head and a body that can be cut, dripped or without an end.
//!
//! Which fault strikes is `faults`' matter.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use hyper::{
    Response, StatusCode,
    body::{Body, Frame, SizeHint},
    header::{CONTENT_TYPE, HeaderName, HeaderValue, LOCATION},
};
use tokio::time::{self, Sleep};

use super::{faults::FaultKind, wire::Refusal};

const JSON: &str = "application/json;charset=utf-8";
/// What `oversized` adds: more than any client should take.
const OVERSIZE: usize = 9 << 20;
const BLANKS: &[u8] = &[b' '; 16 * 1024];
/// From byte to byte of a slow answer.
const PAUSE: Duration = Duration::from_millis(100);

const BAD_GATEWAY: &str = "<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head>\
    <body><center><h1>502 Bad Gateway</h1></center><hr><center>proxy</center></body></html>\n";
const LOGIN: &str = "<!DOCTYPE html>\n<html><head><title>Please sign in</title></head>\
    <body><h1>Please sign in to use this network</h1><form method=\"post\"><input name=\"user\"></form></body></html>\n";

/// An answer with its head.
pub(super) struct Reply(pub(super) Response<Delivery>);

impl Reply {
    /// The service's answer.
    pub(super) fn of(answer: Result<Vec<u8>, Refusal>, request_id: &str, host: &str) -> Self {
        let (status, body, retry_after) = match answer {
            Ok(body) => (200, body, None),
            Err(refusal) => (refusal.status, refusal.body(request_id, host), refusal.retry_after),
        };
        let mut reply = Self::new(status, JSON, body);
        reply.set(HeaderName::from_static("x-acs-request-id"), request_id);
        if let Some(wait) = retry_after {
            let wait = wait.as_millis().max(1).to_string();
            reply.set(HeaderName::from_static("x-acs-retry-after"), &wait);
        }
        reply
    }

    /// What a proxy answers before the service sees the call, if the fault is one of those.
    pub(super) fn instead(fault: FaultKind, request_id: &str, host: &str, url: &str) -> Option<Self> {
        const HTML: &str = "text/html; charset=utf-8";
        Some(match fault {
            FaultKind::Html => Self::new(502, HTML, BAD_GATEWAY),
            FaultKind::Html200 => Self::new(200, HTML, LOGIN),
            FaultKind::Xml => {
                let mut reply = Self::new(503, "text/xml;charset=utf-8", Refusal::unavailable().xml(request_id, host));
                reply.set(HeaderName::from_static("x-acs-request-id"), request_id);
                reply
            }
            FaultKind::Empty => Self::new(200, JSON, ""),
            FaultKind::Redirect => {
                let mut reply = Self::new(302, HTML, "");
                reply.set(LOCATION, &format!("{url}/elsewhere"));
                reply
            }
            _ => return None,
        })
    }

    /// The answer as it comes out of a bad line.
    pub(super) fn damaged(self, fault: FaultKind) -> Self {
        Self(self.0.map(|body| body.damaged(fault)))
    }

    fn new(status: u16, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        let mut response = Response::new(Delivery::Whole(body.into()));
        *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        Self(response)
    }

    /// Sets a header, if the text can be one.
    pub(super) fn set(&mut self, name: HeaderName, text: &str) {
        let _ = HeaderValue::from_str(text).map(|value| self.0.headers_mut().insert(name, value));
    }
}

/// A body, and how it is sent.
pub(super) enum Delivery {
    /// As it is.
    Whole(Bytes),
    /// So much, although more was promised; an empty rest has gone out already.
    Cut { rest: Bytes, promised: u64, flushed: bool },
    /// Followed by so many blanks, or by blanks for ever.
    Padded { rest: Bytes, blanks: Option<usize> },
    /// Byte by byte.
    Dripping { rest: Bytes, pause: Pin<Box<Sleep>> },
}

impl Delivery {
    fn damaged(self, fault: FaultKind) -> Self {
        let Self::Whole(mut rest) = self else { return self };
        let promised = rest.len() as u64;
        match fault {
            FaultKind::Half => Self::Whole(rest.split_to(rest.len() / 2)),
            FaultKind::Truncated => Self::Cut { rest: rest.split_to(rest.len() / 2), promised, flushed: false },
            FaultKind::Oversized => Self::Padded { rest, blanks: Some(OVERSIZE) },
            FaultKind::Endless => Self::Padded { rest, blanks: None },
            FaultKind::Slow => Self::Dripping { rest, pause: Box::pin(time::sleep(PAUSE)) },
            _ => Self::Whole(rest),
        }
    }

    fn next(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        let all = |rest: &mut Bytes| Poll::Ready(Some(Ok(std::mem::take(rest))));
        match self {
            Self::Whole(rest) | Self::Cut { rest, .. } | Self::Padded { rest, .. } if !rest.is_empty() => all(rest),
            Self::Whole(_) => Poll::Ready(None),
            // What was handed over is written when there is nothing more to be had: an error at once would lose it.
            Self::Cut { flushed, .. } if !*flushed => {
                *flushed = true;
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            Self::Cut { .. } => Poll::Ready(Some(Err(io::ErrorKind::UnexpectedEof.into()))),
            Self::Padded { blanks: None, .. } => Poll::Ready(Some(Ok(Bytes::from_static(BLANKS)))),
            Self::Padded { blanks: Some(0), .. } => Poll::Ready(None),
            Self::Padded { blanks: Some(left), .. } => {
                let size = BLANKS.len().min(*left);
                *left -= size;
                Poll::Ready(Some(Ok(Bytes::from_static(&BLANKS[..size]))))
            }
            Self::Dripping { rest, .. } if rest.is_empty() => Poll::Ready(None),
            Self::Dripping { rest, pause } => pause.as_mut().poll(cx).map(|()| {
                pause.as_mut().reset(time::Instant::now() + PAUSE);
                Some(Ok(rest.split_to(1)))
            }),
        }
    }
}

impl Body for Delivery {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        self.get_mut().next(cx).map(|part| part.map(|part| part.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(rest) if rest.is_empty())
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(rest) | Self::Dripping { rest, .. } => SizeHint::with_exact(rest.len() as u64),
            Self::Cut { promised, .. } => SizeHint::with_exact(*promised),
            Self::Padded { rest, blanks: Some(left) } => SizeHint::with_exact((rest.len() + left) as u64),
            Self::Padded { blanks: None, .. } => SizeHint::new(),
        }
    }
}
