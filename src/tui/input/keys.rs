//! Which key a sequence stands for, in the encodings that terminals use unless they are asked for another.

use crossterm::event::{
    Event, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
    MouseEventKind::{Down, Drag, Moved, ScrollDown, ScrollUp, Up},
};

use super::Input;

/// A byte below 128.
pub(super) fn ascii(byte: u8) -> (KeyCode, KeyModifiers) {
    let control = |char: u8| (KeyCode::Char(char.into()), KeyModifiers::CONTROL);
    let plain = |code| (code, KeyModifiers::NONE);
    match byte {
        b'\r' => plain(KeyCode::Enter),
        b'\t' => plain(KeyCode::Tab),
        0x7f => plain(KeyCode::Backspace),
        0x1b => plain(KeyCode::Esc),
        0x00 => control(b' '),
        0x01..=0x1a => control(byte - 1 + b'a'),
        0x1c..=0x1f => control(byte - 0x1c + b'4'),
        _ => plain(KeyCode::Char(byte.into())),
    }
}

/// `ESC O` and this byte: cursor and function keys, and a keypad that another program left in its own mode.
pub(super) fn single(byte: u8) -> Option<KeyCode> {
    match byte {
        b'M' => Some(KeyCode::Enter),
        b'j'..=b'y' => Some(KeyCode::Char((byte - 0x40).into())),
        _ => letter(byte),
    }
}

fn letter(byte: u8) -> Option<KeyCode> {
    Some(match byte {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'H' => KeyCode::Home,
        b'F' => KeyCode::End,
        b'P'..=b'S' => KeyCode::F(byte - b'P' + 1),
        _ => return None,
    })
}

/// `ESC [`, these bytes and the last one. Nothing for what is no key: a focus, or an answer that nobody waits for.
pub(super) fn control(bytes: &[u8], last: u8) -> Option<Input> {
    let text = std::str::from_utf8(bytes).ok()?;
    match (text.as_bytes().first(), last) {
        (Some(b'?'), _) => return answer(text, last),
        (Some(b'<'), b'M' | b'm') => return mouse(text.get(1..)?, last).map(|event| Input::User(Event::Mouse(event))),
        (Some(b'['), b'A'..=b'E') => return Some(key(KeyCode::F(last - b'A' + 1), KeyModifiers::NONE)),
        // `CSI row ; column R` tells where the cursor is; F3 of some terminals looks the same, and is bound to nothing.
        (_, b'R') => return None,
        (Some(first), _) if !first.is_ascii_digit() && *first != b';' => return None,
        _ => {}
    }
    let numbers: Vec<u32> = text.split(';').map(|number| number.parse().unwrap_or(0)).collect();
    let number = |at: usize| numbers.get(at).copied().unwrap_or(0);
    let modifiers = modifiers(number(1));
    let code = match last {
        b'Z' => return Some(key(KeyCode::BackTab, KeyModifiers::SHIFT)),
        b'~' if number(0) == 27 => coded(number(2))?,
        b'~' => numbered(number(0))?,
        b'u' => coded(number(0))?,
        _ => letter(last)?,
    };
    Some(key(code, modifiers))
}

fn key(code: KeyCode, modifiers: KeyModifiers) -> Input {
    Input::User(Event::Key(KeyEvent::new(code, modifiers)))
}

/// The terminal says whether it knows synchronized updates: `CSI ? 2026 ; state $ y`, state 0 for no and 4 for never.
fn answer(text: &str, last: u8) -> Option<Input> {
    let known = last == b'y' && matches!(text, "?2026;1$" | "?2026;2$" | "?2026;3$");
    known.then_some(Input::Synchronizes)
}

fn modifiers(number: u32) -> KeyModifiers {
    let bits = number.saturating_sub(1);
    let flags =
        [(1, KeyModifiers::SHIFT), (2, KeyModifiers::ALT), (4, KeyModifiers::CONTROL), (8, KeyModifiers::SUPER)];
    flags.into_iter().filter(|(bit, _)| bits & bit != 0).map(|(_, flag)| flag).collect()
}

fn numbered(number: u32) -> Option<KeyCode> {
    // The numbers of F1.. are those of the first terminals that had them, with gaps.
    const FUNCTION: [u32; 12] = [11, 12, 13, 14, 15, 17, 18, 19, 20, 21, 23, 24];
    Some(match number {
        1 | 7 => KeyCode::Home,
        2 => KeyCode::Insert,
        3 => KeyCode::Delete,
        4 | 8 => KeyCode::End,
        5 => KeyCode::PageUp,
        6 => KeyCode::PageDown,
        _ => (1..).zip(FUNCTION).find(|(_, code)| *code == number).map(|(key, _)| KeyCode::F(key))?,
    })
}

/// A character by its number, as some terminals send it with modifiers.
fn coded(number: u32) -> Option<KeyCode> {
    match u8::try_from(number) {
        Ok(byte @ (b'\r' | b'\t' | 0x1b | 0x7f)) => Some(ascii(byte).0),
        _ => char::from_u32(number).filter(|char| !char.is_control()).map(KeyCode::Char),
    }
}

/// `button ; column ; row`, with `M` for down and `m` for up.
fn mouse(text: &str, last: u8) -> Option<MouseEvent> {
    let mut numbers = text.split(';').map(str::parse::<u16>);
    let mut next = || numbers.next()?.ok();
    let (bits, column, row) = (next()?, next()?, next()?);
    let button = match bits & 0b11 {
        0 => MouseButton::Left,
        1 => MouseButton::Middle,
        _ => MouseButton::Right,
    };
    let kind: MouseEventKind = match (bits & 0b1110_0011, last) {
        (64, _) => ScrollUp,
        (65, _) => ScrollDown,
        (35, _) => Moved,
        (0..=2, b'm') => Up(button),
        (0..=2, _) => Down(button),
        (32..=34, _) => Drag(button),
        _ => return None,
    };
    let flags = [(4, KeyModifiers::SHIFT), (8, KeyModifiers::ALT), (16, KeyModifiers::CONTROL)];
    let modifiers = flags.into_iter().filter(|(bit, _)| bits & bit != 0).map(|(_, flag)| flag).collect();
    Some(MouseEvent { kind, column: column.checked_sub(1)?, row: row.checked_sub(1)?, modifiers })
}
