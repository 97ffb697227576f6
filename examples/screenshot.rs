//! Draws the README's picture from a real frame: `cargo run --example screenshot > assets/screenshot.svg`.
//!
//! The demo's endpoint is read over HTTP at a fixed time, shown by the dashboard, and the cells of the frame become SVG.

#![allow(clippy::print_stdout, clippy::unwrap_used)]

use std::{
    fmt::Write as _,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::{
    Terminal,
    backend::TestBackend,
    buffer::{Buffer, Cell},
    layout::Size,
    style::{Color, Modifier},
};
use trailwatch::{
    acs::HttpOptions,
    cli::{demo_config, demo_targets},
    emulator::Emulator,
    engine::{self, Clock, Depth, Report, Setup, Snapshot, Store, Sweep, TargetIndex, TargetSpec},
    job::{Timestamp, coverage::Rules},
    text,
    tui::{App, Charset, Colors, Event, Preferences, Theme, draw},
};

const SIZE: Size = Size { width: 120, height: 34 };
/// When the demo begins, and how long it has run in the picture: one job delivers, one has failed in three regions.
const BEGIN: i64 = 1_795_552_800;
const SECONDS: i64 = 52;

/// The picture.
pub fn svg() -> String {
    let time = Arc::new(AtomicI64::new(BEGIN));
    let hand = Arc::clone(&time);
    let clock: Clock = Arc::new(move || Timestamp::from_timestamp(hand.load(Ordering::SeqCst), 0).unwrap());
    let emulator = Emulator::start(demo_config(Arc::clone(&clock))).unwrap();
    time.store(BEGIN + SECONDS, Ordering::SeqCst);
    let theme = Theme::new(Charset::Unicode, Colors::Sixteen);
    let preferences = Preferences { theme, keys: Arc::default(), mark: Some("demo"), marks: Arc::default() };
    let mut app = App::new(read(&emulator, &clock), SIZE, preferences, clock());
    for _ in 0..2 {
        app.update(clock(), Event::Key(KeyEvent::new(KeyCode::Char('j'), KeyModifiers::NONE)));
    }
    let mut terminal = Terminal::new(TestBackend::new(SIZE.width, SIZE.height)).unwrap();
    terminal.draw(|frame| draw(&app, &app.look(clock()), frame)).unwrap();
    cells_as_svg(terminal.backend().buffer())
}

/// Reads target after target, so that the order of the requests, and with it their ids, is always the same.
fn read(emulator: &Emulator, clock: &Clock) -> Arc<Snapshot> {
    let targets = demo_targets(emulator).unwrap();
    let setup = |target: &TargetSpec| Setup {
        targets: vec![target.clone()],
        interval: Duration::from_secs(2),
        idle_interval: Duration::from_secs(2),
        stalled_after: Duration::from_secs(1800),
        max_qps: 10,
        patience: Duration::from_secs(10),
        depth: Depth::Jobs,
        journal: None,
        http: HttpOptions::default(),
        clock: Arc::clone(clock),
    };
    let mut states = Vec::new();
    let mut reports = Vec::new();
    for (index, target) in targets.iter().enumerate() {
        let at = TargetIndex(index);
        let snapshot = engine::read_once(&setup(target), |_, _| ()).unwrap();
        let state = &snapshot.targets[0];
        let newest = state.jobs.rows.iter().rev().take(2);
        for job in newest {
            let detail = engine::get_once(&setup(target), job.id, |_, _| ()).unwrap().remove(0).outcome.unwrap();
            reports.push(Report::Regions(at, job.id, Ok(detail.regions)));
        }
        let done = state.read.clone().unwrap();
        let jobs = Arc::clone(&state.jobs);
        let (quality, total, request_ids) = (done.quality, done.total, done.request_ids.to_vec());
        let sweep = Sweep { jobs, at: done.at, quality, total, request_ids, ..Sweep::default() };
        reports.insert(0, Report::Swept(at, sweep));
        states.push((**state).clone());
    }
    let mut store = Store::new(states, Duration::from_secs(2), Rules::default());
    for report in reports {
        store.apply(report, clock());
    }
    Arc::clone(store.snapshot())
}

const CELL: (usize, usize) = (9, 19);
const BACKGROUND: &str = "#16181d";
const FOREGROUND: &str = "#d5d8de";

/// Each run of cells of one style is a text at its own column and of its own length, so that no glyph can make others drift.
fn cells_as_svg(buffer: &Buffer) -> String {
    let (width, height) = (usize::from(buffer.area.width) * CELL.0, usize::from(buffer.area.height) * CELL.1);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\" \
         font-family=\"ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace\" font-size=\"15\" xml:space=\"preserve\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{BACKGROUND}\"/>\n",
        width + 2 * CELL.0,
        height + CELL.1
    );
    for y in 0..buffer.area.height {
        let mut x = 0;
        while x < buffer.area.width {
            let first = &buffer[(x, y)];
            let mut run = String::new();
            let start = x;
            while x < buffer.area.width && same_style(&buffer[(x, y)], first) && !after_a_gap(&run, &buffer[(x, y)]) {
                run.push_str(buffer[(x, y)].symbol());
                x += u16::try_from(text::width(buffer[(x, y)].symbol()).max(1)).unwrap();
            }
            put_run(&mut svg, (start.into(), y.into()), (x - start).into(), &run, first);
        }
    }
    svg.push_str("</svg>\n");
    svg
}

/// A word after a gap begins a run of its own: not every renderer obeys `textLength`.
fn after_a_gap(run: &str, next: &Cell) -> bool {
    run.ends_with("  ") && next.symbol() != " "
}

fn same_style(a: &Cell, b: &Cell) -> bool {
    (a.fg, a.bg, a.modifier) == (b.fg, b.bg, b.modifier)
}

fn put_run(svg: &mut String, (column, row): (usize, usize), columns: usize, run: &str, cell: &Cell) {
    let reversed = cell.modifier.contains(Modifier::REVERSED);
    let (x, y, length) = (CELL.0 + column * CELL.0, CELL.1 / 2 + row * CELL.1, columns * CELL.0);
    let color = color(cell.fg);
    if reversed {
        writeln!(svg, "<rect x=\"{x}\" y=\"{y}\" width=\"{length}\" height=\"{}\" fill=\"{color}\"/>", CELL.1).unwrap();
    }
    if run.trim().is_empty() {
        return;
    }
    let fill = if reversed { BACKGROUND } else { color };
    let weight = if cell.modifier.contains(Modifier::BOLD) { " font-weight=\"bold\"" } else { "" };
    let faint = if cell.modifier.contains(Modifier::DIM) { " opacity=\"0.6\"" } else { "" };
    let words = run.trim_end();
    let length = length - (run.len() - words.len()) * CELL.0;
    let run = words.replace('&', "&amp;").replace('<', "&lt;");
    let base = y + 14;
    let style = format!("fill=\"{fill}\"{weight}{faint}");
    writeln!(
        svg,
        "<text x=\"{x}\" y=\"{base}\" textLength=\"{length}\" lengthAdjust=\"spacingAndGlyphs\" {style}>{run}</text>"
    )
    .unwrap();
}

fn color(color: Color) -> &'static str {
    match color {
        Color::Red => "#f2777a",
        Color::Green => "#8fc97b",
        Color::Cyan => "#66c7d4",
        Color::Magenta => "#d699d6",
        _ => FOREGROUND,
    }
}

#[allow(dead_code, reason = "the test of the picture includes this file for `svg`")]
fn main() {
    print!("{}", svg());
}
