//! How the screen looks: every theme, Unicode and ASCII, with and without colour, at every size, as cells with their styles.

use std::{fmt::Write as _, sync::Arc};

use insta::assert_snapshot;
use ratatui::{
    Terminal,
    buffer::{Buffer, Cell},
    layout::Size,
    style::{Color, Modifier},
};
use vt100::Parser;

use super::fixture::*;
use crate::{
    engine::{Report, TargetIndex},
    job::Status,
    looks::{Mark, Marks, ThemeName},
    tui::{AnsiBackend, App, Charset, Colors, Preferences, Theme, draw},
};

/// A frame as text, and below each row a letter for the style of each cell, where it is not plain; at the end what the
/// letters mean.
fn styled(app: &App) -> String {
    let buffer = frame(app).0;
    let mut styles: Vec<String> = Vec::new();
    let mut lines = String::new();
    for (y, text) in text(&buffer).lines().enumerate() {
        writeln!(lines, "{text}").unwrap();
        let letters: String = (0..buffer.area.width).map(|x| letter(&buffer[(x, y as u16)], &mut styles)).collect();
        if !letters.trim_end().is_empty() {
            writeln!(lines, "{}", letters.trim_end()).unwrap();
        }
    }
    for (letter, style) in ('a'..).zip(styles) {
        writeln!(lines, "{letter}: {style}").unwrap();
    }
    lines
}

fn letter(cell: &Cell, styles: &mut Vec<String>) -> char {
    let mut words: Vec<String> = Vec::new();
    words.extend((cell.fg != Color::Reset).then(|| format!("{:?}", cell.fg)));
    words.extend((cell.bg != Color::Reset).then(|| format!("on {:?}", cell.bg)));
    words.extend(cell.modifier.iter_names().map(|(name, _)| name.to_lowercase()));
    let style = words.join(" ");
    // What has neither text nor ground looks the same in every style.
    if style.is_empty() || cell.symbol() == " " && !cell.modifier.intersects(Modifier::REVERSED | Modifier::UNDERLINED)
    {
        return ' ';
    }
    let at = styles.iter().position(|known| *known == style).unwrap_or_else(|| {
        styles.push(style);
        styles.len() - 1
    });
    ('a'..).nth(at).unwrap()
}

fn usual_in(theme: Theme, width: u16, height: u16) -> App {
    let mut app = usual(width, height);
    app.preferences.theme = theme;
    app
}

#[test]
fn every_theme() {
    for name in ThemeName::ALL {
        let theme = Theme::new(Charset::Unicode, Colors::Many).named(name);
        assert_snapshot!(format!("theme_{name}_80x24"), styled(&usual_in(theme, 80, 24)));
    }
}

#[test]
fn every_size_in_unicode_and_ascii_with_and_without_colour() {
    for (charset, signs) in [(Charset::Unicode, "unicode"), (Charset::Ascii, "ascii")] {
        for (width, height) in [(120, 40), (80, 24), (40, 12), (20, 5)] {
            let of = |colors| usual_in(Theme::new(charset, colors), width, height);
            let (coloured, plain) = (of(Colors::Sixteen), of(Colors::None));
            assert_eq!(screen(&coloured), screen(&plain), "colour never says what no word says");
            assert!(charset == Charset::Unicode || screen(&plain).is_ascii());
            assert_snapshot!(format!("look_{width}x{height}_{signs}_colour"), styled(&coloured));
            assert_snapshot!(format!("look_{width}x{height}_{signs}_mono"), styled(&plain));
        }
    }
}

/// Names that are wide, that carry marks, and that are cut in the middle of a wide character.
fn wide() -> App {
    let names = [
        "审计追踪",
        "audit",
        "e\u{301}tude a\u{308}",
        "审x计y",
        "한국어 감사",
        "ＦＵＬＬ",
        "審審審審審審審審審審審審審審審",
    ];
    let job = |(name, id): (&&str, i64)| job(id, name, "cn-hangzhou", Status::Complete, 60, 50);
    let jobs = names.iter().zip(1..).map(job).collect();
    app(one_target([Report::Swept(PROD, sweep(jobs))]), 80, 24)
}

/// What a terminal shows of each cell: text and whether it is reversed.
fn shown(parser: &Parser, size: Size) -> Vec<(String, bool)> {
    let places = (0..size.height).flat_map(|y| (0..size.width).map(move |x| (y, x)));
    let cell = |(y, x)| parser.screen().cell(y, x).map(|cell| (cell.contents().to_owned(), cell.inverse())).unwrap();
    places.map(cell).map(|(text, inverse)| (if text.is_empty() { " ".to_owned() } else { text }, inverse)).collect()
}

fn intended(buffer: &Buffer) -> Vec<(String, bool)> {
    let mut hidden = 0;
    let cell = |cell: &Cell| {
        let (text, reversed) = (cell.symbol(), cell.modifier.contains(Modifier::REVERSED));
        if hidden > 0 {
            hidden -= 1;
            return (" ".to_owned(), reversed);
        }
        hidden = crate::text::width(text).saturating_sub(1);
        (text.to_owned(), reversed)
    };
    buffer.content.iter().map(cell).collect()
}

#[test]
fn a_terminal_shows_wide_and_combining_characters_where_they_belong_also_after_changes() {
    let mut app = wide();
    let mut terminal = Terminal::new(AnsiBackend::new(app.size)).unwrap();
    let count = |cells: u16| std::num::NonZeroU16::new(cells).unwrap();
    let mut parser = Parser::new(count(app.size.height), count(app.size.width), 0);
    for keys in ["", "j", "j", "j", "j", "j", "j", "k", "S", "/审", "x", "<BS><BS>", "<Esc>", "g", "<Enter>", "q"] {
        press(&mut app, keys);
        terminal.draw(|frame| draw(&app, &app.look(now()), frame)).unwrap();
        parser.process(&terminal.backend_mut().take_frame());
        let (shown, intended) = (shown(&parser, app.size), intended(&frame(&app).0));
        for (at, (shown, intended)) in shown.iter().zip(&intended).enumerate() {
            let (x, y) = (at % usize::from(app.size.width), at / usize::from(app.size.width));
            assert_eq!(shown.0, intended.0, "after {keys:?}, column {x} of row {y}:\n{}", screen(&app));
            // The second half of a wide character has the ground of the first one, whatever its cell says.
            assert!(shown.1 == intended.1 || intended.0 == " ", "after {keys:?}, the ground of column {x} of row {y}");
        }
    }
}

/// How the name of a target looks in each row that has it.
fn looks_of(app: &App, name: &str) -> Vec<(usize, String)> {
    let buffer = frame(app).0;
    let place = |(y, line): (usize, &str)| Some((y, line.split_once(name)?.0.chars().count()));
    let places: Vec<_> = text(&buffer).lines().enumerate().filter_map(place).collect();
    let look = |(y, x): (usize, usize)| {
        let mut styles = Vec::new();
        letter(&buffer[(x as u16, y as u16)], &mut styles);
        (y, styles.concat())
    };
    places.into_iter().map(look).collect()
}

#[test]
fn a_marked_target_is_told_from_others_in_header_table_and_pane() {
    let mut marks = Marks::default();
    marks.add("prod", Mark::Red, 1);
    let of = |colors| {
        let targets = [("test", "cn-hangzhou"), ("prod", "cn-shanghai")];
        let snapshot = snapshot(&targets, [Report::Swept(TargetIndex(1), sweep(jobs()))]);
        let theme = Theme::new(Charset::Unicode, colors);
        let marks = Arc::new(marks.clone());
        let preferences = Preferences { theme, marks, ..preferences(Charset::Unicode) };
        App::new(snapshot, Size { width: 120, height: 40 }, preferences, now())
    };
    let mut app = of(Colors::Sixteen);
    assert_eq!(looks_of(&app, "prod/cn-shanghai")[0], (0, "Red bold reversed".to_owned()), "named before the first");
    let in_table = looks_of(&app, "prod/cn-shanghai").into_iter().filter(|(_, look)| look == "Red bold").count();
    assert_eq!(in_table, jobs().len());
    press(&mut app, "t");
    assert!(looks_of(&app, "prod/cn-shanghai").iter().any(|(y, look)| *y > 0 && look == "Red bold"));
    assert!(looks_of(&app, "test/cn-hangzhou").iter().all(|(_, look)| !look.contains("Red")));
    let mut plain = of(Colors::None);
    assert_eq!(looks_of(&plain, "prod/cn-shanghai")[0].1, "bold underlined reversed");
    press(&mut plain, "t");
    assert!(looks_of(&plain, "prod/cn-shanghai").iter().any(|(y, look)| *y > 0 && look.starts_with("bold underlined")));
}
