//! Files that change while the program runs.

use serde_json::{Value, json};
use trailwatch::credentials::Renewal;

use crate::{
    fixture::{Home, at, handed, provider, words},
    server::{Answer, Server},
};

fn token(id: &str) -> Value {
    json!([{"name": "me", "mode": "StsToken", "access_key_id": id, "access_key_secret": "hush", "sts_token": "hush"}])
}

#[tokio::test]
async fn signing_in_elsewhere_is_noticed() {
    let home = Home::of(&token("STS.first"));
    let provider = provider(&home.places(&[]), "me");
    let first = provider.key(at(0)).await.unwrap();
    assert_eq!(first.id, "STS.first");
    let edition = provider.edition();
    assert_eq!(provider.refused(&first, at(1)), Renewal::None, "the file has no other");
    assert_eq!(provider.key(at(1)).await.unwrap().id, "STS.first");
    assert!(!provider.may_have_healed(edition, at(2)));

    home.set(&token("STS.second"));
    assert!(provider.may_have_healed(edition, at(3)));
    assert_eq!(provider.key(at(3)).await.unwrap().id, "STS.second");
    assert_eq!(provider.refused(&first, at(3)), Renewal::Possible, "there is another by now");

    home.set(&token("STS.third"));
    assert_eq!(
        provider.refused(&provider.key(at(3)).await.unwrap(), at(3)),
        Renewal::Possible,
        "not looked at, but read"
    );
    assert_eq!(provider.key(at(3)).await.unwrap().id, "STS.third");
}

#[tokio::test]
async fn a_file_that_breaks_changes_nothing_and_is_told() {
    let home = Home::of(&token("STS.first"));
    let provider = provider(&home.places(&[]), "me");
    provider.key(at(0)).await.unwrap();
    for (text, why) in [
        ("{\"profiles\": hush", "it is not JSON, at line 1"),
        (r#"{"profiles":[]}"#, "it has no profile me, which this run names"),
    ] {
        home.write(".aliyun/config.json", text);
        assert_eq!(provider.key(at(1)).await.unwrap().id, "STS.first");
        let note = provider.late(at(1)).unwrap().to_string();
        assert!(note.contains(why) && !note.contains("hush"), "{note}");
        home.set(&token("STS.first"));
        provider.key(at(2)).await.unwrap();
        assert_eq!(provider.late(at(2)), None);
    }
}

#[tokio::test]
async fn an_answer_to_what_the_file_said_before_signs_nothing() {
    let (release, held) = std::sync::mpsc::channel::<()>();
    let sts = Server::start(move |_| {
        held.recv().unwrap();
        Answer::new(200, json!({"Credentials": handed(1, at(60))}).to_string())
    });
    let home =
        Home::of(&json!([{"name": "me", "mode": "RamRoleArn", "access_key_id": "x", "access_key_secret": "hush",
        "ram_role_arn": "acs:ram::1:role/audit"}]));
    let provider = provider(&home.places(&[("ALIBABA_CLOUD_STS_ENDPOINT", &sts.url)]), "me");
    let asking = provider.clone();
    let asked = tokio::spawn(async move { asking.key(at(0)).await });
    while sts.seen().is_empty() {
        tokio::task::yield_now().await;
    }
    home.set(&token("STS.another"));
    let edition = provider.edition();
    assert!(provider.may_have_healed(edition, at(1)));
    release.send(()).unwrap();
    let error = asked.await.unwrap().unwrap_err();
    assert!(error.may_pass() && words(&error).contains("its file changed meanwhile"), "{error}");
    assert_eq!(provider.key(at(1)).await.unwrap().id, "STS.another");
}
