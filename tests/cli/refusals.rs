//! Servers that answer badly, and what scripts are told: 69 for what may pass, 77 for what is refused, in words that are safe.

use crate::program::{KEYS, Outcome, api_error, home_with, http, run, serve};

/// Reads from a server that always answers this; it is asked again for a third of a second at most.
fn list(answer: String, arguments: &[&str]) -> Outcome {
    let url = serve(move |_| answer.clone());
    run(&KEYS, &[&["list", "--timeout", "300ms", "--endpoint", &url], arguments].concat())
}

#[test]
fn nobody_answers() {
    // A port that was free a moment ago: nobody listens there.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("http://{free}");
    let arguments = ["list", "-o", "json", "--timeout", "300ms", "--endpoint", &url];
    let outcome = run(&KEYS, &arguments).ends(69).says("NotConnected").says("remedy: check that the endpoint runs");
    let document = outcome.json();
    assert_eq!((document["complete"].as_bool(), document["jobs"].as_array().unwrap().len()), (Some(false), 0));
    assert_eq!(document["targets"][0]["error"]["code"], "NotConnected");
    assert_eq!(run(&KEYS, &["list", "--timeout", "300ms", "--endpoint", &url]).ends(69).stdout, "");
}

#[test]
fn trouble_is_told_with_code_status_request_and_remedy() {
    let outcome = list(api_error("503 Service Unavailable", "ServiceUnavailable"), &["-o", "json"]).ends(69);
    let error = outcome.json()["targets"][0]["error"].clone();
    assert_eq!((&error["code"], &error["http_status"]), (&"ServiceUnavailable".into(), &503.into()));
    assert_eq!(
        (&error["request_id"], &error["message"]),
        (&"B19-7".into(), &"no \u{1b}[2J\u{202e}\nerror: forged".into())
    );
    let outcome =
        outcome.says("env/cn-hangzhou: ServiceUnavailable (HTTP 503): no \\u{1b}[2J\\u{202e}\\u{a}error: forged\n");
    outcome.says("  RequestId: B19-7\n").says("  remedy: ");
}

#[test]
fn a_refusal_is_77_and_names_the_permission() {
    let refused = |code| list(api_error("403 Forbidden", code), &[]).ends(77);
    refused("NoPermission").says("NoPermission (HTTP 403)").says("actiontrail:ListDeliveryHistoryJobs");
    refused("InvalidAccessKeyId.NotFound").says("check the access key id");
    refused("InvalidSecurityToken.Expired").says("sign in again");
    list(api_error("400 Bad Request", "NotSupportDeliveryHistoryJob"), &[]).ends(69).says("open a ticket");
}

#[test]
fn what_is_not_the_api_is_described() {
    let html = "<html><title>Sign in\x1b[2J</title></html>";
    for (answer, words) in [
        (http("502 Bad Gateway", "text/html", html), "HTTP 502, text/html, \"<html><title>Sign in\\\\u{1b}[2J"),
        (http("200 OK", "text/html", html), "HTTP 200, text/html"),
        (http("407 Proxy Authentication Required", "text/html", html), "HTTP 407, text/html"),
        (http("403 Forbidden", "text/xml", "<Error><Code>X</Code></Error>"), "HTTP 403, text/xml, \"<Error>"),
        (http("200 OK", "application/json", ""), "an empty body"),
        (http("200 OK", "application/json", "{\"DeliveryHistoryJobs\":[{\"JobId\":1"), "HTTP 200, application/json"),
        (
            http("200 OK", "application/json", r#"{"Code":"Throttling.User","Message":"m","RequestId":"R"}"#),
            "HTTP 200, application/json, \"{\\\"Code\\\":\\\"Throttling.User",
        ),
        (http("200 OK", "application/json", "[]"), "HTTP 200, application/json"),
        (http("302 Found", "text/html", ""), "redirects"),
        ("garbage\r\n\r\n".to_owned(), "error: env/cn-hangzhou: "),
        (String::new(), "error: env/cn-hangzhou: "),
    ] {
        let outcome = list(answer, &[]).ends(69).says(words).says("remedy: ");
        assert_eq!(outcome.stdout, "", "{words}");
    }
}

#[test]
fn a_failure_that_is_repeated_is_told_at_once_and_once_for_each_target() {
    let url = serve(|_| api_error("503 Service Unavailable", "ServiceUnavailable"));
    for command in [&["list"][..], &["get", "5"]] {
        let flags = ["--region", "cn-hangzhou,cn-beijing", "--timeout", "2s", "--endpoint", url.as_str()];
        let outcome = run(&KEYS, &[command, &flags].concat()).ends(69);
        let warnings: Vec<&str> = outcome.stderr.lines().filter(|line| line.starts_with("warning: ")).collect();
        assert_eq!(warnings.len(), 2, "{}", outcome.stderr);
        let one = "warning: env/cn-beijing: ServiceUnavailable (HTTP 503): no \\u{1b}[2J\\u{202e}\\u{a}error: forged; \
                   trying again for up to 2s";
        assert!(warnings.contains(&one), "{warnings:?}");
        assert_eq!(outcome.stderr.matches("\nerror: ").count(), 2);
    }
}

#[test]
fn of_many_targets_that_meet_the_same_some_are_told_and_the_others_counted() {
    let url = serve(|_| api_error("503 Service Unavailable", "ServiceUnavailable"));
    let regions = "cn-hangzhou,cn-beijing,cn-shanghai,cn-chengdu,cn-shenzhen";
    let outcome = run(&KEYS, &["list", "--region", regions, "--timeout", "2s", "--endpoint", url.as_str()]).ends(69);
    let warnings: Vec<&str> = outcome.stderr.lines().filter(|line| line.starts_with("warning: ")).collect();
    assert_eq!(warnings.iter().filter(|line| line.contains("trying again")).count(), 3, "{}", outcome.stderr);
    assert_eq!(warnings.last(), Some(&"warning: and 2 more targets: ServiceUnavailable"), "{}", outcome.stderr);
    assert_eq!(warnings.len(), 4);
    assert_eq!(outcome.stderr.matches("\nerror: ").count(), 5);
}

#[test]
fn a_number_that_is_another_job_elsewhere_is_told_and_so_is_who_could_not_say() {
    let url = serve(|head| {
        let job = |trail: &str| {
            let body =
                format!(r#"{{"JobId":5,"JobStatus":2,"TrailName":"{trail}","HomeRegion":"cn-hangzhou","Status":[]}}"#);
            http("200 OK", "application/json", &body)
        };
        let key = head.split("Credential=").nth(1).and_then(|rest| rest.split(',').next()).unwrap_or_default();
        match key {
            "first" | "same" => job("audit\\u001b[2J"),
            "other" => job("payments"),
            "busy" => api_error("503 Service Unavailable", "ServiceUnavailable"),
            _ => api_error("404 Not Found", "DeliveryHistoryJobNotFound"),
        }
    });
    let profile = |name: &str| serde_json::json!({ "name": name, "mode": "AK", "access_key_id": name, "access_key_secret": "hush" });
    let home = home_with("first", &["none", "first", "same", "other", "busy"].map(profile));
    let flags = ["--profile", "none,first,same,other,busy", "--region", "cn-hangzhou", "--timeout", "300ms"];
    let arguments = [&["get", "5", "-o", "json", "--endpoint", &url], &flags[..]].concat();
    let outcome = Outcome::from(crate::program::command(home.path(), &[], &arguments).output().unwrap()).ends(0);
    assert_eq!(
        (&outcome.json()["profile"], &outcome.json()["trail_name"]),
        (&"first".into(), &"audit\u{1b}[2J".into())
    );
    let warnings: Vec<&str> = outcome.stderr.lines().filter(|line| line.starts_with("warning: ")).collect();
    let [other, busy] = warnings[..] else { panic!("{}", outcome.stderr) };
    assert!(
        other.starts_with("warning: other/cn-hangzhou has another job 5, of trail payments; choose with"),
        "{other}"
    );
    assert!(busy.starts_with("warning: busy/cn-hangzhou: ServiceUnavailable (HTTP 503)"), "{busy}");
}

#[test]
fn entries_that_are_no_jobs_make_a_list_incomplete_and_hide_nothing() {
    let body =
        r#"{"DeliveryHistoryJobs":[{"JobId":7,"JobStatus":3,"TrailName":"t"},{"TrailName":"no id"}],"TotalCount":2}"#;
    let outcome = list(http("200 OK", "application/json", body), &["-o", "json"]).ends(69).says("may be incomplete");
    let document = outcome.json();
    assert_eq!((document["complete"].as_bool(), &document["jobs"][0]["job_id"]), (Some(false), &7.into()));
}

#[test]
fn what_is_unread_counts_more_than_what_is_refused() {
    let url = serve(|head| {
        if head.contains("Credential=refused") {
            api_error("403 Forbidden", "NoPermission")
        } else if head.contains("Credential=busy") {
            api_error("503 Service Unavailable", "ServiceUnavailable")
        } else if head.contains("GetDeliveryHistoryJob") {
            api_error("404 Not Found", "DeliveryHistoryJobNotFound")
        } else {
            http("200 OK", "application/json", r#"{"DeliveryHistoryJobs":[],"TotalCount":0,"RequestId":"R"}"#)
        }
    });
    let profile = |name: &str| serde_json::json!({ "name": name, "mode": "AK", "access_key_id": name, "access_key_secret": "hush" });
    let home = home_with("well", &["well", "busy", "refused"].map(profile));
    let code = |profiles: &str, arguments: &[&str]| {
        let flags = ["--profile", profiles, "--region", "cn-hangzhou", "--timeout", "300ms", "--endpoint", &url];
        let output = crate::program::command(home.path(), &[], &[arguments, &flags].concat()).output().unwrap();
        Outcome::from(output).code
    };
    assert_eq!(code("well", &["list"]), 0);
    assert_eq!(code("well,refused", &["list"]), 77);
    assert_eq!(code("refused,well,busy", &["list"]), 69);
    assert_eq!(code("well", &["get", "5"]), 66);
    assert_eq!(code("well,busy", &["get", "5"]), 69, "nobody can say that there is no such job");
    assert_eq!(code("well,refused", &["get", "5"]), 77);
}
