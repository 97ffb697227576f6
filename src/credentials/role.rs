//! A role that is assumed with another key: STS hands out a temporary one.

use std::{fmt, time::Duration};

use tokio::time::timeout;

use super::{Error, Fields, Provider, Remedy, Renewal, endpoint::Wishes, lease::Lease, moment::Moment, sts::Sts};
use crate::acs::{self, AccessKey};

/// What a session is called in the audit trail of the account where nobody names it.
const SESSION: &str = "trailwatch";

/// The shortest and the usual life of a session, in seconds.
const SHORTEST: i64 = 900;
const USUAL: i64 = 3600;

/// How long the key below may take: longer than any command may, so that two that wait for each other come apart.
const PATIENCE: Duration = Duration::from_secs(90);

/// A role, and who assumes it.
#[derive(Debug)]
pub(super) struct Role {
    pub(super) place: String,
    pub(super) session: Session,
    pub(super) sts: Sts,
    pub(super) base: Provider,
}

/// What STS is asked for. Printing it for debugging shows neither policy nor external id.
#[derive(Clone)]
pub(super) struct Session {
    pub(super) role: String,
    pub(super) name: String,
    pub(super) seconds: i64,
    pub(super) policy: Option<String>,
    pub(super) external_id: Option<String>,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("role", &self.role).field("name", &self.name).finish_non_exhaustive()
    }
}

impl Session {
    /// A session of the usual length.
    pub(super) fn usual(role: String, name: Option<String>) -> Self {
        let name = name.unwrap_or_else(|| SESSION.to_owned());
        Self { role, name, seconds: USUAL, policy: None, external_id: None }
    }

    /// The role's fields of a profile.
    pub(super) fn of(fields: &Fields) -> Result<Self, Error> {
        let seconds = fields.number("expired_seconds")?.unwrap_or(USUAL);
        if seconds < SHORTEST {
            return Err(fields.broken(format!("expired_seconds is {seconds}, but a role's session has 900 at least")));
        }
        Ok(Self {
            role: fields.required(&["ram_role_arn", "role_arn"])?,
            name: fields.first(&["ram_session_name", "role_session_name"])?.unwrap_or_else(|| SESSION.to_owned()),
            seconds,
            policy: fields.text("policy")?,
            external_id: fields.text("external_id")?,
        })
    }
}

impl Wishes {
    /// What a profile wishes of STS.
    pub(super) fn of(fields: &Fields) -> Result<Self, Error> {
        use super::endpoint::Vpc;
        Ok(Self {
            place: fields.place.clone(),
            endpoint: fields.text("sts_endpoint")?,
            region: fields.text("sts_region")?,
            home: fields.text("region_id")?,
            vpc: if fields.is_true("enable_vpc")? { Vpc::Inside } else { Vpc::Outside },
        })
    }
}

impl Role {
    /// Asks for the key of a session. Where the key below is refused, its source is asked for another one, once.
    pub(super) async fn ask(&self, now: Moment) -> Result<Lease, Error> {
        let mut key = self.base(now).await?;
        let mut again = true;
        loop {
            let error = match self.sts.assume_role(&key, &self.session, now.service).await {
                Ok(lease) => return Ok(lease),
                Err(error) => error,
            };
            let refused = matches!(error.class(), acs::Class::Key | acs::Class::Token);
            if !(refused && again && self.base.refused(&key, now.local) == Renewal::Possible) {
                return Err(Error::of_sts(&self.asked(), &error));
            }
            again = false;
            key = self.base(now).await?;
        }
    }

    async fn base(&self, now: Moment) -> Result<AccessKey, Error> {
        match timeout(PATIENCE, self.base.key(now.local)).await {
            Ok(key) => key,
            Err(_) => Err(Error::NotGiven {
                place: self.place.clone(),
                problem: format!("the key to assume the role with did not come within {} s", PATIENCE.as_secs()),
                remedy: Remedy::AskAgain,
            }),
        }
    }

    fn asked(&self) -> String {
        format!("{}, AssumeRole {} at {}", self.place, self.session.role, self.sts.endpoint())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_partner_agreed_on_is_not_printed() {
        let session = Session {
            policy: Some("hush".into()),
            external_id: Some("hush".into()),
            ..Session::usual("r".into(), None)
        };
        assert_eq!(format!("{session:?}"), r#"Session { role: "r", name: "trailwatch", .. }"#);
    }
}
