//! One signed call to any RPC-style API of Alibaba Cloud: endpoint, signature, HTTP, the decoding of errors.
//!
//! Knows no product and no operation; those are in [`crate::actiontrail`].

mod call;
mod endpoint;
mod error;
mod http;
mod plain;
mod proxy;
mod secrets;
pub mod sign;
mod tls;

use std::fmt;

use secrecy::SecretString;

pub use call::{Answer, CLOCK_NOISE, Call, Client};
pub use endpoint::{Endpoint, InvalidEndpoint, PlainHttp, without_password};
pub use error::{ApiError, Class, Error, TransportKind};
pub use http::{Http, HttpOptions};
pub use plain::{PlainAnswer, PlainRequest};
pub use reqwest::Method;

/// An access key, with the token that temporary ones carry.
#[derive(Clone)]
pub struct AccessKey {
    /// `AccessKeyId`: not a secret, but shortened in the middle wherever it is shown.
    pub id: String,
    /// `AccessKeySecret`.
    pub secret: SecretString,
    /// `SecurityToken` of temporary credentials.
    pub token: Option<SecretString>,
}

impl AccessKey {
    /// The id shortened in the middle, as in `LTAI…wxyz`: enough to recognise a key, too little to look it up.
    #[must_use]
    pub fn short_id(&self) -> String {
        short_id(&self.id)
    }
}

/// A key id shortened in the middle.
#[must_use]
pub fn short_id(id: &str) -> String {
    let chars: Vec<char> = id.chars().collect();
    if chars.len() <= 8 {
        return "****".to_owned();
    }
    let ends = |part: &[char]| part.iter().collect::<String>();
    format!("{}****{}", ends(&chars[..4]), ends(&chars[chars.len() - 4..]))
}

impl fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessKey").field("id", &self.short_id()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_debug_print_shows_a_secret() {
        let key = AccessKey {
            id: "LTAI5tExampleKeyIdWXYZ".into(),
            secret: "verysecret".into(),
            token: Some("tokensecret".into()),
        };
        let shown = format!("{key:?}");
        assert_eq!(shown, "AccessKey { id: \"LTAI****WXYZ\", .. }");
        assert_eq!(short_id("short"), "****");
    }
}
