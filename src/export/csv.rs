//! `csv`: RFC 4180 with a header line, for spreadsheets: a text from outside is never a formula there.

use std::io::{self, Write};

use csv::{Terminator, WriterBuilder};

use super::{Headers, Listing, record::JobRecord};
use crate::text;

pub(super) fn list(out: &mut dyn Write, listing: &Listing<'_>, headers: Headers) -> io::Result<()> {
    write(out, headers, JobRecord::FIELDS, listing.rows.iter().map(|at| cells(JobRecord::of_row(listing, *at))))
}

/// Writes rows of cells, under the names of their fields.
pub(super) fn write<const N: usize>(
    out: &mut dyn Write,
    headers: Headers,
    fields: [&str; N],
    mut rows: impl Iterator<Item = [String; N]>,
) -> io::Result<()> {
    let mut csv = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(out);
    if headers == Headers::Shown {
        csv.write_record(fields).map_err(plain)?;
    }
    rows.try_for_each(|cells| csv.write_record(cells).map_err(plain))?;
    csv.flush()
}

/// The stream's own error, which the library wraps: a closed pipe must be recognised.
fn plain(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

/// The cells of a row, in the order of [`JobRecord::FIELDS`]; what is not known is empty.
pub(super) fn cells(job: JobRecord<'_>) -> [String; JobRecord::FIELDS.len()] {
    let text = |text: Option<&str>| text.map(cell).unwrap_or_default();
    [
        job.job_id.to_string(),
        text(job.trail_name),
        text(job.home_region),
        job.status.to_owned(),
        job.status_code.to_string(),
        job.created_time.unwrap_or_default(),
        job.updated_time.unwrap_or_default(),
        job.start_time.unwrap_or_default(),
        job.end_time.unwrap_or_default(),
        job.elapsed_seconds.map(|seconds| seconds.to_string()).unwrap_or_default(),
        cell(job.profile),
        cell(job.region),
        text(job.account_id),
    ]
}

/// A text from outside, safe for terminals and for spreadsheets. A number stays one, also below zero.
pub(super) fn cell(text: &str) -> String {
    let safe = text::clean(text);
    // The wide forms of a sign begin a formula, too, where a spreadsheet is set to Chinese or Japanese.
    const FORMULA: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];
    if safe.starts_with(FORMULA) && !is_number(&safe) { format!("'{safe}") } else { safe.into_owned() }
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    digits.starts_with(|char: char| char.is_ascii_digit()) && digits.parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn no_cell_becomes_a_formula() {
        assert_eq!(cell("=cmd|' /C calc'!A0"), "'=cmd|' /C calc'!A0");
        for (text, expected) in [
            ("+1-2", "'+1-2"),
            ("-a", "'-a"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("＝1", "'＝1"),
            ("-", "'-"),
            ("-inf", "'-inf"),
        ] {
            assert_eq!(cell(text), expected);
        }
        for number in ["-5", "+8.25", "16602", "-1e3", "plain-name", "a=b"] {
            assert_eq!(cell(number), number);
        }
        assert_eq!(cell("\t=1"), "\\u{9}=1", "a tab is visible, and so no longer first");
    }

    proptest! {
        #[test]
        fn a_cell_is_one_line_without_controls(text in any::<String>()) {
            prop_assert!(!cell(&text).chars().any(char::is_control));
        }
    }
}
