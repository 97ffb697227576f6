//! The dashboard's state and its one rule: (state, now, event) → state and effects. No terminal, no clock, no network.
//!
//! It holds what the panes need and delegates: the table keeps its selection, the key map says what keys mean.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use ratatui::layout::Size;
use tui_input::Input;

use super::{
    event::{Effect, Event, Update},
    keymap::{self, Action, Context},
    look::Look,
    rows::Rows,
    table::TableState,
    theme::Theme,
    view,
};
use crate::{
    engine::{Command, Interest, Scope, Snapshot},
    exit::ExitCode,
    job::{JobKey, Order, SortKey, Timestamp},
    units::Zone,
};

mod typed;

use self::typed::Search;

/// The intervals that `+` and `-` step through, in seconds.
const INTERVALS: [u64; 9] = [1, 2, 5, 10, 15, 30, 60, 120, 300];

/// What the dashboard shows and in which state it is.
#[derive(Debug)]
pub struct App {
    pub(super) snapshot: Arc<Snapshot>,
    pub(super) rows: Rows,
    pub(super) table: TableState,
    pub(super) order: Order,
    pub(super) search: Search,
    pub(super) note: Input,
    pub(super) focus: Focus,
    pub(super) pane: Pane,
    pub(super) zone: Zone,
    pub(super) theme: Theme,
    pub(super) mark: Option<&'static str>,
    pub(super) size: Size,
}

/// Where keys go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Focus {
    /// The job table.
    Table,
    /// The search line.
    Search,
    /// The line for the note with which a failure is settled.
    Note,
    /// The full details, scrolled down so many lines.
    Detail { scroll: u16 },
    /// The help, over what was open before.
    Help { scroll: u16, over: Under },
}

/// What the help covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Under {
    /// The job table.
    Table,
    /// The full details.
    Detail { scroll: u16 },
}

/// Whether the selected job's details stand below the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pane {
    /// They do.
    Shown,
    /// The table has the whole screen.
    Hidden,
}

impl App {
    /// A dashboard over a first snapshot. `mark` is shown beside the name, as in "demo".
    #[must_use]
    pub fn new(snapshot: Arc<Snapshot>, size: Size, theme: Theme, mark: Option<&'static str>, now: Timestamp) -> Self {
        let mut app = Self {
            snapshot,
            rows: Rows::default(),
            table: TableState::default(),
            order: Order::default(),
            search: Search::default(),
            note: Input::default(),
            focus: Focus::Table,
            pane: Pane::Shown,
            zone: Zone::Utc,
            theme,
            mark,
            size,
        };
        app.index(now);
        app
    }

    /// Takes an event in.
    pub fn update(&mut self, now: Timestamp, event: Event) -> Update {
        let looked_at = self.table.selected().cloned();
        let mut update = match event {
            Event::Key(key) => match keymap::action(self.context(), key) {
                Some(action) => self.act(now, action),
                None => self.typed(now, key),
            },
            Event::Paste(text) => self.paste(now, &text),
            Event::Resize(width, height) => self.resize(now, Size { width, height }),
            Event::Snapshot(snapshot) => self.take(now, snapshot),
            Event::Written | Event::Synchronizes => Update::default(),
            Event::Wake => Update::changes(),
            Event::Suspend => Update::with(Effect::Suspend),
            Event::Resume => Update::everything(),
            Event::Quit(cause) => Update::with(Effect::Quit(cause.exit_code())),
        };
        if self.table.selected() != looked_at.as_ref() {
            update.effects.push(Effect::Interest(Interest { selected: self.table.selected().cloned() }));
        }
        update
    }

    /// How the dashboard looks at a moment, for [`super::draw`].
    #[must_use]
    pub fn look(&self, now: Timestamp) -> Look<'_> {
        Look::new(now, self.zone, &self.theme)
    }

    /// The selected job.
    #[must_use]
    pub fn selected(&self) -> Option<&JobKey> {
        self.table.selected()
    }

    /// How far the service's clock is ahead of the local one.
    #[must_use]
    pub fn clock_offset(&self) -> TimeDelta {
        let offsets = self.snapshot.targets.iter().map(|target| target.clock_offset);
        offsets.max_by_key(TimeDelta::abs).unwrap_or_default()
    }

    /// How far the full details are scrolled, where they are shown, also behind the help.
    pub(super) fn full_details(&self) -> Option<u16> {
        match self.focus {
            Focus::Detail { scroll } | Focus::Help { over: Under::Detail { scroll }, .. } => Some(scroll),
            _ => None,
        }
    }

    /// In which context keys are read.
    pub(super) fn context(&self) -> Context {
        match self.focus {
            Focus::Table => Context::Table,
            Focus::Search => Context::Search,
            Focus::Note => Context::Note,
            Focus::Detail { .. } => Context::Detail,
            Focus::Help { .. } => Context::Help,
        }
    }

    fn act(&mut self, now: Timestamp, action: Action) -> Update {
        match action {
            Action::Up => self.step(now, -1),
            Action::Down => self.step(now, 1),
            Action::PageUp => self.step(now, -self.page()),
            Action::PageDown => self.step(now, self.page()),
            Action::HalfUp => self.step(now, -(self.page() / 2).max(1)),
            Action::HalfDown => self.step(now, (self.page() / 2).max(1)),
            Action::Top => self.step(now, isize::MIN),
            Action::Bottom => self.step(now, isize::MAX),
            Action::Open => self.open(),
            Action::Back => self.back(now),
            Action::Close => self.close(),
            Action::Search => self.focus_on(Focus::Search),
            Action::Help if matches!(self.focus, Focus::Help { .. }) => self.close(),
            Action::Help => self.help(),
            Action::SortNext => self.sort(now, next_order(self.order)),
            Action::SortReverse => self.sort(now, Order { direction: self.order.direction.reversed(), ..self.order }),
            Action::Zone => {
                self.zone = self.zone.toggled();
                Update::changes()
            }
            Action::Settle => self.settle(),
            Action::TakeBack => self.take_back(),
            Action::Refresh => Update::with(Effect::Send(Command::Refresh(Scope::All))),
            Action::Pause => self.pause(),
            Action::Slower => self.interval(INTERVALS.iter().find(|seconds| **seconds > self.interval_seconds())),
            Action::Faster => self.interval(INTERVALS.iter().rfind(|seconds| **seconds < self.interval_seconds())),
            Action::Redraw => Update::everything(),
            Action::Suspend => Update::with(Effect::Suspend),
            Action::Quit => Update::with(Effect::Quit(ExitCode::Interrupted)),
        }
    }

    fn step(&mut self, now: Timestamp, by: isize) -> Update {
        match &mut self.focus {
            Focus::Table | Focus::Search | Focus::Note => self.table.step(by, &self.rows, &self.snapshot),
            Focus::Detail { scroll } | Focus::Help { scroll, .. } => *scroll = scrolled(*scroll, by),
        }
        // What can't scroll further is found out where its height is known: in the view.
        self.clamp_scroll(now);
        Update::changes()
    }

    fn clamp_scroll(&mut self, now: Timestamp) {
        let most = view::most_scroll(self, &self.look(now));
        if let Focus::Detail { scroll } | Focus::Help { scroll, .. } = &mut self.focus {
            *scroll = (*scroll).min(most);
        }
    }

    fn page(&self) -> isize {
        match self.focus {
            Focus::Table | Focus::Search | Focus::Note => self.table.height().max(1).cast_signed(),
            Focus::Detail { .. } | Focus::Help { .. } => {
                isize::from(self.size.height.saturating_sub(4).cast_signed()).max(1)
            }
        }
    }

    fn open(&mut self) -> Update {
        match (self.focus, self.pane) {
            (Focus::Search, _) => self.focus_on(Focus::Table),
            (Focus::Note, _) => self.settled(),
            (Focus::Table, Pane::Hidden) => self.show(Pane::Shown),
            (Focus::Table, Pane::Shown) if self.table.selected().is_some() => {
                self.focus_on(Focus::Detail { scroll: 0 })
            }
            _ => Update::default(),
        }
    }

    /// One step back: help, details, filter, pane. Never out of the program.
    fn back(&mut self, now: Timestamp) -> Update {
        match self.focus {
            Focus::Help { .. } | Focus::Detail { .. } => self.close(),
            Focus::Search => {
                self.focus = Focus::Table;
                self.drop_filter(now)
            }
            Focus::Note => self.focus_on(Focus::Table),
            Focus::Table if !self.search.filter.is_empty() => self.drop_filter(now),
            Focus::Table => self.show(Pane::Hidden),
        }
    }

    /// Closes what is open; from the table, quits.
    fn close(&mut self) -> Update {
        match self.focus {
            Focus::Help { over: Under::Detail { scroll }, .. } => self.focus_on(Focus::Detail { scroll }),
            Focus::Help { over: Under::Table, .. } | Focus::Detail { .. } | Focus::Search | Focus::Note => {
                self.focus_on(Focus::Table)
            }
            Focus::Table => Update::with(Effect::Quit(ExitCode::Done)),
        }
    }

    fn help(&mut self) -> Update {
        let over = if let Focus::Detail { scroll } = self.focus { Under::Detail { scroll } } else { Under::Table };
        self.focus_on(Focus::Help { scroll: 0, over })
    }

    fn focus_on(&mut self, focus: Focus) -> Update {
        self.focus = focus;
        self.fit();
        Update::changes()
    }

    fn show(&mut self, pane: Pane) -> Update {
        self.pane = pane;
        self.fit();
        Update::changes()
    }

    fn sort(&mut self, now: Timestamp, order: Order) -> Update {
        self.order = order;
        self.index(now);
        Update::changes()
    }

    fn pause(&mut self) -> Update {
        let paused = self.snapshot.targets.iter().any(|target| target.paused);
        let command = if paused { Command::Resume(Scope::All) } else { Command::Pause(Scope::All) };
        Update::with(Effect::Send(command))
    }

    fn interval_seconds(&self) -> u64 {
        self.snapshot.interval.as_secs()
    }

    fn interval(&mut self, seconds: Option<&u64>) -> Update {
        let command = seconds.map(|seconds| Command::Interval(Duration::from_secs(*seconds)));
        command.map_or_else(Update::default, |command| Update::with(Effect::Send(command)))
    }

    fn resize(&mut self, now: Timestamp, size: Size) -> Update {
        self.size = size;
        self.fit();
        self.clamp_scroll(now);
        Update::everything()
    }

    fn take(&mut self, now: Timestamp, snapshot: Arc<Snapshot>) -> Update {
        let before = std::mem::replace(&mut self.snapshot, snapshot);
        if view::look_the_same(&before, &self.snapshot, now) {
            return Update::default();
        }
        if Rows::hold_for(&before, &self.snapshot) {
            self.fit();
        } else {
            self.index(now);
        }
        self.clamp_scroll(now);
        Update::changes()
    }

    /// Rebuilds the row index; the selection goes where its job goes.
    fn index(&mut self, now: Timestamp) {
        self.rows = Rows::build(&self.snapshot, &self.search.filter, self.order, now);
        self.fit();
        let looked_at = self.table.selected().cloned();
        self.table.follow(&self.rows, &self.snapshot);
        // Full details never turn into those of another job: where theirs is gone, the table says so.
        if self.full_details().is_some() && self.table.selected() != looked_at.as_ref() {
            self.focus = Focus::Table;
            self.fit();
        }
    }

    /// Tells the table how many rows the layout gives it. Behind the full details it has none, but keeps its place.
    fn fit(&mut self) {
        if self.full_details().is_some() {
            return;
        }
        let rows = view::table_rows(self);
        self.table.set_height(rows, &self.rows);
    }
}

fn scrolled(scroll: u16, by: isize) -> u16 {
    let to = isize::from(scroll.cast_signed()).saturating_add(by).clamp(0, i16::MAX.into());
    u16::try_from(to).unwrap_or(0)
}

fn next_order(order: Order) -> Order {
    let at = SortKey::ALL.iter().position(|key| *key == order.key).unwrap_or(0);
    SortKey::ALL[(at + 1) % SortKey::ALL.len()].into()
}
