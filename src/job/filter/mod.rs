//! Which jobs a text leaves in a list: the filter language of the dashboard's `/` and of `list --filter`.
//!
//! Here is what a filter means; how it is written is in `parse`, what may be wrong with it in `fault`, and what help and
//! README say of it in `grammar`. Pure: `now` comes in.

mod choice;
mod compare;
mod fault;
mod field;
mod grammar;
mod mark;
mod parse;
mod pattern;
#[cfg(test)]
mod tests;
mod word;

use std::ops::Range;

pub use choice::{StatusChoice, UnknownStatusChoice};
pub use fault::Fault;
pub use grammar::{GRAMMAR, Rule};

use self::{compare::Comparison, fault::Wrong, mark::Mark, pattern::Pattern, word::Word};
use super::{Row, TargetKey, Timestamp};

/// What jobs must be like to stay in a list: every one of its terms must hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    terms: Box<[Term]>,
    /// Where it asks for what changed since the last visit.
    visit: Option<Range<usize>>,
}

impl Filter {
    /// The filter that a text means; an empty one lets everything through.
    ///
    /// # Errors
    /// What is wrong with the text, and where.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        parse::filter(text)
    }

    /// The same filter, for one who does not visit: a script.
    ///
    /// # Errors
    /// Where it asks for what changed since the last visit: there is none, and an empty list would be a lie.
    pub fn without_visit(self) -> Result<Self, Fault> {
        match self.visit {
            Some(span) => Err(Fault::new(span, Wrong::NoVisit)),
            None => Ok(self),
        }
    }

    /// Whether it lets everything through.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether a job stays.
    #[must_use]
    pub fn matches(&self, row: &Row<'_>, now: Timestamp) -> bool {
        self.terms.iter().all(|term| term.holds(row, now))
    }

    /// Whether it is for jobs of a target, as far as it speaks of profiles and regions. What it asks of jobs is not asked here.
    #[must_use]
    pub fn allows_target(&self, target: &TargetKey) -> bool {
        let any = |patterns: &[Pattern], value: &str| patterns.iter().any(|pattern| pattern.matches(value));
        self.terms.iter().all(|term| {
            let holds = match &term.test {
                Test::Profile(names) => any(names, target.profile.as_str()),
                Test::Region(names) => any(names, target.region.as_str()),
                _ => return true,
            };
            holds == (term.sense == Sense::Plain)
        })
    }

    /// When it may differ about a job of which nothing changes but its age. `None`: never.
    #[must_use]
    pub fn next_change(&self, row: &Row<'_>, now: Timestamp) -> Option<Timestamp> {
        self.comparisons().filter_map(|comparison| comparison.next_change(row.job, now)).min()
    }

    /// Whether what it lets through can change with time alone.
    #[must_use]
    pub fn depends_on_time(&self) -> bool {
        self.comparisons().next().is_some()
    }

    fn comparisons(&self) -> impl Iterator<Item = &Comparison> {
        self.terms.iter().filter_map(|term| match &term.test {
            Test::Comparison(comparison) => Some(comparison),
            _ => None,
        })
    }
}

/// A test, or its opposite.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Term {
    sense: Sense,
    test: Test,
}

/// Whether a test must hold, or must not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sense {
    Plain,
    Negated,
}

impl Term {
    /// Of what is not known neither a test nor its opposite holds: nobody asked for jobs without a time.
    fn holds(&self, row: &Row<'_>, now: Timestamp) -> bool {
        let wanted = self.sense == Sense::Plain;
        self.test.of(row, now) == Some(wanted)
    }
}

/// What is asked of a job. Of several alternatives one is enough.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Test {
    Word(Word),
    Status(Box<[StatusChoice]>),
    Trail(Box<[Pattern]>),
    Region(Box<[Pattern]>),
    Profile(Box<[Pattern]>),
    Id(Box<[Pattern]>),
    Is(Box<[Mark]>),
    Comparison(Comparison),
}

impl Test {
    /// The answer, where what it takes is known.
    fn of(&self, row: &Row<'_>, now: Timestamp) -> Option<bool> {
        let any = |patterns: &[Pattern], value: &str| patterns.iter().any(|pattern| pattern.matches(value));
        Some(match self {
            Self::Word(word) => word.is_in(row),
            Self::Status(choices) => choices.iter().any(|choice| choice.means(row.job.status)),
            Self::Trail(names) => any(names, &row.job.trail),
            Self::Region(names) => {
                any(names, row.target.region.as_str()) || row.job.home.as_deref().is_some_and(|home| any(names, home))
            }
            Self::Profile(names) => any(names, row.target.profile.as_str()),
            Self::Id(numbers) => any(numbers, &row.job.id.to_string()),
            Self::Is(marks) => marks.iter().any(|mark| mark.is_on(row, now)),
            Self::Comparison(comparison) => return comparison.holds(row.job, now),
        })
    }
}
