//! The profile file of the official command line, `~/.aliyun/config.json`: read, never written.
//!
//! Whether it is asked at all, and for which profile, is decided in the parent module.

use std::{fs, io::Read as _, path::Path};

use secrecy::{SecretString, zeroize::Zeroizing};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    Env, Error, Listed, Provider, Source,
    endpoint::{self, Wishes},
};
use crate::{
    acs::AccessKey,
    job::{ProfileName, Region},
};

/// The file, as people know it.
pub(super) const SHOWN: &str = "~/.aliyun/config.json";

/// Far more than any such file has.
const MAX_FILE: u64 = 1024 * 1024;

/// What this version can use.
const SUPPORTED: &str = "this version knows AK and StsToken, others come with a later release";

/// The file's text, wiped from memory when it is dropped.
pub(super) struct File {
    text: Zeroizing<Vec<u8>>,
}

/// Which profile is meant.
#[derive(Clone, Copy)]
pub(super) enum Wanted<'a> {
    /// The one that the file calls current.
    Current,
    /// Exactly this one; with the flag or variable that says so.
    Named { name: &'a ProfileName, by: &'a str },
}

/// Why a profile gives no key.
#[derive(Debug)]
pub(super) enum Miss {
    /// There is nothing in it, as the official command line leaves it before it is configured.
    Empty(String),
    /// It can't be used.
    Broken(Error),
}

#[derive(Deserialize)]
struct Listing<'a> {
    current: Option<String>,
    #[serde(borrow, default)]
    profiles: Option<Vec<&'a RawValue>>,
}

#[derive(Deserialize)]
struct Named {
    name: Option<String>,
}

/// The fields of a profile that matter to the two modes, and to tell other modes from them.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Profile {
    mode: Option<String>,
    access_key_id: Option<String>,
    access_key_secret: Option<SecretText>,
    sts_token: Option<SecretText>,
    ram_role_arn: Option<String>,
    region_id: Option<String>,
}

/// A secret that goes from the file into its wiped type without a stop.
#[derive(Deserialize)]
#[serde(from = "String")]
struct SecretText(Option<SecretString>);

impl From<String> for SecretText {
    fn from(text: String) -> Self {
        let text = Zeroizing::new(text);
        let trimmed = text.trim();
        Self((!trimmed.is_empty()).then(|| SecretString::from(trimmed)))
    }
}

/// The file of a home directory, or `None` where there is none.
///
/// # Errors
/// [`Error::Broken`] where it is there but can't be read.
pub(super) fn open(home: &Path) -> Result<Option<File>, Error> {
    let path = home.join(".aliyun").join("config.json");
    let metadata = match fs::metadata(&path) {
        Ok(metadata) => metadata,
        Err(error) if matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(broken(SHOWN, format!("it can't be read: {error}"))),
    };
    if !metadata.is_file() {
        return Err(broken(SHOWN, "it is not a regular file".to_owned())); // opening a pipe would hang
    }
    // Its size and one byte: so that the buffer never grows, which would leave copies of keys behind.
    let mut text = Zeroizing::new(Vec::with_capacity(usize::try_from(metadata.len().min(MAX_FILE)).unwrap_or(0) + 1));
    let read = fs::File::open(&path).and_then(|file| file.take(MAX_FILE + 1).read_to_end(&mut text));
    read.map_err(|error| broken(SHOWN, format!("it can't be read: {error}")))?;
    if text.len() as u64 > MAX_FILE {
        return Err(broken(SHOWN, "it is larger than 1 MiB, which no profile file is".to_owned()));
    }
    Ok(Some(File { text }))
}

impl File {
    /// The name of the current profile, where the file has it.
    pub(super) fn current(&self) -> Option<String> {
        let listing = self.listing().ok()?;
        let current = listing.current_name();
        listing.find(&current).map(|_| current)
    }

    /// Every profile that has a name, each name once.
    pub(super) fn all(&self) -> Result<Vec<Listed>, Error> {
        let mut listed: Vec<Listed> = Vec::new();
        for (name, raw) in self.listing()?.entries() {
            let Ok(name) = ProfileName::new(&name) else { continue };
            let profile: Profile = serde_json::from_str(raw.get()).unwrap_or_default();
            let region = profile.region_id.and_then(|id| Region::new(id.trim()).ok());
            if listed.iter().all(|known| known.name != name) {
                listed.push(Listed { name, region });
            }
        }
        Ok(listed)
    }

    /// The key of a profile.
    pub(super) fn provider(&self, wanted: Wanted<'_>, env: &Env) -> Result<Provider, Miss> {
        let listing = self.listing().map_err(Miss::Broken)?;
        let (name, by) = match wanted {
            Wanted::Current if listing.names().next().is_none() => return Err(Miss::Empty("it has no profile".into())),
            Wanted::Current => (listing.current_name(), "its \"current\""),
            Wanted::Named { name, by } => (name.as_str().to_owned(), by),
        };
        let Some(raw) = listing.find(&name) else {
            let names: Vec<String> = listing.names().collect();
            let there = if names.is_empty() { "it has none".into() } else { format!("it has {}", names.join(", ")) };
            return Err(Miss::Broken(broken(SHOWN, format!("it has no profile {name}, which {by} names; {there}"))));
        };
        read_profile(&name, raw, env)
    }

    fn listing(&self) -> Result<Listing<'_>, Error> {
        let text = self.text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&self.text);
        serde_json::from_slice(text).map_err(|error| broken(SHOWN, unreadable(&error)))
    }
}

impl<'a> Listing<'a> {
    fn current_name(&self) -> String {
        self.current.clone().filter(|name| !name.is_empty()).unwrap_or_else(|| "default".to_owned())
    }

    fn entries(&self) -> impl Iterator<Item = (String, &'a RawValue)> {
        let name = |raw: &RawValue| serde_json::from_str::<Named>(raw.get()).ok()?.name;
        self.profiles.iter().flatten().filter_map(move |raw| Some((name(raw)?, *raw)))
    }

    fn names(&self) -> impl Iterator<Item = String> {
        self.entries().map(|entry| entry.0)
    }

    fn find(&self, name: &str) -> Option<&'a RawValue> {
        self.entries().find(|entry| entry.0 == name).map(|entry| entry.1)
    }
}

fn read_profile(name: &str, raw: &RawValue, env: &Env) -> Result<Provider, Miss> {
    let place = format!("{SHOWN}, profile {name}");
    let broken = |problem: String| Miss::Broken(broken(&place, problem));
    let profile: Profile = serde_json::from_str(raw.get()).map_err(|error| broken(unreadable(&error)))?;
    let text =
        |field: &Option<String>| field.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    let secret = |field: Option<SecretText>| field.and_then(|field| field.0);

    let region = text(&profile.region_id).map(|id| Region::new(&id)).transpose();
    let region = region.map_err(|error| broken(format!("region_id: {error}")))?;
    let (id, role) = (text(&profile.access_key_id), text(&profile.ram_role_arn));
    let (secret, token) = (secret(profile.access_key_secret), secret(profile.sts_token));
    let mode = text(&profile.mode).unwrap_or_else(|| inferred(token.as_ref(), role.as_deref()).to_owned());
    let token = match (mode.as_str(), token) {
        ("AK", _) => None,
        ("StsToken", Some(token)) => Some(token),
        ("StsToken", None) => return Err(broken("mode StsToken, but it has no sts_token".to_owned())),
        _ => return Err(broken(format!("mode {mode} can't be used yet: {SUPPORTED}"))),
    };
    let key = match (id, secret) {
        (Some(id), Some(secret)) => AccessKey { id, secret, token },
        (Some(_), None) => return Err(broken("it has an access_key_id, but no access_key_secret".to_owned())),
        (None, Some(_)) => return Err(broken("it has an access_key_secret, but no access_key_id".to_owned())),
        (None, None) => return Err(Miss::Empty(format!("profile {name} has no access_key_id"))),
    };
    let name = ProfileName::new(name).map_err(|error| broken(error.to_string()))?;
    let sts = endpoint::sts(env, &Wishes::default()).map_err(Miss::Broken)?;
    Ok(Provider::fixed(name, Source::ProfileFile(SHOWN.to_owned()), region, key, sts))
}

/// The mode of a profile that has none, in the order of the official command line.
fn inferred(token: Option<&SecretString>, role: Option<&str>) -> &'static str {
    match (token, role) {
        (Some(_), _) => "StsToken",
        (None, Some(_)) => "RamRoleArn",
        (None, None) => "AK",
    }
}

/// Where the JSON breaks off. Not the parser's own words: those can quote a key.
fn unreadable(error: &serde_json::Error) -> String {
    let what = if error.is_data() { "a field is not of the type that it should be" } else { "it is not JSON" };
    format!("{what}, at line {} column {}", error.line(), error.column())
}

fn broken(place: &str, problem: String) -> Error {
    Error::Broken { place: place.to_owned(), problem }
}
