//! CloudSSO: the key that the official command line left in the profile, and new ones for as long as its sign-in is good.

use std::{fmt, sync::Arc, time::Duration};

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use url::Url;

use super::{
    Error, Fields, Places, Remedy,
    lease::{self, Handed, Lease, by_seconds},
};
use crate::{
    acs::{Endpoint, Http, Method, PlainAnswer, PlainHttp, PlainRequest},
    job::Timestamp,
};

/// How long an answer may take in all: 5 s to connect, 10 s to read.
const LIMIT: Duration = Duration::from_secs(15);

/// A sign-in, and what it is good for.
pub(super) struct CloudSso {
    place: String,
    http: Arc<Http>,
    url: Url,
    account: String,
    access: String,
    token: Option<(SecretString, Option<Timestamp>)>,
    /// The key in the profile, which serves while it lasts.
    cached: Option<Lease>,
}

impl fmt::Debug for CloudSso {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CloudSso").field("place", &self.place).finish_non_exhaustive()
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Wanted<'a> {
    account_id: &'a str,
    access_configuration_id: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Given {
    cloud_credential: Handed,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Refusal {
    error_code: String,
}

impl CloudSso {
    /// The sign-in of a profile.
    ///
    /// # Errors
    /// [`Error::Broken`] where a field is missing, or the sign-in URL would send the token over plain http.
    pub(super) fn of(fields: &Fields, places: &Places) -> Result<Self, Error> {
        let text = fields.required(&["cloud_sso_sign_in_url"])?;
        let url = Url::parse(&text).map_err(|_| fields.broken("cloud_sso_sign_in_url is no URL"))?;
        let endpoint = Endpoint::parse(&url.origin().ascii_serialization(), PlainHttp::LoopbackOnly);
        let endpoint = endpoint.map_err(|_| fields.broken("cloud_sso_sign_in_url is no https URL"))?;
        let token = fields.secret("access_token")?;
        let ends = by_seconds(fields, "cloud_sso_access_token_expire")?;
        Ok(Self {
            place: fields.place.clone(),
            http: places.http(),
            url: endpoint.at("/cloud-credentials"),
            account: fields.required(&["cloud_sso_account_id"])?,
            access: fields.required(&["cloud_sso_access_config"])?,
            token: token.map(|token| (token, ends)),
            cached: Lease::cached(fields)?,
        })
    }

    /// The key that is left in the profile.
    pub(super) fn cached(&self) -> Option<&Lease> {
        self.cached.as_ref()
    }

    /// What proves the sign-in, while that is good.
    ///
    /// # Errors
    /// That nobody is signed in, or not any more.
    pub(super) fn token(&self, now: Timestamp) -> Result<&SecretString, Error> {
        match &self.token {
            None => Err(self.signed_out("nobody has signed in".to_owned())),
            Some((_, Some(end))) if *end <= now => {
                Err(self.signed_out(format!("the sign-in ended at {}", end.format("%Y-%m-%dT%H:%M:%SZ"))))
            }
            Some((token, _)) => Ok(token),
        }
    }

    /// Asks for a new key.
    pub(super) async fn ask(&self, now: Timestamp) -> Result<Lease, Error> {
        let token = self.token(now)?;
        let fail = |problem: String, remedy| Error::NotGiven { place: self.shown(), problem, remedy };
        let authorization = SecretString::from(format!("Bearer {}", token.expose_secret()));
        let headers = [
            ("accept", "application/json"),
            ("authorization", authorization.expose_secret()),
            ("content-type", "application/json"),
        ];
        let wanted = Wanted { account_id: &self.account, access_configuration_id: &self.access };
        let body = serde_json::to_vec(&wanted).expect("two texts have no failing serializer");
        let request = PlainRequest { method: Method::POST, url: &self.url, headers: &headers, body, limit: LIMIT };
        let answer = self.http.plain(request).await;
        let answer = answer.map_err(|error| fail(error.to_string(), Remedy::of_transport(&error)))?;
        match answer.status {
            200 => {}
            401 | 403 => return Err(self.signed_out(format!("the sign-in is not taken any more: {}", said(&answer)))),
            status if status >= 500 || status == 429 => return Err(fail(said(&answer), Remedy::AskAgain)),
            _ => return Err(fail(said(&answer), Remedy::Mend)),
        }
        let given: Result<Given, String> = lease::parse(&answer.body);
        let lease = given.and_then(|given| given.cloud_credential.lease());
        let lease = lease.map_err(|problem| fail(problem, Remedy::Mend))?.handed_at(answer.server_time);
        lease.unexpired(now).map_err(|problem| fail(problem, Remedy::AskAgain))
    }

    fn signed_out(&self, problem: String) -> Error {
        Error::NotGiven { place: self.shown(), problem, remedy: Remedy::SignIn }
    }

    fn shown(&self) -> String {
        format!("{}, {}", self.place, self.url.origin().ascii_serialization())
    }
}

/// Status and code of a refusal: the rest of it may repeat what was sent.
fn said(answer: &PlainAnswer) -> String {
    let is_name =
        |text: &String| text.len() <= 60 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.');
    let code = lease::parse(&answer.body).ok().map(|refusal: Refusal| refusal.error_code).filter(is_name);
    code.map_or_else(|| format!("HTTP {}", answer.status), |code| format!("{code} (HTTP {})", answer.status))
}
