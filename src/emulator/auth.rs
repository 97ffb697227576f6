//! Who calls: `ACS3-HMAC-SHA256` signatures checked from the published rules alone, step by step as the service does.
//!
//! Nothing here is shared with the client that signs, so that one mistake can't hide in both.

use std::collections::{HashMap, VecDeque};

use chrono::{NaiveDateTime, TimeDelta};
use hyper::HeaderMap;
use ring::{digest, hmac};

use super::{Identity, operations::Operation, wire::Refusal};
use crate::job::Timestamp;

const ALGORITHM: &str = "ACS3-HMAC-SHA256";
/// How far the caller's clock may be off, either way.
const SKEW: TimeDelta = TimeDelta::minutes(15);
/// How long a nonce is remembered: a request that came 15 minutes early is dated well for 30.
const NONCE_WINDOW: TimeDelta = TimeDelta::minutes(30);
/// How many are remembered at most.
const NONCES: usize = 200_000;
/// What every call signs, besides every `x-acs-*` header that it sends.
const SIGNED: [&str; 6] =
    ["host", "x-acs-action", "x-acs-content-sha256", "x-acs-date", "x-acs-signature-nonce", "x-acs-version"];

/// What a signature covers of a request, as it was received.
#[derive(Debug, Clone, Copy)]
pub(super) struct Received<'a> {
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    pub(super) query: &'a str,
    pub(super) headers: &'a HeaderMap,
    pub(super) body: &'a [u8],
}

/// The time of a call.
#[derive(Debug, Clone, Copy)]
pub(super) struct Now {
    /// The emulator's, by which the world goes.
    pub(super) real: Timestamp,
    /// What the service takes it for: the same, but for a service with a wrong clock.
    pub(super) shown: Timestamp,
}

impl From<Timestamp> for Now {
    fn from(real: Timestamp) -> Self {
        Self { real, shown: real }
    }
}

/// The credentials that are known, and the nonces that were used.
#[derive(Debug)]
pub(super) struct Keyring {
    keys: Vec<Key>,
    seen: HashMap<[u8; 32], Timestamp>,
    order: VecDeque<(Timestamp, [u8; 32])>,
}

/// One credential, and what it may do.
#[derive(Debug, Clone)]
pub(super) struct Key {
    pub(super) identity: Identity,
    /// Which account of the world.
    pub(super) account: usize,
    pub(super) policy: Policy,
}

/// Which operations a credential may call, of those that need a permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Policy {
    /// All of them.
    Everything,
    /// All but these.
    AllBut(&'static [Operation]),
    /// None.
    Nothing,
}

impl Policy {
    /// Whether it allows an operation.
    pub(super) fn allows(self, operation: Operation) -> bool {
        match self {
            Self::Everything => true,
            Self::AllBut(denied) => !denied.contains(&operation),
            Self::Nothing => false,
        }
    }
}

/// The parts of an `Authorization` header.
struct Authorization<'a> {
    key_id: &'a str,
    signed: Vec<&'a str>,
    signature: &'a str,
}

impl Keyring {
    pub(super) fn new(keys: Vec<Key>) -> Self {
        Self { keys, seen: HashMap::new(), order: VecDeque::new() }
    }

    /// The credential that a request names, whether or not it signed it.
    pub(super) fn claimed(&self, headers: &HeaderMap) -> Option<&Key> {
        let authorization = Authorization::of(headers).ok()?;
        self.keys.iter().find(|key| key.identity.key_id == authorization.key_id)
    }

    /// The credential that signed a request. The time is what the request's is held against; nonces go by the true one.
    ///
    /// # Errors
    /// The service's refusal, where the request is not signed, not signed well, out of time or repeated.
    pub(super) fn verify(&mut self, request: &Received<'_>, now: Now) -> Result<&Key, Refusal> {
        let authorization = Authorization::of(request.headers)?;
        let not_found = || Refusal::new(404, "InvalidAccessKeyId.NotFound", "Specified access key is not found.");
        let index = self.keys.iter().position(|key| key.identity.key_id == authorization.key_id);
        let index = index.ok_or_else(not_found)?;
        let key = &self.keys[index];
        authorization.covers(request.headers)?;
        let payload = hex(digest::digest(&digest::SHA256, request.body).as_ref());
        if value(request.headers, "x-acs-content-sha256") != payload.as_bytes() {
            return Err(mismatch("x-acs-content-sha256 is not the hash of the body that was received."));
        }
        in_time(value(request.headers, "x-acs-date"), now.shown)?;
        self.check_token(key, request.headers)?;
        let canonical = canonical(request, &authorization.signed, &payload);
        let to_sign = format!("{ALGORITHM}\n{}", hex(digest::digest(&digest::SHA256, &canonical).as_ref()));
        let secret = hmac::Key::new(hmac::HMAC_SHA256, key.identity.secret.as_bytes());
        // `verify` compares in constant time.
        let signature = unhex(authorization.signature).unwrap_or_default();
        if hmac::verify(&secret, to_sign.as_bytes(), &signature).is_err() {
            return Err(mismatch(&format!("server string to sign is:{to_sign}")));
        }
        // Only now: a request that nobody signed must not use up a nonce.
        let nonce = [key.identity.key_id.as_bytes(), b"\n", value(request.headers, "x-acs-signature-nonce")].concat();
        self.use_nonce(&nonce, now.real)?;
        Ok(&self.keys[index])
    }

    fn check_token(&self, key: &Key, headers: &HeaderMap) -> Result<(), Refusal> {
        let refuse = |code, message| Err(Refusal::new(400, code, message));
        let token = value(headers, "x-acs-security-token");
        let is_known = |key: &Key| key.identity.token.as_ref().is_some_and(|known| known.as_bytes() == token);
        match &key.identity.token {
            None if token.is_empty() => Ok(()),
            Some(_) if token.is_empty() => {
                refuse("MissingSecurityToken", "SecurityToken is mandatory for this action.")
            }
            Some(_) if is_known(key) => Ok(()),
            // A token that is good, but not with this key.
            _ if self.keys.iter().any(is_known) => refuse(
                "InvalidSecurityToken.MismatchWithAccessKey",
                "Specified SecurityToken mismatch with the AccessKey.",
            ),
            _ => refuse("InvalidSecurityToken.Malformed", "Specified SecurityToken is malformed."),
        }
    }

    fn use_nonce(&mut self, nonce: &[u8], now: Timestamp) -> Result<(), Refusal> {
        // By its hash, so that a long nonce costs no more than a short one.
        let mut hash = [0; 32];
        hash.copy_from_slice(digest::digest(&digest::SHA256, nonce).as_ref());
        let is_old = |at: Timestamp| now - at > NONCE_WINDOW;
        while self.order.front().is_some_and(|(at, _)| is_old(*at) || self.order.len() >= NONCES) {
            if let Some((_, oldest)) = self.order.pop_front() {
                self.seen.remove(&oldest);
            }
        }
        if self.seen.contains_key(&hash) {
            return Err(Refusal::nonce_used());
        }
        self.seen.insert(hash, now);
        self.order.push_back((now, hash));
        Ok(())
    }
}

impl<'a> Authorization<'a> {
    /// Takes the header apart: `ACS3-HMAC-SHA256 Credential=…,SignedHeaders=…,Signature=…`.
    fn of(headers: &'a HeaderMap) -> Result<Self, Refusal> {
        let Some(header) = headers.get("authorization") else {
            return Err(incomplete("The Authorization header is missing."));
        };
        let header = header.to_str().map_err(|_| incomplete("The Authorization header is not text."))?;
        let (algorithm, fields) = header.trim().split_once(' ').unwrap_or((header, ""));
        if algorithm != ALGORITHM {
            return Err(Refusal::new(400, "InvalidSignatureMethod", "Specified signature method is not valid."));
        }
        let field = |name: &str| {
            let mut values = fields.split(',').filter_map(|field| field.trim().split_once('='));
            values.find(|(known, _)| *known == name).map(|(_, value)| value).filter(|value| !value.is_empty())
        };
        match (field("Credential"), field("SignedHeaders"), field("Signature")) {
            (Some(key_id), Some(signed), Some(signature)) => {
                Ok(Self { key_id, signed: signed.split(';').collect(), signature })
            }
            _ => Err(incomplete("Authorization needs Credential, SignedHeaders and Signature.")),
        }
    }

    /// Whether the signature covers what it must, and nothing that was not sent.
    fn covers(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        if let Some(absent) = self.signed.iter().find(|name| !headers.contains_key(**name)) {
            return Err(incomplete(&format!("The signed header {absent:?} was not sent.")));
        }
        if !self.signed.is_sorted() {
            return Err(incomplete("SignedHeaders are not in order."));
        }
        let sent = headers.keys().map(hyper::header::HeaderName::as_str).filter(|name| name.starts_with("x-acs-"));
        match SIGNED.into_iter().chain(sent).find(|name| !self.signed.contains(name)) {
            Some(name) => Err(incomplete(&format!("The header {name:?} is not signed."))),
            None => Ok(()),
        }
    }
}

/// The canonical request, which both sides hash.
fn canonical(request: &Received<'_>, signed: &[&str], payload: &str) -> Vec<u8> {
    let mut pairs = pairs(request.query.as_bytes());
    let encode = |(name, value): &(Vec<u8>, Vec<u8>)| (percent_encode(name), percent_encode(value));
    let mut encoded: Vec<_> = pairs.drain(..).map(|pair| encode(&pair)).collect();
    encoded.sort();
    let query: Vec<_> = encoded.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let mut text = format!("{}\n{}\n{}\n", request.method, request.path, query.join("&")).into_bytes();
    for name in signed {
        let values: Vec<_> = request.headers.get_all(*name).iter().map(|value| value.as_bytes().trim_ascii()).collect();
        text.extend_from_slice(name.as_bytes());
        text.push(b':');
        text.extend_from_slice(&values.join(&b","[..]));
        text.push(b'\n');
    }
    text.extend_from_slice(format!("\n{}\n{payload}", signed.join(";")).as_bytes());
    text
}

/// Whether `x-acs-date` is well formed and near enough to the emulator's clock.
fn in_time(date: &[u8], now: Timestamp) -> Result<(), Refusal> {
    let text = std::str::from_utf8(date).ok().filter(|text| text.len() == "2023-10-26T10:22:32Z".len());
    let date = text.and_then(|text| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%SZ").ok());
    let Some(date) = date else {
        let message = "Specified time stamp or date value is not well formatted.";
        return Err(Refusal::new(400, "InvalidTimeStamp.Format", message));
    };
    if (date.and_utc() - now).abs() > SKEW {
        let message = "Specified time stamp or date value is expired.";
        return Err(Refusal::new(400, "InvalidTimeStamp.Expired", message));
    }
    Ok(())
}

/// The names and values of a query or a form, decoded; one without `=` has an empty value.
pub(super) fn pairs(query: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
    let decode = |text: &[u8]| {
        let spaces: Vec<u8> = text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
        percent_encoding::percent_decode(&spaces).collect::<Vec<u8>>()
    };
    let pair = |pair: &[u8]| match pair.iter().position(|byte| *byte == b'=') {
        Some(place) => (decode(&pair[..place]), decode(&pair[place + 1..])),
        None => (decode(pair), Vec::new()),
    };
    query.split(|byte| *byte == b'&').filter(|part| !part.is_empty()).map(pair).collect()
}

/// RFC 3986: only `A-Z a-z 0-9 - _ . ~` stay.
fn percent_encode(bytes: &[u8]) -> String {
    let encode = |byte: &u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(*byte).to_string(),
        other => format!("%{other:02X}"),
    };
    bytes.iter().map(encode).collect()
}

fn value<'a>(headers: &'a HeaderMap, name: &str) -> &'a [u8] {
    headers.get(name).map_or(b"", |value| value.as_bytes().trim_ascii())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    let byte = |pair: &[u8]| match pair {
        [high, low] => u8::try_from(digit(high)? * 16 + digit(low)?).ok(),
        _ => None,
    };
    text.as_bytes().chunks(2).map(byte).collect()
}

fn incomplete(why: &str) -> Refusal {
    let message = format!("The request signature does not conform to Aliyun standards. {why}");
    Refusal::new(400, "IncompleteSignature", message)
}

fn mismatch(why: &str) -> Refusal {
    let message = format!("Specified signature is not matched with our calculation. {why}");
    Refusal::new(400, "SignatureDoesNotMatch", message)
}

#[cfg(test)]
mod tests;
