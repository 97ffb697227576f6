//! `trailwatch list`: one read of every target, printed.

use std::io::{self, BufWriter};

use super::{
    Prepared,
    args::ListArgs,
    report::{self, Severity},
};
use crate::{
    engine::{self, Depth, Setup, Snapshot},
    exit::ExitCode,
    export::{self, Format, Headers, Listing, Paint},
    job::{Job, coverage::Standing},
};

/// Reads and prints; what could be read is printed also where a target failed.
pub(super) fn run(args: &ListArgs, prepared: &Prepared, paint: Paint) -> ExitCode {
    let depth = if args.filter.asks_for_trails() { Depth::Trails } else { Depth::Jobs };
    let setup = &Setup { depth, ..prepared.setup.clone() };
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
    let code = match export::write_list(&mut out, args.output, &listing, headers, paint) {
        Ok(()) => verdict(&snapshot, depth),
        // Whoever has read enough of the list still asked for a verdict on all of it.
        Err(export::Error::Io(error)) if args.exit_status && error.kind() == io::ErrorKind::BrokenPipe => {
            verdict(&snapshot, depth)
        }
        Err(export::Error::Io(error)) => return report::output(&error),
        Err(error @ export::Error::SeveralTargets(_)) => return super::internal(&error),
    };
    let concern = if args.exit_status { Concern::of(&listing) } else { Concern::default() };
    match concern.words() {
        // What was found is known, whatever could not be read beside it.
        Some(words) => {
            report::say(Severity::Error, &words);
            ExitCode::Failed
        }
        None => code,
    }
}

fn verdict(snapshot: &Snapshot, depth: Depth) -> ExitCode {
    match depth {
        Depth::Jobs => report::snapshot(snapshot),
        Depth::Trails => report::snapshot_with_trails(snapshot),
    }
}

/// What `--exit-status` asks for.
#[derive(Debug, Default)]
struct Concern {
    open: usize,
    stalled: usize,
}

impl Concern {
    fn of(listing: &Listing<'_>) -> Self {
        let standings = || listing.rows.iter().filter_map(|at| listing.snapshot.row(*at).standing);
        Self {
            open: standings().filter(|standing| standing.is_open_failure()).count(),
            stalled: standings().filter(|standing| matches!(standing, Standing::Stalled { .. })).count(),
        }
    }

    /// What there is of it, for whoever only hears of the trouble.
    fn words(&self) -> Option<String> {
        let count = |count: usize, one: &str, many: &str| match count {
            0 => None,
            1 => Some(format!("1 {one}")),
            _ => Some(format!("{count} {many}")),
        };
        let parts =
            [count(self.open, "open failure", "open failures"), count(self.stalled, "stalled job", "stalled jobs")];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        (!parts.is_empty()).then(|| format!("the list holds {}", parts.join(" and ")))
    }
}
