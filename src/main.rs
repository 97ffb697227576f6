//! The binary: parse, dispatch, exit code; nothing else.

use std::process;

use trailwatch::{
    cli::{self, Cli},
    config::Surroundings,
    exit::ExitCode,
};

fn main() -> process::ExitCode {
    let code = match cli::parse(std::env::args_os()) {
        Ok(Cli { command: Some(command), global, .. }) => cli::run(&command, &global, &Surroundings::process()),
        Ok(Cli { command: None, .. }) => dashboard(),
        Err(code) => code,
    };
    code.into()
}

fn dashboard() -> ExitCode {
    let _ = std::io::Write::write_all(&mut std::io::stderr(), b"error: the dashboard is not built yet\n");
    ExitCode::Internal
}
