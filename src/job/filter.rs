//! Which jobs a search text leaves on the screen: every word must be found in some column.

use std::fmt::Write as _;

use chrono::SubsecRound;

use super::Row;

/// Words to look for, in any column, whatever their case.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    words: Vec<String>,
}

impl Filter {
    /// The filter that a text means; an empty one lets everything through.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self { words: text.to_lowercase().split_whitespace().map(str::to_owned).collect() }
    }

    /// Whether it lets everything through.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Whether a job stays. `scratch` is reused from row to row.
    #[must_use]
    pub fn matches(&self, row: &Row<'_>, scratch: &mut String) -> bool {
        if self.is_empty() {
            return true;
        }
        scratch.clear();
        write_columns(row, scratch);
        let text = if scratch.is_ascii() {
            scratch.make_ascii_lowercase();
            scratch.as_str()
        } else {
            *scratch = scratch.to_lowercase();
            scratch.as_str()
        };
        self.words.iter().all(|word| text.contains(word))
    }
}

/// Every column as text, one a line, so that no word matches across two of them. Ages are left out: they move.
fn write_columns(row: &Row<'_>, out: &mut String) {
    let job = row.job;
    // Writing to a String can't fail.
    let _ = write!(out, "{}\n{}\n{}\n{}\n", job.status, job.id, job.trail, row.target);
    if let Some(standing) = row.standing {
        let _ = writeln!(out, "{}", standing.word());
    }
    if let Some(home) = &job.home {
        let _ = writeln!(out, "{home}");
    }
    for at in [job.created, job.updated].into_iter().flatten() {
        // As `%Y-%m-%d %H:%M:%SZ` has it, without taking that apart for every row.
        let _ = writeln!(out, "{}Z", at.naive_utc().trunc_subsecs(0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::{ProfileName, Region, TargetKey, tests::job};

    fn matches(text: &str) -> bool {
        let target =
            TargetKey { profile: ProfileName::new("Prod").unwrap(), region: Region::new("cn-beijing").unwrap() };
        let job = job(16602);
        Filter::new(text)
            .matches(&Row::new(&job, &target), &mut String::new())
    }

    #[test]
    fn every_word_must_be_found_in_some_column() {
        for text in ["", "  ", "TRAIL", "166", "complete", "prod/cn", "hangzhou", "trail 16602 compl", "2021-04-26"] {
            assert!(matches(text), "{text:?}");
        }
        for text in ["failed", "trail failed", "16602trail", "2026"] {
            assert!(!matches(text), "{text:?}");
        }
    }
}
