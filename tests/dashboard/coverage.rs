//! The trails behind the jobs, as people meet them: what nobody notices is counted, and shown with a key.

use trailwatch::emulator::{Emulator, Identity, Operation};

use crate::{
    endpoint::{Variables, reading, still},
    term::Term,
};

/// Reads an emulator as the identity whose name ends so.
fn reading_as(emulator: &Emulator, suffix: &str) -> Variables {
    let who = emulator.identities().iter().find(|who| who.profile.ends_with(suffix)).unwrap();
    let Identity { key_id, secret, .. } = who;
    let mut variables = reading(emulator);
    for (name, value) in &mut variables {
        match *name {
            "ALIBABA_CLOUD_ACCESS_KEY_ID" => value.clone_from(key_id),
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET" => value.clone_from(secret),
            _ => {}
        }
    }
    variables
}

#[test]
fn trails_that_nobody_has_backfilled_are_counted_and_shown() {
    let emulator = still(44);
    let term = Term::start((140, 40), &reading(&emulator), &[]);
    term.shows("◇ 2 uncovered");
    term.press("v");
    term.until("bars", |screen| screen.has("orders-audit") && screen.has("░██"));
    term.shows("█ covered  ░ hole  ▒ edge, lost within 7d");
    term.until("why", |screen| screen.has("write sls failed"));
    term.press("r");
    term.until("the trails again", |_| emulator.stats().calls(Operation::DescribeTrails) == 2);
    term.press("\r");
    term.shows("┌ Job ");
    term.press("qq");
    term.ends(0);
}

#[test]
fn in_ascii_and_without_the_permission_it_says_what_is_missing() {
    let emulator = still(44);
    let term = Term::start((80, 24), &reading_as(&emulator, "-no-trails"), &["--ascii"]);
    term.shows("not allowed: actiontrail:DescribeTrails");
    term.press("v");
    term.shows("env/cn-hangzhou: not allowed: actiontrail:DescribeTrails");
    term.press("q");
    term.shows("+ Backfill jobs ");
    term.press("q");
    term.ends(0);
}
