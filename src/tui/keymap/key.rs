//! A key with its modifiers, as files write it and the screen shows it: `j`, `G`, `Ctrl-d`, `PgUp`.

use std::{fmt, str::FromStr};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// A key with its modifiers. Shift is part of a character, so it does not count for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    code: KeyCode,
    modifiers: KeyModifiers,
}

/// Keys that are no characters, and those that would be hard to read as such.
const NAMED: &[(KeyCode, &str)] = &[
    (KeyCode::Enter, "Enter"),
    (KeyCode::Esc, "Esc"),
    (KeyCode::Char(' '), "Space"),
    (KeyCode::Tab, "Tab"),
    (KeyCode::BackTab, "BackTab"),
    (KeyCode::Up, "Up"),
    (KeyCode::Down, "Down"),
    (KeyCode::Left, "Left"),
    (KeyCode::Right, "Right"),
    (KeyCode::PageUp, "PgUp"),
    (KeyCode::PageDown, "PgDn"),
    (KeyCode::Home, "Home"),
    (KeyCode::End, "End"),
    (KeyCode::Insert, "Insert"),
    (KeyCode::Delete, "Delete"),
    (KeyCode::Backspace, "Backspace"),
];

const MODIFIERS: [(KeyModifiers, &str); 3] =
    [(KeyModifiers::CONTROL, "Ctrl-"), (KeyModifiers::ALT, "Alt-"), (KeyModifiers::SHIFT, "Shift-")];

/// A text that names no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no key; keys are written as in j, G, Ctrl-d, Alt-x, Enter, Esc, Space, Tab, Up, PgDn, F5")]
pub struct NoKey(String);

impl Key {
    /// Whether it writes something where text is typed.
    #[must_use]
    pub fn is_text(self) -> bool {
        matches!(self.code, KeyCode::Char(_)) && self.modifiers.is_empty()
    }
}

impl From<KeyEvent> for Key {
    fn from(event: KeyEvent) -> Self {
        let mut modifiers = event.modifiers & (KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SHIFT);
        if matches!(event.code, KeyCode::Char(_) | KeyCode::BackTab) {
            modifiers.remove(KeyModifiers::SHIFT);
        }
        Self { code: event.code, modifiers }
    }
}

impl FromStr for Key {
    type Err = NoKey;

    fn from_str(text: &str) -> Result<Self, NoKey> {
        let mut modifiers = KeyModifiers::NONE;
        let mut name = text;
        while let Some((modifier, rest)) = MODIFIERS.iter().find_map(|(modifier, prefix)| {
            let (head, rest) = name.split_at_checked(prefix.len())?;
            (head.eq_ignore_ascii_case(prefix) && !rest.is_empty()).then_some((*modifier, rest))
        }) {
            modifiers |= modifier;
            name = rest;
        }
        let code = code(name).ok_or_else(|| NoKey(text.to_owned()))?;
        // A terminal sends a control character, which has no case; Shift-x is X.
        let code = match code {
            KeyCode::Char(char) if modifiers.contains(KeyModifiers::CONTROL) => {
                KeyCode::Char(char.to_ascii_lowercase())
            }
            KeyCode::Char(_) if modifiers.contains(KeyModifiers::SHIFT) => return Err(NoKey(text.to_owned())),
            KeyCode::Tab if modifiers == KeyModifiers::SHIFT => KeyCode::BackTab,
            code => code,
        };
        Ok(Self::from(KeyEvent::new(code, modifiers)))
    }
}

fn code(name: &str) -> Option<KeyCode> {
    let mut chars = name.chars();
    if let (Some(char), None) = (chars.next(), chars.next()) {
        return (!char.is_control() && char != ' ').then_some(KeyCode::Char(char));
    }
    if let Some(number) = name.strip_prefix(['F', 'f']).and_then(|number| number.parse().ok()) {
        return (1..=24).contains(&number).then_some(KeyCode::F(number));
    }
    NAMED.iter().find(|(_, known)| known.eq_ignore_ascii_case(name)).map(|(code, _)| *code)
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (modifier, name) in MODIFIERS {
            if self.modifiers.contains(modifier) {
                f.write_str(name)?;
            }
        }
        match (NAMED.iter().find(|(code, _)| *code == self.code), self.code) {
            (Some((_, name)), _) => f.write_str(name),
            (None, KeyCode::Char(char)) => write!(f, "{char}"),
            (None, KeyCode::F(number)) => write!(f, "F{number}"),
            (None, other) => write!(f, "{other:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn keys_are_read_as_they_are_shown() {
        let names =
            "j G + / ? ] Ctrl-d Alt-x Ctrl-Alt-f Enter Esc Space Tab BackTab Up PgUp PgDn F5 F12 - Ctrl-- Shift-Up";
        for name in names.split(' ') {
            assert_eq!(name.parse::<Key>().unwrap().to_string(), name);
        }
        assert_eq!("ctrl-D".parse::<Key>(), "Ctrl-d".parse());
        assert_eq!("Shift-Tab".parse::<Key>(), "BackTab".parse());
        for bad in ["", " ", "jj", "Ctrl-", "Hyper-x", "F0", "F99", "Shift-x", "\u{1b}"] {
            assert!(bad.parse::<Key>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn shift_is_part_of_a_character() {
        let key = |code, modifiers| Key::from(KeyEvent::new(code, modifiers));
        assert_eq!(Ok(key(KeyCode::Char('G'), KeyModifiers::SHIFT)), "G".parse());
        assert_eq!(Ok(key(KeyCode::BackTab, KeyModifiers::SHIFT)), "BackTab".parse());
        assert_ne!(Ok(key(KeyCode::Char('j'), KeyModifiers::ALT)), "j".parse());
    }

    proptest! {
        #[test]
        fn whatever_is_written_is_read_or_refused(text in "\\PC{0,12}") {
            if let Ok(key) = text.parse::<Key>() {
                prop_assert_eq!(key.to_string().parse(), Ok(key));
            }
        }
    }
}
