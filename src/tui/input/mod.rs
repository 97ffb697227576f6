//! Bytes from the terminal, made into keys, pastes and answers. Pure: reading and waiting are the input thread's.
//!
//! Not crossterm's reader, of which only the vocabulary is taken: it makes keys of the letters in a late answer
//! (`ESC ] 11 ; rgb:…`), Esc, `[` and `A` of an arrow that comes in two pieces, burns a core once the terminal is gone
//! (its issue 793), and takes `CSI ? 2026 ; 2 $ y` for a beginning: every key after it, Ctrl-C too, is swallowed up to the
//! next `c` or `u`.

use std::{mem, time::Duration};

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};

mod keys;

/// How long the rest of a key may take. After that, what came was all: Esc, or Alt with the letter.
const REST_OF_A_KEY: Duration = Duration::from_millis(50);

/// How long the rest of what nobody can have typed may take.
const REST_OF_AN_ANSWER: Duration = Duration::from_secs(1);

/// How long a paste may pause.
const REST_OF_A_PASTE: Duration = Duration::from_secs(5);

const PASTE_END: &[u8] = b"\x1b[201~";

/// What came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Input {
    /// From the user.
    User(Event),
    /// From the terminal itself: it keeps a frame back until it is whole, if it is told where that begins and ends.
    Synchronizes,
}

/// Turns bytes into input, however they are split.
#[derive(Debug, Default)]
pub(super) struct Parser {
    state: State,
    found: Vec<Input>,
}

/// What the bytes so far are the beginning of.
#[derive(Debug, Default)]
enum State {
    #[default]
    Nothing,
    /// `ESC`.
    Escape,
    /// `ESC`, and that read ended. A terminal sends Alt with a letter at once, so a letter that follows is another key; what
    /// is longer may have been split on its way.
    Parted,
    /// `ESC O`.
    Single,
    /// `ESC [` and these.
    Control(Vec<u8>),
    /// `ESC ]`, `ESC P` or `ESC _`: Alt with a character, or the beginning of an answer.
    Announced(u8),
    /// The text of an answer, that nobody wants to know.
    Answer,
    /// An `ESC` in there: its end comes, or something else begins.
    AnswerEscape,
    /// A part of a character.
    Char(Vec<u8>, KeyModifiers),
    /// Pasted text.
    Paste(Vec<u8>),
}

impl Parser {
    /// Takes bytes in, and answers what they complete.
    pub(super) fn advance(&mut self, bytes: &[u8]) -> Vec<Input> {
        for byte in bytes {
            self.step(*byte);
        }
        if matches!(self.state, State::Escape) {
            self.state = State::Parted;
        }
        mem::take(&mut self.found)
    }

    /// How long to wait for the next byte before [`Self::time_out`]. `None`: forever.
    pub(super) fn patience(&self) -> Option<Duration> {
        match &self.state {
            State::Nothing => None,
            State::Escape | State::Parted | State::Single | State::Announced(_) => Some(REST_OF_A_KEY),
            State::Control(bytes) if bytes.is_empty() => Some(REST_OF_A_KEY),
            State::Control(_) | State::Answer | State::AnswerEscape | State::Char(..) => Some(REST_OF_AN_ANSWER),
            State::Paste(_) => Some(REST_OF_A_PASTE),
        }
    }

    /// Nothing more has come: what is there is all.
    pub(super) fn time_out(&mut self) -> Vec<Input> {
        match mem::take(&mut self.state) {
            State::Escape | State::Parted => self.key(KeyCode::Esc, KeyModifiers::NONE),
            State::Single => self.alt(b'O'),
            State::Announced(byte) => self.alt(byte),
            State::Control(bytes) if bytes.is_empty() => self.alt(b'['),
            State::Paste(bytes) => self.paste(&bytes),
            State::Nothing | State::Control(_) | State::Answer | State::AnswerEscape | State::Char(..) => {}
        }
        mem::take(&mut self.found)
    }

    fn step(&mut self, byte: u8) {
        match mem::take(&mut self.state) {
            State::Nothing => self.begin(byte, KeyModifiers::NONE),
            State::Escape => self.escaped(byte),
            State::Parted if matches!(byte, b'[' | b'O' | b']' | b'P' | b'_') => self.escaped(byte),
            State::Parted => {
                self.key(KeyCode::Esc, KeyModifiers::NONE);
                self.begin(byte, KeyModifiers::NONE);
            }
            State::Single => match keys::single(byte) {
                Some(code) => self.key(code, KeyModifiers::NONE),
                None => {
                    self.alt(b'O');
                    self.begin(byte, KeyModifiers::NONE);
                }
            },
            State::Control(bytes) => self.control(bytes, byte),
            State::Announced(kind) if begins_answer(kind, byte) => self.state = State::Answer,
            State::Announced(kind) => {
                self.alt(kind);
                self.begin(byte, KeyModifiers::NONE);
            }
            State::Answer => match byte {
                0x07 => {}
                0x1b => self.state = State::AnswerEscape,
                // No answer has such a byte, so this one is a key: Ctrl-C always counts.
                0x00..=0x1f => self.begin(byte, KeyModifiers::NONE),
                _ => self.state = State::Answer,
            },
            State::AnswerEscape if byte == b'\\' => {}
            State::AnswerEscape => self.escaped(byte),
            State::Char(mut bytes, modifiers) => {
                bytes.push(byte);
                self.character(bytes, modifiers);
            }
            State::Paste(mut bytes) => {
                bytes.push(byte);
                match bytes.strip_suffix(PASTE_END) {
                    Some(text) => self.paste(text),
                    None => self.state = State::Paste(bytes),
                }
            }
        }
    }

    /// A byte that nothing stands before.
    fn begin(&mut self, byte: u8, modifiers: KeyModifiers) {
        match byte {
            0x1b => self.state = State::Escape,
            0x00..=0x7f => {
                let (code, more) = keys::ascii(byte);
                self.key(code, modifiers | more);
            }
            _ => self.character(vec![byte], modifiers),
        }
    }

    fn escaped(&mut self, byte: u8) {
        match byte {
            b'[' => self.state = State::Control(Vec::new()),
            b'O' => self.state = State::Single,
            b']' | b'P' | b'_' => self.state = State::Announced(byte),
            0x1b => {
                self.key(KeyCode::Esc, KeyModifiers::NONE);
                // Pressed twice, it is no Alt for what comes next.
                self.state = State::Parted;
            }
            _ => self.begin(byte, KeyModifiers::ALT),
        }
    }

    fn control(&mut self, mut bytes: Vec<u8>, byte: u8) {
        match byte {
            // The console's own function keys: `ESC [ [ A`.
            b'[' if bytes.is_empty() => self.state = State::Control(vec![byte]),
            0x20..=0x3f => {
                bytes.push(byte);
                self.state = State::Control(bytes);
            }
            b'~' if bytes == b"200" => self.state = State::Paste(Vec::new()),
            0x40..=0x7e => self.found.extend(keys::control(&bytes, byte)),
            // It was cut off, and something else begins.
            _ => self.begin(byte, KeyModifiers::NONE),
        }
    }

    /// One character, or a part of it; what can't become one is dropped.
    fn character(&mut self, bytes: Vec<u8>, modifiers: KeyModifiers) {
        match std::str::from_utf8(&bytes) {
            Ok(text) => text.chars().for_each(|char| self.key(KeyCode::Char(char), modifiers)),
            Err(error) if error.error_len().is_none() => self.state = State::Char(bytes, modifiers),
            // What broke it off may be a key.
            Err(_) => match bytes.last() {
                Some(last) if bytes.len() > 1 && last.is_ascii() => self.begin(*last, KeyModifiers::NONE),
                _ => {}
            },
        }
    }

    fn alt(&mut self, byte: u8) {
        self.key(KeyCode::Char(byte.into()), KeyModifiers::ALT);
    }

    fn key(&mut self, code: KeyCode, modifiers: KeyModifiers) {
        let shifted = matches!(code, KeyCode::Char(char) if char.is_uppercase());
        let shift = if shifted { KeyModifiers::SHIFT } else { KeyModifiers::NONE };
        self.found.push(Input::User(Event::Key(KeyEvent::new(code, modifiers | shift))));
    }

    fn paste(&mut self, bytes: &[u8]) {
        self.found.push(Input::User(Event::Paste(String::from_utf8_lossy(bytes).into_owned())));
    }
}

/// Whether an answer of this kind can begin so. A user who presses Alt-] and then a letter has pressed two keys.
fn begins_answer(kind: u8, byte: u8) -> bool {
    match kind {
        b']' => byte.is_ascii_digit(),
        b'P' => byte.is_ascii_digit() || matches!(byte, b'>' | b'!'),
        _ => byte == b'G',
    }
}

#[cfg(test)]
mod tests;
