//! The binary: parse, dispatch, exit code; nothing else.

use std::{error::Error, process, sync::Arc};

use trailwatch::{
    cli::{self, Cli, Dashboard, GlobalArgs, Log},
    config::Surroundings,
    crash,
    engine::{Depth, Engine, Setup},
    exit::ExitCode,
    notify::{self, Notifier, Starter},
    tui::{self, Clipboard, Keymap, Mouse, Options, Preferences, Theme},
};

fn main() -> process::ExitCode {
    let surroundings = Surroundings::process();
    if let Some(code) = notify::take_step(std::env::args_os(), (surroundings.clock)()) {
        return code.into();
    }
    crash::install(tui::restore);
    let code = match cli::parse(std::env::args_os()) {
        Ok(Cli { command: Some(command), global, .. }) => {
            let terminal = || tui::terminal_facts(|name| surroundings.env.get(name));
            let key_map = |text: &str| Keymap::with(text).map(drop).map_err(|fault| fault.to_string());
            cli::run(&command, &global, &surroundings, &Dashboard { terminal: &terminal, key_map: &key_map })
        }
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
    let keys = match keymap(global) {
        Ok(keys) => keys,
        Err(code) => return code,
    };
    let config = &global.file.notify;
    let prepared = match cli::prepare(global, surroundings) {
        Ok(prepared) => prepared,
        Err(code) => return code,
    };
    let theme = Theme::detect(|name| surroundings.env.get(name));
    let preferences = Preferences {
        theme: if global.ascii { theme.ascii() } else { theme },
        keys: Arc::new(keys),
        mark: prepared.emulator.as_ref().map(|_| "demo"),
        marks: Arc::new(global.file.marks.clone()),
    };
    let options = Options {
        preferences,
        chosen: global.theme,
        mouse: if global.mouse { Mouse::Dashboard } else { Mouse::Terminal },
        session: global.session(),
        bell: config.bell,
        title: config.title.on(&surroundings.env.get("TERM").unwrap_or_default()),
        clock: surroundings.clock.clone(),
        clipboard: Clipboard::detect(|name| surroundings.env.get(name)),
        home: surroundings.home.clone(),
        notes: prepared.notes.iter().map(ToString::to_string).collect(),
    };
    let shown = || -> Result<ExitCode, Box<dyn Error>> {
        prepared.notes.iter().for_each(|note| tracing::warn!("{note}"));
        // Dropped after the engine, so that it hears of the last change, too.
        let (journal, starter) = (prepared.setup.journal.as_deref(), Starter::this_program());
        let notifier = Notifier::start(&config.ways, journal, &surroundings.clock, starter)?;
        let engine = Engine::start(&Setup { depth: Depth::Trails, ..prepared.setup.clone() })?;
        notifier.see(engine.snapshot());
        let ear = notifier.ear();
        engine.subscribe(move |snapshot| ear.see(snapshot));
        Ok(tui::run(&engine, &options)?)
    };
    shown().unwrap_or_else(|error| {
        cli::say_error(&error.to_string());
        ExitCode::Internal
    })
}

/// The default key map with what the user's file changes.
fn keymap(global: &GlobalArgs) -> Result<Keymap, ExitCode> {
    let wrong = |words: String| {
        cli::say_error(&words);
        ExitCode::Config
    };
    match global.key_map().map_err(wrong)? {
        Some((path, text)) => Keymap::with(&text).map_err(|fault| wrong(format!("{}: {fault}", path.display()))),
        None => Ok(Keymap::default()),
    }
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
