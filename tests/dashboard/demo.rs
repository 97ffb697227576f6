//! The demo as a stranger meets it: marked, with jobs in every state, and nothing cut or misaligned, wide and narrow.

use crate::{
    screen::{JobRow, Screen},
    term::Term,
};

fn is_well_drawn(screen: &Screen) -> bool {
    // Header, footer, and two lines while a target is in trouble.
    screen.faults().is_empty() && (screen.framed() + 4 >= screen.height())
}

fn shows_every_state(size: (u16, u16)) {
    let term = Term::start(size, &[], &["--demo"]);
    // The first target's jobs are shown before the others have answered.
    let is_read = |screen: &Screen| screen.row(0).contains(" live ") && screen.jobs().len() >= 8;
    let table = term.until("a table of the jobs of all", |screen| is_read(screen) && is_well_drawn(screen));
    let header = table.row(0);
    assert!(header.contains(" demo ") && header.contains(" prod/cn-hangzhou +3 "), "{header}");
    assert!(header.contains('▶') && header.contains('✖'), "{header}");
    assert!(!table.has("…"), "something is cut:\n{}", table.text());
    for status in ["initializing", "delivering", "unknown", "failed", "complete"] {
        term.press("/");
        term.until("the search line", |screen| screen.last_row().starts_with(" / "));
        term.press(status);
        term.until(status, |screen| {
            let jobs = screen.jobs();
            let is_filtered = screen.title().contains(&format!("/{status} "));
            // A failure that a later job repaired is found by its status, too, and says what became of it.
            let fits =
                |job: &JobRow| job.status.starts_with(status) || job.status == "superseded" || job.status == "expired";
            is_filtered
                && jobs.first().is_some_and(|job| job.status.starts_with(status))
                && jobs.iter().all(fits)
                && is_well_drawn(screen)
        });
        term.press("\x1b");
        term.until("all jobs again", |screen| !screen.title().contains('/') && screen.jobs().len() >= 8);
    }
    term.press("q");
    term.ends(0).restored();
}

#[test]
fn it_shows_every_state_on_a_wide_screen() {
    shows_every_state((120, 40));
}

#[test]
fn it_shows_every_state_on_a_narrow_screen() {
    shows_every_state((80, 24));
}
