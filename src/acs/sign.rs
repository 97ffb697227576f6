//! The signature of a request: ACS3-HMAC-SHA256 ("signature V3"), the signing side only.
//!
//! Pure: what it signs, the date and the nonce come in. Source: <https://www.alibabacloud.com/help/en/sdk/product-overview/v3-request-structure-and-signature>.

use chrono::SecondsFormat;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use ring::{digest, hmac};
use secrecy::ExposeSecret;

use super::AccessKey;
use crate::job::Timestamp;

/// The name of the algorithm, as it opens the header `Authorization`.
pub const ALGORITHM: &str = "ACS3-HMAC-SHA256";

/// All but the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// What is signed. The path is always `/`: an RPC API has no other.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// `GET` or `POST`.
    pub method: &'a str,
    /// Host, with its port where it is not the scheme's own.
    pub host: &'a str,
    /// The operation's name.
    pub action: &'a str,
    /// The API's version.
    pub version: &'a str,
    /// The query of [`canonical_query`].
    pub query: &'a str,
    /// The body.
    pub body: &'a [u8],
    /// The date to sign with.
    pub date: Timestamp,
    /// 32 hex digits, new for every request.
    pub nonce: &'a str,
}

/// Names and values of the headers to send, `Authorization` included.
pub type Headers = Vec<(&'static str, String)>;

/// Signs a request: every header that must go with it (all but `host`, which the HTTP client sends).
#[must_use]
pub fn sign(request: &Request<'_>, key: &AccessKey) -> Headers {
    let mut headers: Headers = vec![
        ("x-acs-action", request.action.to_owned()),
        ("x-acs-content-sha256", hex(digest::digest(&digest::SHA256, request.body).as_ref())),
        ("x-acs-date", request.date.to_rfc3339_opts(SecondsFormat::Secs, true)),
    ];
    if let Some(token) = &key.token {
        headers.push(("x-acs-security-token", token.expose_secret().trim().to_owned()));
    }
    headers.push(("x-acs-signature-nonce", request.nonce.to_owned()));
    headers.push(("x-acs-version", request.version.to_owned()));
    headers.sort_unstable_by_key(|header| header.0);

    let names: Vec<&str> = std::iter::once("host").chain(headers.iter().map(|header| header.0)).collect();
    let signed = names.join(";");
    let canonical = canonical_request(request, &headers, &signed);
    let signature = signature(&canonical, key);
    let authorization = format!("{ALGORITHM} Credential={},SignedHeaders={signed},Signature={signature}", key.id);
    headers.push(("authorization", authorization));
    headers
}

/// The canonical request: `host` sorts before every `x-acs-*` name, so it goes first.
fn canonical_request(request: &Request<'_>, headers: &Headers, signed: &str) -> String {
    let mut lines = format!("host:{}\n", request.host);
    for (name, value) in headers {
        lines.push_str(&format!("{name}:{}\n", value.trim()));
    }
    let payload = hex(digest::digest(&digest::SHA256, request.body).as_ref());
    format!("{}\n/\n{}\n{lines}\n{signed}\n{payload}", request.method, request.query)
}

fn signature(canonical: &str, key: &AccessKey) -> String {
    let hashed = hex(digest::digest(&digest::SHA256, canonical.as_bytes()).as_ref());
    let secret = hmac::Key::new(hmac::HMAC_SHA256, key.secret.expose_secret().as_bytes());
    hex(hmac::sign(&secret, format!("{ALGORITHM}\n{hashed}").as_bytes()).as_ref())
}

/// The query, encoded by RFC 3986 and sorted by encoded name; it is sent as it is signed.
#[must_use]
pub fn canonical_query(params: &[(&str, &str)]) -> String {
    let mut pairs: Vec<(String, String)> =
        params.iter().map(|(name, value)| (percent_encode(name), percent_encode(value))).collect();
    pairs.sort();
    let pairs: Vec<String> = pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&")
}

/// Percent-encodes all but the unreserved characters `A-Z a-z 0-9 - _ . ~`.
#[must_use]
pub fn percent_encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// Lower-case hex digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key() -> AccessKey {
        AccessKey { id: "YourAccessKeyId".into(), secret: "YourAccessKeySecret".into(), token: None }
    }

    fn request(query: &str) -> Request<'_> {
        Request {
            method: "POST",
            host: "ecs.cn-shanghai.aliyuncs.com",
            action: "RunInstances",
            version: "2014-05-26",
            query,
            body: b"",
            date: "2023-10-26T10:22:32Z".parse().unwrap(),
            nonce: "3156853299f313e23d1673dc12e1703d",
        }
    }

    #[test]
    fn the_published_vector() {
        let query = canonical_query(&[
            ("RegionId", "cn-shanghai"),
            ("ImageId", "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"),
        ]);
        let headers = sign(&request(&query), &key());
        assert_eq!(
            headers.last().unwrap().1,
            "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,\
             SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,\
             Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
        );
    }

    #[test]
    fn the_published_hash_of_the_canonical_request() {
        let query = canonical_query(&[
            ("ImageId", "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"),
            ("RegionId", "cn-shanghai"),
        ]);
        let mut headers = sign(&request(&query), &key());
        headers.pop();
        let signed = "host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version";
        let canonical = canonical_request(&request(&query), &headers, signed);
        assert_eq!(
            hex(digest::digest(&digest::SHA256, canonical.as_bytes()).as_ref()),
            "7ea06492da5221eba5297e897ce16e55f964061054b7695beedaac1145b1e259"
        );
    }

    #[test]
    fn a_security_token_is_sent_and_signed() {
        let key = AccessKey { token: Some("sts-token".into()), ..key() };
        let headers = sign(&request(""), &key);
        assert!(headers.contains(&("x-acs-security-token", "sts-token".to_owned())));
        assert!(headers.last().unwrap().1.contains(";x-acs-date;x-acs-security-token;x-acs-signature-nonce;"));
    }

    #[test]
    fn a_name_without_a_value_keeps_its_equals_sign() {
        assert_eq!(canonical_query(&[("b", ""), ("a", "x y*~/+")]), "a=x%20y%2A~%2F%2B&b=");
    }

    proptest! {
        #[test]
        fn encoding_leaves_only_unreserved_characters_and_decodes_back(text in any::<String>()) {
            let encoded = percent_encode(&text);
            prop_assert!(encoded.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.~%".contains(&b)));
            let decoded = percent_encoding::percent_decode_str(&encoded).decode_utf8().unwrap().into_owned();
            prop_assert_eq!(decoded, text);
        }

        #[test]
        fn the_order_of_the_parameters_does_not_matter(mut params in proptest::collection::vec((".{1,8}", ".{0,8}"), 0..6)) {
            let query = |params: &[(String, String)]| {
                canonical_query(&params.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect::<Vec<_>>())
            };
            let one = query(&params);
            params.reverse();
            prop_assert_eq!(one, query(&params));
        }
    }
}
