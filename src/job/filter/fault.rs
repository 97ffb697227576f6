//! What may be wrong with a filter's text: where, what, and what was expected.

use std::{fmt, ops::Range};

use super::{StatusChoice, field::Field, mark::Mark};

/// Why a text is no filter. Says what is wrong and what to write instead; names parts of the text as they were written, so it is
/// to be cleaned before it is shown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{wrong}")]
pub struct Fault {
    span: Range<usize>,
    term: usize,
    wrong: Wrong,
}

impl Fault {
    pub(super) fn new(span: Range<usize>, wrong: Wrong) -> Self {
        Self { term: span.start, span, wrong }
    }

    /// The same fault, in a term that begins there.
    pub(super) fn of_term(self, start: usize) -> Self {
        Self { term: start, ..self }
    }

    /// Which bytes of the text are at fault: never none, and whole characters.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// Where the term begins that has it: the text before is right.
    #[must_use]
    pub fn term_start(&self) -> usize {
        self.term
    }
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Wrong {
    #[error("there is no field {0:?}{hint} (what is meant as text goes into quotes)", hint = hint(.0, &Field::WORDS))]
    Field(String),
    #[error("{0:?} is no status{hint}", hint = hint(.0, &StatusChoice::WORDS))]
    Status(String),
    #[error("is: does not know {0:?}{hint}", hint = hint(.0, &Mark::WORDS))]
    Mark(String),
    #[error("{0:?} is no job id: expected digits, * and ?, as in id:16602 or id:166*")]
    Id(String),
    #[error("{0:?} is no length of time: expected a number with a unit, as in 30m, 2h or 2d")]
    Length(String),
    #[error("a value is missing, as in {example}", example = .0.example())]
    NoValue(Field),
    #[error("{word} takes < or >, as in {example}", word = .0.word(), example = .0.example())]
    MustCompare(Field),
    #[error("{word} takes a colon, as in {example}", word = .0.word(), example = .0.example())]
    TakesColon(Field),
    #[error("the quote is not closed")]
    OpenQuote,
    #[error("expected a space behind the quote")]
    BehindQuote,
    #[error("expected a term behind the !, as in !status:complete")]
    NothingNegated,
    #[error("one ! is enough")]
    NegatedTwice,
    #[error(
        "is:changed asks for what changed since your last visit of the dashboard, and here nobody visits; `trailwatch history --since 1d` tells what changed"
    )]
    NoVisit,
    #[error("is:uncovered asks about trails, which are read for the dashboard, `list` and `coverage` only")]
    NoTrails,
    #[error("this asks about a job, and here are trails: they have trail:, region:, profile:, is:uncovered and words")]
    NoJobs,
}

/// The word that is probably meant, or else all there are.
fn hint(word: &str, known: &[&'static str]) -> Hint {
    let word = word.to_lowercase();
    let likeness = |candidate: &str| strsim::jaro_winkler(&word, candidate);
    let alike = known.iter().filter(|candidate| likeness(candidate) > 0.8);
    match alike.max_by(|a, b| likeness(a).total_cmp(&likeness(b))) {
        Some(similar) => Hint::Similar(similar),
        None => Hint::OneOf(known.join(", ")),
    }
}

enum Hint {
    Similar(&'static str),
    OneOf(String),
}

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Similar(word) => write!(f, ", did you mean {word}?"),
            Self::OneOf(words) => write!(f, ": expected {words}"),
        }
    }
}
