//! The list of targets, as people meet it: one of two is paused and hidden, and goes on.

use std::time::Duration;

use trailwatch::emulator::{Config, Emulator, Operation};

use crate::{endpoint::reading, term::Term};

#[test]
fn one_target_is_paused_hidden_and_read_again() {
    let config = Config { jobs: 30, latency: Duration::from_millis(20), ..Config::default() };
    let emulator = Emulator::start(config).unwrap();
    let mut variables = reading(&emulator);
    variables.push(("TRAILWATCH_REGION", "cn-hangzhou,cn-shanghai".to_owned()));
    let term = Term::start((120, 40), &variables, &["--interval", "1s", "--idle-interval", "1s"]);
    term.shows("t targets");
    term.press("t");
    let answered = |line: &str| line.contains("● live") && line.contains("ms ") && line.contains("environment (LTAI");
    term.until("both", |screen| (2..6).filter(|row| answered(&screen.row(*row))).count() == 2);
    term.press("jp ");
    term.until("a paused and hidden target", |screen| {
        screen.has("Targets · 2 · 1 paused · 1 hidden") && screen.row(0).contains("1 hidden")
    });
    let before = emulator.stats().calls(Operation::ListJobs);
    term.press("r");
    term.shows("read at ");
    term.until("the other goes on", |_| emulator.stats().calls(Operation::ListJobs) > before + 2);
    term.press("p ");
    term.until("both again", |screen| screen.has("Targets · 2 ─") && !screen.row(0).contains("hidden"));
    term.press("\r");
    term.shows("/profile:\"env\" region:cn-shanghai");
    term.press("q");
    term.ends(0);
}
