//! The INI file of the SDKs.

use serde_json::json;

use crate::{
    fixture::{Home, at, find, provider, start, words},
    sts::Sts,
};

const TEXT: &str = "[default]\ntype = access_key # the usual\naccess_key_id = LTAIdefault\naccess_key_secret = hush\n\
    [role]\ntype = ram_role_arn\naccess_key_id = LTAIprod\naccess_key_secret = hush-prod\nrole_arn = acs:ram::1:role/audit\nrole_session_name = sdk\n\
    [pod]\ntype = oidc_role_arn\nrole_arn = acs:ram::1:role/audit\noidc_provider_arn = p\noidc_token_file_path = TOKEN\n\
    [rsa]\ntype = rsa_key_pair\n[odd]\ntype = quantum\n[none]\n[half]\ntype = access_key\naccess_key_id = x\n";

fn home(name: &str) -> Home {
    let home = Home::empty();
    std::fs::create_dir(home.path(".alibabacloud")).unwrap();
    home.write("token", "hush-web-token");
    home.write(&format!(".alibabacloud/{name}"), &TEXT.replace("TOKEN", &home.path("token").display().to_string()));
    home
}

#[tokio::test]
async fn both_names_of_the_file_are_found() {
    for name in ["credentials.ini", "credentials"] {
        let home = home(name);
        let found = find(&home.places(&[]), None).unwrap().provider;
        assert_eq!(found.source.to_string(), format!("~/.alibabacloud/{name}"));
        assert_eq!(found.key(start()).await.unwrap().id, "LTAIdefault");
    }
    let home = home("credentials");
    home.write(
        ".alibabacloud/credentials.ini",
        "[more]\ntype = access_key\naccess_key_id = LTAImore\naccess_key_secret = hush\n",
    );
    for (profile, id) in [("more", "LTAImore"), ("default", "LTAIdefault")] {
        assert_eq!(provider(&home.places(&[]), profile).key(start()).await.unwrap().id, id);
    }
}

#[tokio::test]
async fn a_variable_names_another() {
    let home = home("credentials");
    home.write("elsewhere", "[default]\ntype=access_key\naccess_key_id=LTAIelsewhere\naccess_key_secret=hush");
    let path = home.path("elsewhere").display().to_string();
    let places = home.places(&[("ALIBABA_CLOUD_CREDENTIALS_FILE", &path)]);
    assert_eq!(find(&places, None).unwrap().provider.key(start()).await.unwrap().id, "LTAIelsewhere");
    let gone = home.places(&[("ALIBABA_CLOUD_CREDENTIALS_FILE", "/nowhere/at-all")]);
    let error = words(&find(&gone, None).unwrap_err());
    assert_eq!(error, "environment variable ALIBABA_CLOUD_CREDENTIALS_FILE: there is no file /nowhere/at-all");
}

#[tokio::test]
async fn its_types_are_those_of_the_sdks() {
    let (home, sts) = (home("credentials.ini"), Sts::start());
    let to = [("ALIBABA_CLOUD_STS_ENDPOINT", sts.server.url.as_str())];
    let places = home.places(&to);
    assert_eq!(provider(&places, "role").key(start()).await.unwrap().id, "STS.role1");
    assert_eq!(provider(&places, "pod").key(start()).await.unwrap().id, "STS.role2");
    let named = home.places(&[to[0], ("ALIBABA_CLOUD_PROFILE", "role")]);
    assert_eq!(
        find(&named, None).unwrap().provider.source.to_string(),
        "~/.alibabacloud/credentials.ini, ram_role_arn"
    );
    assert_eq!(sts.asked("AssumeRole")[0]["RoleSessionName"], "sdk");
    for (profile, problem) in [
        ("rsa", "section rsa: type rsa_key_pair is given up by the vendor"),
        ("odd", "section odd: type quantum is none that is known"),
        ("none", "section none: it has no type"),
        ("half", "section half: it has an access_key_id, but no access_key_secret"),
        ("nobody", "profile nobody: there is no ~/.aliyun/config.json"),
    ] {
        let error = words(&find(&places, Some(profile)).unwrap_err());
        assert!(error.contains(problem), "{error}");
    }
}

#[tokio::test]
async fn the_official_command_lines_file_comes_first_and_neither_hides_the_others_names() {
    let home = home("credentials");
    std::fs::create_dir(home.path(".aliyun")).unwrap();
    home.set(&json!([{"name": "default", "access_key_id": "LTAIcli", "access_key_secret": "hush"},
        {"name": "half", "mode": "AK", "access_key_id": "LTAIcli"}]));
    let places = home.places(&[]);
    assert_eq!(find(&places, None).unwrap().provider.key(start()).await.unwrap().id, "LTAIcli");
    let (role, default) = (provider(&places, "role"), provider(&places, "default"));
    assert_eq!(role.source.to_string(), "~/.alibabacloud/credentials, ram_role_arn");
    assert_eq!(role.official_profile(), None, "the official command line knows no section");
    assert_eq!(default.official_profile(), Some(&default.profile));
    let broken = words(&find(&places, Some("half")).unwrap_err());
    assert!(broken.starts_with("~/.aliyun/config.json, profile half: "), "not passed over: {broken}");
    let skipped = home.places(&[("ALIBABA_CLOUD_CLI_PROFILE_DISABLED", "true")]);
    assert_eq!(find(&skipped, None).unwrap().provider.key(start()).await.unwrap().id, "LTAIdefault");
}

#[tokio::test]
async fn it_is_read_again_when_it_changes() {
    let home = home("credentials");
    let provider = find(&home.places(&[]), None).unwrap().provider;
    provider.key(at(0)).await.unwrap();
    home.write(".alibabacloud/credentials", &TEXT.replace("LTAIdefault", "LTAIsecond"));
    assert_eq!(provider.key(at(1)).await.unwrap().id, "LTAIsecond");
    home.write(".alibabacloud/credentials", "[other]\n");
    assert_eq!(provider.key(at(2)).await.unwrap().id, "LTAIsecond");
    let note = provider.late(at(2)).unwrap().to_string();
    assert!(note.contains("the section is gone"), "{note}");
}
