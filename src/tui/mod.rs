//! The dashboard: one synchronous loop between a queue of events and a writer of frames.
//!
//! [`App`] is the state, `view` draws it, `table` is the component for lists, `keymap` says what keys mean. The threads
//! around the loop are in `threads`; the terminal's modes in `terminal`.

mod action;
mod app;
mod backend;
mod clipboard;
mod event;
mod keymap;
mod look;
mod rows;
mod session;
mod table;
mod terminal;
mod theme;
mod threads;
mod view;

use std::{
    convert::Infallible,
    io,
    path::PathBuf,
    sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    time::{Duration, Instant},
};

use ratatui::{
    Terminal,
    layout::{Rect, Size},
};

pub use action::Action;
pub use app::{App, Preferences};
pub use backend::AnsiBackend;
pub use clipboard::{Clipboard, Copied, CopyError, LONGEST_COPY, Multiplexer};
pub use event::{Cause, Effect, Event, Gesture, Outcome, Redraw, Update};
pub use keymap::{Binding, Context, Fault as KeymapFault, Key, Keymap, NoKey, Problem as KeymapProblem};
pub use look::Look;
pub use session::{Opened, Session, SessionFile};
pub use terminal::Mouse;
pub use theme::{Charset, Colors, Theme, Tone};
pub use view::draw;

use self::threads::Writer;
use crate::{
    engine::{Clock, Engine, Interest},
    exit::ExitCode,
    export::Export,
    job::Timestamp,
    looks::ThemeName,
};

/// How long the end waits for a terminal that has not taken the last frame.
const LAST_FRAME: Duration = Duration::from_millis(300);

/// How long it then waits for the terminal to take its own screen back.
const LAST_WORDS: Duration = Duration::from_millis(400);

/// How long it then waits for the disk to take an export that was asked for.
const LAST_EXPORT: Duration = Duration::from_secs(2);

/// How the dashboard is set up.
#[derive(Clone)]
pub struct Options {
    /// How the user wants it to be.
    pub preferences: Preferences,
    /// The theme that was asked for, if one was.
    pub chosen: Option<ThemeName>,
    /// Whose the mouse is.
    pub mouse: Mouse,
    /// Where it is remembered how the dashboard was left, if it is.
    pub session: Option<PathBuf>,
    /// The wall clock.
    pub clock: Clock,
    /// How copies reach the user's clipboard.
    pub clipboard: Clipboard,
    /// What `~` means in the name of an export.
    pub home: Option<PathBuf>,
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
    terminal::enter(options.mouse)?;
    let outcome = (|| {
        threads::spawn_input(events.clone())?;
        let writer = Writer::spawn(terminal::output()?, terminal::output_at_once(), events.clone())?;
        let snapshots = events.clone();
        engine.subscribe(move |snapshot| drop(snapshots.send(Event::Snapshot(snapshot))));
        let mut app = App::new(engine.snapshot(), size, options.preferences.clone(), (options.clock)());
        let remembered = Remembered::take_over(&mut app, options);
        // Where the jobs are there already, one is selected from the start: no event will tell.
        engine.set_interest(Interest { selected: app.selected().cloned() });
        let mut dashboard = Dashboard::new(app, engine, options, writer, (events.clone(), queue));
        let code = dashboard.run();
        remembered.leave_behind(&dashboard.app);
        dashboard.leave();
        Ok(code)
    })();
    match outcome {
        Ok(_) => terminal::leave_raw_mode(),
        Err(_) => terminal::leave(),
    }
    outcome
}

/// What was remembered when the dashboard began.
struct Remembered {
    found: Opened,
    began: Session,
}

impl Remembered {
    /// Lets a dashboard begin as one was left, but for what was asked for this time.
    fn take_over(app: &mut App, options: &Options) -> Self {
        let found = options.session.as_deref().map(SessionFile::open).unwrap_or_default();
        if let Some(session) = &found.session {
            app.restore(session, (options.clock)());
        }
        if let Some(name) = options.chosen {
            app.choose_theme(name);
        }
        if let Some(notice) = &found.notice {
            tracing::warn!("{notice}");
            app.notify(notice.clone());
        }
        Self { found, began: app.session() }
    }

    /// Remembers what is different now. Nothing can be told any more where that fails, but in the log.
    fn leave_behind(self, app: &App) {
        let Opened { file: Some(file), session, .. } = self.found else { return };
        let left = session.clone().unwrap_or_default().after(&self.began, app.session());
        if session.as_ref() != Some(&left)
            && let Err(error) = file.save(&left)
        {
            tracing::warn!("the session could not be written: {error}");
        }
    }
}

/// The loop and what it owns.
struct Dashboard<'a> {
    app: App,
    engine: &'a Engine,
    options: &'a Options,
    terminal: Terminal<AnsiBackend>,
    writer: Writer,
    /// For the answers to what the loop itself sets off.
    events: Sender<Event>,
    queue: Receiver<Event>,
    /// How many exports are being written.
    exports: usize,
    redraw: Redraw,
    /// What the engine is to be told.
    interest: Option<Interest>,
    /// When the screen looks different by itself.
    wake: Option<Timestamp>,
}

impl<'a> Dashboard<'a> {
    fn new(
        app: App,
        engine: &'a Engine,
        options: &'a Options,
        writer: Writer,
        (events, queue): (Sender<Event>, Receiver<Event>),
    ) -> Self {
        let size = app.size;
        let terminal = never(Terminal::new(AnsiBackend::new(size)));
        let redraw = Redraw::Changes;
        Self { app, engine, options, terminal, writer, events, queue, exports: 0, redraw, interest: None, wake: None }
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
            Event::Done(ref outcome) => self.take_note(outcome),
            _ => {}
        }
        let Update { redraw, effects } = self.app.update(self.now(), event);
        self.redraw = self.redraw.max(redraw);
        for effect in effects {
            match effect {
                Effect::Send(command) => self.engine.send(command),
                Effect::Copy(text) => self.copy(&text),
                Effect::Export(export) => self.export(export),
                Effect::Interest(interest) => self.interest = Some(interest),
                Effect::Quit(code) => return Some(code),
            }
        }
        None
    }

    /// The answer can be given at once: the frame that shows it is written after the copy.
    fn copy(&mut self, text: &str) {
        let outcome = match self.options.clipboard.sequence(text) {
            Ok((sequence, copied)) => {
                self.writer.copy(sequence);
                Outcome::Copied(copied)
            }
            Err(error) => Outcome::NotCopied(error),
        };
        let _ = self.events.send(Event::Done(outcome));
    }

    fn export(&mut self, export: Export) {
        self.exports += 1;
        threads::spawn_export(export, self.options.home.clone(), (self.options.clock)(), &self.events);
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
        self.finish_exports(LAST_EXPORT);
    }

    fn take_note(&mut self, outcome: &Outcome) {
        self.exports = self.exports.saturating_sub(usize::from(outcome.is_of_export()));
    }

    /// An export that was asked for before the end is not lost; the user has their shell's screen back meanwhile.
    fn finish_exports(&mut self, limit: Duration) {
        let deadline = Instant::now() + limit;
        while self.exports > 0 {
            match self.queue.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(Event::Done(outcome)) => self.take_note(&outcome),
                Ok(_) if Instant::now() < deadline => {}
                _ => return,
            }
        }
    }

    fn is_idle_within(&mut self, limit: Duration) -> bool {
        let deadline = Instant::now() + limit;
        while !self.writer.is_idle() {
            match self.queue.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(Event::Written) => self.writer.written(),
                Ok(Event::Done(outcome)) => self.take_note(&outcome),
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
