//! A key and until when it is good, and the JSON in which services hand one out. No error quotes what was in it.

use chrono::DateTime;
use secrecy::{SecretString, zeroize::Zeroizing};
use serde::Deserialize;

use super::{Error, Fields, Source};
use crate::{acs::AccessKey, job::Timestamp, text};

/// A key, and until when it is good.
#[derive(Debug, Clone)]
pub(super) struct Lease {
    pub(super) key: AccessKey,
    /// By the service's clock; `None` where nobody said so: until it is refused.
    pub(super) expires: Option<Timestamp>,
    /// When it was handed out, by the clock of who did.
    pub(super) handed: Option<Timestamp>,
    /// Which source it is of, where its plan leaves that open.
    pub(super) giver: Option<Source>,
}

impl Lease {
    /// A key that does not expire, as far as is known.
    pub(super) fn lasting(key: AccessKey) -> Self {
        Self::until(key, None)
    }

    /// The key that the official command line left in a profile, with its end.
    pub(super) fn cached(fields: &Fields) -> Result<Option<Self>, Error> {
        let (id, secret) = (fields.text("access_key_id")?, fields.secret("access_key_secret")?);
        let (token, expires) = (fields.secret("sts_token")?, by_seconds(fields, "sts_expiration")?);
        let key = id.zip(secret).map(|(id, secret)| AccessKey { id, secret, token });
        Ok(key.map(|key| Self::until(key, expires)))
    }

    /// A key that ends then, where that is known.
    pub(super) fn until(key: AccessKey, expires: Option<Timestamp>) -> Self {
        Self { key, expires, handed: None, giver: None }
    }

    /// The same, handed out at this time by the service's clock, where that was told.
    pub(super) fn handed_at(self, theirs: Option<Timestamp>) -> Self {
        Self { handed: theirs, ..self }
    }

    /// The same, of this source.
    pub(super) fn given_by(self, source: Source) -> Self {
        Self { giver: Some(source), ..self }
    }

    /// The lease, unless it has expired: at the time that whoever handed it out tells, else now.
    ///
    /// # Errors
    /// When it did, in words.
    pub(super) fn unexpired(self, now: Timestamp) -> Result<Self, String> {
        let now = self.handed.unwrap_or(now);
        match self.expires {
            Some(end) if end <= now => {
                let [end, now] = [end, now].map(|at| at.format("%Y-%m-%dT%H:%M:%SZ"));
                Err(format!("the key that it hands out expired at {end}, and it is {now}"))
            }
            _ => Ok(self),
        }
    }
}

/// The four fields in which every service hands out a temporary key.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Handed {
    /// `Success`, where a metadata service says it.
    code: Option<String>,
    access_key_id: Option<String>,
    access_key_secret: Option<SecretText>,
    security_token: Option<SecretText>,
    expiration: Option<String>,
}

impl Handed {
    /// The key.
    ///
    /// # Errors
    /// Which field is missing, or no time.
    pub(super) fn lease(self) -> Result<Lease, String> {
        if let Some(code) = self.code.filter(|code| code != "Success") {
            return Err(format!("it answered {}", short(&code)));
        }
        let missing = |field: &str| format!("its answer has no {field}");
        let id = self.access_key_id.filter(|id| !id.trim().is_empty()).ok_or_else(|| missing("AccessKeyId"))?;
        let secret = SecretText::of(self.access_key_secret).ok_or_else(|| missing("AccessKeySecret"))?;
        let token = SecretText::of(self.security_token).ok_or_else(|| missing("SecurityToken"))?;
        let expiration = self.expiration.ok_or_else(|| missing("Expiration"))?;
        let expires = time(&expiration).ok_or("Expiration in its answer is no time")?;
        let key = AccessKey { id: id.trim().to_owned(), secret, token: Some(token) };
        Ok(Lease::until(key, Some(expires)))
    }
}

/// A time in a field, in seconds since 1970.
pub(super) fn by_seconds(fields: &Fields, name: &str) -> Result<Option<Timestamp>, Error> {
    let no_time = || fields.broken(format!("{name} is no time"));
    fields.number(name)?.map(|seconds| DateTime::from_timestamp(seconds, 0).ok_or_else(no_time)).transpose()
}

/// The first of what a service says of itself, safe to print.
pub(super) fn short(text: &str) -> String {
    text::clean(text).chars().take(60).collect()
}

/// A time as services write it.
pub(super) fn time(text: &str) -> Option<Timestamp> {
    DateTime::parse_from_rfc3339(text.trim()).ok().map(|time| time.to_utc())
}

/// A secret that goes from the JSON into its wiped type without a stop.
#[derive(Deserialize)]
#[serde(from = "String")]
pub(super) struct SecretText(Option<SecretString>);

impl From<String> for SecretText {
    fn from(text: String) -> Self {
        let text = Zeroizing::new(text);
        let trimmed = text.trim();
        Self((!trimmed.is_empty()).then(|| SecretString::from(trimmed)))
    }
}

impl SecretText {
    /// A secret that is there and not empty.
    pub(super) fn of(field: Option<Self>) -> Option<SecretString> {
        field.and_then(|field| field.0)
    }
}

/// Reads JSON that holds secrets.
///
/// # Errors
/// Where it breaks off. Not the parser's own words: those can quote a key.
pub(super) fn parse<'a, T: Deserialize<'a>>(json: &'a [u8]) -> Result<T, String> {
    serde_json::from_slice(json).map_err(|error| unreadable(&error))
}

/// Where JSON breaks off, without a word of it.
pub(super) fn unreadable(error: &serde_json::Error) -> String {
    let what = if error.is_data() { "a field is not of the type that it should be" } else { "it is not JSON" };
    format!("{what}, at line {} column {}", error.line(), error.column())
}
