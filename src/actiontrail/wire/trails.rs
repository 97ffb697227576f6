//! The answers about trails, as tolerant as those about jobs: an odd field hides nothing else, a trail without a name is a fault.

use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use super::{string, time};
use crate::{
    acs::{self, Answer},
    actiontrail::TrailList,
    job::{Switch, Timestamp, Trail, TrailScope, TrailStatus},
    text,
};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WireList<'a> {
    #[serde(borrow, default)]
    trail_list: Option<Vec<&'a RawValue>>,
    #[serde(default)]
    request_id: Value,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct WireTrail {
    name: Value,
    home_region: Value,
    status: Value,
    sls_project_arn: Value,
    oss_bucket_name: Value,
    #[serde(rename = "EventRW")]
    event_rw: Value,
    trail_region: Value,
    is_organization_trail: Value,
    create_time: Value,
    update_time: Value,
    start_logging_time: Value,
    stop_logging_time: Value,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct WireStatus {
    is_logging: Value,
    latest_delivery_log_service_error: Value,
    latest_delivery_log_service_time: Value,
    latest_delivery_error: Value,
    sls_log_store_status: Value,
    start_logging_time: Value,
    stop_logging_time: Value,
}

/// The trails of an answer. One without a `TrailList` is refused: "no trails" would call the trail of every job gone.
pub(in crate::actiontrail) fn trails(answer: &Answer) -> Result<TrailList, acs::Error> {
    let wire: WireList<'_> = serde_json::from_slice(&answer.body).map_err(|error| answer.not_api(error.to_string()))?;
    let entries = wire.trail_list.ok_or_else(|| answer.not_api("it has no TrailList"))?;
    let mut list = TrailList { trails: Vec::with_capacity(entries.len()), faults: Vec::new(), request_id: None };
    list.request_id = string(&wire.request_id);
    for entry in entries {
        match trail(entry) {
            Ok(trail) => list.trails.push(trail),
            Err(why) => list.faults.push(format!("{why}: {}", text::first_words(entry.get().as_bytes(), 60))),
        }
    }
    Ok(list)
}

fn trail(entry: &RawValue) -> Result<Trail, String> {
    if !entry.get().starts_with('{') {
        return Err("an entry is no object".to_owned());
    }
    let wire: WireTrail =
        serde_json::from_str(entry.get()).map_err(|error| format!("an entry is no trail ({error})"))?;
    let name = string(&wire.name).ok_or("a trail has no Name")?;
    let scope =
        if truth(&wire.is_organization_trail) == Some(true) { TrailScope::Organization } else { TrailScope::Account };
    Ok(Trail {
        name,
        home: string(&wire.home_region),
        switch: string(&wire.status).map_or(Switch::Unsaid, |word| Switch::named(&word)),
        sls_project: string(&wire.sls_project_arn),
        oss_bucket: string(&wire.oss_bucket_name),
        events: string(&wire.event_rw),
        regions: string(&wire.trail_region),
        scope,
        created: time(&wire.create_time),
        updated: time(&wire.update_time),
        started: time(&wire.start_logging_time),
        stopped: time(&wire.stop_logging_time),
    })
}

/// How a trail's delivery fares, read at `now`.
pub(in crate::actiontrail) fn status(answer: &Answer, now: Timestamp) -> Result<TrailStatus, acs::Error> {
    let raw: &RawValue = serde_json::from_slice(&answer.body).map_err(|error| answer.not_api(error.to_string()))?;
    if !raw.get().starts_with('{') {
        return Err(answer.not_api("it is no object"));
    }
    let wire: WireStatus = serde_json::from_str(raw.get()).map_err(|error| answer.not_api(error.to_string()))?;
    Ok(TrailStatus {
        logging: truth(&wire.is_logging),
        sls_error: string(&wire.latest_delivery_log_service_error),
        sls_delivered: time(&wire.latest_delivery_log_service_time),
        sls_usable: truth(&wire.sls_log_store_status),
        error: string(&wire.latest_delivery_error),
        started: time(&wire.start_logging_time),
        stopped: time(&wire.stop_logging_time),
        read: now,
    })
}

/// A truth value, or the word for one.
fn truth(value: &Value) -> Option<bool> {
    value.as_bool().or_else(|| value.as_str()?.trim().to_ascii_lowercase().parse().ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The service's own example.
    const DOCUMENTED: &str = r#"{"RequestId":"ED8BC689-69DA-42AC-855E-3B06C1271194","TrailList":[{"TrailRegion":"All","Status":"Enable","UpdateTime":"2021-04-06T02:16:24Z","HomeRegion":"cn-hangzhou","CreateTime":"2021-03-01T06:27:28Z","OssKeyPrefix":"trail1","EventRW":"All","StartLoggingTime":"2021-04-06T02:08:38Z","SlsProjectArn":"acs:log:cn-qingdao:159498693826****:project/zhengze-audit-log","IsOrganizationTrail":false,"StopLoggingTime":"2021-04-06T02:09:04Z","Name":"test-4","OssBucketName":"secloud","Region":"cn-hangzhou"}]}"#;

    const STATUS: &str = r#"{"RequestId":"8067369B-B923-4D26-85BC-61BF33922505","StartLoggingTime":"2021-02-24T09:19:44Z","LatestDeliveryError":"write sls failed, exception: the parent of sub user must be project owner, itemscount: 1","StopLoggingTime":"2021-02-25T09:19:44Z","IsLogging":true,"LatestDeliveryTime":"2021-02-26T09:19:44Z","LatestDeliveryLogServiceError":"write sls failed, exception: the parent of sub user must be project owner, itemscount: 1","LatestDeliveryLogServiceTime":"2021-02-26T09:19:44Z","OssBucketStatus":true,"SlsLogStoreStatus":true}"#;

    fn read(body: &str) -> Result<TrailList, acs::Error> {
        trails(&Answer::of(body.to_owned()))
    }

    fn one(trail: &str) -> Trail {
        let mut list = read(&format!(r#"{{"TrailList":[{trail}]}}"#)).unwrap();
        assert_eq!(list.faults, Vec::<String>::new());
        list.trails.remove(0)
    }

    fn at(text: &str) -> Option<Timestamp> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn the_documented_trail() {
        let list = read(DOCUMENTED).unwrap();
        assert_eq!(list.request_id.as_deref(), Some("ED8BC689-69DA-42AC-855E-3B06C1271194"));
        assert_eq!(
            list.trails,
            [Trail {
                name: "test-4".into(),
                home: Some("cn-hangzhou".into()),
                switch: Switch::On,
                sls_project: Some("acs:log:cn-qingdao:159498693826****:project/zhengze-audit-log".into()),
                oss_bucket: Some("secloud".into()),
                events: Some("All".into()),
                regions: Some("All".into()),
                scope: TrailScope::Account,
                created: at("2021-03-01T06:27:28Z"),
                updated: at("2021-04-06T02:16:24Z"),
                started: at("2021-04-06T02:08:38Z"),
                stopped: at("2021-04-06T02:09:04Z"),
            }]
        );
    }

    #[test]
    fn the_documented_status() {
        let now = Timestamp::UNIX_EPOCH;
        let status = status(&Answer::of(STATUS), now).unwrap();
        assert_eq!((status.logging, status.sls_usable, status.read), (Some(true), Some(true), now));
        assert!(status.sls_error.unwrap().starts_with("write sls failed"));
        assert_eq!(status.sls_delivered, at("2021-02-26T09:19:44Z"));
    }

    #[test]
    fn an_odd_field_hides_nothing_else() {
        let trail = one(
            r#"{"Name":"t","Status":"Paused","IsOrganizationTrail":"TRUE","CreateTime":"soon","SlsProjectArn":"","EventRW":{}}"#,
        );
        assert_eq!((&*trail.name, trail.switch), ("t", Switch::Unknown("Paused".into())));
        assert_eq!((trail.scope, trail.created), (TrailScope::Organization, None));
        assert_eq!((trail.sls_project, trail.events), (None, None), "an empty text is no destination");
    }

    #[test]
    fn a_trail_without_a_name_is_reported_and_the_others_stay() {
        let list = read(r#"{"TrailList":[{"Status":"Enable"},7,{"Name":"kept"},["x"],{"Name":""}]}"#).unwrap();
        assert_eq!(list.trails.iter().map(|trail| &*trail.name).collect::<Vec<_>>(), ["kept"]);
        assert_eq!(list.faults.len(), 4);
    }

    #[test]
    fn no_trails_is_an_empty_list_only_where_the_service_says_so() {
        assert!(read(r#"{"TrailList":[]}"#).unwrap().trails.is_empty());
        for body in [r#"{"RequestId":"R"}"#, r#"{"TrailList":null}"#, "[]", "", "<html>"] {
            assert!(read(body).is_err(), "{body}");
        }
        for body in ["[]", "7", "", "<html>"] {
            assert!(status(&Answer::of(body), Timestamp::UNIX_EPOCH).is_err(), "{body}");
        }
    }

    fn any_value() -> impl Strategy<Value = String> {
        prop_oneof![
            any::<String>().prop_map(|text| serde_json::to_string(&text).unwrap()),
            any::<i64>().prop_map(|number| number.to_string()),
            prop::sample::select(&["null", "true", "{}", "[1]", "1e400", "\"2021-02-26T09:19:44Z\""][..])
                .prop_map(str::to_owned),
        ]
    }

    proptest! {
        #[test]
        fn no_body_panics(body in any::<String>()) {
            let _ = read(&body);
            let _ = read(&format!(r#"{{"TrailList":[{body}]}}"#));
            let _ = status(&Answer::of(body), Timestamp::UNIX_EPOCH);
        }

        #[test]
        fn whatever_stands_in_its_fields_a_named_trail_is_read(fields in prop::collection::vec(any_value(), 11)) {
            const NAMES: [&str; 11] = ["HomeRegion", "Status", "SlsProjectArn", "OssBucketName", "EventRW", "TrailRegion",
                "IsOrganizationTrail", "CreateTime", "UpdateTime", "StartLoggingTime", "New"];
            let fields = NAMES.iter().zip(&fields).filter(|(_, value)| *value != "1e400");
            let fields: String = fields.map(|(name, value)| format!(r#","{name}":{value}"#)).collect();
            prop_assert_eq!(&*one(&format!(r#"{{"Name":"t"{fields}}}"#)).name, "t");
        }
    }
}
