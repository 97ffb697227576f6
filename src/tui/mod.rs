//! The dashboard: one synchronous loop between a queue of events and a writer of frames.
//!
//! [`App`] is the state, `view` draws it, `table` is the component for lists, `keymap` says what keys mean. The threads
//! around the loop are in `threads`; the terminal's modes in `terminal`; what its bytes mean in `input`.

mod app;
mod backend;
mod event;
mod input;
mod keymap;
mod look;
mod rows;
mod table;
mod terminal;
mod theme;
mod threads;
mod view;

use std::{
    collections::VecDeque,
    convert::Infallible,
    io,
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    time::{Duration, Instant},
};

use ratatui::{Terminal, layout::Rect};

pub use app::App;
pub use backend::AnsiBackend;
pub use event::{Cause, Effect, Event, Redraw, Update};
pub use keymap::{Action, BINDINGS, Binding, Context, Key, SEARCH_BINDINGS};
pub use look::Look;
pub use terminal::restore;
pub use theme::{Charset, Colors, Theme, Tone};
pub use view::draw;

use self::threads::Writer;
use crate::{
    crash::{self, Place},
    engine::{Clock, Engine, Interest},
    exit::ExitCode,
    job::Timestamp,
};

/// How long the end waits for a terminal that has not taken the last frame.
const LAST_FRAME: Duration = Duration::from_millis(200);

/// How long it then throws away what the terminal has not taken.
const LAST_ROOM: Duration = Duration::from_millis(200);

/// How long it waits for the terminal to take its own screen back.
const LAST_WORDS: Duration = Duration::from_millis(200);

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
    // Started in the background, it waits there as any other program; and no handler keeps a signal from ending that.
    while terminal::is_in_background() {
        terminal::stop();
    }
    let (events, queue) = channel();
    // Before the size is asked for and the terminal taken over: from here on, no signal is lost and none kills us raw.
    threads::spawn_signals(events.clone())?;
    threads::spawn_watchdog(events.clone())?;
    terminal::take_modes()?;
    let outcome = (|| {
        let size = terminal::size();
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
    terminal::give_modes_back();
    outcome
}

/// Whose screen the terminal shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Screen {
    /// Ours.
    Ours,
    /// Another one; with the next frame, and these bytes before it, ours.
    Due(&'static [u8]),
    /// Another one, until the program is continued.
    Given,
}

/// The loop and what it owns.
struct Dashboard<'a> {
    app: App,
    engine: &'a Engine,
    options: &'a Options,
    terminal: Terminal<AnsiBackend>,
    writer: Writer,
    queue: Receiver<Event>,
    /// What came while something else was waited for.
    backlog: VecDeque<Event>,
    screen: Screen,
    redraw: Redraw,
    /// When the screen looks different by itself.
    wake: Option<Timestamp>,
}

impl<'a> Dashboard<'a> {
    fn new(app: App, engine: &'a Engine, options: &'a Options, writer: Writer, queue: Receiver<Event>) -> Self {
        let size = app.size;
        let terminal = never(Terminal::new(AnsiBackend::new(size)));
        Self {
            app,
            engine,
            options,
            terminal,
            writer,
            queue,
            backlog: VecDeque::new(),
            screen: Screen::Due(terminal::ENTER_FIRST),
            redraw: Redraw::Changes,
            wake: None,
        }
    }

    /// Takes one event, drains what waits, then draws once if something visible changed and the terminal can take it.
    fn run(&mut self) -> ExitCode {
        loop {
            if self.redraw != Redraw::Nothing && self.screen != Screen::Given && self.writer.is_idle() {
                self.draw();
            }
            let mut next = Some(self.next_event());
            // One at a time: what stands behind the event that ends the loop is for [`Self::leave`].
            while let Some(event) = next {
                if let Some(code) = self.handle(event) {
                    return code;
                }
                next = self.backlog.pop_front().or_else(|| self.queue.try_recv().ok());
            }
        }
    }

    /// The time as the service has it: ages and freshness do not depend on a local clock that is off.
    fn now(&self) -> Timestamp {
        (self.options.clock)() + self.app.clock_offset()
    }

    fn next_event(&mut self) -> Event {
        if let Some(event) = self.backlog.pop_front() {
            return event;
        }
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
            Event::Synchronizes => self.terminal.backend_mut().mark_frames(),
            Event::Resume => self.resume(),
            Event::Key(_) => crash::rehearse(Place::Loop),
            _ => {}
        }
        let Update { redraw, effects } = self.app.update(self.now(), event);
        self.redraw = self.redraw.max(redraw);
        for effect in effects {
            match effect {
                Effect::Send(command) => self.engine.send(command),
                Effect::Interest(interest) => self.engine.set_interest(interest),
                Effect::Suspend => self.suspend(),
                Effect::Quit(code) => return Some(code),
            }
        }
        None
    }

    fn draw(&mut self) {
        if self.redraw == Redraw::Everything {
            let size = self.app.size;
            self.terminal.backend_mut().set_size(size);
            self.terminal.backend_mut().forget();
            never(self.terminal.resize(Rect::new(0, 0, size.width, size.height)));
        }
        let look = self.app.look(self.now());
        never(self.terminal.draw(|frame| view::draw(&self.app, &look, frame)));
        self.wake = look.next_change();
        self.redraw = Redraw::Nothing;
        let frame = self.terminal.backend_mut().take_frame();
        match self.screen {
            Screen::Due(enter) => {
                terminal::entered();
                self.screen = Screen::Ours;
                self.writer.write([enter, &frame].concat());
            }
            Screen::Ours | Screen::Given => self.writer.write(frame),
        }
    }

    /// Stops the program, as a shell's user expects it of Ctrl-Z. What happens next is [`Event::Resume`].
    fn suspend(&mut self) {
        if !terminal::can_stop() {
            self.redraw = Redraw::Everything;
            return;
        }
        // It was asked to twice before it stopped.
        if self.screen == Screen::Given {
            return;
        }
        self.leave();
        terminal::give_modes_back();
        // Nothing is drawn until the signal that continues the program has come in by the queue.
        self.screen = Screen::Given;
        terminal::stop();
    }

    /// Takes the terminal again, whatever was done to it meanwhile.
    fn resume(&mut self) {
        if terminal::is_in_background() {
            // Continued, but not by giving it the terminal. The system would stop it at the first touch, and again and again:
            // no signal that ends the program would ever be looked at.
            self.screen = Screen::Given;
            terminal::stop();
            return;
        }
        // It fails where the terminal is gone, of which the watchdog tells.
        let _ = terminal::take_modes();
        self.screen = Screen::Due(terminal::ENTER);
    }

    /// Gives the screen back through the writer, and waits a moment for the terminal to take it; one that is stuck, or gone,
    /// holds nobody up.
    fn leave(&mut self) {
        if self.screen != Screen::Ours {
            return;
        }
        if self.is_idle_within(LAST_FRAME) || self.makes_room() {
            self.writer.write(terminal::LEAVE.to_vec());
            self.is_idle_within(LAST_WORDS);
        }
        terminal::left();
    }

    /// Throws away what the terminal has not taken, piece by piece as the writer comes up with it: the frame is of no use
    /// any more, and without it the last words have room, to be read once the terminal reads again.
    fn makes_room(&mut self) -> bool {
        let deadline = Instant::now() + LAST_ROOM;
        while Instant::now() < deadline {
            terminal::discard_output();
            if self.is_idle_within(terminal::A_PIECE) {
                return true;
            }
        }
        false
    }

    fn is_idle_within(&mut self, limit: Duration) -> bool {
        let deadline = Instant::now() + limit;
        while !self.writer.is_idle() {
            match self.queue.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(Event::Written) => self.writer.written(),
                Ok(event) => self.backlog.push_back(event),
                Err(_) => return false,
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
