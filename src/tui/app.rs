//! The dashboard's state and its one rule: (state, now, event) → state and effects. No terminal, no clock, no network.
//!
//! It holds what the panes need and delegates: what actions do is in `act`, what is typed in `typed`, what lies over the
//! screen in `overlay`.

use std::sync::Arc;

use chrono::TimeDelta;
use ratatui::layout::Size;
use tui_input::Input;

use super::{
    event::{Effect, Event, Update},
    fare::Fare,
    keymap::{Context, Keymap},
    look::Look,
    rows::Rows,
    table::TableState,
    theme::Theme,
    trails::TrailRows,
    view,
};
use crate::{
    engine::{Interest, Scope, Snapshot},
    job::{JobKey, Timestamp},
    looks::Marks,
    notify::{Bell, Rules},
    units::Zone,
};

mod act;
mod carry;
mod coverage;
mod history;
mod list;
mod message;
mod mouse;
mod overlay;
mod remembered;
mod screen;
mod search;
mod targets;
mod typed;

pub(super) use self::{
    list::{List, Tab},
    message::Message,
    overlay::{Overlay, Palette},
    screen::{Details, DetailsTab, Pane, Screen},
    search::Search,
    targets::Hidden,
};

/// How the user wants the dashboard to be.
#[derive(Debug, Clone)]
pub struct Preferences {
    /// Symbols and colours.
    pub theme: Theme,
    /// What keys mean.
    pub keys: Arc<Keymap>,
    /// Shown beside the name, as in "demo".
    pub mark: Option<&'static str>,
    /// Which targets are to be told from others at a glance.
    pub marks: Arc<Marks>,
}

/// What the dashboard shows and in which state it is.
#[derive(Debug)]
pub struct App {
    pub(super) snapshot: Arc<Snapshot>,
    pub(super) rows: Rows,
    pub(super) trails: TrailRows,
    pub(super) fare: Fare,
    pub(super) table: TableState,
    pub(super) list: List,
    pub(super) search: Search,
    pub(super) hidden: Hidden,
    pub(super) note: Input,
    pub(super) screen: Screen,
    pub(super) overlay: Option<Overlay>,
    pub(super) pane: Pane,
    pub(super) message: Option<Message>,
    /// Since when a read is awaited that the user asked for, and of what.
    asked: Option<(Timestamp, Scope)>,
    pub(super) zone: Zone,
    /// What the dashboard itself has to tell.
    pub(super) notice: Option<String>,
    pub(super) preferences: Preferences,
    pub(super) size: Size,
    /// By which the bell is rung, if it is.
    bell: Option<Rules>,
}

impl App {
    /// A dashboard over a first snapshot.
    #[must_use]
    pub fn new(snapshot: Arc<Snapshot>, size: Size, preferences: Preferences, now: Timestamp) -> Self {
        let mut app = Self {
            snapshot,
            rows: Rows::default(),
            trails: TrailRows::default(),
            fare: Fare::default(),
            table: TableState::default(),
            list: List::default(),
            search: Search::default(),
            hidden: Hidden::default(),
            note: Input::default(),
            screen: Screen::Table,
            overlay: None,
            pane: Pane::Shown,
            message: None,
            asked: None,
            zone: Zone::Utc,
            notice: None,
            preferences,
            size,
            bell: None,
        };
        app.index_all(now);
        app
    }

    /// Takes an event in.
    pub fn update(&mut self, now: Timestamp, event: Event) -> Update {
        let looked_at = self.selected().cloned();
        self.pass_time(now);
        let mut update = match event {
            Event::Key(key) => {
                self.message = None;
                match self.preferences.keys.action(self.context(), key) {
                    Some(action) => self.act(now, action),
                    None => self.typed(now, key),
                }
            }
            Event::Paste(text) => self.paste(now, &text),
            Event::Mouse(gesture, at) => self.mouse(now, gesture, at),
            Event::Resize(width, height) => self.resize(now, Size { width, height }),
            Event::Snapshot(snapshot) => self.take(now, snapshot),
            Event::Written | Event::Synchronizes => Update::default(),
            Event::Wake => {
                self.message.take_if(|message| message.until <= now);
                Update::changes()
            }
            Event::Done(outcome) => self.done(now, outcome),
            Event::Suspend => Update::with(Effect::Suspend),
            Event::Resume => Update::everything(),
            Event::Quit(cause) => Update::with(Effect::Quit(cause.exit_code())),
        };
        if self.is_time_to_ring(now) {
            update.effects.push(Effect::Bell);
        }
        if self.selected() != looked_at.as_ref() {
            update.effects.push(Effect::Interest(Interest { selected: self.selected().cloned() }));
        }
        update
    }

    /// Rings the bell from now on, or never.
    pub fn set_bell(&mut self, bell: Bell) {
        self.bell = (bell == Bell::Rings).then(Rules::default);
    }

    /// Whether something has come about that people should hear of.
    fn is_time_to_ring(&mut self, now: Timestamp) -> bool {
        // Troubles are told by the local clock.
        let now = now - self.clock_offset();
        let Some(rules) = &mut self.bell else { return false };
        rules.see(&self.snapshot, now).iter().any(|signal| signal.kind.rings())
    }

    /// How the dashboard looks at a moment, for [`super::draw`].
    #[must_use]
    pub fn look(&self, now: Timestamp) -> Look<'_> {
        Look::new(now, self.zone, &self.preferences.theme, &self.preferences.marks)
    }

    /// The job that is looked at: that of the details, else the one that is selected in the table.
    #[must_use]
    pub fn selected(&self) -> Option<&JobKey> {
        match &self.screen {
            Screen::Details(details) => Some(&details.job),
            Screen::Table | Screen::Events(_) | Screen::Coverage(_) | Screen::Targets(_) => self.table.selected(),
        }
    }

    /// How far the service's clock is ahead of the local one.
    #[must_use]
    pub fn clock_offset(&self) -> TimeDelta {
        self.fare.clock_offset
    }

    /// In which context keys are read.
    pub(super) fn context(&self) -> Context {
        match (&self.overlay, &self.screen) {
            (Some(overlay), _) => overlay.context(),
            (None, Screen::Table) => Context::Table,
            (None, Screen::Details(_)) => Context::Details,
            (None, Screen::Events(_)) => Context::Events,
            (None, Screen::Coverage(_)) => Context::Coverage,
            (None, Screen::Targets(_)) => Context::Targets,
        }
    }

    /// Says something in the footer, for a while or until the next key.
    fn say(&mut self, message: Message) -> Update {
        self.message = Some(message);
        Update::changes()
    }

    fn resize(&mut self, now: Timestamp, size: Size) -> Update {
        self.size = size;
        self.fit();
        self.clamp_scroll(now);
        Update::everything()
    }

    fn take(&mut self, now: Timestamp, snapshot: Arc<Snapshot>) -> Update {
        let before = std::mem::replace(&mut self.snapshot, snapshot);
        self.sum_up(now);
        let trail = self.trail_looked_at(&before);
        let answered = self.answer_refresh(now);
        // Who looks at the targets sees each read.
        let is_watched = matches!(self.screen, Screen::Targets(_));
        if !is_watched && view::look_the_same(&before, &self.snapshot, now) {
            return if answered { Update::changes() } else { Update::default() };
        }
        if Rows::hold_for(&before, &self.snapshot) {
            self.fit();
        } else {
            self.index(now);
        }
        if !TrailRows::hold_for(&before, &self.snapshot) {
            self.index_trails(now, trail.as_ref());
        }
        self.clamp_scroll(now);
        Update::changes()
    }

    /// Says that the read that the user asked for has come, which may bring nothing new to see.
    fn answer_refresh(&mut self, now: Timestamp) -> bool {
        let Some((asked, scope)) = &self.asked else { return false };
        let mut concerned =
            self.snapshot.targets.iter().filter(|target| scope.holds(&target.key) && target.twin.is_none());
        let is_read = concerned
            .all(|target| target.reading.is_none() && target.read.as_ref().is_some_and(|read| read.at >= *asked));
        if is_read {
            self.asked = None;
            self.message = Some(Message::good(format!("read at {}", self.zone.time(now)), now));
        }
        is_read
    }

    /// Rebuilds the row index; the selection goes where its job goes.
    fn index(&mut self, now: Timestamp) {
        self.rows = Rows::build(&self.snapshot, &self.hidden, &self.search.filter, &self.list, now);
        self.fit();
        self.table.follow(&self.rows, &self.snapshot);
    }

    /// Tells the table how many rows the layout gives it.
    fn fit(&mut self) {
        let rows = view::table_rows(self);
        self.table.set_height(rows, &self.rows);
    }
}
