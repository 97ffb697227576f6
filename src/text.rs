//! What comes from outside, made safe to print: no control character reaches a terminal, and every column keeps its width.
//!
//! Pure functions over text. Which colour or column it gets is not decided here.

use std::{borrow::Cow, fmt::Write as _};

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthChar;

/// How many combining marks a character may carry: enough for every script in use, too few to paint over other rows.
const MARKS: usize = 2;

/// The name that was probably meant by one that is not known.
pub fn similar<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let close = |known: &&'a str| strsim::jaro_winkler(known, name) > 0.8;
    known.filter(close).max_by(|a, b| strsim::jaro_winkler(a, name).total_cmp(&strsim::jaro_winkler(b, name)))
}

/// `text` fit for one line of a terminal.
///
/// Control, bidi, invisible and ambiguous-width characters appear as escapes such as `\u{1b}`, so that an auditor sees that
/// they are there. More than two combining marks on one character are dropped.
#[must_use]
pub fn clean(text: &str) -> Cow<'_, str> {
    if is_plain(text) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut marks = MARKS; // a mark at the very beginning has no character to sit on
    for char in text.chars() {
        if is_unsafe(char) {
            let _ = write!(out, "\\u{{{:x}}}", char as u32);
            marks = MARKS;
        } else if is_mark(char) {
            if marks < MARKS {
                out.push(char);
                marks += 1;
            }
        } else {
            out.push(char);
            marks = 0;
        }
    }
    Cow::Owned(out)
}

/// The characters of a text that go into a line in which one types: blanks for tabs and line breaks, no control characters.
pub fn typed(text: &str) -> impl Iterator<Item = char> {
    let spaced = text.chars().map(|char| if char.is_whitespace() { ' ' } else { char });
    spaced.filter(|char| !char.is_control())
}

/// Whether every character takes one column and joins no other, as is so for ASCII and for the signs of the screen. To find the
/// graphemes of each text would be most of the work of a frame.
#[must_use]
pub fn is_column_each(text: &str) -> bool {
    is_plain(text)
        || text.chars().all(|char| {
            let alone = matches!(char, ' '..='~' | '\u{a1}'..='\u{ac}' | '\u{ae}'..='\u{2ff}' | '\u{2010}'..='\u{2027}'
                | '\u{2190}'..='\u{27bf}');
            alone && char.width() == Some(1)
        })
}

/// Whether a text is of printable ASCII: there is nothing to clean.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| (b' '..=b'~').contains(&byte))
}

/// Whether a character could move the cursor, turn the direction of text, hide, or take a width that terminals disagree on.
#[must_use]
pub fn is_unsafe(char: char) -> bool {
    char.width().is_none() || is_bidi_or_break(char) || is_invisible(char) || is_unsteady(char)
}

/// Whether a character stays out of JSON output: the controls beyond ASCII, and what reorders or breaks a line.
#[must_use]
pub fn is_escaped_in_json(char: char) -> bool {
    matches!(char, '\u{7f}'..='\u{9f}') || is_bidi_or_break(char)
}

/// Whether a character takes no column of its own, but sits on the one before.
#[must_use]
pub fn is_mark(char: char) -> bool {
    char.width() == Some(0)
}

fn is_bidi_or_break(char: char) -> bool {
    matches!(char,
        '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

/// Characters that draw nothing (Unicode's default ignorables, and the interlinear marks).
fn is_invisible(char: char) -> bool {
    matches!(char,
        '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200d}'
        | '\u{2060}'..='\u{2065}' | '\u{206a}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Characters that change the width of their neighbour in some terminals only: skin tones and halves of flags.
fn is_unsteady(char: char) -> bool {
    matches!(char, '\u{1f1e6}'..='\u{1f1ff}' | '\u{1f3fb}'..='\u{1f3ff}')
}

/// The number of terminal columns of a text that [`clean`] made safe.
#[must_use]
pub fn width(text: &str) -> usize {
    if is_column_each(text) {
        return text.chars().count();
    }
    text.graphemes(true).map(grapheme_width).sum()
}

/// The columns of one grapheme, counted as the screen's cells count it.
fn grapheme_width(grapheme: &str) -> usize {
    unicode_width::UnicodeWidthStr::width(grapheme)
}

/// `text` cut to at most `columns`, with `ellipsis` in place of what is lost.
///
/// ```
/// assert_eq!(trailwatch::text::truncate("payments-audit", 8, "…"), "payment…");
/// assert_eq!(trailwatch::text::truncate("audit", 8, "…"), "audit");
/// ```
#[must_use]
pub fn truncate<'a>(text: &'a str, columns: usize, ellipsis: &str) -> Cow<'a, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    let room = columns.saturating_sub(width(ellipsis));
    let mut out: String = if is_column_each(text) {
        text.chars().take(room).collect()
    } else {
        let mut used = 0;
        let kept = text.graphemes(true).take_while(|grapheme| {
            used += grapheme_width(grapheme);
            used <= room
        });
        kept.collect()
    };
    if width(ellipsis) <= columns {
        out.push_str(ellipsis);
    }
    Cow::Owned(out)
}

/// `text` cut or filled with spaces on the right to exactly `columns`.
#[must_use]
pub fn fit(text: &str, columns: usize, ellipsis: &str) -> String {
    let mut out = truncate(text, columns, ellipsis).into_owned();
    let missing = columns.saturating_sub(width(&out));
    out.extend(std::iter::repeat_n(' ', missing));
    out
}

/// The part of `text` that begins `skip` columns in, at most `columns` wide; a wide character that is cut is left out.
#[must_use]
pub fn window(text: &str, skip: usize, columns: usize) -> String {
    let mut at = 0;
    let mut out = String::new();
    for grapheme in text.graphemes(true) {
        let begins = at;
        at += grapheme_width(grapheme);
        if begins >= skip && at <= skip + columns {
            out.push_str(grapheme);
        }
    }
    out
}

/// `text` folded at spaces into lines of at most `columns`; a word that is longer than a line is broken.
#[must_use]
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(2); // room for one wide character
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        if !line.is_empty() && width(&line) + 1 + width(word) > columns {
            lines.push(std::mem::take(&mut line));
        } else if !line.is_empty() {
            line.push(' ');
        }
        for grapheme in word.graphemes(true) {
            if width(&line) + grapheme_width(grapheme) > columns {
                lines.push(std::mem::take(&mut line));
            }
            line.push_str(grapheme);
        }
    }
    lines.push(line);
    lines
}

/// The first words of a body that is not what was expected, on one line, for an error message.
#[must_use]
pub fn first_words(body: &[u8], columns: usize) -> String {
    let head = String::from_utf8_lossy(&body[..body.len().min(columns * 8)]);
    let words: Vec<&str> = head.split_whitespace().collect();
    truncate(&clean(&words.join(" ")), columns, "...").into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn escape_sequences_and_lines_become_visible() {
        assert_eq!(clean("a\u{1b}[31mb"), "a\\u{1b}[31mb");
        assert_eq!(clean("a\r\nb\tc\u{7f}\u{9b}"), "a\\u{d}\\u{a}b\\u{9}c\\u{7f}\\u{9b}");
        assert_eq!(clean("a\u{202e}b\u{2066}c\u{2028}"), "a\\u{202e}b\\u{2066}c\\u{2028}");
        assert_eq!(clean("审计-é"), "审计-é");
    }

    #[test]
    fn combining_marks_cannot_pile_up() {
        let zalgo = format!("a{}b", "\u{301}".repeat(40));
        assert_eq!(clean(&zalgo), "a\u{301}\u{301}b");
        assert_eq!(clean("\u{301}a"), "a", "a mark with nothing to sit on");
    }

    #[test]
    fn truncation_respects_wide_characters() {
        assert_eq!(truncate("审计追踪", 5, "…"), "审计…");
        assert_eq!(truncate("审计追踪", 4, "…"), "审…");
        assert_eq!(fit("审计追踪", 4, "…"), "审… ");
        assert_eq!(truncate("abc", 0, "…"), "");
    }

    #[test]
    fn wrapping_folds_at_spaces_and_breaks_only_what_is_too_long() {
        assert_eq!(wrap("the service has trouble", 12), ["the service", "has trouble"]);
        assert_eq!(wrap("actiontrail.example", 8), ["actiontr", "ail.exam", "ple"]);
        assert_eq!(wrap("", 8), [""]);
    }

    #[test]
    fn a_window_is_counted_in_columns() {
        assert_eq!(window("abcdef", 2, 3), "cde");
        assert_eq!(window("审计追踪", 1, 4), "计");
        assert_eq!(window("abc", 9, 3), "");
    }

    #[test]
    fn first_words_are_one_short_line() {
        assert_eq!(first_words(b"<html>\n <title>502\x1b[2J Bad", 60), "<html> <title>502\\u{1b}[2J Bad");
        assert_eq!(first_words(b"", 60), "");
    }

    #[test]
    fn what_is_a_column_each_is_a_grapheme_of_one_column_whatever_stands_beside_it() {
        let mut count = 0;
        for char in ('\0'..=char::MAX).filter(|char| is_column_each(char.encode_utf8(&mut [0; 4]))) {
            let text: String = ['a', char, char, '█'].iter().collect();
            assert!(
                text.graphemes(true).count() == 4 && text.graphemes(true).all(|part| grapheme_width(part) == 1),
                "{text:?}"
            );
            count += 1;
        }
        assert!(count > 2_000, "{count}");
        for text in ["日", "e\u{301}", "✖\u{fe0f}", "☔", "\t", "\u{ad}", "한"] {
            assert!(!is_column_each(text), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_unsafe_survives(text in any::<String>()) {
            let safe = clean(&text);
            prop_assert!(safe.chars().all(|char| !is_unsafe(char)), "{safe:?}");
            prop_assert_eq!(clean(&safe), safe.clone(), "cleaning twice changes nothing");
        }

        #[test]
        fn wrapped_lines_fit_and_lose_nothing(text in "[a-z 审]{0,60}", columns in 2..30_usize) {
            let lines = wrap(&text, columns);
            prop_assert!(lines.iter().all(|line| width(line) <= columns), "{lines:?}");
            prop_assert_eq!(lines.concat().replace(' ', ""), text.replace(' ', ""));
        }

        #[test]
        fn every_column_keeps_its_width(text in any::<String>(), columns in 0..60_usize) {
            prop_assert_eq!(width(&fit(&clean(&text), columns, "…")), columns);
        }
    }
}
