//! `trailwatch list`: one read of every target, printed.

use std::io::{self, BufWriter};

use super::{
    Prepared,
    args::ListArgs,
    report::{self, Severity},
};
use crate::{
    engine,
    exit::ExitCode,
    export::{self, Format, Headers, Listing, Paint},
    job::Job,
};

/// Reads and prints; what could be read is printed also where a target failed.
pub(super) fn run(args: &ListArgs, prepared: &Prepared, paint: Paint) -> ExitCode {
    let setup = &prepared.setup;
    if args.output == Format::Raw && setup.targets.len() != 1 {
        report::say(Severity::Error, &export::Error::SeveralTargets(setup.targets.len()).to_string());
        return ExitCode::Usage;
    }
    let snapshot = match engine::read_once(setup, report::trying_again(setup.patience)) {
        Ok(snapshot) => snapshot,
        Err(error) => return super::internal(&error),
    };
    let mut listing = Listing::sorted(&snapshot, args.sort.into(), (setup.clock)());
    let of_status = |job: &Job| args.status.is_empty() || args.status.iter().any(|choice| choice.means(job.status));
    listing.keep(|row, now| of_status(row.job) && args.filter.matches(row, now));
    let headers = if args.no_headers { Headers::Hidden } else { Headers::Shown };
    let mut out = BufWriter::new(io::stdout().lock());
    match export::write_list(&mut out, args.output, &listing, headers, paint) {
        Ok(()) => report::snapshot(&snapshot),
        Err(export::Error::Io(error)) => report::output(&error),
        Err(error @ export::Error::SeveralTargets(_)) => super::internal(&error),
    }
}
