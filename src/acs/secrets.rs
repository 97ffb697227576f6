//! What a call carries that no error may show: a proxy's page may repeat what it was sent.

use std::borrow::Cow;

use bytes::Bytes;
use secrecy::{ExposeSecret, SecretString};

/// No service has secrets that are so short, but somebody may have set one. What is shorter still would blot out harmless words,
/// and keep nothing secret.
const SHORTEST: usize = 4;

/// The secrets of one call.
#[derive(Default)]
pub(super) struct Secrets<'a>(Vec<&'a str>);

impl<'a> Secrets<'a> {
    /// These secrets.
    pub(super) fn of(secrets: impl IntoIterator<Item = &'a SecretString>) -> Self {
        let texts = secrets.into_iter().map(ExposeSecret::expose_secret);
        Self(texts.filter(|text| text.len() >= SHORTEST).collect())
    }

    /// A text with four stars for each.
    pub(super) fn hide<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.0.iter().fold(Cow::Borrowed(text), |text, secret| {
            if text.contains(secret) { Cow::Owned(text.replace(secret, "****")) } else { text }
        })
    }

    /// A body with four stars for each. One without any stays as it is.
    pub(super) fn hide_in(&self, body: Bytes) -> Bytes {
        let hidden = match self.hide(&String::from_utf8_lossy(&body)) {
            Cow::Owned(hidden) => hidden,
            Cow::Borrowed(_) => return body,
        };
        Bytes::from(hidden)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_secrets_are_hidden_wherever_they_are() {
        let (secret, token, short, tiny) = ("0123456789".into(), "eyJ.a-b_c".into(), "hush".into(), "TTP".into());
        let secrets = Secrets::of([&secret, &token, &short, &tiny]);
        assert_eq!(secrets.hide("HTTP 0123456789eyJ.a-b_c, eyJ.a-b_c: hush!"), "HTTP ********, ****: ****!");
        assert_eq!(secrets.hide("nothing"), "nothing");
        assert_eq!(secrets.hide_in(Bytes::from_static(b"{\"x\":\"eyJ.a-b_c\"}")), "{\"x\":\"****\"}");
        let harmless = Bytes::from_static(b"\xff\xfe");
        assert_eq!(secrets.hide_in(harmless.clone()), harmless, "not a byte is another");
        let odd = secrets.hide_in(Bytes::from_static(b"\xff0123456789"));
        assert_eq!(odd, "\u{fffd}****");
    }
}
