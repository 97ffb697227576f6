//! The window's title: what is seen where only the name of a window is, in the signs that the screen has.

use crate::{job::Status, notify, tui::app::App};

/// Open failures and jobs under way, as in `✖1 ▶2 trailwatch`.
#[must_use]
pub(in crate::tui) fn title(app: &App) -> String {
    let counts = app.rows.counts();
    let active = counts.of(Status::Initializing) + counts.of(Status::Delivering);
    let sign = |status| app.preferences.theme.status(status).0;
    notify::title((sign(Status::Failed), app.rows.attention().open), (sign(Status::Delivering), active))
}
