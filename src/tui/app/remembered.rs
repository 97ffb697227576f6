//! What a dashboard takes over from the last run and leaves to the next one, and what it has to tell by itself.

use super::{App, history::History, targets::Hidden};
use crate::{
    job::Timestamp,
    looks::ThemeName,
    tui::{event::Update, session::Session, table::TableState},
};

impl App {
    /// How the dashboard is left.
    #[must_use]
    pub fn session(&self) -> Session {
        Session {
            sort: Some(self.list.order),
            hidden: self.list.hidden(),
            hidden_targets: self.hidden.names(),
            tab: Some(self.list.tab.title().to_owned()),
            filter: self.search.in_force.clone(),
            filters: self.search.history.entries().iter().rev().cloned().collect(),
            theme: Some(self.preferences.theme.name()),
        }
    }

    /// Takes over how a dashboard was left. The first row is selected, whichever it is in that order.
    pub fn restore(&mut self, session: &Session, now: Timestamp) {
        self.list.restore(session);
        self.choose_theme(session.theme.unwrap_or(self.preferences.theme.name()));
        self.search.set(&session.filter);
        self.search.history = History::restored(session.filters.iter().rev());
        self.table = TableState::default();
        self.hidden = Hidden::restored(&session.hidden_targets);
        self.index_all(now);
    }

    /// Shows another theme.
    pub fn choose_theme(&mut self, name: ThemeName) {
        self.preferences.theme = self.preferences.theme.named(name);
    }

    /// Tells the user something, until `Esc` takes it away.
    pub fn notify(&mut self, words: String) {
        self.notice = Some(words);
        self.fit();
    }

    /// Takes away what was told.
    pub(super) fn dismiss(&mut self) -> Update {
        self.notice = None;
        self.fit();
        Update::changes()
    }
}
