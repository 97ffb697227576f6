//! The binary: parse, dispatch, exit code; nothing else.

use std::{error::Error, process};

use trailwatch::{
    cli::{self, Cli, GlobalArgs, Log},
    config::Surroundings,
    crash,
    engine::Engine,
    exit::ExitCode,
    tui::{self, Options, Theme},
};

fn main() -> process::ExitCode {
    crash::install(tui::restore);
    let surroundings = Surroundings::process();
    let code = match cli::parse(std::env::args_os()) {
        Ok(Cli { command: Some(command), global, .. }) => cli::run(&command, &global, &surroundings),
        Ok(Cli { command: None, global, .. }) => dashboard(&global, &surroundings),
        Err(code) => code,
    };
    code.into()
}

fn dashboard(global: &GlobalArgs, surroundings: &Surroundings) -> ExitCode {
    if !tui::has_terminal() {
        cli::say_error("the dashboard needs a terminal; for scripts there is `trailwatch list`");
        return ExitCode::Usage;
    }
    if let Err(code) = start_log(global) {
        return code;
    }
    let prepared = match cli::prepare(global, surroundings) {
        Ok(prepared) => prepared,
        Err(code) => return code,
    };
    let theme = Theme::detect(|name| surroundings.env.get(name));
    let options = Options {
        theme: if global.ascii { theme.ascii() } else { theme },
        mark: prepared.emulator.as_ref().map(|_| "demo"),
        clock: surroundings.clock.clone(),
    };
    let shown = || -> Result<ExitCode, Box<dyn Error>> {
        prepared.notes.iter().for_each(|note| tracing::warn!("{note}"));
        let engine = Engine::start(&prepared.setup)?;
        Ok(tui::run(&engine, &options)?)
    };
    shown().unwrap_or_else(|error| {
        cli::say_error(&error.to_string());
        ExitCode::Internal
    })
}

/// A log that was asked for must work; one that was not is done without, as on a machine where nothing can be written.
fn start_log(global: &GlobalArgs) -> Result<(), ExitCode> {
    let named = global.log_file.as_deref();
    match Log::of_dashboard(named).map_or(Ok(()), |log| log.start(global.verbose)) {
        Err(error) if named.is_some() => {
            cli::say_error(&format!("can't open the log: {error}"));
            Err(ExitCode::Config)
        }
        _ => Ok(()),
    }
}
