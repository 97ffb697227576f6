//! How a configuration file is read: with the line of every mistake, what could stand there, and what was probably meant. What
//! is set where is in the files beside it.

use std::{sync::Arc, time::Duration};

use toml::de::DeValue;

use crate::{
    fault::{self, Hint},
    looks::Mark,
    notify::Kind,
    text, units,
};

pub(super) use crate::fault::{Place, entries, in_order};

/// Why a configuration can't be used, and where.
pub type Fault = fault::Fault<Problem>;

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
    let [least, most] = [least, most].map(units::written);
    Err(wrong(format!("it must be between {least} and {most}")))
}
