//! What terminals send, whole and in pieces.

use super::*;

/// What comes of these bytes, in words: `q`, `C-c`, `A-]`, `Up`, `"pasted"`, `sync`.
fn words(found: &[Input]) -> String {
    let word = |input: &Input| match input {
        Input::Synchronizes => "sync".to_owned(),
        Input::User(Event::Paste(text)) => format!("{text:?}"),
        Input::User(Event::Key(key)) => {
            let flags = [(KeyModifiers::CONTROL, "C-"), (KeyModifiers::ALT, "A-")];
            let before: String =
                flags.iter().filter(|(flag, _)| key.modifiers.contains(*flag)).map(|(_, word)| *word).collect();
            match key.code {
                KeyCode::Char(char) => format!("{before}{char}"),
                other => format!("{before}{other:?}"),
            }
        }
        Input::User(other) => format!("{other:?}"),
    };
    found.iter().map(word).collect::<Vec<_>>().join(" ")
}

fn whole(bytes: &str) -> String {
    let mut parser = Parser::default();
    let mut found = parser.advance(bytes.as_bytes());
    found.extend(parser.time_out());
    words(&found)
}

/// Every byte in a read of its own, and no time between them.
fn split(bytes: &str) -> String {
    let mut parser = Parser::default();
    let mut found: Vec<Input> = bytes.bytes().flat_map(|byte| parser.advance(&[byte])).collect();
    found.extend(parser.time_out());
    words(&found)
}

#[track_caller]
fn means(bytes: &str, expected: &str) {
    assert_eq!(whole(bytes), expected, "{bytes:?}");
    assert_eq!(split(bytes), expected, "{bytes:?} byte by byte");
}

#[test]
fn keys_are_keys() {
    for (bytes, expected) in [
        ("jG/é審", "j G / é 審"),
        ("\r\t\x7f\x03\x1a\x0c\n\0", "Enter Tab Backspace C-c C-z C-l C-j C- "),
        ("\x1b", "Esc"),
        ("\x1b\x1b", "Esc Esc"),
        ("\x1b\x1b[A", "Esc Up"),
        ("\x1b\x1bj", "Esc Esc j"),
        ("\x1b[A\x1bOB\x1b[1;5C", "Up Down C-Right"),
        ("\x1b[5~\x1b[6;5~\x1b[1~\x1b[F\x1b[3~", "PageUp C-PageDown Home End Delete"),
        ("\x1bOP\x1b[15~\x1b[24~\x1b[[B", "F(1) F(5) F(12) F(2)"),
        ("\x1b[Z\x1b[113;5u\x1b[27;5;113~", "BackTab C-q C-q"),
        ("\x1bOu\x1bOM", "5 Enter"),
    ] {
        means(bytes, expected);
    }
}

#[test]
fn alt_comes_at_once() {
    assert_eq!((whole("\x1bx\x1bé").as_str(), split("\x1bx\x1bé").as_str()), ("A-x A-é", "Esc x Esc é"));
}

#[test]
fn an_answer_is_nothing_whatever_it_answers() {
    for answer in [
        "\x1b]11;rgb:0000/0000/0000\x1b\\",
        "\x1b]11;rgb:ffff/ffff/ffff\x07",
        "\x1b]52;c;cXF1aXQ=\x07",
        "\x1b[?1;2c",
        "\x1b[>41;377;0c",
        "\x1b[24;80R",
        "\x1b[0n",
        "\x1b[?2026;0$y",
        "\x1b[?997;1n",
        "\x1b[8;24;80t",
        "\x1b[I\x1b[O",
        "\x1bP>|a terminal(1.2)\x1b\\",
        "\x1bP1$r0m\x1b\\",
        "\x1b_Gi=1;OK\x1b\\",
    ] {
        means(answer, "");
        means(&format!("q{answer}j\x1b[A"), "q j Up");
    }
}

#[test]
fn what_it_says_of_synchronized_updates_is_heard() {
    means("\x1b[?2026;2$yj", "sync j");
    means("\x1b[?2026;1$yj", "sync j");
    means("\x1b[?2026;4$yj", "j");
    means("\x1b[?2027;2$yj", "j");
}

#[test]
fn alt_with_the_beginning_of_an_answer_is_a_key() {
    means("\x1b]", "A-]");
    means("\x1b]j", "A-] j");
    means("\x1bP", "A-P");
    means("\x1bPq", "A-P q");
    means("\x1b[", "A-[");
    means("\x1bO", "A-O");
    means("\x1bO\x03", "A-O C-c");
    means("\x1b]\x1b[A", "A-] Up");
}

#[test]
fn an_answer_that_breaks_off_takes_no_key_that_ends_a_program_with_it() {
    means("\x1b]11;rgb:\x03", "C-c");
    means("\x1b]11;rgb:\x1b[A", "Up");
    means("\x1b[?2026\x03", "C-c");
    let mut parser = Parser::default();
    assert_eq!(parser.advance(b"\x1b]11;rg"), []);
    assert_eq!(parser.patience(), Some(REST_OF_AN_ANSWER));
    assert_eq!(parser.time_out(), []);
    assert_eq!((words(&parser.advance(b"q")).as_str(), parser.patience()), ("q", None));
}

#[test]
fn an_escape_waits_a_moment_for_the_rest_of_a_key() {
    let mut parser = Parser::default();
    assert_eq!(parser.advance(b"\x1b"), []);
    assert_eq!(parser.patience(), Some(REST_OF_A_KEY));
    assert_eq!(words(&parser.advance(b"[A")), "Up");
    assert_eq!(parser.advance(b"\x1b"), []);
    assert_eq!(words(&parser.time_out()), "Esc");
}

#[test]
fn a_paste_is_one_text_whatever_is_in_it() {
    means("\x1b[200~q\x03\x1b[A\x1b]1\r\x1b[201~j", "\"q\\u{3}\\u{1b}[A\\u{1b}]1\\r\" j");
    let mut parser = Parser::default();
    assert_eq!(parser.advance(b"\x1b[200~qq"), []);
    assert_eq!(words(&parser.time_out()), "\"qq\"", "its end never came");
}

#[test]
fn broken_characters_are_dropped_and_their_neighbours_kept() {
    let mut parser = Parser::default();
    assert_eq!(words(&parser.advance(b"a\xffb\xc3c\x80d")), "a b c d");
}

#[test]
fn the_mouse_is_read_in_its_only_encoding_without_limits() {
    let found = whole("\x1b[<0;3;4M\x1b[<0;3;4m\x1b[<65;300;1M");
    for word in ["Down(Left), column: 2, row: 3", "Up(Left), column: 2, row: 3", "ScrollDown, column: 299, row: 0"] {
        assert!(found.contains(word), "{found}");
    }
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_it_panic_or_deaf(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
        let mut parser = Parser::default();
        parser.advance(&bytes);
        parser.time_out();
        proptest::prop_assert_eq!(words(&parser.advance(b"q")), "q");
    }
}
