//! The dashboard: one synchronous loop between a queue of events and a writer of frames.
//!
//! [`App`] is the state, `view` draws it, `table` is the component for lists, `keymap` says what keys mean. The threads
//! around the loop are in `threads`; the terminal's modes in `terminal`.

mod app;
mod backend;
mod event;
mod keymap;
mod look;
mod rows;
mod table;
mod terminal;
mod theme;
mod threads;
mod view;

use std::{
    convert::Infallible,
    io,
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    time::{Duration, Instant},
};

use ratatui::{
    Terminal,
    layout::{Rect, Size},
};

pub use app::App;
pub use backend::AnsiBackend;
pub use event::{Cause, Effect, Event, Redraw, Update};
pub use keymap::{Action, BINDINGS, Binding, Context, Key, SEARCH_BINDINGS};
pub use look::Look;
pub use theme::{Charset, Colors, Theme, Tone};
pub use view::draw;

use self::threads::Writer;
use crate::{
    engine::{Clock, Engine, Interest},
    exit::ExitCode,
    job::Timestamp,
};

/// How long the end waits for a terminal that has not taken the last frame.
const LAST_FRAME: Duration = Duration::from_millis(300);

/// How long it then waits for the terminal to take its own screen back.
const LAST_WORDS: Duration = Duration::from_millis(400);

/// How the dashboard is set up.
#[derive(Clone)]
pub struct Options {
    /// Symbols and colours.
    pub theme: Theme,
    /// Shown beside the name, as in "demo".
    pub mark: Option<&'static str>,
    /// The wall clock.
    pub clock: Clock,
}

/// Whether there is a terminal for a dashboard: one to read keys from and to draw on.
#[must_use]
pub fn has_terminal() -> bool {
    terminal::is_there()
}

/// Shows the dashboard until its user quits or a signal ends it.
///
/// # Errors
/// Where the terminal can't be used, or no thread can be started.
pub fn run(engine: &Engine, options: &Options) -> io::Result<ExitCode> {
    let (events, queue) = channel();
    // Before the size is asked for and the terminal taken over: from here on, no signal is lost and none kills us raw.
    threads::spawn_signals(events.clone())?;
    let (width, height) = crossterm::terminal::size()?;
    let size = Size { width, height };
    terminal::enter()?;
    let outcome = (|| {
        threads::spawn_input(events.clone())?;
        let writer = Writer::spawn(terminal::output()?, events.clone())?;
        let snapshots = events.clone();
        engine.subscribe(move |snapshot| drop(snapshots.send(Event::Snapshot(snapshot))));
        let app = App::new(engine.snapshot(), size, options.theme, options.mark, (options.clock)());
        // Where the jobs are there already, one is selected from the start: no event will tell.
        engine.set_interest(Interest { selected: app.selected().cloned() });
        let mut dashboard = Dashboard::new(app, engine, options, writer, queue);
        let code = dashboard.run();
        dashboard.leave();
        Ok(code)
    })();
    match outcome {
        Ok(_) => terminal::leave_raw_mode(),
        Err(_) => terminal::leave(),
    }
    outcome
}

/// The loop and what it owns.
struct Dashboard<'a> {
    app: App,
    engine: &'a Engine,
    options: &'a Options,
    terminal: Terminal<AnsiBackend>,
    writer: Writer,
    queue: Receiver<Event>,
    redraw: Redraw,
    /// What the engine is to be told.
    interest: Option<Interest>,
    /// When the screen looks different by itself.
    wake: Option<Timestamp>,
}

impl<'a> Dashboard<'a> {
    fn new(app: App, engine: &'a Engine, options: &'a Options, writer: Writer, queue: Receiver<Event>) -> Self {
        let size = app.size;
        let terminal = never(Terminal::new(AnsiBackend::new(size)));
        Self { app, engine, options, terminal, writer, queue, redraw: Redraw::Changes, interest: None, wake: None }
    }

    /// Takes one event, drains what waits, then draws once if something visible changed and the terminal can take it.
    fn run(&mut self) -> ExitCode {
        loop {
            if self.redraw != Redraw::Nothing && self.writer.is_idle() {
                self.draw();
            }
            // Only now: it wakes the engine, which would take its turn before the frame that somebody waits for.
            if let Some(interest) = self.interest.take() {
                self.engine.set_interest(interest);
            }
            let mut next = Some(self.next_event());
            // One at a time: what stands behind the event that ends the loop is for [`Self::leave`].
            while let Some(event) = next {
                if let Some(code) = self.handle(event) {
                    return code;
                }
                next = self.queue.try_recv().ok();
            }
        }
    }

    /// The time as the service has it: ages and freshness do not depend on a local clock that is off.
    fn now(&self) -> Timestamp {
        (self.options.clock)() + self.app.clock_offset()
    }

    fn next_event(&self) -> Event {
        let event = match self.wake {
            Some(at) => {
                let rest = (at - self.now()).to_std().unwrap_or_default();
                // Not before the moment: half a millisecond early, the screen would look the same.
                self.queue.recv_timeout(rest + Duration::from_millis(1))
            }
            None => self.queue.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        event.unwrap_or_else(|error| match error {
            RecvTimeoutError::Timeout => Event::Wake,
            RecvTimeoutError::Disconnected => Event::Quit(Cause::HungUp),
        })
    }

    fn handle(&mut self, event: Event) -> Option<ExitCode> {
        match event {
            Event::Written => self.writer.written(),
            // Until a frame can be drawn, the moment that has come must not come again and again.
            Event::Wake => self.wake = None,
            _ => {}
        }
        let Update { redraw, effects } = self.app.update(self.now(), event);
        self.redraw = self.redraw.max(redraw);
        for effect in effects {
            match effect {
                Effect::Send(command) => self.engine.send(command),
                Effect::Interest(interest) => self.interest = Some(interest),
                Effect::Quit(code) => return Some(code),
            }
        }
        None
    }

    fn draw(&mut self) {
        if self.redraw == Redraw::Everything {
            let size = self.app.size;
            self.terminal.backend_mut().set_size(size);
            never(self.terminal.resize(Rect::new(0, 0, size.width, size.height)));
        }
        let look = self.app.look(self.now());
        never(self.terminal.draw(|frame| view::draw(&self.app, &look, frame)));
        self.wake = look.next_change();
        self.redraw = Redraw::Nothing;
        self.writer.write(self.terminal.backend_mut().take_frame());
    }

    /// Gives the screen back through the writer, and waits a moment for the terminal to take it; one that is stuck, or gone,
    /// holds nobody up.
    fn leave(&mut self) {
        if self.is_idle_within(LAST_FRAME) {
            self.writer.write(terminal::LEAVE.to_vec());
            self.is_idle_within(LAST_WORDS);
        }
    }

    fn is_idle_within(&mut self, limit: Duration) -> bool {
        let deadline = Instant::now() + limit;
        while !self.writer.is_idle() {
            match self.queue.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(Event::Written) => self.writer.written(),
                Ok(_) if Instant::now() < deadline => {}
                _ => return false,
            }
        }
        true
    }
}

/// Drawing into a buffer can't fail.
fn never<T>(result: Result<T, Infallible>) -> T {
    result.unwrap_or_else(|never| match never {})
}

#[cfg(test)]
mod tests;
