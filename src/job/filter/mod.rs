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
use super::{Row, TargetKey, Timestamp, TrailRow};

/// What jobs must be like to stay in a list: every one of its terms must hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    terms: Box<[Term]>,
    asks: Asks,
}

/// Where a filter asks for what is not known everywhere.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Asks {
    /// What changed since the last visit.
    visit: Option<Range<usize>>,
    /// What is known of trails.
    trails: Option<Range<usize>>,
    /// What only jobs have.
    jobs: Option<Range<usize>>,
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
        match self.asks.visit {
            Some(span) => Err(Fault::new(span, Wrong::NoVisit)),
            None => Ok(self),
        }
    }

    /// The same filter, where trails are not read.
    ///
    /// # Errors
    /// Where it asks about them: nothing would be let through, which would be a lie.
    pub fn without_trails(self) -> Result<Self, Fault> {
        match self.asks.trails {
            Some(span) => Err(Fault::new(span, Wrong::NoTrails)),
            None => Ok(self),
        }
    }

    /// The same filter, for trails.
    ///
    /// # Errors
    /// Where it asks for what only jobs have.
    pub fn of_trails(self) -> Result<Self, Fault> {
        match self.asks.jobs {
            Some(span) => Err(Fault::new(span, Wrong::NoJobs)),
            None => Ok(self),
        }
    }

    /// Whether trails must be read for it.
    #[must_use]
    pub fn asks_for_trails(&self) -> bool {
        self.asks.trails.is_some()
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

    /// Whether a trail stays. A filter that was not made for trails keeps none of which it asks what only jobs have.
    #[must_use]
    pub fn matches_trail(&self, row: &TrailRow<'_>, now: Timestamp) -> bool {
        self.terms.iter().all(|term| term.test.of_trail(row, now) == Some(term.sense == Sense::Plain))
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
        let of_trail = || row.trail()?.delivered.next_change(now);
        let of_trail = if self.asks_for_trails() { of_trail() } else { None };
        self.comparisons().filter_map(|comparison| comparison.next_change(row.job, now)).chain(of_trail).min()
    }

    /// Whether what it lets through can change with time alone.
    #[must_use]
    pub fn depends_on_time(&self) -> bool {
        self.asks_for_trails() || self.comparisons().next().is_some()
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
            Self::Is(marks) if **marks == [Mark::Uncovered] => row.trail()?.delivered.is_uncovered(now),
            Self::Is(marks) => marks.iter().any(|mark| mark.is_on(row, now)),
            Self::Comparison(comparison) => return comparison.holds(row.job, now),
        })
    }

    /// The same of a trail. What only jobs have is not known of it.
    fn of_trail(&self, row: &TrailRow<'_>, now: Timestamp) -> Option<bool> {
        let any = |patterns: &[Pattern], value: &str| patterns.iter().any(|pattern| pattern.matches(value));
        let home = row.known.trail.home.as_deref();
        Some(match self {
            Self::Word(word) => word.is_in_trail(row),
            Self::Trail(names) => any(names, &row.known.trail.name),
            Self::Region(names) => any(names, row.target.region.as_str()) || home.is_some_and(|home| any(names, home)),
            Self::Profile(names) => any(names, row.target.profile.as_str()),
            Self::Is(marks) if marks.contains(&Mark::Uncovered) => row.known.delivered.is_uncovered(now),
            Self::Status(_) | Self::Id(_) | Self::Is(_) | Self::Comparison(_) => return None,
        })
    }
}
