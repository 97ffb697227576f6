//! `trailwatch completions`: what a shell needs to complete commands and options, made from the definitions of the arguments.

use std::io::{self, Write as _};

use clap::CommandFactory as _;

use super::{
    Cli,
    args::{CompletionsArgs, PROGRAM},
    report,
};
use crate::exit::ExitCode;

/// Prints the script.
pub(super) fn run(args: &CompletionsArgs) -> ExitCode {
    // First whole, since what is printed with it must not meet a closed pipe.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), PROGRAM, &mut script);
    let mut out = io::stdout().lock();
    match out.write_all(&script).and_then(|()| out.flush()) {
        Ok(()) => ExitCode::Done,
        Err(error) => report::output(&error),
    }
}
