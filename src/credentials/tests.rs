//! The chain of sources, over temporary home directories and made-up variables.

use std::{fs, path::Path};

use secrecy::ExposeSecret;
use tempfile::TempDir;

use super::{Env, Error, Found, Places, Source, resolve};
use crate::{
    acs::HttpOptions,
    job::{ProfileName, Timestamp},
};

const KEYS: [(&str, &str); 2] =
    [("ALIBABA_CLOUD_ACCESS_KEY_ID", "LTAIenvironment1"), ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "env-secret")];

const FILE: &str = r#"{"current":"prod","extra":{"deep":[1]},"profiles":[
    {"name":"prod","mode":"AK","access_key_id":"LTAIprofileprod1","access_key_secret":"hush-prod","region_id":"cn-hangzhou","site":"intl"},
    {"name":"sts","mode":"StsToken","access_key_id":"STS.xx","access_key_secret":"hush-sts","sts_token":"hush-token"},
    {"name":"guess","access_key_id":"STS.yy","access_key_secret":"hush-guess","sts_token":"hush-token2"},
    {"name":"plain","access_key_id":"LTAIplain","access_key_secret":"hush-plain"},
    {"name":"role","access_key_id":"LTAIrole","access_key_secret":"hush-role","ram_role_arn":"acs:ram::1:role/x"},
    {"name":"rsa","mode":"RsaKeyPair","private_key":"/x","key_pair_name":"k"},
    {"name":"guessed-rsa","private_key":"/x","key_pair_name":"k","ram_role_name":"r"},
    {"name":"bearer","bearer_token":"hush-bearer"}, {"name":"anon","mode":"Anonymous"},
    {"name":"small","mode":"ak"}, {"name":"new","mode":"Quantum"},
    {"name":"half","mode":"AK","access_key_id":"LTAIhalf"},
    {"name":"empty","mode":"AK","access_key_id":"","access_key_secret":""},
    {"name":"odd","mode":"AK","access_key_id":"LTAIodd","access_key_secret":["hush-odd"]},
    {"name":"nowhere","mode":"AK","access_key_id":"a","access_key_secret":"hush","region_id":"evil.example/"},
    {"name":"notoken","mode":"StsToken","access_key_id":"a","access_key_secret":"hush","sts_token":""}]}"#;

fn home(config: &str) -> TempDir {
    let home = TempDir::new().unwrap();
    fs::create_dir(home.path().join(".aliyun")).unwrap();
    fs::write(home.path().join(".aliyun/config.json"), config).unwrap();
    home
}

fn find(variables: &[(&str, &str)], profile: Option<&str>, home: &Path) -> Result<Found, Error> {
    let profile = profile.map(|name| ProfileName::new(name).unwrap());
    resolve(&Places::new(Env::of(variables), Some(home.to_owned()), HttpOptions::default()), profile.as_ref())
}

fn problem(profile: &str) -> String {
    let error = find(&[], Some(profile), home(FILE).path()).unwrap_err();
    let words = format!("{error} {error:?} {}", error.remedy());
    assert!(!words.contains("hush"), "a secret: {words}");
    error.to_string()
}

#[test]
fn the_environment_comes_first_and_says_what_it_hides() {
    let found = find(&KEYS, None, home(FILE).path()).unwrap();
    assert_eq!((found.provider.source, found.provider.profile.as_str()), (Source::Environment, "env"));
    assert!(found.note.unwrap().contains("not profile prod of ~/.aliyun/config.json"));

    let alone = find(&KEYS, None, TempDir::new().unwrap().path()).unwrap();
    assert_eq!(alone.note, None);
    let skipped = [KEYS[0], KEYS[1], ("ALIBABA_CLOUD_IGNORE_PROFILE", "TRUE")];
    assert_eq!(find(&skipped, None, home(FILE).path()).unwrap().note, None);
}

#[test]
fn the_file_gives_its_current_profile() {
    let with_mark = format!("\u{feff}{FILE}");
    for text in [FILE, &with_mark] {
        let found = find(&[], None, home(text).path()).unwrap();
        assert_eq!(found.provider.profile.as_str(), "prod");
        assert_eq!(found.provider.source.to_string(), "~/.aliyun/config.json");
        assert_eq!(found.provider.region.as_ref().unwrap().as_str(), "cn-hangzhou");
        assert_eq!(found.provider.short_key_id().as_deref(), Some("LTAI****rod1"));
        assert!(!format!("{found:?}").contains("hush"));
    }
}

#[test]
fn current_is_default_where_it_is_missing() {
    let text = r#"{"profiles":[{"name":"default","access_key_id":"a","access_key_secret":"b"}]}"#;
    assert_eq!(find(&[], None, home(text).path()).unwrap().provider.profile.as_str(), "default");
}

#[tokio::test]
async fn modes_are_read_or_inferred() {
    for (name, id, token) in
        [("sts", "STS.xx", Some("hush-token")), ("guess", "STS.yy", Some("hush-token2")), ("plain", "LTAIplain", None)]
    {
        let key = find(&[], Some(name), home(FILE).path()).unwrap().provider.key(Timestamp::UNIX_EPOCH).await.unwrap();
        assert_eq!(key.id, id);
        assert_eq!(key.token.as_ref().map(ExposeSecret::expose_secret), token);
    }
}

#[test]
fn a_named_profile_means_exactly_that_one() {
    let found = find(&KEYS, Some("sts"), home(FILE).path()).unwrap();
    assert_eq!((found.provider.profile.as_str(), found.note), ("sts", None));
    let named = [KEYS[0], KEYS[1], ("ALICLOUD_PROFILE", "plain")];
    assert_eq!(find(&named, None, home(FILE).path()).unwrap().provider.profile.as_str(), "plain");
    let both = [("ALIBABA_CLOUD_PROFILE", "nobody"), KEYS[0], KEYS[1]];
    let error = find(&both, None, home(FILE).path()).unwrap_err().to_string();
    assert!(error.contains("no profile nobody, which ALIBABA_CLOUD_PROFILE names; it has prod, sts, guess"), "{error}");
}

#[test]
fn a_named_profile_without_its_file_is_an_error_even_with_keys_around() {
    let error = find(&KEYS, Some("prod"), TempDir::new().unwrap().path()).unwrap_err().to_string();
    assert_eq!(error, "profile prod: there is no ~/.aliyun/config.json");
    let skipped = [("ALIBABA_CLOUD_CLI_PROFILE_DISABLED", "true")];
    let error = find(&skipped, Some("prod"), home(FILE).path()).unwrap_err().to_string();
    assert!(error.contains("ALIBABA_CLOUD_CLI_PROFILE_DISABLED=true forbids"), "{error}");
}

#[test]
fn what_is_broken_is_reported_in_words() {
    for rsa in ["rsa", "guessed-rsa"] {
        assert!(problem(rsa).contains("mode RsaKeyPair is given up by the vendor"), "{rsa}");
    }
    assert!(problem("bearer").contains("mode BearerToken can't be used"));
    assert!(problem("anon").contains("mode Anonymous has no key to sign with"));
    assert!(problem("small").contains("mode ak is none that is known: it is written AK"));
    assert!(problem("new").contains("mode Quantum is none that is known; those are AK, StsToken, RamRoleArn"));
    assert!(problem("half").contains("no access_key_secret"));
    assert!(problem("empty").contains("profile empty: it has no access_key_id"));
    assert!(problem("odd").contains("access_key_secret is not a text"));
    assert!(problem("nowhere").contains("region_id: \"evil.example/\" is not a region id"));
    assert!(problem("notoken").contains("no sts_token"));
}

#[test]
fn nothing_found_lists_what_was_looked_at() {
    const NO_INSTANCE: (&str, &str) = ("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true");
    let looked = |home: &Path| find(&[NO_INSTANCE], None, home).unwrap_err().to_string();
    let nowhere = TempDir::new().unwrap();
    assert_eq!(
        looked(nowhere.path()).lines().collect::<Vec<_>>(),
        [
            "no access key was found; looked at:",
            "  environment: ALIBABA_CLOUD_ACCESS_KEY_ID is not set",
            "  OIDC token in a file: ALIBABA_CLOUD_ROLE_ARN is not set",
            "  ~/.aliyun/config.json: there is no such file",
            "  ~/.alibabacloud/credentials.ini, ~/.alibabacloud/credentials: there is no such file",
            "  ECS instance role: skipped, because ALIBABA_CLOUD_ECS_METADATA_DISABLED says so",
            "  environment: ALIBABA_CLOUD_CREDENTIALS_URI is not set",
        ]
    );
    let skipped = [NO_INSTANCE, ("ALIBABA_CLOUD_IGNORE_PROFILE", "TRUE")];
    let skipped = find(&skipped, None, home(FILE).path()).unwrap_err().to_string();
    assert!(skipped.contains("skipped, because ALIBABA_CLOUD_IGNORE_PROFILE says so"));
    assert!(looked(home(r#"{"profiles":[]}"#).path()).contains("it has no profile"));
    assert!(looked(home("{}").path()).contains("it has no profile"));
    let fresh = r#"{"current":"default","profiles":[{"name":"default","mode":"AK","access_key_id":""}]}"#;
    assert!(looked(home(fresh).path()).contains("profile default: it has no access_key_id"));
    let homeless = Places::new(Env::of(&[NO_INSTANCE]), None, HttpOptions::default());
    assert!(resolve(&homeless, None).unwrap_err().to_string().contains("no home directory"));
}

#[test]
fn a_machine_that_may_be_an_instance_is_asked_later_and_says_so_where_it_is_not() {
    let found = find(&[], None, TempDir::new().unwrap().path()).unwrap();
    assert_eq!(found.provider.source.to_string(), "ECS instance role");
    let unasked = found.provider.unasked().unwrap().to_string();
    assert!(unasked.contains("ECS instance role: not asked, because no region is set"), "{unasked}");
    assert!(unasked.contains("~/.aliyun/config.json: there is no such file"), "{unasked}");
}

#[test]
fn a_broken_file_is_not_passed_over() {
    for (text, words) in [
        ("", "it is not JSON, at line 1 column 0"),
        ("{\"profiles\": hush", "it is not JSON, at line 1"),
        ("{\"profiles\": 5}", "not of the type that it should be, at line 1 column 14"),
        (
            r#"{"current":"gone","profiles":[{"name":"here"}]}"#,
            "no profile gone, which its \"current\" names; it has here",
        ),
    ] {
        let error = find(&[], None, home(text).path()).unwrap_err();
        assert!(matches!(error, Error::Broken { .. }), "{error}");
        assert!(error.to_string().contains(words), "{error}");
        assert!(!error.to_string().contains("hush"), "{error}");
    }
}

#[test]
fn a_profile_that_somebody_began_is_not_passed_over() {
    for fields in [
        r#""mode":"RamRoleArn","ram_role_arn":"acs:ram::1:role/x""#,
        r#""mode":"RamRoleArn""#,
        r#""mode":"StsToken","access_key_id":"""#,
        r#""ram_role_arn":"acs:ram::1:role/x","region_id":"cn-hangzhou""#,
        r#""mode":"AK","sts_token":"hush""#,
    ] {
        let text = format!(r#"{{"current":"a","profiles":[{{"name":"a",{fields}}}]}}"#);
        let error = find(&[], None, home(&text).path()).expect_err(fields);
        assert!(error.to_string().contains("profile a: it has no access_key_id"), "{fields}: {error}");
    }
    let unused =
        r#"{"profiles":[{"name":"default","mode":"AK","access_key_id":"","region_id":"cn-hangzhou","language":"en"}]}"#;
    let found = find(&[], None, home(unused).path()).unwrap();
    assert_eq!(found.provider.source.to_string(), "ECS instance role");

    let sdks = TempDir::new().unwrap();
    fs::create_dir(sdks.path().join(".alibabacloud")).unwrap();
    fs::write(sdks.path().join(".alibabacloud/credentials"), "[default]\ntype = access_key\n").unwrap();
    let error = find(&[], None, sdks.path()).unwrap_err().to_string();
    assert_eq!(error, "~/.alibabacloud/credentials, section default: it has no access_key_id");
}

#[test]
fn what_is_no_profile_file_is_not_read() {
    let large = home(&" ".repeat(1024 * 1024 + 1));
    assert!(find(&[], None, large.path()).unwrap_err().to_string().contains("larger than 1 MiB"));
    let directory = TempDir::new().unwrap();
    fs::create_dir_all(directory.path().join(".aliyun/config.json")).unwrap();
    assert!(find(&[], None, directory.path()).unwrap_err().to_string().contains("not a regular file"));
}
