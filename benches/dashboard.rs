//! The dashboard: building the row index, sorting, filtering, drawing a frame, and a key press to its bytes.

use std::{hint::black_box, sync::Arc};

use criterion::{BenchmarkGroup, Criterion, measurement::WallTime};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::{Terminal, layout::Size};
use trailwatch::{
    engine::Snapshot,
    tui::{AnsiBackend, App, Charset, Colors, Event, Preferences, Theme, draw},
};

use crate::fixture;

const SIZE: Size = Size { width: 120, height: 40 };

pub(crate) fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("dashboard");
    for jobs in [100, 10_000, 100_000] {
        let snapshot = fixture::snapshot(jobs);
        // The slowest take a tenth of a second each.
        group.sample_size(if jobs > 10_000 { 10 } else { 50 });
        if jobs >= 10_000 {
            group.bench_function(format!("index {jobs} jobs"), |bencher| bencher.iter(|| app(&snapshot)));
            // The orders are by default, status, id and then by trail.
            let mut sorted = pressed(&snapshot, "sss");
            group.bench_function(format!("sort {jobs} jobs by trail, the other way round"), |bencher| {
                bencher.iter(|| press(&mut sorted, KeyCode::Char('S')));
            });
            let mut filtered = pressed(&snapshot, "/trail-1");
            let mut keys = [KeyCode::Char('7'), KeyCode::Backspace].into_iter().cycle();
            group.bench_function(format!("a key of a filter, {jobs} jobs"), |bencher| {
                bencher.iter(|| press(&mut filtered, keys.next().unwrap()));
            });
        }
        group.bench_function(format!("draw all of a frame, {jobs} jobs"), |bencher| {
            let app = app(&snapshot);
            let mut terminal = Terminal::new(AnsiBackend::new(SIZE)).unwrap();
            bencher.iter(|| {
                terminal.clear().unwrap();
                bytes(&mut terminal, &app)
            });
        });
        a_key(&mut group, format!("a key to its bytes, {jobs} jobs"), &snapshot);
    }
    let many = Arc::clone(fixture::store(200, 50).snapshot());
    a_key(&mut group, "a key to its bytes, 200 targets of 50 jobs".to_owned(), &many);
    group.finish();
}

fn a_key(group: &mut BenchmarkGroup<'_, WallTime>, name: String, snapshot: &Arc<Snapshot>) {
    group.bench_function(name, |bencher| {
        let mut app = app(snapshot);
        let mut terminal = Terminal::new(AnsiBackend::new(SIZE)).unwrap();
        let mut keys = "jjjkkk".chars().cycle();
        bencher.iter(|| {
            press(&mut app, KeyCode::Char(keys.next().unwrap()));
            bytes(&mut terminal, &app)
        });
    });
}

fn app(snapshot: &Arc<Snapshot>) -> App {
    let theme = Theme::new(Charset::Unicode, Colors::Sixteen);
    App::new(
        Arc::clone(black_box(snapshot)),
        SIZE,
        Preferences { theme, keys: Arc::default(), mark: None, marks: Arc::default() },
        fixture::now(),
    )
}

fn pressed(snapshot: &Arc<Snapshot>, keys: &str) -> App {
    let mut app = app(snapshot);
    keys.chars().for_each(|key| press(&mut app, KeyCode::Char(key)));
    app
}

fn press(app: &mut App, code: KeyCode) {
    let key = KeyEvent::new(code, KeyModifiers::NONE);
    app.update(fixture::now(), Event::Key(black_box(key)));
}

/// Draws, and takes what would be written to the terminal.
fn bytes(terminal: &mut Terminal<AnsiBackend>, app: &App) -> Vec<u8> {
    terminal.draw(|frame| draw(app, &app.look(fixture::now()), frame)).unwrap();
    terminal.backend_mut().take_frame()
}
