//! `trailwatch history`: what was seen, read from the journal. Asks no service, and writes nothing.

use std::io::{self, BufWriter};

use chrono::TimeDelta;

use super::{
    args::{GlobalArgs, HistoryArgs},
    report::{self, Severity},
};
use crate::{
    exit::ExitCode,
    export::{self, Paint},
    job::{JobId, Timestamp, Transition},
    journal::{Asked, Error, Journal, Wanted},
};

/// What the journal has to say.
enum Found {
    /// These changes, perhaps none.
    Seen(Vec<Transition>),
    /// Nothing was ever seen of the job.
    NoJob(JobId),
    /// Nothing was ever recorded.
    NoJournal,
}

/// Reads and prints.
pub(super) fn run(args: &HistoryArgs, global: &GlobalArgs, now: Timestamp, paint: Paint) -> ExitCode {
    if let Some(why) = unused(global) {
        report::say(Severity::Error, &why);
        return ExitCode::Usage;
    }
    let path = global.journal();
    let found =
        path.as_deref().map_or(Ok(None), Journal::open_to_read).and_then(|journal| find(journal, args, global, now));
    let place = path.map_or_else(|| "its place".to_owned(), |path| path.display().to_string());
    let transitions = match found {
        Ok(Found::Seen(transitions)) => transitions,
        Ok(Found::NoJob(id)) => {
            report::say(Severity::Error, &format!("nothing was ever seen of job {id}"));
            return ExitCode::NoJob;
        }
        Ok(Found::NoJournal) => {
            report::say(Severity::Note, &format!("nothing was recorded yet: there is no journal at {place}"));
            match args.job {
                Some(_) => return ExitCode::NoJob,
                None => Vec::new(),
            }
        }
        Err(error) => {
            report::say(Severity::Error, &format!("can't read the journal {place}: {error}"));
            return ExitCode::Internal;
        }
    };
    let mut out = BufWriter::new(io::stdout().lock());
    match export::write_history(&mut out, args.output, &transitions, paint) {
        Ok(()) => ExitCode::Done,
        Err(error) => report::output(&error),
    }
}

/// Why the journal is left alone, if it is.
fn unused(global: &GlobalArgs) -> Option<String> {
    match global {
        GlobalArgs { no_journal: true, .. } => {
            Some(format!("there is no history without the journal, which {} leaves alone", global.origin("journal")))
        }
        GlobalArgs { demo: true, .. } => Some("there is no history of the demo: its jobs are made up anew".to_owned()),
        _ => None,
    }
}

fn find(journal: Option<Journal>, args: &HistoryArgs, global: &GlobalArgs, now: Timestamp) -> Result<Found, Error> {
    let Some(journal) = journal else { return Ok(Found::NoJournal) };
    if let Some(id) = args.job
        && !journal.knows(id)?
    {
        return Ok(Found::NoJob(id));
    }
    // A span that reaches back before all time means everything.
    let since = args.since.and_then(|span| now.checked_sub_signed(TimeDelta::from_std(span).ok()?));
    let mut transitions = journal.history(&Asked { job: args.job.map(Wanted::Id), since })?;
    let options = global.options();
    transitions.retain(|Transition { target, .. }| options.takes_in(target));
    Ok(Found::Seen(transitions))
}
