//! What a profile's mode means: which fields it takes, and how a key is got with them.

use std::fmt;

use super::{File, Miss, Wanted};
use crate::{
    acs::{self, AccessKey, Endpoint},
    credentials::{
        Error, Fields, Places, Provider, Source,
        endpoint::{self, Wishes},
        lease::Lease,
        provider::{Plan, Print},
        role::{Role, Session},
        way::Way,
    },
    job::ProfileName,
};

/// The modes that can be used. Their names are case-sensitive, as they are for the official command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Ak,
    StsToken,
    RamRoleArn,
    ChainableRamRoleArn,
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Mode {
    const ALL: [Self; 4] = [Self::Ak, Self::StsToken, Self::RamRoleArn, Self::ChainableRamRoleArn];

    const fn name(self) -> &'static str {
        match self {
            Self::Ak => "AK",
            Self::StsToken => "StsToken",
            Self::RamRoleArn => "RamRoleArn",
            Self::ChainableRamRoleArn => "ChainableRamRoleArn",
        }
    }

    /// The mode that a profile has, or that its fields tell.
    ///
    /// # Errors
    /// [`Error::Broken`] for one that can't be used, in words.
    pub(super) fn of(fields: &Fields) -> Result<Self, Error> {
        let Some(name) = fields.text("mode")? else { return Self::inferred(fields) };
        Self::ALL.into_iter().find(|mode| mode.name() == name).ok_or_else(|| unusable(fields, &name))
    }

    /// The mode of a profile that has none, in the order of the official command line.
    fn inferred(fields: &Fields) -> Result<Self, Error> {
        let has = |name: &str| fields.has(name);
        if has("access_key_id") && has("access_key_secret") {
            return Ok(match (has("sts_token"), has("ram_role_arn")) {
                (true, _) => Self::StsToken,
                (false, true) => Self::RamRoleArn,
                (false, false) => Self::Ak,
            });
        }
        Ok(Self::Ak)
    }
}

/// Why a mode can't be used.
fn unusable(fields: &Fields, name: &str) -> Error {
    fields.broken(format!(
        "mode {name} can't be used yet: this version knows AK, StsToken, RamRoleArn and ChainableRamRoleArn"
    ))
}

/// Where STS is asked for a profile.
pub(super) fn sts(fields: &Fields, places: &Places) -> Result<Endpoint, Error> {
    endpoint::sts(&places.env, &Wishes::of(fields)?)
}

impl File {
    /// How a profile of this mode gets its key.
    pub(super) fn way(&self, mode: Mode, fields: &Fields, places: &Places, sts: &Endpoint) -> Result<Way, Miss> {
        Ok(match mode {
            Mode::Ak => Way::Known(Lease::lasting(AccessKey { token: None, ..key(fields)? })),
            Mode::StsToken => {
                let key = key(fields)?;
                if key.token.is_none() {
                    return Err(fields.broken("mode StsToken, but it has no sts_token").into());
                }
                Way::Known(Lease::lasting(key))
            }
            Mode::RamRoleArn => {
                let own = Plan {
                    way: Way::Known(Lease::lasting(key(fields)?)),
                    source: Source::ProfileFile(fields.place.clone()),
                    region: None,
                    sts: sts.clone(),
                    print: Print::default(),
                };
                role(fields, places, sts, Provider::new(ProfileName::environment(), own, None))?
            }
            Mode::ChainableRamRoleArn => {
                let source = fields.required(&["source_profile"])?;
                let name = ProfileName::new(&source).map_err(|error| fields.broken(error.to_string()))?;
                let by = format!("source_profile of {}", fields.place);
                let base = self.provider(Wanted::Named { name: &name, by: &by }, places);
                role(fields, places, sts, base.map_err(Miss::into_error)?)?
            }
        })
    }
}

/// A role that is assumed with the key of `base`.
fn role(fields: &Fields, places: &Places, sts: &Endpoint, base: Provider) -> Result<Way, Error> {
    let sts = acs::Client::new(places.http(), sts.clone());
    Ok(Way::Role(Box::new(Role { place: fields.place.clone(), session: Session::of(fields)?, sts, base })))
}

/// The key that stands in a profile.
fn key(fields: &Fields) -> Result<AccessKey, Miss> {
    match (fields.text("access_key_id")?, fields.secret("access_key_secret")?) {
        (Some(id), Some(secret)) => Ok(AccessKey { id, secret, token: fields.secret("sts_token")? }),
        (Some(_), None) => Err(fields.broken("it has an access_key_id, but no access_key_secret").into()),
        (None, Some(_)) => Err(fields.broken("it has an access_key_secret, but no access_key_id").into()),
        (None, None) => Err(Miss::Empty(format!("{} has no access_key_id", fields.place))),
    }
}
