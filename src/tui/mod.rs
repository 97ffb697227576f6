//! The dashboard: one synchronous loop between a queue of events and a writer of frames.
//!
//! [`App`] is the state, `view` draws it, `table` is the component for lists, `keymap` says what keys mean. The threads
//! around the loop are in `threads`; the terminal's modes in `terminal`; what its bytes mean in `input`.

mod action;
mod app;
mod backend;
mod clipboard;
mod dashboard;
mod event;
mod fare;
mod input;
mod keymap;
mod look;
mod paint;
mod rows;
mod session;
mod table;
mod terminal;
mod theme;
mod threads;
mod trails;
mod view;

use std::{io, path::PathBuf, sync::mpsc::channel};

pub use action::Action;
pub use app::{App, Preferences};
pub use backend::AnsiBackend;
pub use clipboard::{Clipboard, Copied, CopyError, LONGEST_COPY, Multiplexer};
pub use event::{Cause, Effect, Event, Gesture, Outcome, Redraw, Update};
pub use keymap::{Binding, Context, Fault as KeymapFault, Key, Keymap, NoKey, Problem as KeymapProblem};
pub use look::Look;
pub use session::{Opened, Session, SessionFile};
pub use terminal::{Mouse, restore};
pub use theme::{Charset, Colors, Theme, Tone};
pub use view::draw;

use self::{dashboard::Dashboard, threads::Writer};
use crate::{
    engine::{Clock, Engine, Interest},
    exit::ExitCode,
    looks::{Line, TerminalFacts, ThemeName},
    notify::{Bell, Title},
    text,
};

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
    /// Whether the bell is rung.
    pub bell: Bell,
    /// Whose the window's title is.
    pub title: Title,
    /// The wall clock.
    pub clock: Clock,
    /// How copies reach the user's clipboard.
    pub clipboard: Clipboard,
    /// What `~` means in the name of an export.
    pub home: Option<PathBuf>,
    /// What its user should know from the start, a line each.
    pub notes: Vec<String>,
}

/// Whether there is a terminal for a dashboard: one to read keys from and to draw on.
#[must_use]
pub fn has_terminal() -> bool {
    terminal::is_there()
}

/// What the terminal is, as far as its environment and its size tell. `variable` looks one up.
#[must_use]
pub fn terminal_facts(variable: impl Fn(&str) -> Option<String>) -> TerminalFacts {
    let is_set = |name| variable(name).is_some_and(|value| !value.is_empty());
    let size = terminal::size();
    let theme = Theme::detect(&variable);
    TerminalFacts {
        size: has_terminal().then_some((size.width, size.height)),
        term: variable("TERM").unwrap_or_default(),
        colors: theme.colors(),
        signs: theme.signs(),
        copies: Clipboard::detect(&variable).copies(),
        line: if is_set("SSH_CONNECTION") || is_set("SSH_TTY") { Line::Ssh } else { Line::Local },
    }
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
        let mut app = App::new(engine.snapshot(), size, options.preferences.clone(), (options.clock)());
        app.set_bell(options.bell);
        let remembered = Remembered::take_over(&mut app, options);
        options.notes.iter().for_each(|note| app.notify(text::clean(note).into_owned()));
        // Where the jobs are there already, one is selected from the start: no event will tell.
        engine.set_interest(Interest { selected: app.selected().cloned() });
        let mut dashboard = Dashboard::new(app, engine, options, writer, (events.clone(), queue));
        let code = dashboard.run();
        remembered.leave_behind(&dashboard.app);
        dashboard.leave();
        dashboard.finish_exports();
        Ok(code)
    })();
    terminal::give_modes_back();
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

#[cfg(test)]
mod tests;
