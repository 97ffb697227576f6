//! Environment variables as a source of keys, read through a lookup that tests replace.
//!
//! Which other sources there are and in which order they are asked is in the parent module.

use std::{ffi::OsString, fmt, sync::Arc};

use secrecy::SecretString;

use super::Error;
use crate::acs::AccessKey;

/// The prefixes of the key variables, in the order of the official command line. The bare names are left alone: too unspecific.
const PREFIXES: [&str; 3] = ["ALIBABA_CLOUD_", "ALIBABACLOUD_", "ALICLOUD_"];

/// The variables that name a profile, in the order of the official command line.
pub const PROFILE: [&str; 3] = ["ALIBABACLOUD_PROFILE", "ALIBABA_CLOUD_PROFILE", "ALICLOUD_PROFILE"];

/// The variables that skip the profile file when they are true.
pub(super) const IGNORE_FILE: [&str; 2] = ["ALIBABA_CLOUD_IGNORE_PROFILE", "ALIBABA_CLOUD_CLI_PROFILE_DISABLED"];

/// The variables that name a region, in the order of the official command line.
pub const REGION: [&str; 3] = ["ALIBABA_CLOUD_REGION_ID", "ALIBABACLOUD_REGION_ID", "ALICLOUD_REGION_ID"];

/// Those that name one as well, but so loosely that they may be meant for anything: only where nothing else does.
pub const LOOSE_REGION: [&str; 2] = ["REGION_ID", "REGION"];

type Lookup = dyn Fn(&str) -> Option<OsString> + Send + Sync;

/// Environment variables. Printing it for debugging shows none of their values.
#[derive(Clone)]
pub struct Env {
    lookup: Arc<Lookup>,
}

impl fmt::Debug for Env {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Env").finish_non_exhaustive()
    }
}

impl Env {
    /// The variables of this process.
    #[must_use]
    pub fn process() -> Self {
        Self { lookup: Arc::new(|name| std::env::var_os(name)) }
    }

    /// Exactly these variables.
    #[must_use]
    pub fn of(variables: &[(&str, &str)]) -> Self {
        let variables: Vec<(String, OsString)> =
            variables.iter().map(|(name, value)| ((*name).to_owned(), value.into())).collect();
        Self {
            lookup: Arc::new(move |name| {
                variables.iter().find(|(known, _)| known == name).map(|found| found.1.clone())
            }),
        }
    }

    /// The same, but for a variable that has this value.
    #[must_use]
    pub fn with(&self, name: &'static str, value: &str) -> Self {
        let (others, value) = (Arc::clone(&self.lookup), OsString::from(value));
        Self { lookup: Arc::new(move |asked| if asked == name { Some(value.clone()) } else { others(asked) }) }
    }

    /// A variable without blanks around it. An empty one counts as not set, as it does for the vendor's tools.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<String> {
        let value = (self.lookup)(name)?;
        let value = value.to_string_lossy();
        let value = value.trim();
        (!value.is_empty()).then(|| value.to_owned())
    }

    /// The first of these variables that is set, with its name.
    #[must_use]
    pub fn first<'n>(&self, names: &[&'n str]) -> Option<(&'n str, String)> {
        names.iter().find_map(|name| Some((*name, self.get(name)?)))
    }

    /// The first of these variables that says `true`, in any case.
    pub(super) fn first_true<'n>(&self, names: &[&'n str]) -> Option<&'n str> {
        names.iter().copied().find(|name| self.get(name).is_some_and(|value| value.eq_ignore_ascii_case("true")))
    }

    /// The variable that forbids to ask helpers for keys, commands and credentials URIs, where it does.
    pub(super) fn forbids_helpers(&self) -> Option<&'static str> {
        const FORBIDDEN: &str = "ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS";
        let is_forbidden = self.get(FORBIDDEN).is_some_and(|text| text == "1" || text.eq_ignore_ascii_case("true"));
        is_forbidden.then_some(FORBIDDEN)
    }

    fn secret(&self, name: &str) -> Option<SecretString> {
        self.get(name).map(SecretString::from)
    }
}

/// A key of the environment, and the variable that its id stands in.
pub(super) struct Keys {
    pub(super) variable: String,
    pub(super) key: AccessKey,
}

/// The key of the first prefix of which any half is set.
///
/// # Errors
/// [`Error::Broken`] where only one half is: another source would then sign as somebody the user did not mean.
pub(super) fn keys(env: &Env) -> Result<Option<Keys>, Error> {
    for prefix in PREFIXES {
        let (id_name, secret_name) = (format!("{prefix}ACCESS_KEY_ID"), format!("{prefix}ACCESS_KEY_SECRET"));
        let half = |set: &str, missing: &str| Error::Broken {
            place: format!("environment variable {set}"),
            problem: format!("it is set, but {missing} is not; set both or none"),
        };
        match (env.get(&id_name), env.secret(&secret_name)) {
            (None, None) => {}
            (Some(_), None) => return Err(half(&id_name, &secret_name)),
            (None, Some(_)) => return Err(half(&secret_name, &id_name)),
            (Some(id), Some(secret)) => {
                let token = env.secret(&format!("{prefix}SECURITY_TOKEN"));
                return Ok(Some(Keys { variable: id_name, key: AccessKey { id, secret, token } }));
            }
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn found(variables: &[(&str, &str)]) -> AccessKey {
        keys(&Env::of(variables)).unwrap().unwrap().key
    }

    #[test]
    fn the_first_prefix_wins_whole() {
        let key = found(&[
            ("ALICLOUD_ACCESS_KEY_ID", "third"),
            ("ALICLOUD_ACCESS_KEY_SECRET", "third-secret"),
            ("ALIBABACLOUD_ACCESS_KEY_ID", " second "),
            ("ALIBABACLOUD_ACCESS_KEY_SECRET", "second-secret\n"),
            ("ALICLOUD_SECURITY_TOKEN", "not-its-token"),
        ]);
        assert_eq!((key.id.as_str(), key.secret.expose_secret()), ("second", "second-secret"));
        assert!(key.token.is_none(), "a token belongs to the keys of its own prefix");
    }

    #[test]
    fn a_token_goes_with_its_key() {
        let key = found(&[
            ("ALIBABA_CLOUD_ACCESS_KEY_ID", "id"),
            ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "s"),
            ("ALIBABA_CLOUD_SECURITY_TOKEN", "t"),
        ]);
        assert_eq!(key.token.unwrap().expose_secret(), "t");
    }

    #[test]
    fn half_a_key_is_reported_with_the_missing_variable() {
        for (set, missing) in [("ACCESS_KEY_ID", "ACCESS_KEY_SECRET"), ("ACCESS_KEY_SECRET", "ACCESS_KEY_ID")] {
            let env = Env::of(&[(&format!("ALIBABA_CLOUD_{set}"), "hush")]);
            let error = keys(&env).err().unwrap().to_string();
            assert!(error.contains(&format!("ALIBABA_CLOUD_{missing} is not")), "{error}");
            assert!(!error.contains("hush"), "{error}");
        }
    }

    #[test]
    fn empty_and_bare_variables_are_no_source() {
        let env = Env::of(&[("ALIBABA_CLOUD_ACCESS_KEY_ID", " "), ("ACCESS_KEY_ID", "x"), ("ACCESS_KEY_SECRET", "y")]);
        assert!(keys(&env).unwrap().is_none());
    }

    #[test]
    fn debug_shows_no_value() {
        assert_eq!(format!("{:?}", Env::of(&[("A", "hush")])), "Env { .. }");
    }
}
