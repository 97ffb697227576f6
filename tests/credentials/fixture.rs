//! A home directory with profiles, and keys asked for at times that the test says.

use std::{fs, path::PathBuf, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use tempfile::TempDir;
use trailwatch::{
    acs::{AccessKey, Endpoint, HttpOptions, PlainHttp},
    credentials::{Env, Error, Found, Places, Provider, resolve},
    job::ProfileName,
};

use crate::server::Server;

/// The beginning of every test.
pub(crate) fn start() -> DateTime<Utc> {
    "2026-11-24T20:00:00Z".parse().unwrap()
}

/// A home directory.
pub(crate) struct Home {
    directory: TempDir,
}

impl Home {
    /// One without any file.
    pub(crate) fn empty() -> Self {
        Self { directory: TempDir::new().unwrap() }
    }

    /// One with these profiles in the official command line's file, the first of them current.
    pub(crate) fn of(profiles: &Value) -> Self {
        let home = Self::empty();
        fs::create_dir(home.path(".aliyun")).unwrap();
        home.set(profiles);
        home
    }

    /// Other profiles from now on.
    pub(crate) fn set(&self, profiles: &Value) {
        let current = &profiles[0]["name"];
        self.write(".aliyun/config.json", &json!({"current": current, "profiles": profiles}).to_string());
    }

    /// A file, replaced as careful programs do it.
    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path("new"), text).unwrap();
        fs::rename(self.path("new"), self.path(name)).unwrap();
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Places in which this server is the instance's metadata service.
    pub(crate) fn instance(&self, variables: &[(&str, &str)], metadata: &Server) -> Places {
        let metadata = Endpoint::parse(&metadata.url, PlainHttp::LoopbackOnly).unwrap();
        let mut places = self.places(variables);
        places.metadata = metadata;
        places
    }

    pub(crate) fn places(&self, variables: &[(&str, &str)]) -> Places {
        Places::new(Env::of(variables), Some(self.directory.path().to_owned()), HttpOptions::default())
    }
}

pub(crate) fn find(places: &Places, profile: Option<&str>) -> Result<Found, Error> {
    let profile = profile.map(|name| ProfileName::new(name).unwrap());
    resolve(places, profile.as_ref())
}

/// The provider of a profile.
pub(crate) fn provider(places: &Places, profile: &str) -> Provider {
    find(places, Some(profile)).unwrap().provider
}

/// So many minutes after the beginning.
pub(crate) fn at(minutes: i64) -> DateTime<Utc> {
    start() + TimeDelta::minutes(minutes)
}

/// Asks until the key is another one: the next key comes when it comes.
pub(crate) async fn another(provider: &Provider, than: &AccessKey, now: DateTime<Utc>) -> AccessKey {
    for _ in 0..1000 {
        let key = provider.key(now).await.unwrap();
        if key.id != than.id {
            return key;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it is still {than:?}");
}

/// What an error says, in every form, without any secret of the fixtures.
pub(crate) fn words(error: &Error) -> String {
    let words = format!("{error} {error:?} {}", error.remedy());
    assert!(!words.contains("hush"), "a secret: {words}");
    error.to_string()
}

/// The answer of a service that hands out a temporary key.
pub(crate) fn handed(n: u32, until: DateTime<Utc>) -> Value {
    let expiration = until.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    json!({"Code": "Success", "AccessKeyId": format!("STS.handed{n}"), "AccessKeySecret": "hush-handed",
        "SecurityToken": "hush-token", "Expiration": expiration, "LastUpdated": "2026-11-24T10:00:00Z"})
}
