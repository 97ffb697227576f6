//! The configuration file: who is told of what, and how. Read with the place of every mistake, so that it can be mended.

use std::{fmt, sync::Arc, time::Duration};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::rules::Kind;
use crate::{job::Filter, text};

/// How long a command may take where nobody says otherwise.
pub const TIMEOUT: Duration = Duration::from_secs(30);

/// The most that a time limit or a debounce can be.
const LONGEST: Duration = Duration::from_secs(60 * 60);

/// How people are called.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Config {
    /// Whether the dashboard rings the terminal's bell.
    pub bell: Bell,
    /// Whether the dashboard writes the window's title.
    pub title: Title,
    /// The commands.
    pub ways: Vec<Way>,
}

/// Whether the terminal's bell is rung.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Bell {
    /// For a signal of a kind that [rings](Kind::rings).
    #[default]
    Rings,
    /// Never.
    Silent,
}

/// Whose the window's title is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Title {
    /// The dashboard's, while it is shown.
    #[default]
    Ours,
    /// The terminal's.
    Theirs,
}

/// A command and what it is for: a table `[[notify]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// Its name, by which it is remembered what it told.
    pub name: Arc<str>,
    /// Which kinds of signals it is for.
    pub on: Vec<Kind>,
    /// Which jobs it is for.
    pub filter: Filter,
    /// The program and its arguments; never empty.
    pub command: Vec<String>,
    /// How long it may take.
    pub timeout: Duration,
    /// How long after a signal it is begun, once for all that came meanwhile.
    pub debounce: Duration,
}

/// A configuration that can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Fault {
    /// In which line of the file, from 1.
    pub line: usize,
    /// What is wrong there.
    #[source]
    pub problem: Problem,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.problem)
    }
}

/// What can be wrong with a configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// It is no TOML.
    #[error("{0}")]
    Syntax(String),
    /// A name that is no setting.
    #[error("{name:?} is no setting{}; there are {}", Hint(.similar), .known.join(", "))]
    NoKey {
        /// What stands there.
        name: String,
        /// What was probably meant.
        similar: Option<&'static str>,
        /// What could stand there.
        known: &'static [&'static str],
    },
    /// A word that is no kind of signal.
    #[error("{name:?} is nothing to be told of{}; there are {}", Hint(.similar), Kind::ALL.map(Kind::word).join(", "))]
    NoKind {
        /// What stands there.
        name: String,
        /// What was probably meant.
        similar: Option<&'static str>,
    },
    /// A value of another type.
    #[error("{key} needs {needs}")]
    Type {
        /// Of which setting.
        key: &'static str,
        /// What it could be.
        needs: &'static str,
    },
    /// A value that can't be read, and why.
    #[error("{key}: {why}")]
    Value {
        /// Of which setting.
        key: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// A setting that must be there.
    #[error("this [[notify]] has no {0}")]
    Missing(&'static str),
    /// A name that two ways have.
    #[error("two [[notify]] are called {0:?}: each needs a name of its own, by which it is remembered what was told")]
    Twice(Arc<str>),
}

struct Hint<'a>(&'a Option<&'static str>);

impl fmt::Display for Hint<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |similar| write!(f, ", did you mean {similar}?"))
    }
}

const SETTINGS: [&str; 3] = ["bell", "title", "notify"];
const OF_WAY: [&str; 6] = ["name", "on", "filter", "command", "timeout", "debounce"];

impl Config {
    /// Reads a file's text.
    ///
    /// # Errors
    /// The first mistake, and in which line it is.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let place = Place(text);
        let syntax = |error: toml::de::Error| {
            place.fault(error.span().map_or(0, |span| span.start), Problem::Syntax(error.message().to_owned()))
        };
        let document = DeTable::parse(text).map_err(syntax)?;
        let mut config = Self::default();
        for (key, value) in in_order(document.get_ref()) {
            let name = known(&SETTINGS, key.get_ref()).map_err(|problem| place.fault(key.span().start, problem))?;
            match name {
                "bell" => {
                    config.bell = if place.at(value, switch("bell", value))? { Bell::Rings } else { Bell::Silent }
                }
                "title" => {
                    config.title = if place.at(value, switch("title", value))? { Title::Ours } else { Title::Theirs }
                }
                _ => config.ways = ways(&place, key.span().start, value.get_ref())?,
            }
        }
        Ok(config)
    }
}

/// Finds the line of what is wrong.
struct Place<'a>(&'a str);

impl Place<'_> {
    fn fault(&self, at: usize, problem: Problem) -> Fault {
        let line = 1 + self.0.get(..at).unwrap_or(self.0).matches('\n').count();
        Fault { line, problem }
    }

    fn at<T, V>(&self, value: &Spanned<V>, read: Result<T, Problem>) -> Result<T, Fault> {
        read.map_err(|problem| self.fault(value.span().start, problem))
    }
}

type Entry<'a, 'text> = (&'a Spanned<toml::de::DeString<'text>>, &'a Spanned<DeValue<'text>>);

/// The entries as they stand in the file; the parser sorts them by name.
fn in_order<'a, 'text>(table: &'a DeTable<'text>) -> Vec<Entry<'a, 'text>> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(name, _)| name.span().start);
    entries
}

fn known(known: &'static [&'static str], name: &str) -> Result<&'static str, Problem> {
    let found = known.iter().copied().find(|known| *known == name);
    found.ok_or_else(|| Problem::NoKey {
        name: name.to_owned(),
        similar: text::similar(name, known.iter().copied()),
        known,
    })
}

fn ways(place: &Place<'_>, at: usize, value: &DeValue<'_>) -> Result<Vec<Way>, Fault> {
    let no_tables = || place.fault(at, Problem::Type { key: "notify", needs: "tables, each headed [[notify]]" });
    let mut ways: Vec<Way> = Vec::new();
    for table in value.as_array().ok_or_else(no_tables)?.iter() {
        let entries = table.get_ref().as_table().ok_or_else(no_tables)?;
        let way = way(place, table.span().start, entries)?;
        if ways.iter().any(|other| other.name == way.name) {
            return Err(place.fault(table.span().start, Problem::Twice(way.name)));
        }
        ways.push(way);
    }
    Ok(ways)
}

fn way(place: &Place<'_>, at: usize, table: &DeTable<'_>) -> Result<Way, Fault> {
    let (mut name, mut command) = (None, None);
    let mut on = Kind::USUAL.to_vec();
    let mut filter = Filter::default();
    let (mut timeout, mut debounce) = (TIMEOUT, Duration::ZERO);
    for (key, value) in in_order(table) {
        let setting = known(&OF_WAY, key.get_ref()).map_err(|problem| place.fault(key.span().start, problem))?;
        let found = value.get_ref();
        match setting {
            "name" => name = Some(place.at(value, one_text("name", found))?.into()),
            "on" => on = place.at(value, kinds(found))?,
            "filter" => filter = place.at(value, one_filter(found))?,
            "command" => command = Some(place.at(value, one_command(found))?),
            "timeout" => timeout = place.at(value, duration("timeout", found, Duration::from_secs(1)))?,
            _ => debounce = place.at(value, duration("debounce", found, Duration::ZERO))?,
        }
    }
    let missing = |key| place.fault(at, Problem::Missing(key));
    let name = name.ok_or_else(|| missing("name, as in name = \"oncall\""))?;
    let command = command.ok_or_else(|| missing("command, as in command = [\"notify-send\", \"Trailwatch\"]"))?;
    Ok(Way { name, on, filter, command, timeout, debounce })
}

fn switch(key: &'static str, value: &Spanned<DeValue<'_>>) -> Result<bool, Problem> {
    value.get_ref().as_bool().ok_or(Problem::Type { key, needs: "true or false" })
}

fn one_text<'a>(key: &'static str, value: &'a DeValue<'_>) -> Result<&'a str, Problem> {
    value.as_str().filter(|text| !text.trim().is_empty()).ok_or(Problem::Type { key, needs: "a text in quotes" })
}

fn texts<'a>(value: &'a DeValue<'_>) -> Option<Vec<&'a str>> {
    value.as_array()?.iter().map(|item| item.get_ref().as_str()).collect()
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
    let wrong = |fault: crate::job::Fault| Problem::Value { key: "filter", why: fault.to_string() };
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

fn duration(key: &'static str, value: &DeValue<'_>, least: Duration) -> Result<Duration, Problem> {
    let text = value.as_str().ok_or(Problem::Type { key, needs: "a duration in quotes, as in \"30s\" or \"1m\"" })?;
    let wrong = |why| Problem::Value { key, why };
    let length =
        humantime::parse_duration(text).map_err(|error| wrong(format!("{error}; write it as in \"30s\" or \"1m\"")))?;
    if (least..=LONGEST).contains(&length) {
        return Ok(length);
    }
    let [least, most] = [least, LONGEST].map(|bound| humantime::format_duration(bound).to_string());
    Err(wrong(format!("it must be between {least} and {most}")))
}

#[cfg(test)]
mod tests;
