//! A change that somebody is told of: what it means, in a word and in a sentence, and the fields of the change itself.

use serde::Serialize;

use super::{history::ChangeRecord, json};
use crate::job::Transition;

#[derive(Serialize)]
struct EventRecord<'a> {
    event: &'a str,
    text: &'a str,
    #[serde(flatten)]
    change: ChangeRecord<'a>,
}

/// One line of JSON, without its line break.
#[must_use]
pub fn event(word: &str, text: &str, transition: &Transition) -> String {
    let mut line = Vec::new();
    let record = EventRecord { event: word, text, change: ChangeRecord::new(transition) };
    json::compact(&mut line, &record).expect("a record of texts and numbers goes into memory");
    line.pop();
    String::from_utf8(line).expect("JSON is UTF-8")
}
