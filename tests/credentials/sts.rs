//! An STS of our own: it checks signatures by the published rules and hands out keys for the roles that it knows.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
};

use chrono::{DateTime, TimeDelta, Utc};
use ring::{digest, hmac};
use serde_json::json;

use crate::{
    fixture::start,
    server::{Answer, Seen, Server},
};

/// A running STS.
pub(crate) struct Sts {
    pub(crate) server: Server,
    world: Arc<Mutex<World>>,
}

/// What it knows.
#[derive(Debug)]
pub(crate) struct World {
    now: DateTime<Utc>,
    /// Secret and token by key id.
    pub(crate) keys: BTreeMap<String, (String, Option<String>)>,
    /// When keys end that were handed out.
    ends: BTreeMap<String, DateTime<Utc>>,
    pub(crate) roles: Vec<&'static str>,
    /// The web token that it trusts.
    pub(crate) oidc_token: String,
    /// Answers everything with this status and code.
    pub(crate) fault: Option<(u16, &'static str)>,
    /// How long it then wants to be left alone, in milliseconds.
    pub(crate) retry_after: Option<&'static str>,
    handed: u32,
}

impl Sts {
    pub(crate) fn start() -> Self {
        let world = World {
            now: start(),
            keys: BTreeMap::from([("LTAIprod".to_owned(), ("hush-prod".to_owned(), None))]),
            ends: BTreeMap::new(),
            roles: vec!["acs:ram::1:role/audit", "acs:ram::2:role/deep"],
            oidc_token: "hush-web-token".to_owned(),
            fault: None,
            retry_after: None,
            handed: 0,
        };
        let world = Arc::new(Mutex::new(world));
        let answering = Arc::clone(&world);
        let server = Server::start(move |seen| {
            let mut world = answering.lock().unwrap();
            let retry_after = world.retry_after;
            let answer = world.answer(seen).unwrap_or_else(refused);
            retry_after.into_iter().fold(answer, |answer, wait| answer.with("x-acs-retry-after", wait))
        });
        Self { server, world }
    }

    /// What its clock says from now on.
    pub(crate) fn set_now(&self, now: DateTime<Utc>) {
        self.world().now = now;
        self.server.set_now(now);
    }

    /// Its knowledge, to change.
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }

    /// What it was asked for, by operation.
    pub(crate) fn asked(&self, action: &str) -> Vec<BTreeMap<String, String>> {
        self.server.seen().iter().filter(|seen| operation(seen) == action).map(Seen::params).collect()
    }
}

/// An ActionTrail with one job, for everybody whose key this STS knows.
pub(crate) fn actiontrail(sts: &Sts) -> Server {
    let world = Arc::clone(&sts.world);
    Server::start(move |seen| match world.lock().unwrap().check(seen, "2020-07-06") {
        Ok(()) => Answer::new(
            200,
            json!({"RequestId": "R-3", "TotalCount": 1, "PageNumber": 1, "PageSize": 100, "DeliveryHistoryJobs": [
                {"JobId": 16602, "TrailName": "trail-name", "HomeRegion": "cn-hangzhou", "JobStatus": 2,
                 "CreatedTime": "2026-11-24T03:17:04Z", "UpdatedTime": "2026-11-24T03:20:08Z",
                 "StartTime": "2026-10-24T03:17:04Z", "EndTime": "2026-11-24T03:22:04Z"}]})
            .to_string(),
        ),
        Err(refusal) => refused(refusal),
    })
}

fn refused((status, code): Refusal) -> Answer {
    Answer::new(status, json!({"Code": code, "Message": "in a test", "RequestId": "R-1"}).to_string())
}

type Refusal = (u16, &'static str);

fn operation(seen: &Seen) -> String {
    match seen.header("x-acs-action") {
        "" => seen.params().get("Action").cloned().unwrap_or_default(),
        action => action.to_owned(),
    }
}

impl World {
    fn answer(&mut self, seen: &Seen) -> Result<Answer, Refusal> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        let params = seen.params();
        let param = |name: &str| params.get(name).map(String::as_str);
        match operation(seen).as_str() {
            "AssumeRole" => self.check(seen, "2015-04-01")?,
            "AssumeRoleWithOIDC" => {
                if param("OIDCToken") != Some(self.oidc_token.as_str()) {
                    return Err((400, "AuthenticationFail.OIDCToken.Expired"));
                }
                if param("Version") != Some("2015-04-01") || seen.headers.contains_key("authorization") {
                    return Err((400, "InvalidVersion"));
                }
                param("OIDCProviderArn").ok_or((400, "MissingOIDCProviderArn"))?;
            }
            _ => return Err((404, "InvalidApi.NotFound")),
        }
        let role = param("RoleArn").ok_or((400, "MissingRoleArn"))?;
        if !self.roles.contains(&role) {
            return Err((404, "EntityNotExist.Role"));
        }
        param("RoleSessionName").ok_or((400, "MissingRoleSessionName"))?;
        let seconds: i64 =
            param("DurationSeconds").and_then(|text| text.parse().ok()).ok_or((400, "MissingDuration"))?;
        if !(900..=43_200).contains(&seconds) {
            return Err((400, "InvalidParameter.DurationSeconds"));
        }
        Ok(Answer::new(200, self.hand_out(TimeDelta::seconds(seconds))))
    }

    /// A new key, as STS words it.
    fn hand_out(&mut self, life: TimeDelta) -> String {
        self.handed += 1;
        let n = self.handed;
        let (id, secret, token) = (format!("STS.role{n}"), format!("hush-secret-{n}"), format!("hush-token-{n}"));
        self.keys.insert(id.clone(), (secret.clone(), Some(token.clone())));
        self.ends.insert(id.clone(), self.now + life);
        let expiration = (self.now + life).format("%Y-%m-%dT%H:%M:%SZ").to_string();
        json!({"RequestId": "R-2", "AssumedRoleUser": {"Arn": "acs:ram::1:role/audit/x", "AssumedRoleId": "1:x"},
            "Credentials": {"AccessKeyId": id, "AccessKeySecret": secret, "SecurityToken": token, "Expiration": expiration}})
        .to_string()
    }

    /// Whether a request is signed well by a key that is known.
    fn check(&self, seen: &Seen, version: &str) -> Result<(), Refusal> {
        let authorization = seen.header("authorization");
        let fields = authorization.strip_prefix("ACS3-HMAC-SHA256 ").ok_or((400, "IncompleteSignature"))?;
        let field =
            |name: &str| fields.split(',').find_map(|field| field.trim().strip_prefix(name)).unwrap_or_default();
        let (id, names, signature) = (field("Credential="), field("SignedHeaders="), field("Signature="));
        let (secret, token) = self.keys.get(id).ok_or((404, "InvalidAccessKeyId.NotFound"))?;
        if token.as_deref().unwrap_or_default() != seen.header("x-acs-security-token") {
            return Err((400, "InvalidSecurityToken.MismatchWithAccessKey"));
        }
        if self.ends.get(id).is_some_and(|end| *end <= self.now) {
            return Err((400, "InvalidSecurityToken.Expired"));
        }
        let date: DateTime<Utc> = seen.header("x-acs-date").parse().map_err(|_| (400, "InvalidTimeStamp.Format"))?;
        if (date - self.now).abs() > TimeDelta::minutes(15) {
            return Err((400, "InvalidTimeStamp.Expired"));
        }
        let hash = |text: &str| hex(digest::digest(&digest::SHA256, text.as_bytes()).as_ref());
        let lines: String = names.split(';').map(|name| format!("{name}:{}\n", seen.header(name).trim())).collect();
        let canonical = format!("{}\n/\n{}\n{lines}\n{names}\n{}", seen.method, seen.query, hash(&seen.body));
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        let to_sign = format!("ACS3-HMAC-SHA256\n{}", hash(&canonical));
        let expected = hex(hmac::sign(&key, to_sign.as_bytes()).as_ref());
        let signs_all = ["host", "x-acs-action", "x-acs-date", "x-acs-version"].iter().all(|name| names.contains(name));
        if expected != signature || !signs_all || seen.header("x-acs-version") != version {
            return Err((400, "SignatureDoesNotMatch"));
        }
        Ok(())
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
