//! The fields of one profile, whatever file it is from: texts, secrets and numbers by name, with errors that name the field.

use std::collections::BTreeMap;

use secrecy::{SecretString, zeroize::Zeroizing};
use serde_json::value::RawValue;

use super::Error;

/// The fields of a profile.
pub(super) struct Fields {
    /// The file and the profile, for errors.
    pub(super) place: String,
    values: BTreeMap<String, Value>,
}

/// Any field may hold a secret: all are wiped.
enum Value {
    Text(Zeroizing<String>),
    /// A list or an object.
    Odd,
}

impl Fields {
    /// The fields of a JSON object; numbers and truth values are taken as texts.
    ///
    /// # Errors
    /// [`Error::Broken`] where it is none.
    pub(super) fn of_json(place: String, json: &str) -> Result<Self, Error> {
        let raw: BTreeMap<String, &RawValue> =
            super::lease::parse(json.as_bytes()).map_err(|problem| Error::Broken { place: place.clone(), problem })?;
        let value = |raw: &RawValue| match raw.get() {
            "null" => None,
            text if text.starts_with(['{', '[']) => Some(Value::Odd),
            text if text.starts_with('"') => {
                Some(serde_json::from_str(text).map_or(Value::Odd, |text: String| Value::Text(text.into())))
            }
            literal => Some(Value::Text(literal.to_owned().into())),
        };
        let values = raw.into_iter().filter_map(|(name, raw)| Some((name, value(raw)?))).collect();
        Ok(Self { place, values })
    }

    /// These names and values; of two of a name, the last.
    pub(super) fn of_pairs(place: String, pairs: Vec<(String, String)>) -> Self {
        let value = |(name, value): (String, String)| (name, Value::Text(value.into()));
        Self { place, values: pairs.into_iter().map(value).collect() }
    }

    /// A text that is there and not empty, without blanks around it.
    ///
    /// # Errors
    /// [`Error::Broken`] where the field is no text.
    pub(super) fn text(&self, name: &str) -> Result<Option<String>, Error> {
        Ok(self.get(name)?.map(str::to_owned))
    }

    /// The same, of the first of these fields that is there.
    pub(super) fn first(&self, names: &[&str]) -> Result<Option<String>, Error> {
        for name in names {
            if let Some(text) = self.text(name)? {
                return Ok(Some(text));
            }
        }
        Ok(None)
    }

    /// A text that must be there, by any of its names.
    pub(super) fn required(&self, names: &[&str]) -> Result<String, Error> {
        let missing = || self.broken(format!("it has no {}", names.join(" or ")));
        self.first(names)?.ok_or_else(missing)
    }

    /// A secret that is there and not empty.
    pub(super) fn secret(&self, name: &str) -> Result<Option<SecretString>, Error> {
        Ok(self.get(name)?.map(SecretString::from))
    }

    /// A whole number; 0 counts as not there, as it does for the vendor's tools.
    pub(super) fn number(&self, name: &str) -> Result<Option<i64>, Error> {
        let Some(text) = self.get(name)? else { return Ok(None) };
        let number: i64 = text.parse().map_err(|_| self.broken(format!("{name} is not a whole number")))?;
        Ok(Some(number).filter(|number| *number != 0))
    }

    /// Whether a field says true.
    pub(super) fn is_true(&self, name: &str) -> Result<bool, Error> {
        Ok(self.get(name)?.is_some_and(|text| text.eq_ignore_ascii_case("true")))
    }

    /// Whether a field is there and not empty.
    pub(super) fn has(&self, name: &str) -> bool {
        !matches!(self.get(name), Ok(None))
    }

    /// An error at this place.
    pub(super) fn broken(&self, problem: impl Into<String>) -> Error {
        Error::Broken { place: self.place.clone(), problem: problem.into() }
    }

    fn get(&self, name: &str) -> Result<Option<&str>, Error> {
        match self.values.get(name) {
            None => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text.trim()).filter(|text| !text.is_empty())),
            Some(Value::Odd) => Err(self.broken(format!("{name} is not a text"))),
        }
    }
}
