//! Where a TOML file that its user wrote is wrong, and what was probably meant. What can be wrong is said where such a file is
//! read: the configuration, the key map.

use std::{error::Error, fmt};

use toml::{
    Spanned,
    de::{DeString, DeTable, DeValue},
};

/// What is wrong in a file, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault<P> {
    /// In which line of the file, from 1.
    pub line: usize,
    /// What is wrong there.
    pub problem: P,
}

impl<P: fmt::Display> fmt::Display for Fault<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.problem)
    }
}

impl<P: Error + 'static> Error for Fault<P> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.problem)
    }
}

/// What was probably meant, else all that could be, where that is said.
pub(crate) struct Hint<'a> {
    pub(crate) similar: &'a Option<&'static str>,
    pub(crate) known: &'a [&'static str],
}

impl fmt::Display for Hint<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.similar, self.known) {
            (Some(similar), _) => write!(f, ", did you mean {similar}?"),
            (None, []) => Ok(()),
            (None, known) => write!(f, "; there are {}", known.join(", ")),
        }
    }
}

/// The text of a file, in which the line of what is wrong is found.
pub(crate) struct Place<'a>(pub(crate) &'a str);

impl Place<'_> {
    pub(crate) fn line(&self, at: usize) -> usize {
        1 + self.0.get(..at).unwrap_or(self.0).matches('\n').count()
    }

    pub(crate) fn fault<P>(&self, at: usize, problem: P) -> Fault<P> {
        Fault { line: self.line(at), problem }
    }

    pub(crate) fn at<T, V, P>(&self, value: &Spanned<V>, read: Result<T, P>) -> Result<T, Fault<P>> {
        read.map_err(|problem| self.fault(value.span().start, problem))
    }

    /// The document's tables and values. `syntax` makes a problem of what the parser says.
    pub(crate) fn parse<P>(&self, syntax: impl FnOnce(String) -> P) -> Result<Spanned<DeTable<'_>>, Fault<P>> {
        DeTable::parse(self.0).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            self.fault(at, syntax(error.message().to_owned()))
        })
    }
}

type Entry<'a, 'text> = (&'a Spanned<DeString<'text>>, &'a Spanned<DeValue<'text>>);

/// The entries as they stand in the file; the parser sorts them by name.
pub(crate) fn in_order<'a, 'text>(table: &'a DeTable<'text>) -> Vec<Entry<'a, 'text>> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(name, _)| name.span().start);
    entries
}

/// The entries of a table, where it is one.
pub(crate) fn entries<'a, 'text>(value: &'a DeValue<'text>) -> Option<Vec<Entry<'a, 'text>>> {
    value.as_table().map(in_order)
}
