//! The loop: one event, then all that wait, then one frame if something is to be seen; and what effects do outside of the state.

use std::{
    collections::VecDeque,
    convert::Infallible,
    mem,
    sync::mpsc::{Receiver, RecvTimeoutError, Sender},
    time::{Duration, Instant},
};

use ratatui::{Terminal, layout::Rect};

use super::{
    AnsiBackend, App, Cause, Effect, Event, Options, Outcome, Redraw, Update, terminal,
    threads::{self, Writer},
    view,
};
use crate::{
    crash::{self, Place},
    engine::{Engine, Interest},
    exit::ExitCode,
    export::Export,
    job::Timestamp,
    notify::{self, Title},
};

/// How long the end waits for a terminal that has not taken the last frame.
const LAST_FRAME: Duration = Duration::from_millis(200);

/// How long it then throws away what the terminal has not taken.
const LAST_ROOM: Duration = Duration::from_millis(200);

/// How long it waits for the terminal to take its own screen back.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// How long it then waits for the disk to take an export that was asked for.
const LAST_EXPORT: Duration = Duration::from_secs(2);

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
pub(super) struct Dashboard<'a> {
    pub(super) app: App,
    engine: &'a Engine,
    options: &'a Options,
    terminal: Terminal<AnsiBackend>,
    writer: Writer,
    /// For the answers to what the loop itself sets off.
    events: Sender<Event>,
    queue: Receiver<Event>,
    /// How many exports are being written.
    exports: usize,
    /// What came while something else was waited for.
    backlog: VecDeque<Event>,
    screen: Screen,
    redraw: Redraw,
    /// What the engine is to be told.
    interest: Option<Interest>,
    /// When the screen looks different by itself.
    wake: Option<Timestamp>,
    /// What the window's title was made, while the screen is ours.
    title: String,
    /// What goes out after the next frame: the bell must not cut one in two.
    bell: &'static str,
}

impl<'a> Dashboard<'a> {
    pub(super) fn new(
        app: App,
        engine: &'a Engine,
        options: &'a Options,
        writer: Writer,
        (events, queue): (Sender<Event>, Receiver<Event>),
    ) -> Self {
        let size = app.size;
        let terminal = never(Terminal::new(AnsiBackend::new(size)));
        Self {
            app,
            engine,
            options,
            terminal,
            writer,
            events,
            queue,
            exports: 0,
            backlog: VecDeque::new(),
            screen: Screen::Due(terminal::ENTER_FIRST),
            redraw: Redraw::Changes,
            interest: None,
            wake: None,
            title: String::new(),
            bell: "",
        }
    }

    /// Takes one event, drains what waits, then draws once if something visible changed and the terminal can take it.
    pub(super) fn run(&mut self) -> ExitCode {
        loop {
            let is_due = self.redraw != Redraw::Nothing || !self.bell.is_empty();
            if is_due && self.screen != Screen::Given && self.writer.is_idle() {
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
            Event::Done(ref outcome) => self.take_note(outcome),
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
                Effect::Copy(text) => self.copy(&text),
                Effect::Export(export) => self.export(export),
                Effect::Interest(interest) => self.interest = Some(interest),
                Effect::Bell => self.bell = notify::BELL,
                Effect::Suspend => self.suspend(),
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
            self.terminal.backend_mut().forget();
            never(self.terminal.resize(Rect::new(0, 0, size.width, size.height)));
        }
        let look = self.app.look(self.now());
        never(self.terminal.draw(|frame| view::draw(&self.app, &look, frame)));
        self.wake = look.next_change();
        self.redraw = Redraw::Nothing;
        let mut frame = self.terminal.backend_mut().take_frame();
        frame.extend(self.new_title().into_bytes());
        frame.extend(mem::take(&mut self.bell).bytes());
        match self.screen {
            Screen::Due(enter) => {
                terminal::entered();
                self.screen = Screen::Ours;
                self.writer.write([enter, self.options.mouse.taken(), &frame].concat());
            }
            Screen::Ours | Screen::Given => self.writer.write(frame),
        }
    }

    /// What writes the window's title, where that is another one than before.
    fn new_title(&mut self) -> String {
        if self.options.title == Title::Theirs {
            return String::new();
        }
        let title = view::title(&self.app);
        if title == self.title {
            return String::new();
        }
        self.title = title;
        notify::titled(&self.title)
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
    pub(super) fn leave(&mut self) {
        if self.screen != Screen::Ours {
            return;
        }
        if self.is_idle_within(LAST_FRAME) || self.makes_room() {
            self.writer.write(terminal::LEAVE.to_vec());
            self.is_idle_within(LAST_WORDS);
        }
        self.title.clear();
        terminal::left();
    }

    fn take_note(&mut self, outcome: &Outcome) {
        self.exports = self.exports.saturating_sub(usize::from(outcome.is_of_export()));
    }

    /// An export that was asked for before the end is not lost; the user has their shell's screen back meanwhile.
    pub(super) fn finish_exports(&mut self) {
        let deadline = Instant::now() + LAST_EXPORT;
        while self.exports > 0 {
            let event = self
                .backlog
                .pop_front()
                .map_or_else(|| self.queue.recv_timeout(deadline.saturating_duration_since(Instant::now())), Ok);
            match event {
                Ok(Event::Done(outcome)) => self.take_note(&outcome),
                Ok(_) if Instant::now() < deadline => {}
                _ => return,
            }
        }
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
