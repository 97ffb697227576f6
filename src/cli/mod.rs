//! The commands for scripts, a file each, and the arguments of the whole program.
//!
//! What is asked for becomes an [`engine::Setup`](crate::engine::Setup) in [`prepare`], which the dashboard uses, too.

mod args;
mod completions;
mod coverage;
mod demo;
mod emulator;
mod filter;
#[cfg(test)]
mod fixture;
mod follow;
mod get;
mod help;
mod history;
mod list;
mod logging;
mod man;
mod metrics;
mod report;
mod systemd;
mod wait;
mod watch;

use std::{
    env,
    ffi::{OsStr, OsString},
    io::{self, Write as _},
};

use clap::{CommandFactory, FromArgMatches, builder::Resettable};

pub use args::{
    Cli, Command, CompletionsArgs, CoverageArgs, EmulatorArgs, GetArgs, GlobalArgs, HelpArgs, HistoryArgs, ListArgs,
    ManArgs, Since, WaitArgs, WatchArgs,
};
pub use demo::{Demo, demo_setup, demo_targets};
pub use filter::FilterText;
pub use logging::Log;
pub use metrics::MetricsServer;
pub use wait::Goal;
pub use watch::Idle;

use self::{follow::Look, systemd::Supervisor};
use crate::{
    config::{self, Options, Surroundings},
    emulator::Emulator,
    engine::Setup,
    exit::ExitCode,
    export::{Arrow, Paint},
    files, notify, text,
};

/// What a command or the dashboard works with.
pub struct Prepared {
    /// For the engine.
    pub setup: Setup,
    /// What its user should know, a line each.
    pub notes: Vec<String>,
    /// The demo's endpoint, which lives as long as this.
    pub emulator: Option<Emulator>,
}

/// Reads the arguments.
///
/// # Errors
/// The exit code, after help, the version or a mistake was printed.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Cli, ExitCode> {
    let parsed = without_empty_variables(Cli::command()).try_get_matches_from(arguments);
    parsed.and_then(|matches| Cli::from_arg_matches(&matches)).map_err(|error| {
        // A closed pipe is all that could go wrong here, and it changes nothing.
        let words = error.render().to_string();
        if words.chars().any(|char| char != '\n' && text::is_unsafe(char)) {
            let clean: Vec<_> = words.lines().map(text::clean).collect();
            let _ = writeln!(io::stderr(), "{}", clean.join("\n"));
        } else {
            let _ = error.print();
        }
        if error.use_stderr() { ExitCode::Usage } else { ExitCode::Done }
    })
}

/// An empty variable counts as not set, as it does for the vendor's tools: `TRAILWATCH_PROFILE= trailwatch list`.
fn without_empty_variables(command: clap::Command) -> clap::Command {
    let is_empty = |name: &OsStr| env::var_os(name).is_some_and(|value| value.is_empty());
    command
        .mut_args(|arg| if arg.get_env().is_some_and(is_empty) { arg.env(Resettable::Reset) } else { arg })
        .mut_subcommands(without_empty_variables)
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
        let notes = left_aside(options).into_iter().collect();
        return Ok(Prepared { setup: demo.setup, notes, emulator: Some(demo.emulator) });
    }
    let configured = config::configure(options, surroundings).map_err(|error| report::configuration(&error))?;
    Ok(Prepared { setup: configured.setup, notes: configured.notes, emulator: None })
}

/// What the configuration file says. One that was asked for must be there, and one that others may write names no command.
///
/// # Errors
/// The exit code, after the reason was told on standard error.
pub fn configuration(global: &GlobalArgs) -> Result<notify::Config, ExitCode> {
    let Some(path) = global.config() else { return Ok(notify::Config::default()) };
    let refuse = |words: String| {
        say_error(&words);
        ExitCode::Config
    };
    let wrong = |words: &dyn std::fmt::Display| refuse(format!("{}: {words}", path.display()));
    match files::read_text_and_trust(&path) {
        Ok(Some((text, exposed))) => {
            let config = notify::Config::parse(&text).map_err(|fault| wrong(&fault))?;
            match exposed {
                Some(exposed) if !config.ways.is_empty() => Err(refuse(exposed.to_string())),
                _ => Ok(config),
            }
        }
        Ok(None) if global.config.is_some() => Err(wrong(&"there is no such file (--config)")),
        Ok(None) => Ok(notify::Config::default()),
        Err(error) => Err(wrong(&error)),
    }
}

/// What was asked for beside the demo, although the demo does not have it.
fn left_aside(options: &Options) -> Option<String> {
    let asked = [
        ("--profile", !options.profiles.is_empty()),
        ("--region", !options.regions.is_empty()),
        ("--endpoint", options.endpoint.is_some()),
    ];
    let asked: Vec<&str> = asked.into_iter().filter_map(|(flag, asked)| asked.then_some(flag)).collect();
    let flags = asked.join(" and ");
    (!asked.is_empty()).then(|| format!("the demo has its own targets: {flags} (or the variable for it) is left aside"))
}

/// Runs a command to its end.
#[must_use]
pub fn run(command: &Command, global: &GlobalArgs, surroundings: &Surroundings) -> ExitCode {
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
        Command::Watch(args) => match configuration(global) {
            Ok(config) => with_targets(prepared(), |prepared| {
                watch::run(args, prepared, look, &config, Supervisor::of(&surroundings.env))
            }),
            Err(code) => code,
        },
        Command::Wait(args) => {
            let prepared = prepare_with(global, &global.options_to_wait(), surroundings);
            with_targets(prepared, |prepared| wait::run(args, global.timeout, prepared, look))
        }
        Command::History(args) => history::run(args, global, (surroundings.clock)(), paint),
        Command::Coverage(args) => with_targets(prepared(), |prepared| coverage::run(args, prepared, paint)),
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
