//! What is asked for, made into targets: who comes before whom, and what is wrong.

use std::sync::Arc;

use tempfile::TempDir;

use super::*;
use crate::job::Timestamp;

const KEYS: [(&str, &str); 2] =
    [("ALIBABA_CLOUD_ACCESS_KEY_ID", "LTAIenvironment1"), ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "hush")];

fn with(extra: &[(&str, &str)]) -> Surroundings {
    let variables: Vec<_> = KEYS.iter().chain(extra).copied().collect();
    Surroundings { env: Env::of(&variables), home: None, clock: Arc::new(|| Timestamp::UNIX_EPOCH) }
}

fn region(id: &str) -> Region {
    Region::new(id).unwrap()
}

fn targets(options: &Options, surroundings: &Surroundings) -> Vec<String> {
    let setup = configure(options, surroundings).map(|configured| configured.setup).unwrap();
    setup.targets.iter().map(|target| format!("{} {}", target.key, target.endpoint)).collect()
}

fn error(options: &Options, surroundings: &Surroundings) -> Error {
    configure(options, surroundings).err().unwrap()
}

#[test]
fn flags_come_before_variables() {
    let variable = with(&[("REGION", "cn-beijing"), ("ALICLOUD_REGION_ID", "cn-shanghai")]);
    assert_eq!(targets(&Options::default(), &variable), ["env/cn-shanghai actiontrail.cn-shanghai.aliyuncs.com"]);
    let regions = vec![region("cn-fujian"), region("us-east-1"), region("cn-fujian")];
    assert_eq!(
        targets(&Options { regions, ..Options::default() }, &variable),
        ["env/cn-fujian actiontrail.aliyuncs.com", "env/us-east-1 actiontrail.us-east-1.aliyuncs.com"]
    );
}

#[test]
fn a_profiles_own_region_comes_after_the_vendors_variables_and_before_the_bare_ones() {
    let home = TempDir::new().unwrap();
    std::fs::create_dir(home.path().join(".aliyun")).unwrap();
    let text = r#"{"profiles":[{"name":"a","access_key_id":"x","access_key_secret":"y","region_id":"cn-chengdu"},
        {"name":"b","access_key_id":"x","access_key_secret":"y"}]}"#;
    std::fs::write(home.path().join(".aliyun/config.json"), text).unwrap();
    let region = |profile: &str, variables: &[(&str, &str)]| {
        let around = Surroundings {
            env: Env::of(variables),
            home: Some(home.path().to_owned()),
            clock: Arc::new(|| Timestamp::UNIX_EPOCH),
        };
        let options = Options { profiles: vec![ProfileName::new(profile).unwrap()], ..Options::default() };
        targets(&options, &around)[0].split_once('.').unwrap().0.split_once('/').unwrap().1.to_owned()
    };
    let bare = [("REGION_ID", "cn-beijing"), ("REGION", "cn-shanghai")];
    for name in ["ALIBABA_CLOUD_REGION_ID", "ALIBABACLOUD_REGION_ID", "ALICLOUD_REGION_ID"] {
        let variables = [bare[0], bare[1], (name, "us-east-1")];
        assert!(region("a", &variables).starts_with("us-east-1 "), "{name}");
    }
    assert!(region("a", &bare).starts_with("cn-chengdu "));
    assert!(region("b", &bare).starts_with("cn-beijing "));
    assert!(region("b", &bare[1..]).starts_with("cn-shanghai "));
}

#[test]
fn targets_are_profiles_times_regions() {
    let home = TempDir::new().unwrap();
    std::fs::create_dir(home.path().join(".aliyun")).unwrap();
    let profile = |name: &str, region: &str| {
        format!(r#"{{"name":"{name}","mode":"AK","access_key_id":"x","access_key_secret":"y","region_id":"{region}"}}"#)
    };
    let text = format!(r#"{{"profiles":[{},{}]}}"#, profile("a", "cn-beijing"), profile("b", ""));
    std::fs::write(home.path().join(".aliyun/config.json"), text).unwrap();
    let around = Surroundings { home: Some(home.path().to_owned()), ..with(&[]) };
    let named = |names: &[&str], regions: &[&str]| Options {
        profiles: names.iter().map(|name| ProfileName::new(name).unwrap()).collect(),
        regions: regions.iter().map(|id| region(id)).collect(),
        endpoint: Some("http://127.0.0.1:9".into()),
        ..Options::default()
    };
    assert_eq!(targets(&named(&["a"], &[]), &around), ["a/cn-beijing http://127.0.0.1:9"]);
    assert_eq!(targets(&named(&["a", "b", "a"], &["cn-x", "cn-y"]), &around).len(), 4);
    let missing = error(&named(&["a", "b"], &[]), &around);
    assert_eq!(missing, Error::NoRegion { profile: ProfileName::new("b").unwrap() });
    assert_eq!(missing.exit_code(), ExitCode::Config);
}

#[test]
fn inside_a_vpc_the_regions_have_other_hosts() {
    let region = ("REGION", "cn-beijing");
    let inside = with(&[region, (ENDPOINT_TYPE_VARIABLE, "VPC")]);
    assert_eq!(targets(&Options::default(), &inside), ["env/cn-beijing actiontrail-vpc.cn-beijing.aliyuncs.com"]);
    let of = |kind| Options { endpoint_type: Some(kind), ..Options::default() };
    assert_eq!(targets(&of(EndpointType::Public), &inside), ["env/cn-beijing actiontrail.cn-beijing.aliyuncs.com"]);
    let own = |kind, variables: &[(&str, &str)]| {
        let configured = configure(&of(kind), &with(variables)).map(|configured| configured.setup).unwrap();
        configured.targets[0].provider.sts().to_string()
    };
    let sts = ("ALIBABA_CLOUD_STS_REGION", "cn-beijing");
    assert_eq!(own(EndpointType::Vpc, &[region, sts]), "sts-vpc.cn-beijing.aliyuncs.com");
    assert_eq!(
        own(EndpointType::Public, &[region, sts, (ENDPOINT_TYPE_VARIABLE, "vpc")]),
        "sts.cn-beijing.aliyuncs.com"
    );
    assert_eq!(own(EndpointType::Vpc, &[region]), "sts-vpc.cn-beijing.aliyuncs.com", "the other is not to be reached");
    let named = Options { regions: vec![Region::new("cn-fujian").unwrap()], ..of(EndpointType::Vpc) };
    let configured = configure(&named, &with(&[region])).map(|configured| configured.setup).unwrap();
    let sts = configured.targets[0].provider.sts().to_string();
    assert_eq!(sts, "sts-vpc.cn-fujian.aliyuncs.com", "beside what is read");
    let wrong = error(&Options::default(), &with(&[region, (ENDPOINT_TYPE_VARIABLE, "inner")]));
    assert_eq!(wrong.exit_code(), ExitCode::Config);
    assert!(wrong.to_string().ends_with("\"inner\" is no type of endpoint: expected public or vpc"), "{wrong}");
}

#[test]
fn groups_have_their_own_targets_and_each_target_is_there_once() {
    let around = with(&[]);
    let group = |regions: &[&str]| Group {
        name: "g".into(),
        profiles: Vec::new(),
        regions: regions.iter().map(|id| region(id)).collect(),
        line: 1,
    };
    let groups = vec![group(&["cn-beijing", "cn-shanghai"]), group(&["cn-shanghai", "cn-chengdu"]), group(&[])];
    let options = Options {
        groups,
        regions: vec![region("cn-hangzhou")],
        endpoint: Some("https://h".into()),
        ..Options::default()
    };
    let regions = ["cn-beijing", "cn-shanghai", "cn-chengdu", "cn-hangzhou"];
    assert_eq!(targets(&options, &around), regions.map(|region| format!("env/{region} h")));
}

#[test]
fn what_is_wrong_says_where_to_mend_it() {
    let no_region = error(&Options::default(), &with(&[]));
    assert!(no_region.to_string().contains("--region cn-hangzhou"), "{no_region}");
    let bad = error(&Options::default(), &with(&[("REGION_ID", "Moon/1")]));
    assert!(bad.to_string().starts_with("environment variable REGION_ID: \"Moon/1\" is not"), "{bad}");
    let none = Surroundings { env: Env::of(&[]), ..with(&[]) };
    assert_eq!(error(&Options::default(), &none).exit_code(), ExitCode::Refused);
    let nowhere = Options { ca_file: Some("/nonexistent.pem".into()), ..Options::default() };
    assert_eq!(error(&nowhere, &with(&[])).exit_code(), ExitCode::Config);
}

#[test]
fn plain_http_leaves_this_machine_only_when_asked_for() {
    let around = with(&[("REGION", "cn-beijing")]);
    let options = Options { endpoint: Some("http://10.0.0.1".into()), ..Options::default() };
    assert_eq!(error(&options, &around).exit_code(), ExitCode::Usage);
    let allowed = Options { plain_http: PlainHttp::Allowed, ..options };
    assert_eq!(targets(&allowed, &around), ["env/cn-beijing http://10.0.0.1"]);
}
