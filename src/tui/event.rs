//! What happens to the dashboard, and what it wants done: the two ends of [`super::App::update`].

use std::sync::Arc;

use crossterm::event::{KeyEvent, KeyEventKind, MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Position;

use super::clipboard::{Copied, CopyError};
use crate::{
    engine::{Command, Interest, Snapshot},
    exit::ExitCode,
    export::{Export, SaveError, Saved},
};

/// Something happened.
#[derive(Debug, Clone)]
pub enum Event {
    /// A key was pressed.
    Key(KeyEvent),
    /// Text was pasted.
    Paste(String),
    /// The mouse did something at a place of the screen.
    Mouse(Gesture, Position),
    /// The terminal has a new size, columns and rows.
    Resize(u16, u16),
    /// The engine knows more.
    Snapshot(Arc<Snapshot>),
    /// The terminal has taken the last frame.
    Written,
    /// The moment has come at which the screen looks different by itself.
    Wake,
    /// An effect of ours came to its end.
    Done(Outcome),
    /// The terminal keeps a frame back until it is whole.
    Synchronizes,
    /// The program is to stop, until it is continued.
    Suspend,
    /// It goes on after it was stopped, by whomever: the terminal may have other modes and show something else.
    Resume,
    /// The program is to end.
    Quit(Cause),
}

/// What a mouse does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gesture {
    /// The wheel, away from its user.
    WheelUp,
    /// The wheel, towards its user.
    WheelDown,
    /// The left button goes down.
    Click,
}

/// How an effect ended of which the user should hear.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// The terminal has the text, and the screen that says so comes after it.
    Copied(Copied),
    /// The text can't be copied.
    NotCopied(CopyError),
    /// The file is there.
    Saved(Saved),
    /// There is a file of that name already: the export as it was, to be confirmed or given another name.
    Exists(Export, Arc<SaveError>),
    /// No file was written.
    NotSaved(Arc<SaveError>),
}

impl Outcome {
    /// Whether an export ended with it.
    #[must_use]
    pub const fn is_of_export(&self) -> bool {
        matches!(self, Self::Saved(_) | Self::Exists(..) | Self::NotSaved(_))
    }
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
    /// What came from the terminal, where it is of interest. Its size comes from the signal itself.
    #[must_use]
    pub fn from_terminal(event: crossterm::event::Event) -> Option<Self> {
        use crossterm::event::Event as Terminal;
        match event {
            Terminal::Key(key) if key.kind != KeyEventKind::Release => Some(Self::Key(key)),
            Terminal::Paste(text) => Some(Self::Paste(text)),
            Terminal::Mouse(mouse) => Self::from_mouse(mouse),
            _ => None,
        }
    }

    fn from_mouse(mouse: MouseEvent) -> Option<Self> {
        let gesture = match mouse.kind {
            MouseEventKind::ScrollUp => Gesture::WheelUp,
            MouseEventKind::ScrollDown => Gesture::WheelDown,
            MouseEventKind::Down(MouseButton::Left) => Gesture::Click,
            _ => return None,
        };
        Some(Self::Mouse(gesture, Position { x: mouse.column, y: mouse.row }))
    }
}

/// Something to be done outside of the dashboard's state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Tell the engine to do something.
    Send(Command),
    /// Tell the engine what the user looks at.
    Interest(Interest),
    /// Put a text into the clipboard; answered by [`Event::Done`].
    Copy(String),
    /// Write a view to a file, off the loop; answered by [`Event::Done`].
    Export(Export),
    /// Ring the terminal's bell.
    Bell,
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
