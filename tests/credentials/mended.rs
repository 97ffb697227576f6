//! Profiles that can't be used at the start, and what becomes of them once a file is put right.

use serde_json::{Value, json};
use trailwatch::{
    credentials::{Provider, profiles, until_mended},
    job::{ProfileName, Region},
};

use crate::fixture::{Home, at, find, words};

const JSON: &str = ".aliyun/config.json";
const INI: &str = ".alibabacloud/credentials.ini";

fn good() -> String {
    json!({"profiles": [profile("me", "AK")]}).to_string()
}

fn profile(name: &str, mode: &str) -> Value {
    json!({"name": name, "mode": mode, "access_key_id": "LTAIme", "access_key_secret": "hush", "region_id": "cn-me"})
}

/// The provider of a profile that can't be used, and why it can't.
fn broken(home: &Home, stands_in: Option<&str>) -> (Provider, String) {
    let (places, name) = (home.places(&[]), ProfileName::new("me").unwrap());
    let error = find(&places, Some("me")).unwrap_err();
    let why = words(&error);
    (until_mended(&places, &name, error, stands_in.map(|id| Region::new(id).unwrap())), why)
}

fn directories() -> Home {
    let home = Home::empty();
    std::fs::create_dir(home.path(".aliyun")).unwrap();
    std::fs::create_dir(home.path(".alibabacloud")).unwrap();
    home
}

#[tokio::test]
async fn whatever_was_wrong_a_file_that_is_put_right_heals() {
    let listed = |profile: Value| json!({"profiles": [profile]}).to_string();
    let cases = [
        (JSON, Some(listed(profile("me", "Akk"))), "mode Akk is none that is known"),
        (JSON, Some(listed(profile("me", "StsToken"))), "it has no sts_token"),
        (JSON, Some(listed(profile("other", "AK"))), "it has no profile me"),
        (JSON, Some("{\"profiles\": [".to_owned()), "it is not JSON"),
        (JSON, None, "there is no ~/.aliyun/config.json"),
        (INI, Some("[me]\ntype = none\n".to_owned()), "type none is none that is known"),
        (INI, Some("[other]\ntype = access_key\n".to_owned()), "there is no ~/.aliyun/config.json"),
    ];
    for (file, text, why) in cases {
        let home = directories();
        if let Some(text) = &text {
            home.write(file, text);
        }
        let (provider, before) = broken(&home, None);
        assert!(before.contains(why), "{before}");
        for minute in [0, 1, 10] {
            assert_eq!(provider.key(at(minute)).await.unwrap_err().to_string(), before, "the same until it is mended");
        }
        let edition = provider.edition();
        assert!(!provider.may_have_healed(edition, at(11)), "{why}");
        let mended = match file {
            JSON => good(),
            _ => "[me]\ntype = access_key\naccess_key_id = LTAIme\naccess_key_secret = hush\n".to_owned(),
        };
        home.write(file, &mended);
        assert!(provider.may_have_healed(edition, at(12)), "{why}");
        assert_eq!(provider.key(at(12)).await.unwrap().id, "LTAIme", "{why}");
        assert!(provider.signs_with().starts_with(if file == JSON { "~/.aliyun" } else { "~/.alibabacloud" }));
    }
}

#[tokio::test]
async fn what_is_mended_before_anybody_looks_is_seen_as_well() {
    let home = directories();
    home.write(JSON, "{");
    let (places, name) = (home.places(&[]), ProfileName::new("me").unwrap());
    let error = find(&places, Some("me")).unwrap_err();
    home.write(JSON, &good());
    let provider = until_mended(&places, &name, error, None);
    assert_eq!((provider.signs_with().as_str(), provider.official_profile()), ("none", None));
    let edition = provider.edition();
    assert!(provider.may_have_healed(edition, at(0)));
    assert_eq!(provider.key(at(0)).await.unwrap().id, "LTAIme");
}

#[tokio::test]
async fn another_mistake_is_told_instead_of_the_first() {
    let home = directories();
    home.write(JSON, "{");
    let (provider, _) = broken(&home, None);
    provider.key(at(0)).await.unwrap_err();
    home.write(JSON, &json!({"profiles": [profile("me", "Anonymous")]}).to_string());
    for minute in [1, 2, 30] {
        let error = words(&provider.key(at(minute)).await.unwrap_err());
        assert!(error.contains("mode Anonymous has no key"), "{error}");
    }
}

#[tokio::test]
async fn a_profile_of_another_region_is_not_read_under_the_one_that_stands_in() {
    let home = directories();
    let (provider, _) = broken(&home, Some("cn-other"));
    home.write(JSON, &good());
    let error = words(&provider.key(at(1)).await.unwrap_err());
    assert!(error.contains("profile me: its region cn-me was not known at the start: start again"), "{error}");

    let mut regionless = profile("me", "AK");
    regionless["region_id"] = "".into();
    home.write(JSON, &json!({"profiles": [regionless]}).to_string());
    let error = words(&provider.key(at(2)).await.unwrap_err());
    assert!(error.contains("profile me: it has no region_id, and no region is set"), "{error}");

    let home = directories();
    let (provider, _) = broken(&home, Some("cn-me"));
    home.write(JSON, &good());
    assert_eq!(provider.key(at(1)).await.unwrap().id, "LTAIme");
}

#[test]
fn every_file_that_was_searched_is_named() {
    let home = Home::of(&json!([profile("other", "AK")]));
    std::fs::create_dir(home.path(".alibabacloud")).unwrap();
    home.write(INI, "[default]\n");
    let expected = "~/.aliyun/config.json: it has no profile me; it has other; \
        ~/.alibabacloud/credentials.ini: it has no section me";
    assert_eq!(broken(&home, None).1, expected);
}

#[test]
fn where_there_is_no_file_it_says_how_to_make_one() {
    let home = directories();
    home.write(INI, "[default]\n");
    let error = find(&home.places(&[]), Some("me")).unwrap_err();
    let expected =
        "profile me: there is no ~/.aliyun/config.json; ~/.alibabacloud/credentials.ini: it has no section me";
    assert_eq!(words(&error), expected);
    assert!(error.remedy().starts_with("run `aliyun configure`"), "{}", error.remedy());
    assert!(profiles(&home.places(&[])).unwrap_err().remedy().starts_with("run `aliyun configure`"));
}
