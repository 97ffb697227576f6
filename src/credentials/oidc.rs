//! A role that is assumed with a token in a file, as a cluster puts one into its pods (RRSA): it takes no other key.

use std::path::{Path, PathBuf};

use secrecy::SecretString;

use super::{
    Env, Error, Fields, Places, Remedy,
    endpoint::{self, Wishes},
    file,
    lease::Lease,
    plan::Miss,
    role::Session,
    sts::Sts,
};
use crate::{acs::Endpoint, job::Timestamp};

const ROLE: &str = "ALIBABA_CLOUD_ROLE_ARN";
const PROVIDER: &str = "ALIBABA_CLOUD_OIDC_PROVIDER_ARN";
const TOKEN_FILE: &str = "ALIBABA_CLOUD_OIDC_TOKEN_FILE";

/// A line about a role that is not assumed, because some of the variables that a cluster sets are missing. The role's own may be
/// set for others, so that alone says nothing.
pub(super) fn half_set(env: &Env) -> Option<String> {
    let (set, missing): (Vec<_>, Vec<_>) =
        [PROVIDER, TOKEN_FILE, ROLE].into_iter().partition(|name| env.get(name).is_some());
    let meant = *set.first().filter(|name| **name != ROLE)?;
    let (missing, are) = (missing.join(" and "), if missing.len() == 1 { "is" } else { "are" });
    let words =
        format!("{meant} is set, but {missing} {are} not: no role is assumed with a token, another source is used");
    (set.len() < 3).then_some(words)
}

/// A role, and the token that it trusts.
#[derive(Debug)]
pub(super) struct Oidc {
    place: String,
    session: Session,
    provider: String,
    token_file: PathBuf,
    sts: Sts,
}

impl Oidc {
    /// The role of three variables.
    ///
    /// # Errors
    /// [`Miss::Absent`] where one of them is not set.
    pub(super) fn of_env(places: &Places) -> Result<Self, Miss> {
        let get = |name| places.env.get(name).ok_or(name);
        let (role, provider, token_file) = match (get(ROLE), get(PROVIDER), get(TOKEN_FILE)) {
            (Ok(role), Ok(provider), Ok(file)) => (role, provider, file),
            (Err(name), ..) | (_, Err(name), _) | (.., Err(name)) => {
                return Err(Miss::absent("OIDC token in a file", format!("{name} is not set")));
            }
        };
        let name = places.env.get("ALIBABA_CLOUD_ROLE_SESSION_NAME");
        Ok(Self {
            place: format!("environment variables {ROLE}, {PROVIDER} and {TOKEN_FILE}"),
            session: Session::usual(role, name),
            provider,
            token_file: token_file.into(),
            sts: places.sts(&endpoint::sts(&places.env, &Wishes::default())?),
        })
    }

    /// The role of a profile.
    pub(super) fn of(fields: &Fields, places: &Places, sts: &Endpoint) -> Result<Self, Error> {
        Ok(Self {
            place: fields.place.clone(),
            session: Session::of(fields)?,
            provider: fields.required(&["oidc_provider_arn"])?,
            token_file: fields.required(&["oidc_token_file", "oidc_token_file_path"])?.into(),
            sts: places.sts(sts),
        })
    }

    /// The file of the token: with another one, the answer may be another.
    pub(super) fn token_file(&self) -> &Path {
        &self.token_file
    }

    /// Where it asks.
    pub(super) fn endpoint(&self) -> &Endpoint {
        self.sts.endpoint()
    }

    /// Asks for the key of a session. The token is read each time: it lives no longer than keys do.
    pub(super) async fn ask(&self, now: Timestamp) -> Result<Lease, Error> {
        let token = self.token()?;
        self.sts.assume_role_with_oidc(&self.provider, &token, &self.session, now).await.map_err(|error| {
            let place = format!("{}, AssumeRoleWithOIDC {} at {}", self.place, self.session.role, self.sts.endpoint());
            Error::of_sts(&place, &error)
        })
    }

    fn token(&self) -> Result<SecretString, Error> {
        let file = self.token_file.display();
        // Whatever is wrong there, it may be that the file is being replaced just now.
        let fail = |problem: String| Error::NotGiven {
            place: self.place.clone(),
            problem: format!("the token's file {file}: {problem}"),
            remedy: Remedy::Local,
        };
        let text =
            file::read(&self.token_file).map_err(fail)?.ok_or_else(|| fail("there is no such file".to_owned()))?;
        let token = std::str::from_utf8(&text).map_err(|_| fail("it is not a text".to_owned()))?.trim();
        if token.is_empty() { Err(fail("it is empty".to_owned())) } else { Ok(token.into()) }
    }
}
