//! The profile file of the official command line, `~/.aliyun/config.json`: read, never written.
//!
//! What a profile's mode means is in `mode`. Whether the file is asked at all, and for which profile, is decided in `chain`.

mod mode;

use std::path::PathBuf;

use serde::Deserialize;
use serde_json::value::RawValue;

use self::mode::Mode;
use super::{
    Error, Fields, Listed, Places, Provider,
    file::{self, Stamp, Text},
    lease,
    plan::{self, Files, Miss, Origin, Plan, Print},
};
use crate::job::{ProfileName, Region};

/// The file, as people know it.
pub(super) const SHOWN: &str = "~/.aliyun/config.json";

/// The file's text, and its stamp from before it was read.
pub(super) struct File {
    path: PathBuf,
    text: Text,
    stamp: Stamp,
}

/// Which profile is meant.
#[derive(Clone, Copy)]
pub(super) enum Wanted<'a> {
    /// The one that the file calls current.
    Current,
    /// Exactly this one; with the variable or profile that says so, where it is known.
    Named { name: &'a ProfileName, by: Option<&'a str> },
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

/// The file of a home directory, or `None` where there is none.
///
/// # Errors
/// [`Error::Broken`] where it is there but can't be read.
pub(super) fn open(places: &Places) -> Result<Option<File>, Error> {
    let Some(path) = path(places) else { return Ok(None) };
    let stamp = Stamp::of(&path);
    let text = file::read(&path).map_err(|problem| broken(SHOWN, problem))?;
    Ok(text.map(|text| File { path, text, stamp }))
}

/// Where the file is, there or not.
pub(super) fn path(places: &Places) -> Option<PathBuf> {
    Some(places.home.as_ref()?.join(".aliyun").join("config.json"))
}

/// The plan of a profile that was there before.
pub(super) fn read_again(origin: &Origin) -> Result<Plan, Error> {
    let file = open(&origin.places)?.ok_or_else(|| broken(SHOWN, "it is gone".to_owned()))?;
    let wanted = Wanted::Named { name: &origin.profile, by: Some("this run") };
    let (_, plan) = file.plan(wanted, &origin.places).map_err(Miss::into_error)?;
    Ok(plan)
}

impl File {
    /// The name of the current profile, where the file has it.
    pub(super) fn current(&self) -> Option<String> {
        let listing = self.listing().ok()?;
        let current = listing.current_name();
        listing.find(&current).map(|_| current)
    }

    /// Tells a file without a profile of this name from one that has it, usable or not.
    pub(super) fn expect(&self, name: &ProfileName, by: Option<&str>) -> Result<(), Miss> {
        let listing = self.listing()?;
        listing.find(name.as_str()).map(|_| ()).ok_or_else(|| Miss::Absent(listing.missing(name.as_str(), by)))
    }

    /// Every profile that has a name, each name once.
    pub(super) fn all(&self) -> Result<Vec<Listed>, Error> {
        let mut listed: Vec<Listed> = Vec::new();
        for (name, raw) in self.listing()?.entries() {
            let Ok(name) = ProfileName::new(&name) else { continue };
            let fields = Fields::of_json(SHOWN.to_owned(), raw.get());
            let region = fields.and_then(|fields| fields.text("region_id")).ok().flatten();
            let region = region.and_then(|id| Region::new(&id).ok());
            if listed.iter().all(|known| known.name != name) {
                listed.push(Listed { name, region });
            }
        }
        Ok(listed)
    }

    /// The provider of a profile: one for all who need it.
    pub(super) fn provider(&self, wanted: Wanted<'_>, places: &Places) -> Result<Provider, Miss> {
        if let Wanted::Named { name, .. } = wanted
            && let Some(provider) = places.remembered(name)
        {
            return Ok(provider);
        }
        let (profile, plan) = self.plan(wanted, places)?;
        let files = Files::Json(self.path.clone());
        let origin = Origin { places: places.clone(), files, profile: profile.clone() };
        let provider = Provider::new(profile, plan, Some((origin, self.stamp.clone())));
        places.remember(&provider);
        Ok(provider)
    }

    /// What a profile says, and its name.
    pub(super) fn plan(&self, wanted: Wanted<'_>, places: &Places) -> Result<(ProfileName, Plan), Miss> {
        let listing = self.listing()?;
        let (name, by) = match wanted {
            Wanted::Current if listing.names().next().is_none() => {
                return Err(Miss::absent(SHOWN, "it has no profile"));
            }
            Wanted::Current => (listing.current_name(), Some("its \"current\"")),
            Wanted::Named { name, by } => (name.as_str().to_owned(), by),
        };
        let chain = listing.chain(&name, by)?;
        let Some((fields, mode, _)) = chain.first() else {
            return Err(Miss::Broken(broken(SHOWN, format!("it has no profile {name}"))));
        };
        let (region, sts) = (plan::region(fields)?, plan::sts(fields, places)?);
        let way = self.way(*mode, fields, places, &sts)?;
        let source = mode.source();
        let print = Print::of(chain.iter().map(|(.., raw)| *raw));
        let name = ProfileName::new(&name).map_err(|error| fields.broken(error.to_string()))?;
        Ok((name, Plan { way, source, region, sts, print }))
    }

    fn listing(&self) -> Result<Listing<'_>, Error> {
        let text = self.text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&self.text);
        lease::parse(text).map_err(|problem| broken(SHOWN, problem))
    }
}

/// A profile, its mode, and its text.
type Link<'a> = (Fields, Mode, &'a str);

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

    /// That there is no such profile.
    fn missing(&self, name: &str, by: Option<&str>) -> Error {
        let all: Vec<String> = self.names().collect();
        let there = if all.is_empty() { "it has none".into() } else { format!("it has {}", all.join(", ")) };
        let by = by.map_or_else(String::new, |by| format!(", which {by} names"));
        broken(SHOWN, format!("it has no profile {name}{by}; {there}"))
    }

    /// A profile, and those below it by whose keys it gets its own.
    ///
    /// # Errors
    /// [`Error::Broken`] where one is missing or can't be read, and where they are in a circle.
    fn chain(&self, name: &str, by: Option<&str>) -> Result<Vec<Link<'a>>, Error> {
        let mut chain: Vec<Link<'a>> = Vec::new();
        let mut names = vec![name.to_owned()];
        let mut by = by.map(str::to_owned);
        while let Some(name) = names.last() {
            let Some(raw) = self.find(name) else {
                return Err(self.missing(name, by.as_deref()));
            };
            let fields = Fields::of_json(format!("{SHOWN}, profile {name}"), raw.get())?;
            let mode = Mode::of(&fields)?;
            let source =
                if mode == Mode::ChainableRamRoleArn { Some(fields.required(&["source_profile"])?) } else { None };
            by = Some(format!("source_profile of {name}"));
            chain.push((fields, mode, raw.get()));
            let Some(source) = source else { return Ok(chain) };
            let is_seen = names.contains(&source);
            names.push(source);
            if is_seen {
                let circle = names.join(" -> ");
                return Err(broken(SHOWN, format!("the source profiles go in a circle: {circle}")));
            }
        }
        Ok(chain)
    }
}

fn broken(place: &str, problem: String) -> Error {
    Error::Broken { place: place.to_owned(), problem }
}
