//! Bad answers: refusals of the service, pages of proxies, broken and endless bodies, one test for the engine and one for
//! `list` each.

use trailwatch::emulator::{Config, Emulator, Fault, FaultKind, Operation, Quota};

use crate::{
    days::{self, Told, watch},
    program::Access,
    watched::target,
};

/// Two pages of jobs.
fn emulator() -> Emulator {
    Emulator::start(Config { jobs: 150, quota: Quota::UNLIMITED, ..Config::default() }).unwrap()
}

fn engine(kind: FaultKind, told: Told) {
    let emulator = emulator();
    let begin = || emulator.set_faults(vec![Fault::always(kind)]);
    days::engine(&watch(target(&emulator)), told, begin, || emulator.set_faults(Vec::new()));
    let other = emulator.calls().into_iter().find(|call| call.operation != Some(Operation::ListJobs));
    assert_eq!(other, None, "nothing else was asked for: no redirect is followed");
}

fn list(kind: FaultKind, told: Told) {
    let emulator = emulator();
    let access = Access::owner(&emulator);
    emulator.set_faults(vec![Fault::always(kind)]);
    told.ends(access.run(&["list", "-o", "json", "--timeout", "1s"]));
    emulator.set_faults(Vec::new());
    assert_eq!(access.run(&["list", "-o", "id"]).ends(0).stdout.lines().count(), 150);
    assert!(emulator.calls().iter().all(|call| call.operation == Some(Operation::ListJobs)));
}

macro_rules! days {
    ($($name:ident: $kind:ident => $exit:literal, $code:literal, $status:expr, $words:expr;)*) => {$(
        mod $name {
            use super::*;

            const TOLD: Told = Told { code: $code, status: $status, words: &$words, exit: $exit };

            #[test]
            fn is_survived_by_the_engine() {
                engine(FaultKind::$kind, TOLD);
            }

            #[test]
            fn is_told_by_list() {
                list(FaultKind::$kind, TOLD);
            }
        }
    )*};
}

days! {
    service_unavailable: ServiceUnavailable => 69, "ServiceUnavailable", Some(503), ["ServiceUnavailable (HTTP 503): "];
    internal_error: InternalError => 69, "InternalError", Some(500), ["InternalError (HTTP 500): "];
    throttled: Throttle => 69, "Throttling.User", Some(429), ["Throttling.User (HTTP 429): "];
    throttled_without_a_time: Throttle400 => 69, "Throttling.User", Some(400), ["Throttling.User (HTTP 400): "];
    a_page_of_a_proxy: Html => 69, "NotAnApiAnswer", Some(502), ["HTTP 502, text/html", "502 Bad Gateway"];
    a_page_that_asks_for_a_login: Html200 => 69, "NotAnApiAnswer", Some(200), ["HTTP 200, text/html", "Please sign in"];
    xml: Xml => 69, "NotAnApiAnswer", Some(503), ["HTTP 503, text/xml", "<Error><RequestId>"];
    an_empty_body: Empty => 69, "NotAnApiAnswer", Some(200), ["HTTP 200, application/json", "an empty body"];
    half_of_the_json: Half => 69, "NotAnApiAnswer", Some(200), ["HTTP 200, application/json", "DeliveryHistoryJobs"];
    a_truncated_body: Truncated => 69, "Interrupted", None, ["127.0.0.1:", "the connection broke off"];
    a_reset_connection: Reset => 69, "Interrupted", None, ["127.0.0.1:", "the connection broke off"];
    an_endless_body: Endless => 69, "AnswerTooLarge", None, ["the answer is larger than 8 MiB"];
    an_oversized_body: Oversized => 69, "AnswerTooLarge", None, ["the answer is larger than 8 MiB"];
    a_hang: Hang => 69, "TimedOut", None, ["127.0.0.1:", "no answer in time: nothing within "];
    a_body_that_drips: Slow => 69, "TimedOut", None, ["127.0.0.1:", "no answer in time: nothing within "];
    a_redirect: Redirect => 69, "Redirected", Some(302), ["redirects to http://127.0.0.1:", "which is not followed"];
    a_nonce_that_is_always_used: Nonce => 69, "SignatureNonceUsed", Some(400), ["SignatureNonceUsed (HTTP 400): "];
    an_expired_token: Token => 77, "InvalidSecurityToken.Expired", Some(400), ["InvalidSecurityToken.Expired (HTTP 400): "];
    an_inactive_key: Key => 77, "InvalidAccessKeyId.Inactive", Some(403), ["InvalidAccessKeyId.Inactive (HTTP 403): "];
    a_missing_permission: Denied => 77, "NoPermission", Some(403), ["NoPermission (HTTP 403): "];
    a_feature_that_is_not_enabled: NotSupported => 69, "NotSupportDeliveryHistoryJob", Some(400), ["(HTTP 400): "];
}
