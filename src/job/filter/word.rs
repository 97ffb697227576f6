//! A plain word, looked for in every column. It is compared where the columns are, without writing the row down first: a key of a
//! filter asks a hundred thousand rows.

use std::io::Write as _;

use chrono::{Datelike, NaiveDateTime, Timelike};

use crate::job::{Row, Status, TargetKey, Timestamp, TrailRow};

/// Text that must stand in some column, whatever its case. Ages are no columns here: they move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// In lower case.
    text: Box<str>,
    /// Whether it could be a piece of a number.
    in_ids: bool,
    /// Whether it could be a piece of a time.
    in_times: bool,
}

impl Word {
    pub(super) fn new(text: &str) -> Self {
        let text = text.to_lowercase().into_boxed_str();
        let only = |signs: &[u8]| text.bytes().all(|byte| byte.is_ascii_digit() || signs.contains(&byte));
        Self { in_ids: only(b"-"), in_times: only(b"-:z +"), text }
    }

    /// Whether some column has it.
    pub(super) fn is_in(&self, row: &Row<'_>) -> bool {
        let job = row.job;
        self.is_in_text(&job.trail)
            || job.home.as_deref().is_some_and(|home| self.is_in_text(home))
            || self.is_in_status(job.status)
            || row.standing.is_some_and(|standing| self.is_in_text(standing.word()))
            || self.is_in_target(row.target)
            || (self.in_ids && self.is_in_number(job.id.get()))
            || (self.in_times && [job.created, job.updated].into_iter().flatten().any(|at| self.is_in_time(at)))
    }

    /// Whether a trail has it.
    pub(super) fn is_in_trail(&self, row: &TrailRow<'_>) -> bool {
        let trail = &row.known.trail;
        let texts = [Some(&trail.name), trail.home.as_ref(), trail.sls_project.as_ref(), trail.oss_bucket.as_ref()];
        texts.into_iter().flatten().any(|text| self.is_in_text(text)) || self.is_in_target(row.target)
    }

    fn is_in_status(&self, status: Status) -> bool {
        match status {
            Status::Unknown(_) => self.is_in_text(&status.to_string()),
            known => self.is_in_text(known.word()),
        }
    }

    /// As `prod/cn-hangzhou`.
    fn is_in_target(&self, target: &TargetKey) -> bool {
        if self.text.contains('/') {
            return self.is_in_text(&target.to_string());
        }
        self.is_in_text(target.profile.as_str()) || self.is_in_text(target.region.as_str())
    }

    fn is_in_number(&self, number: i64) -> bool {
        let mut buffer = [0; 20];
        let mut free = &mut buffer[..];
        // The longest number of 64 bits has 20 characters.
        let _ = write!(free, "{number}");
        let rest = free.len();
        self.is_in_ascii(&buffer[..buffer.len() - rest])
    }

    fn is_in_time(&self, at: Timestamp) -> bool {
        let at = at.naive_utc();
        match u16::try_from(at.year()) {
            Ok(year @ 0..=9999) => self.is_in_ascii(&written(at, year)),
            _ => self.is_in_text(&at.format("%Y-%m-%d %H:%M:%SZ").to_string()),
        }
    }

    fn is_in_text(&self, text: &str) -> bool {
        if text.is_ascii() { self.is_in_ascii(text.as_bytes()) } else { text.to_lowercase().contains(&*self.text) }
    }

    fn is_in_ascii(&self, text: &[u8]) -> bool {
        let word = self.text.as_bytes();
        let Some((first, others)) = word.split_first() else { return true };
        let begins = |part: &[u8]| part[0].to_ascii_lowercase() == *first;
        text.windows(word.len()).any(|part| begins(part) && part[1..].eq_ignore_ascii_case(others))
    }
}

/// As `%Y-%m-%d %H:%M:%SZ` has it, without taking that apart for every row.
fn written(at: NaiveDateTime, year: u16) -> [u8; 20] {
    let mut out = *b"0000-00-00 00:00:00Z";
    let mut put = |place: usize, number: u32| {
        out[place] += (number / 10 % 10) as u8;
        out[place + 1] += (number % 10) as u8;
    };
    put(0, u32::from(year) / 100);
    put(2, u32::from(year) % 100);
    for (place, number) in [(5, at.month()), (8, at.day()), (11, at.hour()), (14, at.minute()), (17, at.second())] {
        put(place, number);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn times_are_written_as_chrono_writes_them(seconds in -62_000_000_000_i64..253_000_000_000) {
            let at = Timestamp::from_timestamp(seconds, 0).unwrap().naive_utc();
            let out = written(at, u16::try_from(at.year()).unwrap());
            prop_assert_eq!(std::str::from_utf8(&out).unwrap(), at.format("%Y-%m-%d %H:%M:%SZ").to_string());
        }

        #[test]
        fn a_word_is_found_where_it_stands(before in ".{0,6}", word in "[a-zé审:0-9]{1,5}", after in ".{0,6}") {
            let text = format!("{before}{}{after}", word.to_uppercase());
            prop_assert!(Word::new(&word).is_in_text(&text));
        }
    }

    #[test]
    fn numbers_are_whole_to_their_last_digit() {
        for number in [0, 16602, i64::MAX, i64::MIN] {
            let text = number.to_string();
            assert!(Word::new(&text).is_in_number(number), "{text}");
            assert!(!Word::new(&format!("{text}0")).is_in_number(number), "{text}");
        }
    }
}
