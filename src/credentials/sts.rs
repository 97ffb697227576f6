//! The calls of STS, API version 2015-04-01: whose a key is. Which host it has is not known here.
//!
//! Source of its facts: <https://www.alibabacloud.com/help/en/ram/developer-reference/api-sts-2015-04-01-overview>.

use serde::Deserialize;

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
    let answer = at_the_servers_time(now, async |now| client.call(key, &call, now).await).await?;
    let identity: Identity = parse(&answer)?;
    let short = |text: &str| text::clean(text).chars().take(LONGEST).collect::<String>();
    let account = short(identity.account_id.trim());
    if account.is_empty() {
        return Err(answer.not_api("it names no account"));
    }
    Ok(CallerIdentity { account: AccountId::new(&account), arn: short(&identity.arn) })
}

/// Calls again, once, with the server's time where it refuses ours.
async fn at_the_servers_time<T>(
    now: Timestamp,
    call: impl AsyncFn(Timestamp) -> Result<T, acs::Error>,
) -> Result<T, acs::Error> {
    match call(now).await {
        Err(error) if error.class() == Class::Clock => match error.server_time() {
            Some(server) => call(server).await,
            None => Err(error),
        },
        outcome => outcome,
    }
}

fn parse<'a, T: Deserialize<'a>>(answer: &'a Answer) -> Result<T, acs::Error> {
    serde_json::from_slice(&answer.body).map_err(|error| answer.not_api(error.to_string()))
}
