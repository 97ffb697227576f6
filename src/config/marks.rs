//! The tables `[target.NAME]` of the configuration file: how targets are marked, so that nobody takes one for another.

use toml::de::DeValue;

use super::{
    reader::{Fault, Place, Problem, entries, in_order, known, one_text},
    settings::{Kind, Setting},
};
use crate::{
    looks::{Mark, Marks},
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
