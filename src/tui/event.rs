//! What happens to the dashboard, and what it wants done: the two ends of [`super::App::update`].

use std::sync::Arc;

use crossterm::event::{KeyEvent, KeyEventKind};

use crate::{
    engine::{Command, Interest, Snapshot},
    exit::ExitCode,
};

/// Something happened.
#[derive(Debug, Clone)]
pub enum Event {
    /// A key was pressed.
    Key(KeyEvent),
    /// Text was pasted.
    Paste(String),
    /// The terminal has a new size, columns and rows.
    Resize(u16, u16),
    /// The engine knows more.
    Snapshot(Arc<Snapshot>),
    /// The terminal has taken the last frame.
    Written,
    /// The moment has come at which the screen looks different by itself.
    Wake,
    /// The terminal keeps a frame back until it is whole.
    Synchronizes,
    /// The program is to stop, until it is continued.
    Suspend,
    /// It goes on after it was stopped, by whomever: the terminal may have other modes and show something else.
    Resume,
    /// The program is to end.
    Quit(Cause),
}

/// Why the program is to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// SIGINT.
    Interrupted,
    /// SIGTERM.
    Terminated,
    /// SIGHUP, or the terminal is gone.
    HungUp,
}

impl Cause {
    /// How the program then ends.
    #[must_use]
    pub fn exit_code(self) -> ExitCode {
        match self {
            Self::Interrupted => ExitCode::Interrupted,
            Self::Terminated => ExitCode::Terminated,
            Self::HungUp => ExitCode::HungUp,
        }
    }
}

impl Event {
    /// What crossterm read, where it is of interest. Not the terminal's size: crossterm loses it where a key comes at the
    /// same moment, so it comes from the signal itself.
    #[must_use]
    pub fn from_terminal(event: crossterm::event::Event) -> Option<Self> {
        use crossterm::event::Event as Terminal;
        match event {
            Terminal::Key(key) if key.kind != KeyEventKind::Release => Some(Self::Key(key)),
            Terminal::Paste(text) => Some(Self::Paste(text)),
            _ => None,
        }
    }
}

/// Something to be done outside of the dashboard's state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Tell the engine to do something.
    Send(Command),
    /// Tell the engine what the user looks at.
    Interest(Interest),
    /// Give the terminal back and stop, as Ctrl-Z does.
    Suspend,
    /// End, with this exit code.
    Quit(ExitCode),
}

/// How much of the screen has to be drawn anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Redraw {
    /// Nothing that is seen has changed.
    #[default]
    Nothing,
    /// What differs from the last frame.
    Changes,
    /// Everything: the terminal may show something else than what was drawn.
    Everything,
}

/// The answer to an event.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Update {
    /// What to draw.
    pub redraw: Redraw,
    /// What to do, in this order.
    pub effects: Vec<Effect>,
}

impl Update {
    /// Draw what changed.
    #[must_use]
    pub fn changes() -> Self {
        Self { redraw: Redraw::Changes, effects: Vec::new() }
    }

    /// Draw everything anew.
    #[must_use]
    pub fn everything() -> Self {
        Self { redraw: Redraw::Everything, effects: Vec::new() }
    }

    /// Draw what changed, and do this.
    #[must_use]
    pub fn with(effect: Effect) -> Self {
        Self { redraw: Redraw::Changes, effects: vec![effect] }
    }
}
