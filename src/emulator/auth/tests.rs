//! The published vector, and everything that must be refused.

use hyper::header::{HeaderName, HeaderValue};
use proptest::prelude::*;

use super::*;
use crate::job::{AccountId, Region};

const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const SIGNATURE: &str = "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0";
const SIGNED_NAMES: &str = "host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version";
const QUERY: &str = "ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai";

fn keyring() -> Keyring {
    let key = |key_id: &str, token: Option<&str>| {
        let identity = Identity {
            profile: "published".into(),
            account: AccountId::new("1234567890123456"),
            region: Region::new("cn-shanghai").unwrap(),
            key_id: key_id.into(),
            secret: "YourAccessKeySecret".into(),
            token: token.map(str::to_owned),
        };
        Key { identity, account: 0, policy: Policy::Everything }
    };
    Keyring::new(vec![key("YourAccessKeyId", None), key("STS.Temporary", Some("TheToken"))])
}

fn now() -> Timestamp {
    "2023-10-26T10:22:32Z".parse().unwrap()
}

/// The published request.
fn published() -> HeaderMap {
    let authorization =
        format!("{ALGORITHM} Credential=YourAccessKeyId,SignedHeaders={SIGNED_NAMES},Signature={SIGNATURE}");
    headers(&[
        ("host", "ecs.cn-shanghai.aliyuncs.com"),
        ("x-acs-action", "RunInstances"),
        ("x-acs-content-sha256", EMPTY),
        ("x-acs-date", "2023-10-26T10:22:32Z"),
        ("x-acs-signature-nonce", "3156853299f313e23d1673dc12e1703d"),
        ("x-acs-version", "2014-05-26"),
        ("authorization", &authorization),
        ("user-agent", "not signed"),
    ])
}

fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
    let pair = |(name, value): &(&str, &str)| {
        (HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap())
    };
    pairs.iter().map(pair).collect()
}

fn code(keyring: &mut Keyring, headers: &HeaderMap, body: &[u8], now: Timestamp) -> String {
    let request = Received { method: "POST", path: "/", query: QUERY, headers, body };
    keyring.verify(&request, now.into()).map_or_else(|refusal| refusal.code, |key| key.identity.key_id.clone())
}

/// The code for the published request with one header changed, added or (where empty) taken away.
fn with(name: &'static str, value: &str) -> String {
    let mut headers = published();
    match value {
        "" => _ = headers.remove(name),
        value => _ = headers.insert(name, HeaderValue::from_str(value).unwrap()),
    }
    code(&mut keyring(), &headers, b"", now())
}

#[test]
fn the_published_vector_is_accepted_once() {
    let mut keyring = keyring();
    assert_eq!(code(&mut keyring, &published(), b"", now()), "YourAccessKeyId");
    assert_eq!(code(&mut keyring, &published(), b"", now()), "SignatureNonceUsed");
}

#[test]
fn the_published_canonical_request_has_the_published_hash() {
    let headers = published();
    let request = Received { method: "POST", path: "/", query: QUERY, headers: &headers, body: b"" };
    let names: Vec<&str> = SIGNED_NAMES.split(';').collect();
    let hash = hex(digest::digest(&digest::SHA256, &canonical(&request, &names, EMPTY)).as_ref());
    assert_eq!(hash, "7ea06492da5221eba5297e897ce16e55f964061054b7695beedaac1145b1e259");
}

#[test]
fn what_was_changed_on_the_way_is_refused() {
    assert_eq!(with("host", "other.example"), "SignatureDoesNotMatch");
    assert_eq!(with("x-acs-action", "StopInstances"), "SignatureDoesNotMatch");
    assert_eq!(with("x-acs-signature-nonce", "another"), "SignatureDoesNotMatch");
    assert_eq!(with("x-acs-content-sha256", "00"), "SignatureDoesNotMatch");
    assert_eq!(code(&mut keyring(), &published(), b"body", now()), "SignatureDoesNotMatch");
    let headers = published();
    for (method, path, query) in [("GET", "/", QUERY), ("POST", "/x", QUERY), ("POST", "/", "RegionId=cn-shanghai")] {
        let request = Received { method, path, query, headers: &headers, body: b"" };
        assert_eq!(keyring().verify(&request, now().into()).unwrap_err().code, "SignatureDoesNotMatch");
    }
}

#[test]
fn the_order_and_the_spelling_of_the_query_do_not_matter() {
    let headers = published();
    let query = "RegionId=cn%2Dshanghai&&%49mageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd";
    let request = Received { method: "POST", path: "/", query, headers: &headers, body: b"" };
    assert!(keyring().verify(&request, now().into()).is_ok());
}

#[test]
fn the_clock_may_be_off_by_fifteen_minutes() {
    let later = |seconds| code(&mut keyring(), &published(), b"", now() + TimeDelta::seconds(seconds));
    assert_eq!(later(900), "YourAccessKeyId");
    assert_eq!(later(-900), "YourAccessKeyId");
    assert_eq!(later(901), "InvalidTimeStamp.Expired");
    assert_eq!(later(-901), "InvalidTimeStamp.Expired");
    for malformed in
        ["2023-10-26 10:22:32", "2023-10-26T10:22:32+00:00", "2023-10-26T10:22:32.5Z", "2023-13-26T10:22:32Z", "now"]
    {
        assert_eq!(with("x-acs-date", malformed), "InvalidTimeStamp.Format", "{malformed}");
    }
}

#[test]
fn a_wrong_clock_judges_the_date_and_not_the_nonce() {
    let hour = TimeDelta::hours(1);
    let mut keyring = keyring();
    let headers = published();
    let request = Received { method: "POST", path: "/", query: QUERY, headers: &headers, body: b"" };
    let mut at = |real, shown| {
        keyring.verify(&request, Now { real, shown }).map_or_else(|refusal| refusal.code, |_| String::new())
    };
    assert_eq!(at(now(), now() + hour), "InvalidTimeStamp.Expired");
    assert_eq!(at(now() - hour, now()), "");
    assert_eq!(at(now() - hour, now()), "SignatureNonceUsed");
}

#[test]
fn what_must_be_signed_is_and_what_is_signed_was_sent() {
    for name in SIGNED {
        assert_eq!(with(name, ""), "IncompleteSignature", "without {name}");
        let fewer: Vec<_> = SIGNED_NAMES.split(';').filter(|signed| *signed != name).collect();
        let fewer = format!("{ALGORITHM} Credential=YourAccessKeyId,SignedHeaders={},Signature=00", fewer.join(";"));
        assert_eq!(with("authorization", &fewer), "IncompleteSignature", "{name} is not signed");
    }
    assert_eq!(with("x-acs-retry-attempts", "1"), "IncompleteSignature", "sent, but not signed");
    assert_eq!(with("accept", "application/json"), "YourAccessKeyId", "other headers need not be signed");
}

#[test]
fn an_authorization_that_is_none_is_refused() {
    assert_eq!(with("authorization", ""), "IncompleteSignature");
    assert_eq!(with("authorization", "Basic eDp5"), "InvalidSignatureMethod");
    assert_eq!(with("authorization", ALGORITHM), "IncompleteSignature");
    let of = |key: &str, signature: &str| {
        format!("{ALGORITHM} Credential={key}, SignedHeaders={SIGNED_NAMES}, Signature={signature}")
    };
    assert_eq!(with("authorization", &of("YourAccessKeyId", SIGNATURE)), "YourAccessKeyId", "blanks do no harm");
    assert_eq!(with("authorization", &of("Somebody", SIGNATURE)), "InvalidAccessKeyId.NotFound");
    for signature in ["00", "0", "zz", "é", &SIGNATURE[..62], &SIGNATURE.replace('c', "d")] {
        assert_ne!(with("authorization", &of("YourAccessKeyId", signature)), "YourAccessKeyId", "{signature}");
    }
}

#[test]
fn a_security_token_belongs_to_its_key() {
    let call = |key: &str, token: &str| {
        let mut headers = published();
        let names = if token.is_empty() {
            SIGNED_NAMES.to_owned()
        } else {
            headers.insert("x-acs-security-token", HeaderValue::from_str(token).unwrap());
            SIGNED_NAMES.replace("x-acs-signature-nonce", "x-acs-security-token;x-acs-signature-nonce")
        };
        let authorization = format!("{ALGORITHM} Credential={key},SignedHeaders={names},Signature=00");
        headers.insert("authorization", HeaderValue::from_str(&authorization).unwrap());
        code(&mut keyring(), &headers, b"", now())
    };
    assert_eq!(call("STS.Temporary", ""), "MissingSecurityToken");
    assert_eq!(call("STS.Temporary", "Nonsense"), "InvalidSecurityToken.Malformed");
    assert_eq!(call("STS.Temporary", "TheToken"), "SignatureDoesNotMatch", "the token is right, the signature is not");
    assert_eq!(call("YourAccessKeyId", "TheToken"), "InvalidSecurityToken.MismatchWithAccessKey");
}

#[test]
fn nonces_are_forgotten_after_half_an_hour_and_beyond_a_bound() {
    let mut keyring = keyring();
    assert!(keyring.use_nonce(b"n", now()).is_ok());
    assert!(keyring.use_nonce(b"n", now() + TimeDelta::minutes(30)).is_err());
    assert!(keyring.use_nonce(b"n", now() + TimeDelta::minutes(31)).is_ok());
    for n in 0..NONCES + 10 {
        assert!(keyring.use_nonce(&n.to_be_bytes(), now()).is_ok());
    }
    assert_eq!((keyring.seen.len(), keyring.order.len()), (NONCES, NONCES));
}

proptest! {
    #[test]
    fn encoding_and_decoding_are_inverse(name in proptest::collection::vec(any::<u8>(), 1..20), value: Vec<u8>) {
        let query = format!("{}={}", percent_encode(&name), percent_encode(&value));
        prop_assert!(query.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.~%=".contains(&b)));
        prop_assert_eq!(pairs(query.as_bytes()), vec![(name, value)]);
    }

    #[test]
    fn no_header_panics(authorization in ".{0,200}", date in ".{0,30}", query in ".{0,100}") {
        let mut headers = published();
        for (name, text) in [("authorization", format!("{ALGORITHM} {authorization}")), ("x-acs-date", date)] {
            if let Ok(value) = HeaderValue::from_bytes(text.as_bytes()) {
                headers.insert(name, value);
            }
        }
        let request = Received { method: "POST", path: "/", query: &query, headers: &headers, body: b"" };
        prop_assert!(keyring().verify(&request, now().into()).is_err());
    }
}
