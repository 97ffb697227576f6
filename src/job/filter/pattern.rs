//! A value with `*` and `?` in it, compared with a whole name, whatever the case.

use std::borrow::Cow;

/// Which names are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern(Box<[Piece]>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    /// This character, in lower case.
    Exactly(char),
    /// `?`: any one.
    One,
    /// `*`: any text, also none.
    Many,
}

impl Pattern {
    /// `*` and `?` stand for other text.
    pub(super) fn with_wildcards(text: &str) -> Self {
        let piece = |char| match char {
            '*' => Piece::Many,
            '?' => Piece::One,
            char => Piece::Exactly(char),
        };
        Self(text.to_lowercase().chars().map(piece).collect())
    }

    /// Every character stands for itself.
    pub(super) fn literal(text: &str) -> Self {
        Self(text.to_lowercase().chars().map(Piece::Exactly).collect())
    }

    /// Whether a whole name is meant. Takes no more than the product of both lengths, whatever the pattern.
    pub(super) fn matches(&self, name: &str) -> bool {
        // ASCII, as nearly every name is, is lowered as it is compared.
        let name = if name.is_ascii() { Cow::Borrowed(name) } else { Cow::Owned(name.to_lowercase()) };
        let pieces = &self.0;
        let (mut rest, mut at) = (name.chars(), 0);
        // Behind the last `*`, and what of the name it does not take yet.
        let mut again = None;
        loop {
            let mut next = rest.clone();
            match (pieces.get(at), next.next()) {
                (Some(Piece::Many), _) => {
                    at += 1;
                    again = Some((at, rest.clone()));
                    continue;
                }
                (Some(Piece::One), Some(_)) => {}
                (Some(Piece::Exactly(char)), Some(found)) if *char == found.to_ascii_lowercase() => {}
                (None, None) => return true,
                _ => {
                    // The last `*` takes one character more.
                    let Some((behind, mut from)) = again.take() else { return false };
                    if from.next().is_none() {
                        return false;
                    }
                    again = Some((behind, from.clone()));
                    (at, rest) = (behind, from);
                    continue;
                }
            }
            at += 1;
            rest = next;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_whole_name_is_meant() {
        for (pattern, name, expected) in [
            ("prod", "Prod", true),
            ("PROD", "prod", true),
            ("prod", "prod-2", false),
            ("pay*", "payments-audit", true),
            ("*audit", "payments-audit", true),
            ("*audit", "payments-audit-2", false),
            ("p*m*t", "payments-audit", true),
            ("cn-?????", "cn-china", true),
            ("cn-????", "cn-china", false),
            ("*", "", true),
            ("?", "", false),
            ("审?追*", "审计追踪", true),
            ("É*", "école", true),
            ("", "", true),
        ] {
            assert_eq!(Pattern::with_wildcards(pattern).matches(name), expected, "{pattern} {name}");
        }
        assert!(!Pattern::literal("pay*").matches("payments") && Pattern::literal("pay*").matches("PAY*"));
    }

    /// As slow as it is plain.
    fn simple(pattern: &[char], name: &[char]) -> bool {
        match (pattern.split_first(), name.split_first()) {
            (None, None) => true,
            (Some(('*', behind)), _) => (0..=name.len()).any(|taken| simple(behind, &name[taken..])),
            (Some(('?', behind)), Some((_, rest))) => simple(behind, rest),
            (Some((char, behind)), Some((found, rest))) => char == found && simple(behind, rest),
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn it_matches_what_a_simple_one_matches(pattern in "[ab?*]{0,6}", name in "[ab]{0,8}") {
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            let expected = simple(&chars(&pattern), &chars(&name));
            prop_assert_eq!(Pattern::with_wildcards(&pattern).matches(&name), expected);
        }
    }
}
