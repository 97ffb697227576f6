//! `trailwatch doctor`: looks at all that Trailwatch needs, and says of each thing whether it works and what to do.
//!
//! The calls are `probe`'s, what they mean is `judge`'s, and how it is printed `finding`'s.

mod finding;
mod judge;
mod local;
mod probe;

use std::io;

use self::finding::Finding;
use super::{
    Dashboard, GlobalArgs, Prepared,
    args::{DoctorArgs, DoctorFormat},
    prepare, report,
};
use crate::{
    config::{Surroundings, configure, stray_marks},
    exit::ExitCode,
    export::Paint,
};

/// Looks, prints, and ends as a command would that met the worst of it.
pub(super) fn run(
    args: &DoctorArgs,
    global: &GlobalArgs,
    surroundings: &Surroundings,
    dashboard: &Dashboard<'_>,
    paint: Paint,
) -> ExitCode {
    let mut findings = vec![local::configuration(global)];
    findings.extend(local::key_map(global, dashboard));
    findings.extend(stray_marks(&global.file, surroundings).into_iter().map(|stray| judge::note(&stray.into())));
    match service(global, surroundings) {
        Ok(found) => findings.extend(found),
        Err(code) => return code,
    }
    findings.extend([local::journal(global.journal()), local::terminal(&(dashboard.terminal)())]);
    let mut out = io::stdout().lock();
    let written = match args.output {
        DoctorFormat::Text => finding::lines(&mut out, &findings, paint),
        DoctorFormat::Json => finding::document(&mut out, &findings),
    };
    match written {
        Ok(()) => finding::exit_code(&findings),
        Err(error) => report::output(&error),
    }
}

/// What can only be known by calls.
fn service(global: &GlobalArgs, surroundings: &Surroundings) -> Result<Vec<Finding>, ExitCode> {
    let prepared = if global.demo {
        prepare(global, surroundings)?
    } else {
        match configure(&global.options(), surroundings) {
            Ok(configured) => Prepared { setup: configured.setup, notes: configured.notes, emulator: None },
            Err(error) => {
                return Ok(vec![judge::configuration(&error, &global.settings)]);
            }
        }
    };
    let (accounts, probes) = probe::all(&prepared.setup).map_err(|error| super::internal(&error))?;
    let notes = prepared.notes.iter().map(judge::note);
    let accounts = accounts.iter().flat_map(|account| judge::account(account, &probes));
    Ok(notes.chain(accounts).chain(probes.iter().flat_map(judge::target)).collect())
}
