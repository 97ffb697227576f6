//! The commands for scripts, a file each, and the arguments of the whole program.
//!
//! What is asked for becomes an [`engine::Setup`](crate::engine::Setup) in [`prepare`], which the dashboard uses, too.

mod args;
mod choice;
mod completions;
mod config;
mod coverage;
mod demo;
mod doctor;
mod emulator;
mod filter;
#[cfg(test)]
mod fixture;
mod follow;
mod get;
mod help;
mod history;
mod layers;
mod list;
mod logging;
mod man;
mod metrics;
mod report;
mod systemd;
mod wait;
mod watch;

use std::io;

pub use args::{
    Cli, Command, CompletionsArgs, ConfigAction, ConfigArgs, ConfigFormat, CoverageArgs, DoctorArgs, DoctorFormat,
    EmulatorArgs, GetArgs, GlobalArgs, HelpArgs, HistoryArgs, ListArgs, ManArgs, Since, WaitArgs, WatchArgs,
};
pub use demo::{Demo, demo_config, demo_setup, demo_targets};
pub use filter::FilterText;
pub use layers::parse;
pub use logging::Log;
pub use metrics::MetricsServer;
pub use wait::Goal;
pub use watch::Idle;

use self::{follow::Look, systemd::Supervisor};
use crate::{
    config::{Note, Options, Surroundings, configure, stray_marks},
    emulator::Emulator,
    engine::Setup,
    exit::ExitCode,
    export::{Arrow, Paint},
    looks::TerminalFacts,
};

/// What a command or the dashboard works with.
pub struct Prepared {
    /// For the engine.
    pub setup: Setup,
    /// What its user should know, a line each.
    pub notes: Vec<Note>,
    /// The demo's endpoint, which lives as long as this.
    pub emulator: Option<Emulator>,
}

/// Finds keys, regions and endpoints, or starts the demo.
///
/// # Errors
/// The exit code, after the reason was told on standard error.
pub fn prepare(global: &GlobalArgs, surroundings: &Surroundings) -> Result<Prepared, ExitCode> {
    prepare_with(global, &global.options(), surroundings)
}

fn prepare_with(global: &GlobalArgs, options: &Options, surroundings: &Surroundings) -> Result<Prepared, ExitCode> {
    if global.demo {
        let demo = demo_setup(options, surroundings.clock.clone()).map_err(|error| internal(&error))?;
        let notes = left_aside(global).into_iter().collect();
        return Ok(Prepared { setup: demo.setup, notes, emulator: Some(demo.emulator) });
    }
    let configured =
        configure(options, surroundings).map_err(|error| report::configuration(&error, |key| global.origin(key)))?;
    // Profiles come and go: only what looks like a slip is told at every start.
    let strays = stray_marks(&global.file, surroundings).into_iter().filter(|stray| stray.similar.is_some());
    let notes = configured.notes.into_iter().chain(strays.map(Note::from)).collect();
    Ok(Prepared { setup: configured.setup, notes, emulator: None })
}

/// What was asked for beside the demo, although the demo does not have it.
fn left_aside(global: &GlobalArgs) -> Option<Note> {
    let asked = [
        ("--profile", !global.profile.is_empty()),
        ("--all-profiles", global.all_profiles),
        ("--group", !global.group.is_empty()),
        ("--region", !global.region.is_empty()),
        ("--endpoint", global.endpoint.is_some()),
    ];
    let asked: Vec<&str> = asked.into_iter().filter_map(|(flag, asked)| asked.then_some(flag)).collect();
    let flags = asked.join(" and ");
    let words = || format!("the demo has its own targets: {flags} (or the variable for it) is left aside");
    (!asked.is_empty()).then(|| Note::LeftAside(words()))
}

/// What only the dashboard knows of, and commands tell of.
pub struct Dashboard<'a> {
    /// What the terminal is.
    pub terminal: &'a dyn Fn() -> TerminalFacts,
    /// Whether a text is a key map, else what is wrong with it and in which line.
    pub key_map: &'a dyn Fn(&str) -> Result<(), String>,
}

/// Runs a command to its end.
#[must_use]
pub fn run(command: &Command, global: &GlobalArgs, surroundings: &Surroundings, dashboard: &Dashboard<'_>) -> ExitCode {
    if let Err(error) = Log::of_command(global.log_file.as_deref()).start(global.verbose) {
        say_error(&format!("can't open the log: {error}"));
        return ExitCode::Config;
    }
    let variable = |name| surroundings.env.get(name);
    let term = variable("TERM");
    let paint = Paint::choose(&io::stdout(), variable("NO_COLOR").as_deref(), term.as_deref());
    let arrow = if global.ascii { Arrow::Ascii } else { Arrow::Drawn };
    let look = Look { paint, arrow, term: term.as_deref() };
    let prepared = || prepare(global, surroundings);
    match command {
        Command::List(args) => with_targets(prepared(), |prepared| list::run(args, prepared, paint)),
        Command::Get(args) => with_targets(prepared(), |prepared| get::run(args, prepared, paint)),
        Command::Watch(args) => with_targets(prepared(), |prepared| {
            watch::run(args, prepared, look, &global.file.notify, Supervisor::of(&surroundings.env))
        }),
        Command::Wait(args) => {
            let prepared = prepare_with(global, &global.options_to_wait(), surroundings);
            with_targets(prepared, |prepared| wait::run(args, global.timeout, prepared, look))
        }
        Command::History(args) => history::run(args, global, (surroundings.clock)(), paint),
        Command::Config(args) => config::run(args, global, surroundings, dashboard),
        Command::Coverage(args) => with_targets(prepared(), |prepared| coverage::run(args, prepared, paint)),
        Command::Doctor(args) => doctor::run(args, global, surroundings, dashboard, paint),
        Command::Emulator(args) => emulator::run(args),
        Command::Completions(args) => completions::run(args),
        Command::Man(args) => man::run(args),
        Command::Help(args) => help::run(args),
    }
}

/// Says on standard error, in one line, why the program can't go on.
pub fn say_error(message: &str) {
    report::say(report::Severity::Error, message);
}

fn with_targets(prepared: Result<Prepared, ExitCode>, command: impl FnOnce(&Prepared) -> ExitCode) -> ExitCode {
    match prepared {
        Ok(prepared) => {
            for note in &prepared.notes {
                tracing::warn!("{note}");
            }
            command(&prepared)
        }
        Err(code) => code,
    }
}

/// Says that the program itself, or the system under it, failed.
fn internal(error: &dyn std::error::Error) -> ExitCode {
    say_error(&error.to_string());
    ExitCode::Internal
}
