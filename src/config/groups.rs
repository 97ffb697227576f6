//! The tables `[group.NAME]` of the configuration file: targets that are chosen by one name.

use toml::de::DeValue;

use super::{
    reader::{Fault, Place, Problem, entries, in_order, known, texts},
    settings::{Kind, Setting},
};
use crate::job::{InvalidName, ProfileName, Region};

/// Profiles and regions under one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// Its profiles, or none: then those hold that are said elsewhere.
    pub profiles: Vec<ProfileName>,
    /// Its regions, or none: then those hold that are said elsewhere.
    pub regions: Vec<Region>,
    /// In which line of the file it begins.
    pub line: usize,
}

/// What can be set of a group.
pub(super) static OF_GROUP: &[Setting] = &[
    Setting::of_table("profiles", Kind::Texts, None, "profiles; those said otherwise, where there are none"),
    Setting::of_table("regions", Kind::Texts, None, "regions; those said otherwise, where there are none"),
];

pub(super) fn groups(place: &Place<'_>, at: usize, value: &DeValue<'_>) -> Result<Vec<Group>, Fault> {
    const NEEDS: &str = "a table for each group, headed [group.NAME]";
    let tables = entries(value).ok_or_else(|| place.fault(at, Problem::Type { key: "group", needs: NEEDS }))?;
    tables.into_iter().map(|(name, table)| group(place, (name.get_ref(), name.span().start), table.get_ref())).collect()
}

fn group(place: &Place<'_>, (name, at): (&str, usize), value: &DeValue<'_>) -> Result<Group, Fault> {
    let wrong = |needs| place.fault(at, Problem::Type { key: "group", needs });
    // It is said by a flag, where a comma stands between names.
    if name.trim().is_empty() || name.contains(',') {
        return Err(wrong("a name without commas, as in [group.prod]"));
    }
    let table = value.as_table().ok_or_else(|| wrong("a table, headed [group.NAME]"))?;
    let mut group = Group { name: name.to_owned(), profiles: Vec::new(), regions: Vec::new(), line: place.line(at) };
    for (key, value) in in_order(table) {
        let setting = known(key.get_ref(), OF_GROUP.iter().map(|setting| setting.key));
        match setting.map_err(|problem| place.fault(key.span().start, problem))? {
            "profiles" => group.profiles = place.at(value, names("profiles", value.get_ref(), ProfileName::new))?,
            _ => group.regions = place.at(value, names("regions", value.get_ref(), Region::new))?,
        }
    }
    if group.profiles.is_empty() && group.regions.is_empty() {
        return Err(wrong("profiles, regions or both, as in profiles = [\"prod\"]"));
    }
    Ok(group)
}

fn names<T>(
    key: &'static str,
    value: &DeValue<'_>,
    read: impl Fn(&str) -> Result<T, InvalidName>,
) -> Result<Vec<T>, Problem> {
    let words = texts(value).ok_or(Problem::Type { key, needs: "a list of texts, as in [\"one\", \"two\"]" })?;
    let read = |word| read(word).map_err(|error| Problem::Value { key, why: error.to_string() });
    words.into_iter().map(read).collect()
}
