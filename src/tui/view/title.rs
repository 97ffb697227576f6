//! The window's title: what is seen where only the name of a window is, in the signs that the screen has.

use crate::{job::Status, tui::app::App};

/// Open failures and jobs under way, as in `✖1 ▶2 trailwatch`.
#[must_use]
pub(in crate::tui) fn title(app: &App) -> String {
    let theme = &app.preferences.theme;
    let counts = app.rows.counts();
    let active = counts.of(Status::Initializing) + counts.of(Status::Delivering);
    let of = |status: Status, count: usize| {
        if count == 0 { String::new() } else { format!("{}{count} ", theme.status(status).0) }
    };
    let failed = of(Status::Failed, app.rows.attention().open);
    format!("{failed}{}trailwatch", of(Status::Delivering, active))
}
