//! What a profile or a set of variables says, made into a way to a key; and what profiles of all files have in common.

use std::path::PathBuf;

use ring::digest;

use super::{
    Error, Fields, Places, Provider, Source, chain,
    endpoint::{self, Wishes},
    file::Stamp,
    ini,
    kept::Kept,
    metadata::Metadata,
    profile,
    role::{Role, Session},
    way::Way,
};
use crate::{
    acs::{AccessKey, Endpoint},
    job::{ProfileName, Region},
};

/// What a source's file says, or its variables.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) way: Way,
    pub(super) source: Source,
    pub(super) region: Option<Region>,
    pub(super) sts: Endpoint,
    /// Two plans of the same print are the same.
    pub(super) print: Print,
}

impl Plan {
    /// The key that it has from the beginning, where it has one.
    pub(super) fn kept(&self) -> Option<Kept> {
        let lease = self.way.at_hand()?.clone();
        Some(if self.way.known().is_some() { Kept::holding(lease) } else { Kept::beginning(lease) })
    }
}

/// A hash of what a plan was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Print([u8; 32]);

impl Print {
    /// The print of these texts, in this order.
    pub(super) fn of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut context = digest::Context::new(&digest::SHA256);
        for text in texts {
            context.update(&(text.len() as u64).to_le_bytes());
            context.update(text.as_bytes());
        }
        let mut print = Self::default();
        print.0.copy_from_slice(context.finish().as_ref());
        print
    }
}

/// Where a plan is read from, and the profile in it.
#[derive(Debug, Clone)]
pub(super) struct Origin {
    pub(super) places: Places,
    pub(super) files: Files,
    pub(super) profile: ProfileName,
}

/// The file that has the profile, or those that may come to have it.
#[derive(Debug, Clone)]
pub(super) enum Files {
    /// That of the official command line.
    Json(PathBuf),
    /// That of the SDKs.
    Ini(PathBuf),
    /// Whichever has it, once it can be used.
    Any {
        /// The region under which the profile is shown, where nobody has named it: one of another region is not to be taken for
        /// it.
        stands_in: Option<Region>,
    },
}

impl Origin {
    /// Reads the plan again.
    pub(super) fn read(&self) -> Result<Plan, Error> {
        match &self.files {
            Files::Json(_) => profile::read_again(self),
            Files::Ini(path) => ini::read_again(self, path),
            Files::Any { stands_in } => {
                let plan = chain::plan(&self.places, &self.profile)?;
                match stands_in {
                    Some(shown) if plan.region.as_ref() != Some(shown) => Err(self.elsewhere(plan.region.as_ref())),
                    _ => Ok(plan),
                }
            }
        }
    }

    /// What changes when what is read does.
    pub(super) fn stamp(&self) -> Stamp {
        match &self.files {
            Files::Json(path) | Files::Ini(path) => Stamp::of(path),
            Files::Any { .. } => Stamp::of_all(chain::files(&self.places)),
        }
    }

    fn elsewhere(&self, region: Option<&Region>) -> Error {
        let problem = match region {
            Some(region) => format!("its region {region} was not known at the start: start again to read it"),
            None => "it has no region_id, and no region is set: add one, or start again with --region".to_owned(),
        };
        Error::Broken { place: format!("profile {}", self.profile), problem }
    }
}

/// Why a source gives no key.
#[derive(Debug)]
pub(super) enum Miss {
    /// There is nothing there, or nothing in it, as the official command line leaves it before it is configured: the next source
    /// may be asked.
    Absent(Error),
    /// It can't be used.
    Broken(Error),
}

impl From<Error> for Miss {
    fn from(error: Error) -> Self {
        Self::Broken(error)
    }
}

impl Miss {
    /// That there is nothing there.
    pub(super) fn absent(place: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::Absent(Error::Broken { place: place.into(), problem: problem.into() })
    }

    /// The error where this profile and no other will do.
    pub(super) fn into_error(self) -> Error {
        let (Self::Absent(error) | Self::Broken(error)) = self;
        error
    }
}

/// Where STS is asked for a profile.
pub(super) fn sts(fields: &Fields, places: &Places) -> Result<Endpoint, Error> {
    endpoint::sts(&places.env, &Wishes::of(fields)?)
}

/// The default region of a profile.
pub(super) fn region(fields: &Fields) -> Result<Option<Region>, Error> {
    let region = fields.text("region_id")?.map(|id| Region::new(&id)).transpose();
    region.map_err(|error| fields.broken(format!("region_id: {error}")))
}

/// A role that is assumed with the key of `base`.
pub(super) fn role(fields: &Fields, places: &Places, sts: &Endpoint, base: Provider) -> Result<Way, Error> {
    let sts = places.sts(sts);
    Ok(Way::Role(Box::new(Role { place: fields.place.clone(), session: Session::of(fields)?, sts, base })))
}

/// The provider of a key that only this profile has use for.
pub(super) fn below(source: Source, sts: &Endpoint, way: Way) -> Provider {
    let sts = sts.clone();
    Provider::new(ProfileName::environment(), Plan { way, source, region: None, sts, print: Print::default() }, None)
}

/// The role of the instance that a profile means.
pub(super) fn instance(fields: &Fields, places: &Places) -> Result<Way, Error> {
    let role = fields.first(&["ram_role_name", "role_name"])?;
    Ok(Way::Metadata(Box::new(Metadata::new(fields.place.clone(), role, places)?)))
}

/// What is said of a profile without a key.
pub(super) const NO_KEY: &str = "it has no access_key_id";

/// The key that stands in a profile.
pub(super) fn key(fields: &Fields) -> Result<AccessKey, Error> {
    match (fields.text("access_key_id")?, fields.secret("access_key_secret")?) {
        (Some(id), Some(secret)) => Ok(AccessKey { id, secret, token: fields.secret("sts_token")? }),
        (Some(_), None) => Err(fields.broken("it has an access_key_id, but no access_key_secret")),
        (None, Some(_)) => Err(fields.broken("it has an access_key_secret, but no access_key_id")),
        (None, None) => Err(fields.broken(NO_KEY)),
    }
}
