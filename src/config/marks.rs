//! The tables `[target.NAME]` of the configuration file: how targets are marked, so that nobody takes one for another.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use toml::de::DeValue;

use super::{
    File, Note, Surroundings,
    reader::{Fault, Place, Problem, entries, in_order, known, one_text},
    settings::{Kind, Setting},
};
use crate::{
    acs::HttpOptions,
    credentials::{self, Places},
    job::{ProfileName, Region},
    looks::{Mark, Marked, Marks},
    text,
};

/// What can be set of a target.
pub(super) static OF_TARGET: &[Setting] = &[Setting::of_table(
    "mark",
    Kind::Choice(|| Mark::ALL.map(Mark::word).to_vec()),
    None,
    "the colour with which it is marked",
)];

pub(super) fn marks(place: &Place<'_>, at: usize, value: &DeValue<'_>) -> Result<Marks, Fault> {
    const NEEDS: &str = "a table for each target, headed [target.PROFILE] or [target.\"PROFILE/REGION\"]";
    let wrong = |at| place.fault(at, Problem::Type { key: "target", needs: NEEDS });
    let mut marks = Marks::default();
    for (name, table) in entries(value).ok_or_else(|| wrong(at))? {
        let at = name.span().start;
        let table = table.get_ref().as_table().filter(|_| !name.get_ref().is_empty()).ok_or_else(|| wrong(at))?;
        for (key, value) in in_order(table) {
            let setting = known(key.get_ref(), OF_TARGET.iter().map(|setting| setting.key));
            setting.map_err(|problem| place.fault(key.span().start, problem))?;
            let mark = place.at(value, one_text("mark", value.get_ref()).and_then(mark))?;
            marks.add(name.get_ref(), mark, place.line(key.span().start));
        }
    }
    Ok(marks)
}

fn mark(word: &str) -> Result<Mark, Problem> {
    let words = || Mark::ALL.into_iter().map(Mark::word);
    word.parse().map_err(|()| Problem::NoColor { name: word.to_owned(), similar: text::similar(word, words()) })
}

/// The names of sources of keys that are in no file.
const SOURCES: [&str; 3] = ["env", "oidc", "ecs"];

/// A name that the file has for a profile, and that no profile has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stray {
    path: PathBuf,
    line: usize,
    name: String,
    /// What the file says of it, as in `is marked`.
    said: String,
    /// The profile that was probably meant.
    pub similar: Option<String>,
    /// Every profile that there is.
    known: Vec<String>,
}

impl fmt::Display for Stray {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, line, name, said, similar, known } = self;
        write!(f, "{}: line {line}: no profile is called {name:?}, which {said}", path.display())?;
        match (similar, &known[..]) {
            (Some(similar), _) => write!(f, "; did you mean {similar}?"),
            (None, []) => write!(f, "; there is none in ~/.aliyun/config.json"),
            (None, known) => write!(f, "; there are {}", known.join(", ")),
        }
    }
}

impl From<Stray> for Note {
    fn from(stray: Stray) -> Self {
        Self::StrayMark(stray.to_string())
    }
}

/// The profiles of all files. Nothing else is looked at: a target that is not read now may be tomorrow.
struct Profiles {
    places: Places,
    listed: Vec<String>,
}

impl Profiles {
    fn of(around: &Surroundings) -> Self {
        let places = Places::new(around.env.clone(), around.home.clone(), HttpOptions::default());
        let listed = credentials::profiles(&places).unwrap_or_default();
        Self { places, listed: listed.into_iter().map(|listed| listed.name.as_str().to_owned()).collect() }
    }

    fn has(&self, name: &str) -> bool {
        let in_another_file =
            || ProfileName::new(name).is_ok_and(|name| credentials::resolve(&self.places, Some(&name)).is_ok());
        SOURCES.contains(&name) || self.listed.iter().any(|known| known == name) || in_another_file()
    }

    fn stray(&self, path: &Path, line: usize, name: &str, said: String) -> Stray {
        let similar = text::similar(name, self.listed.iter().map(String::as_str)).map(str::to_owned);
        Stray { path: path.to_owned(), line, name: name.to_owned(), said, similar, known: self.listed.clone() }
    }
}

/// The marks that no profile of any file has.
#[must_use]
pub fn stray_marks(file: &File, around: &Surroundings) -> Vec<Stray> {
    let Some(path) = file.path.as_ref().filter(|_| file.marks.iter().next().is_some()) else { return Vec::new() };
    let profiles = Profiles::of(around);
    let stray = |marked: &Marked| {
        let profile = match marked.name.rsplit_once('/') {
            Some((profile, region)) if Region::new(region).is_ok() => profile,
            _ => &marked.name,
        };
        let is_stray = !profiles.has(profile) && !profiles.has(&marked.name);
        is_stray.then(|| profiles.stray(path, marked.line, profile, "is marked".to_owned()))
    };
    file.marks.iter().filter_map(stray).collect()
}

/// The profiles that the file would have watched, and that no file has.
#[must_use]
pub fn stray_profiles(file: &File, around: &Surroundings) -> Vec<Stray> {
    let Some(path) = &file.path else { return Vec::new() };
    let said = file.of("profiles").into_iter();
    let said = said.flat_map(|said| said.values.iter().map(|name| (said.line, name.as_str(), "`profiles`".to_owned())));
    let of_groups = file.groups.iter().flat_map(|group| {
        group.profiles.iter().map(|name| (group.line, name.as_str(), format!("[group.{}]", group.name)))
    });
    let named: Vec<_> = said.chain(of_groups).collect();
    if named.is_empty() {
        return Vec::new();
    }
    let profiles = Profiles::of(around);
    let strays = named.into_iter().filter(|(_, name, _)| !profiles.has(name));
    strays.map(|(line, name, place)| profiles.stray(path, line, name, format!("is in {place}"))).collect()
}
