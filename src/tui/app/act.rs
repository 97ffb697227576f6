//! What actions do: each is a few lines here, or a call of what knows more.

use std::time::Duration;

use super::{App, Details, DetailsTab, Message, Overlay, Palette, Pane, Screen, Tab, search::Recall};
use crate::{
    engine::{Command, Scope},
    exit::ExitCode,
    export::Clip,
    job::Timestamp,
    tui::{
        action::Action,
        event::{Effect, Update},
        table::COLUMNS,
        view,
    },
};

/// The intervals that `slower` and `faster` step through, in seconds.
const INTERVALS: [u64; 9] = [1, 2, 5, 10, 15, 30, 60, 120, 300];

impl App {
    pub(in crate::tui) fn act(&mut self, now: Timestamp, action: Action) -> Update {
        match action {
            Action::Previous if matches!(self.overlay, Some(Overlay::Filter)) => self.recall(now, Recall::Older),
            Action::Next if matches!(self.overlay, Some(Overlay::Filter)) => self.recall(now, Recall::Newer),
            Action::Up | Action::Previous => self.step(now, -1),
            Action::Down | Action::Next => self.step(now, 1),
            Action::PageUp => self.step(now, -self.page()),
            Action::PageDown => self.step(now, self.page()),
            Action::HalfUp => self.step(now, -(self.page() / 2).max(1)),
            Action::HalfDown => self.step(now, (self.page() / 2).max(1)),
            Action::Top => self.step(now, isize::MIN),
            Action::Bottom => self.step(now, isize::MAX),
            Action::Open => self.open(now),
            Action::Back | Action::Cancel => self.back(now),
            Action::Close => self.close(),
            Action::Details => self.details(),
            Action::NextTab => self.turn_tab(1),
            Action::PreviousTab => self.turn_tab(-1),
            Action::Events => self.show(Screen::Events(0)),
            Action::Coverage => self.show(Screen::Coverage(0)),
            Action::Targets => self.show(Screen::Targets(0)),
            Action::RefreshTarget => self.refresh_target(now),
            Action::PauseTarget => self.pause_target(),
            Action::HideTarget => self.hide_target(now),
            Action::NextChanged => self.next_changed(now),
            Action::ShowAll => self.show_tab(now, Tab::All),
            Action::ShowActive => self.show_tab(now, Tab::Active),
            Action::ShowOpen => self.show_tab(now, Tab::Open),
            Action::ShowComplete => self.show_tab(now, Tab::Complete),
            Action::ShowChanged => self.show_tab(now, Tab::Changed),
            Action::Filter => self.open_search(),
            Action::Sort => self.sort(now),
            Action::Reverse => self.reverse(now),
            Action::Columns => self.lay(Overlay::Columns(0)),
            Action::Toggle => self.toggle_column(),
            Action::Settle => self.settle(),
            Action::TakeBack => self.take_back(),
            Action::CopyId => self.copy(now, Clip::Id),
            Action::Copy => self.choose_copy(),
            Action::Export => self.ask_for_file(now),
            Action::Yes => self.confirm(),
            Action::Refresh => self.refresh(now, Scope::All),
            Action::Pause => self.pause(),
            Action::Slower => self.interval(INTERVALS.iter().find(|seconds| **seconds > self.interval_seconds())),
            Action::Faster => self.interval(INTERVALS.iter().rfind(|seconds| **seconds < self.interval_seconds())),
            Action::Zone => {
                self.zone = self.zone.toggled();
                Update::changes()
            }
            Action::Theme => {
                self.choose_theme(self.preferences.theme.name().next());
                Update::changes()
            }
            Action::Command => self.lay(Overlay::Command(Palette::default())),
            Action::Help if matches!(self.overlay, Some(Overlay::Help(_))) => self.uncover(),
            Action::Help => self.lay(Overlay::Help(0)),
            Action::Accept => self.accept(now),
            Action::Complete => self.complete(),
            Action::Redraw => Update::everything(),
            Action::Suspend => Update::with(Effect::Suspend),
            Action::Quit => Update::with(Effect::Quit(ExitCode::Interrupted)),
        }
    }

    /// Moves what is selected, or scrolls.
    pub(super) fn step(&mut self, now: Timestamp, by: isize) -> Update {
        let to = |place: usize, count: usize| place.saturating_add_signed(by).min(count.saturating_sub(1));
        let (events, trails) = (view::event_count(&self.snapshot), self.trails.shown.len());
        match (&mut self.overlay, &mut self.screen) {
            (Some(Overlay::Help(scroll)), _) => *scroll = scrolled(*scroll, by),
            (Some(Overlay::Columns(place)), _) => *place = to(*place, COLUMNS.len()),
            (Some(Overlay::Copy(place)), _) => *place = to(*place, Clip::ALL.len()),
            (Some(Overlay::Command(palette)), _) => palette.place = to(palette.place, palette.matches().len()),
            (_, Screen::Details(details)) => details.scroll = scrolled(details.scroll, by),
            (_, Screen::Events(place)) => *place = to(*place, events),
            (_, Screen::Coverage(place)) => *place = to(*place, trails),
            (_, Screen::Targets(place)) => *place = to(*place, self.snapshot.targets.len()),
            (_, Screen::Table) => self.table.step(by, &self.rows, &self.snapshot),
        }
        // What can't scroll further is found out where its height is known: in the view.
        self.clamp_scroll(now);
        Update::changes()
    }

    pub(super) fn clamp_scroll(&mut self, now: Timestamp) {
        let most = view::most_scroll(self, &self.look(now));
        match (&mut self.overlay, &mut self.screen) {
            (Some(Overlay::Help(scroll)), _) => *scroll = (*scroll).min(most),
            (_, Screen::Details(details)) => details.scroll = details.scroll.min(most),
            _ => {}
        }
    }

    fn page(&self) -> isize {
        match (&self.overlay, &self.screen) {
            (None | Some(Overlay::Filter | Overlay::Note), Screen::Table) => self.table.height().max(1).cast_signed(),
            _ => isize::from(self.size.height.saturating_sub(4).cast_signed()).max(1),
        }
    }

    fn open(&mut self, now: Timestamp) -> Update {
        if let Some(Overlay::Copy(place)) = self.overlay {
            self.uncover();
            return self.copy(now, Clip::ALL[place]);
        }
        match (&self.overlay, &self.screen, self.pane) {
            (Some(Overlay::Columns(_)), ..) => self.uncover(),
            (Some(_), ..) | (None, Screen::Details(_), _) => Update::default(),
            (None, Screen::Table, Pane::Hidden) => {
                self.pane = Pane::Shown;
                self.fit();
                Update::changes()
            }
            (None, Screen::Table, Pane::Shown) => self.details(),
            (None, Screen::Coverage(place), _) => self.open_trail(now, *place),
            (None, Screen::Targets(place), _) => self.open_target(now, *place),
            (None, Screen::Events(place), _) => match view::job_of_event(&self.snapshot, *place) {
                Some(job) => self.show(Screen::Details(Details { job, tab: DetailsTab::History, scroll: 0 })),
                None => self.say(Message::bad("this event is of no job", now)),
            },
        }
    }

    fn details(&mut self) -> Update {
        match (&self.screen, self.table.selected()) {
            (Screen::Table, Some(job)) => {
                let details = Details { job: job.clone(), tab: DetailsTab::Summary, scroll: 0 };
                self.show(Screen::Details(details))
            }
            _ => Update::default(),
        }
    }

    fn turn_tab(&mut self, by: isize) -> Update {
        let Screen::Details(details) = &mut self.screen else { return Update::default() };
        (details.tab, details.scroll) = (details.tab.beside(by), 0);
        Update::changes()
    }

    pub(super) fn show(&mut self, screen: Screen) -> Update {
        self.screen = screen;
        self.fit();
        Update::changes()
    }

    pub(super) fn lay(&mut self, overlay: Overlay) -> Update {
        self.overlay = Some(overlay);
        self.fit();
        Update::changes()
    }

    /// Takes away what lies over the screen.
    pub(super) fn uncover(&mut self) -> Update {
        self.overlay = None;
        self.fit();
        Update::changes()
    }

    /// One step back: what lies over the screen, details or events, notice, filter, tab, pane. Never out of the program.
    fn back(&mut self, now: Timestamp) -> Update {
        match (&self.overlay, &self.screen) {
            (Some(Overlay::Filter), _) => {
                self.overlay = None;
                self.drop_filter(now)
            }
            (Some(_), _) => self.uncover(),
            (None, Screen::Details(_) | Screen::Events(_) | Screen::Coverage(_) | Screen::Targets(_)) => {
                self.show(Screen::Table)
            }
            (None, Screen::Table) if self.notice.is_some() => self.dismiss(),
            (None, Screen::Table) if !self.search.filter.is_empty() => self.drop_filter(now),
            (None, Screen::Table) if self.list.tab != Tab::All => self.show_tab(now, Tab::All),
            (None, Screen::Table) => {
                self.pane = Pane::Hidden;
                self.fit();
                Update::changes()
            }
        }
    }

    /// Closes what is open; from the table, quits.
    fn close(&mut self) -> Update {
        match (&self.overlay, &self.screen) {
            (Some(_), _) => self.uncover(),
            (None, Screen::Details(_) | Screen::Events(_) | Screen::Coverage(_) | Screen::Targets(_)) => {
                self.show(Screen::Table)
            }
            (None, Screen::Table) => Update::with(Effect::Quit(ExitCode::Done)),
        }
    }

    fn toggle_column(&mut self) -> Update {
        if let Some(Overlay::Columns(place)) = self.overlay {
            self.list.toggle(&COLUMNS[place]);
        }
        Update::changes()
    }

    pub(super) fn refresh(&mut self, now: Timestamp, scope: Scope) -> Update {
        self.asked = Some((now, scope.clone()));
        Update::with(Effect::Send(Command::Refresh(scope)))
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
}

fn scrolled(scroll: u16, by: isize) -> u16 {
    let to = isize::from(scroll.cast_signed()).saturating_add(by).clamp(0, i16::MAX.into());
    u16::try_from(to).unwrap_or(0)
}
