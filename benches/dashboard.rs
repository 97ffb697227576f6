//! The dashboard: building the row index, sorting, filtering, drawing a frame, and a key press to its bytes.

use std::{hint::black_box, sync::Arc};

use criterion::{BatchSize, Criterion};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::{Terminal, layout::Size};
use trailwatch::{
    engine::Snapshot,
    tui::{AnsiBackend, App, Charset, Colors, Event, Theme, draw},
};

use crate::fixture;

const SIZE: Size = Size { width: 120, height: 40 };

pub(crate) fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("dashboard");
    for jobs in [100, 10_000, 100_000] {
        let snapshot = fixture::snapshot(jobs);
        let theme = Theme::new(Charset::Unicode, Colors::Sixteen);
        if jobs >= 10_000 {
            group.bench_function(format!("index {jobs} jobs"), |bencher| bencher.iter(|| app(&snapshot)));
            group.bench_function(format!("sort {jobs} jobs by trail"), |bencher| {
                // The orders are by default, status, id and then by trail.
                let sorted_by_id = || pressed(&snapshot, "ss");
                bencher.iter_batched_ref(sorted_by_id, |app| press(app, 's'), BatchSize::PerIteration);
            });
            group.bench_function(format!("filter {jobs} jobs, 1 in 50 stays"), |bencher| {
                let typed = || pressed(&snapshot, "/trail-1");
                bencher.iter_batched_ref(typed, |app| press(app, '7'), BatchSize::PerIteration);
            });
        }
        group.bench_function(format!("draw all of a frame, {jobs} jobs"), |bencher| {
            let app = app(&snapshot);
            let mut terminal = Terminal::new(AnsiBackend::new(SIZE)).unwrap();
            bencher.iter(|| {
                terminal.clear().unwrap();
                bytes(&mut terminal, &app, &theme)
            });
        });
        group.bench_function(format!("a key to its bytes, {jobs} jobs"), |bencher| {
            let mut app = app(&snapshot);
            let mut terminal = Terminal::new(AnsiBackend::new(SIZE)).unwrap();
            let mut keys = "jjjkkk".chars().cycle();
            bencher.iter(|| {
                press(&mut app, keys.next().unwrap());
                bytes(&mut terminal, &app, &theme)
            });
        });
    }
    group.finish();
}

fn app(snapshot: &Arc<Snapshot>) -> App {
    App::new(Arc::clone(black_box(snapshot)), SIZE, None, fixture::now())
}

fn pressed(snapshot: &Arc<Snapshot>, keys: &str) -> App {
    let mut app = app(snapshot);
    keys.chars().for_each(|key| press(&mut app, key));
    app
}

fn press(app: &mut App, key: char) {
    let key = KeyEvent::new(KeyCode::Char(key), KeyModifiers::NONE);
    app.update(fixture::now(), Event::Key(black_box(key)));
}

/// Draws, and takes what would be written to the terminal.
fn bytes(terminal: &mut Terminal<AnsiBackend>, app: &App, theme: &Theme) -> Vec<u8> {
    terminal.draw(|frame| draw(app, &app.look(fixture::now(), theme), frame)).unwrap();
    terminal.backend_mut().take_frame()
}
