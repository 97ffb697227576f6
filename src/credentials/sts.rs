//! The calls of STS, API version 2015-04-01: whose a key is, and keys for roles. Which host it has is not known here.
//!
//! Source of its facts: <https://www.alibabacloud.com/help/en/ram/developer-reference/api-sts-2015-04-01-overview>.

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{
    lease::{self, Handed, Lease},
    role::Session,
};
use crate::{
    acs::{self, AccessKey, Answer, Call, Class},
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
    let answer = called(client, key, &call, now).await?;
    let identity: Identity = serde_json::from_slice(&answer.body).map_err(|error| answer.not_api(error.to_string()))?;
    let short = |text: &str| text::clean(text).chars().take(LONGEST).collect::<String>();
    let account = short(identity.account_id.trim());
    if account.is_empty() {
        return Err(answer.not_api("it names no account"));
    }
    Ok(CallerIdentity { account: AccountId::new(&account), arn: short(&identity.arn) })
}

/// Calls, and again, once, with the server's time where it refuses ours.
async fn called(client: &acs::Client, key: &AccessKey, call: &Call<'_>, now: Timestamp) -> Result<Answer, acs::Error> {
    match client.call(key, call, now).await {
        Err(error) if error.class() == Class::Clock => match error.server_time() {
            Some(server) => client.call(key, call, server).await,
            None => Err(error),
        },
        outcome => outcome,
    }
}

/// Asks for the key of a role's session.
///
/// # Errors
/// [`acs::Error`], also for an answer that is not the API's, of which nothing is quoted: it may hold half of a key.
pub(super) async fn assume_role(
    client: &acs::Client,
    key: &AccessKey,
    session: &Session,
    now: Timestamp,
) -> Result<Lease, acs::Error> {
    let seconds = session.seconds.to_string();
    let mut params = params(session, &seconds);
    params.extend(session.external_id.as_deref().map(|id| ("ExternalId", id)));
    let call = Call { action: "AssumeRole", version: VERSION, params: &params };
    handed(&called(client, key, &call, now).await?, now)
}

/// Asks for the key of a role's session with the token of a provider that the role trusts.
///
/// # Errors
/// As of [`assume_role`].
pub(super) async fn assume_role_with_oidc(
    client: &acs::Client,
    provider: &str,
    token: &SecretString,
    session: &Session,
    now: Timestamp,
) -> Result<Lease, acs::Error> {
    let seconds = session.seconds.to_string();
    let mut params = params(session, &seconds);
    params.extend([("OIDCProviderArn", provider), ("OIDCToken", token.expose_secret())]);
    let call = Call { action: "AssumeRoleWithOIDC", version: VERSION, params: &params };
    let answer = match client.call_unsigned(&call, token, now).await {
        Err(error) if error.class() == Class::Clock => match error.server_time() {
            Some(server) => client.call_unsigned(&call, token, server).await,
            None => Err(error),
        },
        outcome => outcome,
    };
    handed(&answer?, now)
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

/// The key in an answer.
fn handed(answer: &Answer, now: Timestamp) -> Result<Lease, acs::Error> {
    let assumed: Result<Assumed, String> = lease::parse(&answer.body);
    let handed = assumed.and_then(|assumed| assumed.credentials.lease());
    let lease = handed.map(|lease| lease.handed_at(answer.server_time));
    lease.and_then(|lease| lease.unexpired(now)).map_err(|problem| answer.not_api_unquoted(problem))
}
