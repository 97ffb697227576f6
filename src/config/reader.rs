//! How a configuration file is read: with the line of every mistake, what could stand there, and what was probably meant. What
//! is set where is in the files beside it.

use std::{fmt, sync::Arc, time::Duration};

use toml::{
    Spanned,
    de::{DeString, DeTable, DeValue},
};

use crate::{looks::Mark, notify::Kind, text};

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
    #[error("{name:?} is no setting{}", Hint { .similar, .known })]
    NoKey {
        /// What stands there.
        name: String,
        /// What was probably meant.
        similar: Option<&'static str>,
        /// What could stand there.
        known: Vec<&'static str>,
    },
    /// A word that is no kind of signal.
    #[error("{name:?} is nothing to be told of{}", Hint { .similar, known: &Kind::ALL.map(Kind::word) })]
    NoKind {
        /// What stands there.
        name: String,
        /// What was probably meant.
        similar: Option<&'static str>,
    },
    /// A word that is no colour.
    #[error("{name:?} is no colour{}", Hint { .similar, known: &Mark::ALL.map(Mark::word) })]
    NoColor {
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

/// What was probably meant, else all that could be.
struct Hint<'a> {
    similar: &'a Option<&'static str>,
    known: &'a [&'static str],
}

impl fmt::Display for Hint<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.similar {
            Some(similar) => write!(f, ", did you mean {similar}?"),
            None => write!(f, "; there are {}", self.known.join(", ")),
        }
    }
}

/// Finds the line of what is wrong.
pub(super) struct Place<'a>(pub(super) &'a str);

impl Place<'_> {
    pub(super) fn line(&self, at: usize) -> usize {
        1 + self.0.get(..at).unwrap_or(self.0).matches('\n').count()
    }

    pub(super) fn fault(&self, at: usize, problem: Problem) -> Fault {
        Fault { line: self.line(at), problem }
    }

    pub(super) fn at<T, V>(&self, value: &Spanned<V>, read: Result<T, Problem>) -> Result<T, Fault> {
        read.map_err(|problem| self.fault(value.span().start, problem))
    }

    /// The document's tables and values.
    pub(super) fn parse(&self) -> Result<Spanned<DeTable<'_>>, Fault> {
        DeTable::parse(self.0).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            self.fault(at, Problem::Syntax(error.message().to_owned()))
        })
    }
}

type Entry<'a, 'text> = (&'a Spanned<DeString<'text>>, &'a Spanned<DeValue<'text>>);

/// The entries as they stand in the file; the parser sorts them by name.
pub(super) fn in_order<'a, 'text>(table: &'a DeTable<'text>) -> Vec<Entry<'a, 'text>> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(name, _)| name.span().start);
    entries
}

/// The entries of a table, where it is one.
pub(super) fn entries<'a, 'text>(value: &'a DeValue<'text>) -> Option<Vec<Entry<'a, 'text>>> {
    value.as_table().map(in_order)
}

pub(super) fn known(name: &str, known: impl Iterator<Item = &'static str> + Clone) -> Result<&'static str, Problem> {
    let found = known.clone().find(|known| *known == name);
    found.ok_or_else(|| Problem::NoKey {
        name: name.to_owned(),
        similar: text::similar(name, known.clone()),
        known: known.collect(),
    })
}

pub(super) fn switch(key: &'static str, value: &DeValue<'_>) -> Result<bool, Problem> {
    value.as_bool().ok_or(Problem::Type { key, needs: "true or false" })
}

pub(super) fn one_text<'a>(key: &'static str, value: &'a DeValue<'_>) -> Result<&'a str, Problem> {
    value.as_str().filter(|text| !text.trim().is_empty()).ok_or(Problem::Type { key, needs: "a text in quotes" })
}

/// A list of texts; `None` where it is something else.
pub(super) fn texts<'a>(value: &'a DeValue<'_>) -> Option<Vec<&'a str>> {
    value.as_array()?.iter().map(|item| item.get_ref().as_str()).collect()
}

pub(super) fn text_of_duration<'a>(key: &'static str, value: &'a DeValue<'_>) -> Result<&'a str, Problem> {
    value.as_str().ok_or(Problem::Type { key, needs: "a duration in quotes, as in \"30s\" or \"1m\"" })
}

pub(super) fn duration(
    key: &'static str,
    value: &DeValue<'_>,
    [least, most]: [Duration; 2],
) -> Result<Duration, Problem> {
    let text = text_of_duration(key, value)?;
    let wrong = |why| Problem::Value { key, why };
    let length =
        humantime::parse_duration(text).map_err(|error| wrong(format!("{error}; write it as in \"30s\" or \"1m\"")))?;
    if (least..=most).contains(&length) {
        return Ok(length);
    }
    let [least, most] = [least, most].map(|bound| humantime::format_duration(bound).to_string());
    Err(wrong(format!("it must be between {least} and {most}")))
}
