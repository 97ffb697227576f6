//! The calls of STS, API version 2015-04-01: whose a key is, and keys for roles. Which host it has is not known here.
//!
//! Source of its facts: <https://www.alibabacloud.com/help/en/ram/developer-reference/api-sts-2015-04-01-overview>.

use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tokio::sync::Semaphore;

use super::{
    lease::{self, Handed, Lease},
    role::Session,
};
use crate::{
    acs::{self, AccessKey, Answer, Call, Class, Endpoint},
    job::{AccountId, Timestamp},
    text,
};

const VERSION: &str = "2015-04-01";

/// The longest name that is kept of what STS says; RAM's own limits are below it.
const LONGEST: usize = 300;

/// Whose a key is: the answer of `GetCallerIdentity`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallerIdentity {
    /// The account's number.
    pub account: AccountId,
    /// The user or the session of a role, as in `acs:ram::1234567890123456:user/alice`, safe to print.
    pub arn: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Identity {
    account_id: String,
    #[serde(default)]
    arn: String,
}

/// Asks whose a key is. It takes no permission but that to call at all.
///
/// # Errors
/// [`acs::Error`], also for an answer that is not the API's.
pub async fn get_caller_identity(
    client: &acs::Client,
    key: &AccessKey,
    now: Timestamp,
) -> Result<CallerIdentity, acs::Error> {
    let call = Call { action: "GetCallerIdentity", version: VERSION, params: &[] };
    let answer = called(client, Proof::Key(key), &call, now).await?;
    let identity: Identity = serde_json::from_slice(&answer.body).map_err(|error| answer.not_api(error.to_string()))?;
    let short = |text: &str| text::clean(text).chars().take(LONGEST).collect::<String>();
    let account = short(identity.account_id.trim());
    if account.is_empty() {
        return Err(answer.not_api("it names no account"));
    }
    Ok(CallerIdentity { account: AccountId::new(&account), arn: short(&identity.arn) })
}

/// What proves who calls.
#[derive(Clone, Copy)]
enum Proof<'a> {
    Key(&'a AccessKey),
    Token(&'a SecretString),
}

/// Calls, and again, once, with the server's time where it refuses ours.
async fn called(client: &acs::Client, proof: Proof<'_>, call: &Call<'_>, now: Timestamp) -> Result<Answer, acs::Error> {
    match sent(client, proof, call, now).await {
        Err(error) if error.class() == Class::Clock => match error.server_time() {
            Some(server) => sent(client, proof, call, server).await,
            None => Err(error),
        },
        outcome => outcome,
    }
}

async fn sent(client: &acs::Client, proof: Proof<'_>, call: &Call<'_>, now: Timestamp) -> Result<Answer, acs::Error> {
    match proof {
        Proof::Key(key) => client.call(key, call, now).await,
        Proof::Token(token) => client.call_unsigned(call, token, now).await,
    }
}

/// How many roles are assumed at a time. Two hundred profiles that begin at once would be refused for being too many.
const AT_A_TIME: usize = 10;

/// Turns for all who assume roles.
#[derive(Debug, Clone)]
pub(super) struct Turns(Arc<Semaphore>);

impl Default for Turns {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_A_TIME)))
    }
}

/// STS as it is asked for keys of roles' sessions: a few at a time.
#[derive(Debug)]
pub(super) struct Sts {
    client: acs::Client,
    turns: Turns,
}

impl Sts {
    /// STS behind this client, asked in these turns.
    pub(super) fn new(client: acs::Client, turns: Turns) -> Self {
        Self { client, turns }
    }

    /// Where it is.
    pub(super) fn endpoint(&self) -> &Endpoint {
        self.client.endpoint()
    }

    /// Asks for the key of a role's session.
    ///
    /// # Errors
    /// [`acs::Error`], also for an answer that is not the API's, of which nothing is quoted: it may hold half of a key.
    pub(super) async fn assume_role(
        &self,
        key: &AccessKey,
        session: &Session,
        now: Timestamp,
    ) -> Result<Lease, acs::Error> {
        let seconds = session.seconds.to_string();
        let mut params = params(session, &seconds);
        params.extend(session.external_id.as_deref().map(|id| ("ExternalId", id)));
        let call = Call { action: "AssumeRole", version: VERSION, params: &params };
        self.handed(Proof::Key(key), &call, now).await
    }

    /// Asks for the key of a role's session with the token of a provider that the role trusts.
    ///
    /// # Errors
    /// As of [`Self::assume_role`].
    pub(super) async fn assume_role_with_oidc(
        &self,
        provider: &str,
        token: &SecretString,
        session: &Session,
        now: Timestamp,
    ) -> Result<Lease, acs::Error> {
        let seconds = session.seconds.to_string();
        let mut params = params(session, &seconds);
        params.extend([("OIDCProviderArn", provider), ("OIDCToken", token.expose_secret())]);
        let call = Call { action: "AssumeRoleWithOIDC", version: VERSION, params: &params };
        self.handed(Proof::Token(token), &call, now).await
    }

    async fn handed(&self, proof: Proof<'_>, call: &Call<'_>, now: Timestamp) -> Result<Lease, acs::Error> {
        let _turn = self.turns.0.acquire().await.expect("the semaphore is never closed");
        let mut answer = called(&self.client, proof, call, now).await?;
        let assumed: Result<Assumed, String> = lease::parse(&answer.body);
        answer.wipe();
        let lease = assumed.and_then(|assumed| assumed.credentials.lease());
        let lease = lease.and_then(|lease| lease.handed_at(answer.server_time).unexpired(now));
        lease.map_err(|problem| answer.not_api_unquoted(problem))
    }
}

fn params<'a>(session: &'a Session, seconds: &'a str) -> Vec<(&'static str, &'a str)> {
    let mut params = vec![
        ("RoleArn", session.role.as_str()),
        ("RoleSessionName", session.name.as_str()),
        ("DurationSeconds", seconds),
    ];
    params.extend(session.policy.as_deref().map(|policy| ("Policy", policy)));
    params
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Assumed {
    credentials: Handed,
}
