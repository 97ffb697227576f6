//! Whose a key is, asked of the emulator.

use std::sync::Arc;

use chrono::{TimeDelta, Utc};
use trailwatch::{
    acs::{AccessKey, Class, Client, Endpoint, Http, HttpOptions, PlainHttp},
    credentials::sts::get_caller_identity,
    emulator::{Config, Emulator, Identity},
};

fn client(emulator: &Emulator) -> Client {
    let endpoint = Endpoint::parse(&emulator.url(), PlainHttp::LoopbackOnly).unwrap();
    Client::new(Arc::new(Http::new(HttpOptions::default())), endpoint)
}

fn key(who: &Identity) -> AccessKey {
    let token = who.token.clone().map(Into::into);
    AccessKey { id: who.key_id.clone(), secret: who.secret.clone().into(), token }
}

#[tokio::test]
async fn a_key_is_asked_whose_it_is() {
    let emulator = Emulator::start(Config::default()).unwrap();
    for who in emulator.identities() {
        let identity = get_caller_identity(&client(&emulator), &key(who), Utc::now()).await.unwrap();
        assert_eq!(identity.account, who.account);
        assert_eq!(identity.arn, format!("acs:ram::{}:user/{}", who.account.as_str(), who.profile));
    }
}

#[tokio::test]
async fn a_wrong_clock_is_corrected_by_the_servers() {
    let emulator = Emulator::start(Config::default()).unwrap();
    let who = &emulator.identities()[0];
    let wrong = Utc::now() - TimeDelta::hours(5);
    assert_eq!(get_caller_identity(&client(&emulator), &key(who), wrong).await.unwrap().account, who.account);
}

#[tokio::test]
async fn a_key_that_nobody_knows_is_refused_in_the_services_words() {
    let emulator = Emulator::start(Config::default()).unwrap();
    let nobody = AccessKey { id: "LTAI5tNobodyNobodyNobody".into(), ..key(&emulator.identities()[0]) };
    let error = get_caller_identity(&client(&emulator), &nobody, Utc::now()).await.unwrap_err();
    assert_eq!((error.code(), error.class()), ("InvalidAccessKeyId.NotFound", Class::Key));
}
