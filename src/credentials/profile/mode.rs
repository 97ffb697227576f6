//! What a profile's mode means: which fields it takes, and how a key is got with them.

use std::fmt;

use super::{File, Miss, Wanted};
use crate::{
    acs::{AccessKey, Endpoint},
    credentials::{
        Error, Fields, Places, Source, cached::Cached, cloud_sso::CloudSso, command::Command, lease::Lease, oidc::Oidc,
        plan, uri::Uri, way::Way,
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
    RamRoleArnWithRoleName,
    EcsRamRole,
    Oidc,
    External,
    CredentialsUri,
    CloudSso,
    OAuth,
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Mode {
    const ALL: [Self; 11] = [
        Self::Ak,
        Self::StsToken,
        Self::RamRoleArn,
        Self::ChainableRamRoleArn,
        Self::RamRoleArnWithRoleName,
        Self::EcsRamRole,
        Self::Oidc,
        Self::External,
        Self::CredentialsUri,
        Self::CloudSso,
        Self::OAuth,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Ak => "AK",
            Self::StsToken => "StsToken",
            Self::RamRoleArn => "RamRoleArn",
            Self::ChainableRamRoleArn => "ChainableRamRoleArn",
            Self::RamRoleArnWithRoleName => "RamRoleArnWithRoleName",
            Self::EcsRamRole => "EcsRamRole",
            Self::Oidc => "OIDC",
            Self::External => "External",
            Self::CredentialsUri => "CredentialsURI",
            Self::CloudSso => "CloudSSO",
            Self::OAuth => "OAuth",
        }
    }

    /// What it is called among the sources.
    pub(super) fn source(self) -> Source {
        Source::File { mode: (!matches!(self, Self::Ak | Self::StsToken)).then(|| self.name()) }
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
        if has("private_key") && has("key_pair_name") {
            return Err(unusable(fields, "RsaKeyPair"));
        }
        if has("ram_role_name") {
            return Ok(Self::EcsRamRole);
        }
        if has("process_command") {
            return Ok(Self::External);
        }
        if has("oidc_provider_arn") && has("oidc_token_file") {
            return Ok(Self::Oidc);
        }
        if has("cloud_sso_sign_in_url") {
            return Ok(Self::CloudSso);
        }
        if has("bearer_token") {
            return Err(unusable(fields, "BearerToken"));
        }
        // What the official command line leaves before it is configured.
        Ok(Self::Ak)
    }
}

/// The fields of which one at least is in a profile that somebody has configured.
const MEANT: [&str; 24] = [
    "access_key_id",
    "access_key_secret",
    "sts_token",
    "ram_role_arn",
    "role_arn",
    "ram_role_name",
    "role_name",
    "ram_session_name",
    "role_session_name",
    "external_id",
    "policy",
    "source_profile",
    "private_key",
    "key_pair_name",
    "process_command",
    "credentials_uri",
    "oidc_provider_arn",
    "oidc_token_file",
    "cloud_sso_sign_in_url",
    "cloud_sso_account_id",
    "cloud_sso_access_config",
    "access_token",
    "oauth_access_token",
    "bearer_token",
];

/// Why a mode can't be used.
fn unusable(fields: &Fields, name: &str) -> Error {
    fields.broken(match name {
        "RsaKeyPair" => {
            "mode RsaKeyPair is given up by the vendor and can't be used; use a role (RamRoleArn) or a key (AK)"
                .to_owned()
        }
        "BearerToken" => {
            "mode BearerToken can't be used: ActionTrail takes signed calls only; use a role or a key".to_owned()
        }
        "Anonymous" => "mode Anonymous has no key to sign with, and ActionTrail takes signed calls only".to_owned(),
        _ => match Mode::ALL.into_iter().find(|mode| mode.name().eq_ignore_ascii_case(name)) {
            Some(mode) => format!("mode {name} is none that is known: it is written {mode}"),
            None => format!("mode {name} is none that is known; those are {}", Mode::ALL.map(Mode::name).join(", ")),
        },
    })
}

impl File {
    /// How a profile of this mode gets its key.
    pub(super) fn way(&self, mode: Mode, fields: &Fields, places: &Places, sts: &Endpoint) -> Result<Way, Miss> {
        Ok(match mode {
            Mode::Ak if !MEANT.iter().any(|field| fields.has(field)) => {
                return Err(Miss::absent(&fields.place, plan::NO_KEY));
            }
            Mode::Ak => Way::Known(Lease::lasting(AccessKey { token: None, ..plan::key(fields)? })),
            Mode::StsToken => {
                let key = plan::key(fields)?;
                if key.token.is_none() {
                    return Err(fields.broken("mode StsToken, but it has no sts_token").into());
                }
                Way::Known(Lease::lasting(key))
            }
            Mode::RamRoleArn => plan::role(
                fields,
                places,
                sts,
                plan::below(Mode::Ak.source(), sts, Way::Known(Lease::lasting(plan::key(fields)?))),
            )?,
            Mode::RamRoleArnWithRoleName => plan::role(
                fields,
                places,
                sts,
                plan::below(Mode::EcsRamRole.source(), sts, plan::instance(fields, places)?),
            )?,
            Mode::EcsRamRole => plan::instance(fields, places)?,
            Mode::Oidc => Way::Oidc(Box::new(Oidc::of(fields, places, sts)?)),
            Mode::CloudSso => Way::CloudSso(Box::new(CloudSso::of(fields, places)?)),
            Mode::OAuth => Way::Cached(Box::new(Cached::of(fields)?)),
            Mode::External => {
                permit_helpers(fields, places)?;
                Way::Command(Box::new(Command::of(fields, places)?))
            }
            Mode::CredentialsUri => {
                permit_helpers(fields, places)?;
                let place = format!("{}, credentials_uri", fields.place);
                Way::Uri(Box::new(Uri::new(place, &fields.required(&["credentials_uri"])?, places)?))
            }
            Mode::ChainableRamRoleArn => {
                let source = fields.required(&["source_profile"])?;
                let name = ProfileName::new(&source).map_err(|error| fields.broken(error.to_string()))?;
                let by = format!("source_profile of {}", fields.place);
                let base = self.provider(Wanted::Named { name: &name, by: Some(&by) }, places);
                plan::role(fields, places, sts, base.map_err(Miss::into_error)?)?
            }
        })
    }
}

/// Whether a profile may have others asked that it names itself.
fn permit_helpers(fields: &Fields, places: &Places) -> Result<(), Error> {
    match places.env.forbids_helpers() {
        Some(variable) => Err(fields.broken(format!("{variable} forbids this mode"))),
        None => Ok(()),
    }
}
