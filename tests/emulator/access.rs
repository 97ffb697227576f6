//! Who is let in: signatures, keys and tokens, and what an identity may read.

use super::*;

#[test]
fn who_does_not_sign_well_is_refused() {
    let (emulator, hand) = still(1);
    let [plain, sts, denied, ..] = emulator.identities() else { panic!("a user without permissions") };
    let of = |who, change: &dyn Fn(Call) -> Call| change(Call::new(who, &hand, LIST, "PageSize=1")).send(&emulator);
    let refused = |answer: Answer, status, code: &str| assert_eq!(answer.refusal(), (status, code.to_owned()));

    assert_eq!(of(plain, &|call| call).status, 200);
    let extra = |call: Call| call.with("x-acs-retry-attempts", "1").with("x-acs-credentials-provider", "static_ak");
    assert_eq!(of(plain, &extra).status, 200, "extra signed headers are accepted");
    let unsigned = |mut call: Call| {
        call.unsigned.push(("x-acs-extra".into(), "1".into()));
        call
    };
    refused(of(plain, &unsigned), 400, "IncompleteSignature");
    let wrong_secret = |mut call: Call| {
        call.secret.push('x');
        call
    };
    refused(of(plain, &wrong_secret), 400, "SignatureDoesNotMatch");
    refused(of(plain, &|call| call.with("x-acs-content-sha256", &"0".repeat(64))), 400, "SignatureDoesNotMatch");
    let mut nobody = plain.clone();
    nobody.key_id = "LTAI5tNobodyNobodyNobody".into();
    refused(of(&nobody, &|call| call), 404, "InvalidAccessKeyId.NotFound");
    for name in ["x-acs-date", "x-acs-signature-nonce"] {
        refused(of(plain, &|call| call.without(name)), 400, "IncompleteSignature");
    }
    refused(of(plain, &|call| call.with("x-acs-date", "2026-11-24T19:44:59Z")), 400, "InvalidTimeStamp.Expired");
    refused(of(plain, &|call| call.with("x-acs-date", "2026-11-24T20:15:01Z")), 400, "InvalidTimeStamp.Expired");
    refused(of(plain, &|call| call.with("x-acs-date", "24 Nov 2026")), 400, "InvalidTimeStamp.Format");
    assert_eq!(of(plain, &|call| call.with("x-acs-date", "2026-11-24T19:45:00Z")).status, 200);

    assert_eq!(of(sts, &|call| call).status, 200);
    refused(of(sts, &|call| call.without("x-acs-security-token")), 400, "MissingSecurityToken");
    refused(of(sts, &|call| call.with("x-acs-security-token", "nonsense")), 400, "InvalidSecurityToken.Malformed");
    let foreign = |call: Call| call.with("x-acs-security-token", sts.token.as_deref().unwrap());
    refused(of(plain, &foreign), 400, "InvalidSecurityToken.MismatchWithAccessKey");

    let answer = of(denied, &|call| call);
    assert_eq!(answer.json()["AccessDeniedDetail"]["AuthAction"], "actiontrail:ListDeliveryHistoryJobs");
    refused(answer, 403, "NoPermission");
    assert_eq!(Call::new(denied, &hand, "DescribeRegions", "").send(&emulator).status, 200, "needs no permission");
}

#[test]
fn everybody_may_ask_who_they_are() {
    let (emulator, hand) = still(1);
    for who in emulator.identities() {
        let ask = || Call::new(who, &hand, "GetCallerIdentity", "").with("x-acs-version", "2015-04-01");
        let answer = ask().send(&emulator).good();
        assert_eq!(answer["AccountId"], who.account.as_str());
        assert_eq!(answer["Arn"], format!("acs:ram::{}:user/{}", who.account.as_str(), who.profile));
        let elsewhere = ask().with("x-acs-version", "2020-07-06").send(&emulator);
        assert_eq!(elsewhere.refusal(), (404, "InvalidApi.NotFound".into()), "it is of STS, not of ActionTrail");
    }
}

#[test]
fn some_may_read_less_than_others() {
    let (emulator, hand) = still(12);
    let ids: Vec<_> = call(&emulator, &hand, LIST, "").good()["DeliveryHistoryJobs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|job| job["JobId"].clone())
        .collect();
    let queries = [
        (LIST, String::new()),
        (GET, format!("JobId={}", ids[0])),
        ("DescribeTrails", String::new()),
        ("GetTrailStatus", "Name=audit-all".to_owned()),
    ];
    for (suffix, denied) in [("-no-trails", &queries[2..]), ("-no-get", &queries[1..2])] {
        let who = emulator.identities().iter().find(|who| who.profile.ends_with(suffix)).unwrap();
        for (action, query) in &queries {
            let answer = Call::new(who, &hand, action, query).send(&emulator);
            if denied.contains(&(*action, query.clone())) {
                assert_eq!(answer.json()["AccessDeniedDetail"]["AuthAction"], format!("actiontrail:{action}"));
                assert_eq!(answer.refusal(), (403, "NoPermission".into()));
            } else {
                assert_eq!(answer.status, 200, "{suffix} {action}");
            }
        }
    }
}
