//! The tables `[[notify]]` of the configuration file: which commands are run, for what.

use std::time::Duration;

use toml::de::{DeTable, DeValue};

use super::{
    reader::{Fault, Place, Problem, duration, in_order, known, one_text, texts},
    settings::{Kind as Is, Setting},
};
use crate::{
    job::{self, Filter},
    notify::{Kind, TIMEOUT, Way},
    text,
};

/// The least and the most that a time limit can be.
const LIMITS: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(60 * 60)];
/// The same of a debounce.
const DEBOUNCES: [Duration; 2] = [Duration::ZERO, Duration::from_secs(60 * 60)];

/// What can be set of a way.
pub(super) static OF_WAY: &[Setting] = &[
    Setting::of_table("name", Is::Text, None, "by which it is remembered what was told"),
    Setting::of_table(
        "on",
        Is::Choices(|| Kind::ALL.map(Kind::word).to_vec()),
        None,
        "what is told; else all but gone",
    ),
    Setting::of_table("filter", Is::Text, None, "which jobs it is for; else every job"),
    Setting::of_table("command", Is::Texts, None, "the program and its arguments; there is no shell"),
    Setting::of_table("timeout", Is::Duration, Some("30s"), "how long it may take, at most 1h"),
    Setting::of_table("debounce", Is::Duration, Some("0s"), "how long to wait for more to tell at once, at most 1h"),
];

/// How a way stands in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WayAt {
    /// In which line it begins.
    pub line: usize,
    /// Its filter's text; empty, where it has none.
    pub filter: String,
}

/// Each way, and how it stands there.
pub(super) fn ways(place: &Place<'_>, at: usize, value: &DeValue<'_>) -> Result<Vec<(WayAt, Way)>, Fault> {
    let no_tables = || place.fault(at, Problem::Type { key: "notify", needs: "tables, each headed [[notify]]" });
    let mut ways: Vec<(WayAt, Way)> = Vec::new();
    for table in value.as_array().ok_or_else(no_tables)?.iter() {
        let entries = table.get_ref().as_table().ok_or_else(no_tables)?;
        let at = table.span().start;
        let way = way(place, at, entries)?;
        if ways.iter().any(|(_, other)| other.name == way.name) {
            return Err(place.fault(at, Problem::Twice(way.name)));
        }
        let filter = entries.get("filter").and_then(|filter| filter.get_ref().as_str()).unwrap_or_default();
        ways.push((WayAt { line: place.line(at), filter: filter.to_owned() }, way));
    }
    Ok(ways)
}

fn way(place: &Place<'_>, at: usize, table: &DeTable<'_>) -> Result<Way, Fault> {
    let (mut name, mut command) = (None, None);
    let mut on = Kind::USUAL.to_vec();
    let mut filter = Filter::default();
    let (mut timeout, mut debounce) = (TIMEOUT, Duration::ZERO);
    for (key, value) in in_order(table) {
        let setting = known(key.get_ref(), OF_WAY.iter().map(|setting| setting.key));
        let setting = setting.map_err(|problem| place.fault(key.span().start, problem))?;
        let found = value.get_ref();
        match setting {
            "name" => name = Some(place.at(value, one_text("name", found))?.into()),
            "on" => on = place.at(value, kinds(found))?,
            "filter" => filter = place.at(value, one_filter(found))?,
            "command" => command = Some(place.at(value, one_command(found))?),
            "timeout" => timeout = place.at(value, duration("timeout", found, LIMITS))?,
            _ => debounce = place.at(value, duration("debounce", found, DEBOUNCES))?,
        }
    }
    let missing = |key| place.fault(at, Problem::Missing(key));
    let name = name.ok_or_else(|| missing("name, as in name = \"oncall\""))?;
    let command = command.ok_or_else(|| missing("command, as in command = [\"notify-send\", \"Trailwatch\"]"))?;
    Ok(Way { name, on, filter, command, timeout, debounce })
}

fn kinds(value: &DeValue<'_>) -> Result<Vec<Kind>, Problem> {
    let wrong = Problem::Type { key: "on", needs: "a list, as in on = [\"failed\", \"stalled\"]" };
    let words = texts(value).filter(|words| !words.is_empty()).ok_or(wrong)?;
    let kind = |word: &str| {
        Kind::ALL.into_iter().find(|kind| kind.word() == word).ok_or_else(|| Problem::NoKind {
            name: word.to_owned(),
            similar: text::similar(word, Kind::ALL.into_iter().map(Kind::word)),
        })
    };
    words.into_iter().map(kind).collect()
}

fn one_filter(value: &DeValue<'_>) -> Result<Filter, Problem> {
    let text = value.as_str().ok_or(Problem::Type { key: "filter", needs: "a text, as in filter = \"trail:pay*\"" })?;
    let wrong = |fault: job::Fault| Problem::Value { key: "filter", why: fault.to_string() };
    Filter::parse(text).and_then(Filter::without_visit).and_then(Filter::without_trails).map_err(wrong)
}

fn one_command(value: &DeValue<'_>) -> Result<Vec<String>, Problem> {
    const NEEDS: &str = "a list of the program and its arguments, as in command = [\"notify-send\", \"Trailwatch\"]; \
                         there is no shell, unless you name one: [\"sh\", \"-c\", \"…\"]";
    let words = texts(value).filter(|words| words.first().is_some_and(|program| !program.is_empty()));
    let words = words.ok_or(Problem::Type { key: "command", needs: NEEDS })?;
    if words.iter().any(|word| word.contains('\0')) {
        return Err(Problem::Value { key: "command", why: "no argument can have a NUL in it".to_owned() });
    }
    Ok(words.into_iter().map(str::to_owned).collect())
}
