//! `trailwatch coverage`: what of the last 90 days of each trail's events was delivered, from one read, printed.

use std::io::{self, BufWriter};

use super::{
    Prepared,
    args::CoverageArgs,
    report::{self, Severity},
};
use crate::{
    engine::{self, Depth, Setup},
    exit::ExitCode,
    export::{self, Headers, Paint, TrailListing},
};

/// Reads jobs and trails, and prints; what could be read is printed also where a target failed.
pub(super) fn run(args: &CoverageArgs, prepared: &Prepared, paint: Paint) -> ExitCode {
    let setup = Setup { depth: Depth::Trails, ..prepared.setup.clone() };
    let snapshot = match engine::read_once(&setup, report::trying_again(setup.patience)) {
        Ok(snapshot) => snapshot,
        Err(error) => return super::internal(&error),
    };
    let listing = TrailListing::filtered(&snapshot, &args.filter, (setup.clock)());
    let headers = if args.no_headers { Headers::Hidden } else { Headers::Shown };
    let mut out = BufWriter::new(io::stdout().lock());
    match export::write_coverage(&mut out, args.output, &listing, headers, paint) {
        Ok(()) => {}
        // Whoever has read enough of the list still asked for a verdict on all of it.
        Err(error) if args.exit_status && error.kind() == io::ErrorKind::BrokenPipe => {}
        Err(error) => return report::output(&error),
    }
    let code = report::snapshot_with_trails(&snapshot);
    match listing.uncovered() {
        0 => code,
        _ if !args.exit_status => code,
        // What was found is known, whatever could not be read beside it.
        count => {
            report::say(Severity::Error, &words(count));
            ExitCode::Failed
        }
    }
}

fn words(count: usize) -> String {
    let trails = if count == 1 { "1 trail lacks" } else { &format!("{count} trails lack") };
    format!("{trails} events of the last 90 days in Log Service")
}
