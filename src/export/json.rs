//! `json` and `ndjson`: texts from outside stay data, but no control or bidi character reaches a terminal through them.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::{
    Serializer,
    ser::{CompactFormatter, Formatter, PrettyFormatter},
};

use super::{
    Found, Listing,
    record::{FoundRecord, JobRecord, TargetRecord},
};
use crate::text;

#[derive(Serialize)]
struct Document<'a> {
    complete: bool,
    jobs: Vec<JobRecord<'a>>,
    targets: Vec<TargetRecord<'a>>,
}

pub(super) fn list(out: &mut dyn Write, listing: &Listing<'_>) -> io::Result<()> {
    let targets = &listing.snapshot.targets;
    let document = Document {
        complete: targets.iter().all(|target| target.is_complete()),
        jobs: listing.rows.iter().map(|at| JobRecord::of_row(listing, *at)).collect(),
        targets: targets.iter().map(|target| TargetRecord::new(target)).collect(),
    };
    pretty(out, &document)
}

pub(super) fn lines(out: &mut dyn Write, listing: &Listing<'_>) -> io::Result<()> {
    listing.rows.iter().try_for_each(|at| compact(out, &JobRecord::of_row(listing, *at)))
}

pub(super) fn job(out: &mut dyn Write, found: &Found<'_>) -> io::Result<()> {
    pretty(out, &FoundRecord::new(JobRecord::of_found(found), &found.detail.regions))
}

/// Writes a document over several lines, and a line break.
///
/// # Errors
/// Where it can't be written.
pub fn pretty(out: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    value.serialize(&mut Serializer::with_formatter(&mut *out, Safe(PrettyFormatter::new())))?;
    writeln!(out)
}

/// Writes a document on one line.
pub(super) fn compact(out: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    value.serialize(&mut Serializer::with_formatter(&mut *out, Safe(CompactFormatter)))?;
    writeln!(out)
}

/// A layout that also escapes what [`text::is_escaped_in_json`] names; `serde_json` leaves all of it as it is.
pub(super) struct Safe<F>(pub(super) F);

/// Writes text with the unsafe characters as `\uXXXX`, which every reader of JSON turns back.
fn escaped<W: ?Sized + Write>(out: &mut W, text: &str) -> io::Result<()> {
    let mut rest = text;
    while let Some(at) = rest.find(text::is_escaped_in_json) {
        let (safe, tail) = rest.split_at(at);
        out.write_all(safe.as_bytes())?;
        let mut chars = tail.chars();
        let mut units = [0; 2];
        for unit in chars.next().map(|char| char.encode_utf16(&mut units)).into_iter().flatten() {
            write!(out, "\\u{unit:04x}")?;
        }
        rest = chars.as_str();
    }
    out.write_all(rest.as_bytes())
}

/// Passes calls on to the layout.
macro_rules! passed_on {
    ($($name:ident($($arg:ident: $type:ty),*);)*) => {
        $(fn $name<W: ?Sized + Write>(&mut self, out: &mut W $(, $arg: $type)*) -> io::Result<()> {
            self.0.$name(out $(, $arg)*)
        })*
    };
}

impl<F: Formatter> Formatter for Safe<F> {
    passed_on! {
        begin_array();
        end_array();
        begin_array_value(first: bool);
        end_array_value();
        begin_object();
        end_object();
        begin_object_key(first: bool);
        end_object_key();
        begin_object_value();
        end_object_value();
    }

    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        escaped(out, fragment)
    }

    /// JSON as it came: outside of its strings such a character can't stand, so what is found is inside one.
    fn write_raw_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        escaped(out, fragment)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::value::RawValue;

    use super::*;

    fn written(value: &impl Serialize) -> String {
        let mut out = Vec::new();
        compact(&mut out, value).unwrap();
        pretty(&mut io::sink(), value).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn what_terminals_obey_is_escaped() {
        assert_eq!(written(&"a\u{7f}\u{9b}\u{202e}\u{2028}\u{1b}审é"), "\"a\\u007f\\u009b\\u202e\\u2028\\u001b审é\"\n");
    }

    #[test]
    fn json_that_came_from_outside_is_escaped_too() {
        let raw = RawValue::from_string("{\"k\u{9b}\": \"\u{202e}\\\\\u{7f}\"}".into()).unwrap();
        assert_eq!(written(&raw), "{\"k\\u009b\": \"\\u202e\\\\\\u007f\"}\n");
    }

    proptest! {
        #[test]
        fn readers_get_back_every_text(text in any::<String>()) {
            let json = written(&text);
            prop_assert!(!json.trim_end_matches('\n').chars().any(|char| char.is_control() || text::is_escaped_in_json(char)));
            prop_assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
        }

        #[test]
        fn raw_fragments_keep_their_meaning(text in any::<String>()) {
            let plain = serde_json::to_string(&text).unwrap();
            let json = written(&RawValue::from_string(plain).unwrap());
            prop_assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
        }
    }
}
