//! Frames as bytes, and what a terminal makes of them.

use std::{collections::HashSet, num::NonZero};

use super::*;
use proptest::{collection::vec, prelude::*, sample::select};
use ratatui::{Frame, Terminal, style::Style, widgets::Paragraph};

fn frame(terminal: &mut Terminal<AnsiBackend>, text: &str, style: Style) -> String {
    terminal.draw(|frame| frame.render_widget(Paragraph::new(text.to_owned()).style(style), frame.area())).unwrap();
    String::from_utf8(terminal.backend_mut().take_frame()).unwrap()
}

#[test]
fn only_what_changed_is_sent_and_nothing_for_nothing() {
    let mut terminal = Terminal::new(AnsiBackend::new(Size::new(10, 2))).unwrap();
    assert_eq!(frame(&mut terminal, "abc", Style::new()), "\x1b[1;1Habc");
    assert_eq!(frame(&mut terminal, "abc", Style::new()), "");
    assert_eq!(frame(&mut terminal, "abd", Style::new()), "\x1b[1;3Hd");
}

#[test]
fn a_gap_in_a_row_takes_few_bytes() {
    let mut terminal = Terminal::new(AnsiBackend::new(Size::new(30, 1))).unwrap();
    let moves = [
        ("a b   c    d", "\x1b[1;1Ha b   c\x1b[4Cd"),
        ("axb   e    f", "\x1b[1;2Hx\x1b[4Ce\x1b[4Cf"),
        ("ayb z e    f", "\x1b[1;2Hy\x1b[2Cz"),
        ("azb y e g  f", "\x1b[1;2Hz\x1b[2Cy\x1b[3Cg"),
    ];
    for (text, bytes) in moves {
        assert_eq!(frame(&mut terminal, text, Style::new()), bytes, "{text}");
    }
}

#[test]
fn blanks_that_can_be_seen_are_passed_over() {
    let mut terminal = Terminal::new(AnsiBackend::new(Size::new(3, 1))).unwrap();
    assert_eq!(frame(&mut terminal, "a b", Style::new().reversed()), "\x1b[1;1H\x1b[7ma b\x1b[0m");
    assert_eq!(frame(&mut terminal, "c d", Style::new().reversed()), "\x1b[1;1H\x1b[7mc\x1b[Cd\x1b[0m");
    let mut terminal = Terminal::new(AnsiBackend::new(Size::new(3, 1))).unwrap();
    let halves = |frame: &mut Frame<'_>| {
        frame.buffer_mut().set_string(0, 0, "a", Style::new().underlined());
        frame.buffer_mut().set_string(2, 0, "b", Style::new().underlined());
    };
    terminal.draw(halves).unwrap();
    let bytes = String::from_utf8(terminal.backend_mut().take_frame()).unwrap();
    assert_eq!(bytes, "\x1b[1;1H\x1b[4ma\x1b[Cb\x1b[0m", "the blank between is not underlined");
}

const THREE: NonZero<u16> = NonZero::new(3).unwrap();
const TWELVE: NonZero<u16> = NonZero::new(12).unwrap();

/// What is to be seen of every cell: of a blank, nothing but its ground and its lines.
fn seen(bytes: &[u8]) -> Vec<String> {
    let mut parser = vt100::Parser::new(THREE, TWELVE, 0);
    parser.process(bytes);
    let cells = (0..3).flat_map(|y| (0..12).map(move |x| (y, x)));
    let cells = cells.map(|(y, x)| parser.screen().cell(y, x).unwrap());
    let look = |cell: &vt100::Cell| {
        let lines = (cell.bgcolor(), cell.underline(), cell.inverse());
        match cell.contents() {
            "" | " " => format!("{lines:?}"),
            glyph => format!("{glyph} {lines:?} {:?}", (cell.fgcolor(), cell.dim())),
        }
    };
    cells.map(look).collect()
}

type Text = (String, Style, u16, u16);

/// Frames of texts with their looks and places. Half of a wide glyph that is drawn over, each terminal shows in its own way:
/// where that could be seen, there are none.
fn frames() -> impl Strategy<Value = Vec<Vec<Text>>> {
    let plain = [Style::new(), Style::new().red(), Style::new().dim()];
    let lined = [Style::new().underlined(), Style::new().reversed(), Style::new().on_blue()];
    let of =
        |letters: &'static str, looks: Vec<Style>| vec(vec((letters, select(looks), 0..12u16, 0..3u16), 1..6), 1..6);
    let wide = of("[ab审 ]{0,7}", plain.to_vec()).prop_map(|frames| frames.into_iter().map(one_a_row).collect());
    prop_oneof![of("[abé ]{0,7}", [plain, lined].concat()), wide]
}

/// The first text of each row: what a wide glyph half covers is no part of a frame, but ratatui takes it for shown.
fn one_a_row(texts: Vec<Text>) -> Vec<Text> {
    let mut met = HashSet::new();
    texts.into_iter().filter(|(_, _, _, row)| met.insert(*row)).collect()
}

proptest! {
    #[test]
    fn the_terminal_shows_the_last_frame(mut frames in frames()) {
        let bytes = |frames: &[Vec<Text>]| {
            let mut terminal = Terminal::new(AnsiBackend::new(Size::new(12, 3))).unwrap();
            let mut bytes = Vec::new();
            for texts in frames {
                let put = |frame: &mut Frame<'_>| {
                    for (text, style, x, y) in texts {
                        frame.buffer_mut().set_string(*x, *y, text, *style);
                    }
                };
                terminal.draw(put).unwrap();
                bytes.extend(terminal.backend_mut().take_frame());
            }
            bytes
        };
        let all = seen(&bytes(&frames));
        prop_assert_eq!(all, seen(&bytes(&frames.split_off(frames.len() - 1))));
    }
}

#[test]
fn a_frame_is_marked_where_the_terminal_knows_marks() {
    let mut terminal = Terminal::new(AnsiBackend::new(Size::new(10, 2))).unwrap();
    terminal.backend_mut().mark_frames();
    assert_eq!(frame(&mut terminal, "abc", Style::new()), "\x1b[?2026h\x1b[1;1Habc\x1b[?2026l");
    assert_eq!(frame(&mut terminal, "abc", Style::new()), "");
}

#[test]
fn colours_are_the_terminals_own_sixteen() {
    let mut terminal = Terminal::new(AnsiBackend::new(Size::new(2, 1))).unwrap();
    assert_eq!(frame(&mut terminal, "ab", Style::new().red().bold()), "\x1b[1;1H\x1b[1;31mab\x1b[0m");
    assert_eq!(frame(&mut terminal, "ab", Style::new().light_red().reversed()), "\x1b[1;1H\x1b[7;91mab\x1b[0m");
}

#[test]
fn other_colours_are_sent_by_their_number() {
    let mut terminal = Terminal::new(AnsiBackend::new(Size::new(1, 1))).unwrap();
    let style = |fg, bg| Style::new().fg(fg).bg(bg);
    let indexed = style(Color::Indexed(210), Color::Indexed(16)).bold();
    assert_eq!(frame(&mut terminal, "a", indexed), "\x1b[1;1H\x1b[1;38;5;210;48;5;16ma\x1b[0m");
    let rgb = style(Color::Rgb(1, 2, 3), Color::LightBlue);
    assert_eq!(frame(&mut terminal, "a", rgb), "\x1b[1;1H\x1b[38;2;1;2;3;104ma\x1b[0m");
    let plain = style(Color::Reset, Color::Reset);
    assert_eq!(frame(&mut terminal, "a", plain), "\x1b[1;1Ha");
}

#[test]
fn a_wide_glyph_is_followed_by_an_explicit_position() {
    let mut terminal = Terminal::new(AnsiBackend::new(Size::new(4, 1))).unwrap();
    assert_eq!(frame(&mut terminal, "审x", Style::new()), "\x1b[1;1H审\x1b[1;3Hx");
}
