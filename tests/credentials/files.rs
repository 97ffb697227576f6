//! Files that change while the program runs.

use serde_json::{Value, json};
use trailwatch::credentials::Renewal;

use crate::fixture::{Home, at, provider};

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
        let note = provider.note(at(1)).unwrap();
        assert!(note.contains(why) && !note.contains("hush"), "{note}");
        home.set(&token("STS.first"));
        provider.key(at(2)).await.unwrap();
        assert_eq!(provider.note(at(2)), None);
    }
}
