//! Aligned columns for people: cells in, lines out. Nothing is cut: whoever pipes it gets every character.

use std::io::{self, Write};

use anstyle::Style;

use super::{Headers, Paint};
use crate::text;

/// What stands where nothing is known: a blank cell would shift the columns of `awk`.
pub(super) const NOTHING: &str = "-";

/// The widest that a column is filled up to: one absurdly long name must not blow up every other line.
pub(super) const WIDEST: usize = 60;

/// On which side of its column a cell stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Right,
}

/// Writes rows of cells that are fit to print, under their titles. `style` is that of a row's and a column's number.
pub(super) fn write(
    out: &mut dyn Write,
    columns: &[(&str, Align)],
    headers: Headers,
    paint: Paint,
    rows: &[Vec<String>],
    style: impl Fn(usize, usize) -> Style,
) -> io::Result<()> {
    let titles: Vec<String> = match headers {
        Headers::Shown => columns.iter().map(|(title, _)| (*title).to_owned()).collect(),
        Headers::Hidden => vec![String::new(); columns.len()],
    };
    let aligns: Vec<Align> = columns.iter().map(|(_, align)| *align).collect();
    let widths = widths(&titles, rows);
    if headers == Headers::Shown {
        line(out, &aligns, &widths, &titles, |_| paint.heading())?;
    }
    rows.iter().enumerate().try_for_each(|(row, cells)| line(out, &aligns, &widths, cells, |column| style(row, column)))
}

fn widths(titles: &[String], rows: &[Vec<String>]) -> Vec<usize> {
    let widest = |column: usize| rows.iter().map(|row| text::width(&row[column])).max().unwrap_or(0);
    titles.iter().enumerate().map(|(at, title)| text::width(title).max(widest(at)).min(WIDEST)).collect()
}

fn line(
    out: &mut dyn Write,
    aligns: &[Align],
    widths: &[usize],
    cells: &[String],
    style: impl Fn(usize) -> Style,
) -> io::Result<()> {
    for (at, (align, cell)) in aligns.iter().zip(cells).enumerate() {
        let gap = if at == 0 { "" } else { "  " };
        let fill = " ".repeat(widths[at].saturating_sub(text::width(cell)));
        let last = at + 1 == aligns.len();
        let (before, after) = match align {
            Align::Right => (fill.as_str(), ""),
            Align::Left if last => ("", ""),
            Align::Left => ("", fill.as_str()),
        };
        let style = style(at);
        write!(out, "{gap}{before}{style}{cell}{style:#}{after}")?;
    }
    writeln!(out)
}
