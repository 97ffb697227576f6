//! What a program leaves on its terminal: the screen, what was written, and the modes.

use std::fmt::Write as _;

use pty_process::blocking::Pty;
use rustix::termios::{Termios, tcgetattr};
use vt100::{MouseProtocolEncoding, MouseProtocolMode, Parser};

/// What a program that ended left behind.
pub(crate) struct Ended {
    /// What stood on the terminal before.
    pub(crate) before: &'static str,
    pub(crate) screen: vt100::Screen,
    pub(crate) bytes: Vec<u8>,
    /// The terminal's modes before and after.
    pub(crate) modes: [String; 2],
}

impl Ended {
    /// The text on the terminal.
    pub(crate) fn text(&self) -> String {
        self.screen.contents()
    }

    /// Checks that the terminal is as it was before, down to its text.
    pub(crate) fn restored(&self) {
        self.usable();
        assert_eq!((self.screen.contents().as_str(), self.screen.cursor_position()), (self.before, (1, 0)));
    }

    /// Checks that the terminal is as it was before, but for what was written on it.
    pub(crate) fn usable(&self) {
        let screen = &self.screen;
        let left = [screen.alternate_screen(), screen.hide_cursor(), screen.bracketed_paste()];
        assert_eq!(left, [false; 3], "alternate screen, hidden cursor, bracketed paste");
        let mouse = (screen.mouse_protocol_mode(), screen.mouse_protocol_encoding());
        assert_eq!(mouse, (MouseProtocolMode::None, MouseProtocolEncoding::Default));
        assert!(!screen.application_cursor() && !screen.application_keypad());
        assert_eq!(screen.attributes_formatted(), Parser::default().screen().attributes_formatted());
        assert_eq!(self.modes[0], self.modes[1], "termios");
    }
}

/// The terminal's modes in words that can be compared.
pub(crate) fn modes(pty: &Pty) -> String {
    in_words(&tcgetattr(pty).unwrap())
}

pub(crate) fn in_words(modes: &Termios) -> String {
    let mut words = format!("{:?}", (modes.input_modes, modes.output_modes, modes.control_modes, modes.local_modes));
    write!(words, " {:?}", modes.special_codes).unwrap();
    words
}
