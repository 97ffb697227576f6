//! `trailwatch get`: one job with its regions, from whichever target knows it.

use std::io::{self, BufWriter};

use super::{
    Prepared,
    args::GetArgs,
    report::{self, Outcome, Severity},
};
use crate::{
    actiontrail::Detail,
    engine::{self, Answer, Answers, Error, Verdict},
    exit::ExitCode,
    export::{self, Found, Paint},
    job::{JobId, TargetKey},
};

/// Asks every target and prints the first job that is found.
pub(super) fn run(args: &GetArgs, prepared: &Prepared, paint: Paint) -> ExitCode {
    let setup = &prepared.setup;
    let answers = match engine::get_once(setup, args.job, report::trying_again(setup.patience)) {
        Ok(answers) => answers,
        Err(error) => return super::internal(&error),
    };
    let mut found = answers.iter().filter_map(|answer| Some((answer, answer.outcome.as_ref().ok()?)));
    let Some((Answer { target, account, .. }, detail)) = found.next() else { return not_found(args.job, &answers) };

    let now = (setup.clock)();
    let mut out = BufWriter::new(io::stdout().lock());
    let written =
        export::write_job(&mut out, args.output, &Found { target, account: account.as_ref(), detail, now }, paint);
    if let Err(error) = written {
        return report::output(&error);
    }
    for (Answer { target: other, .. }, detail) in found.filter(|(_, other)| !same_job(detail, other)) {
        let (id, trail) = (args.job, &detail.job.trail);
        let words = format!("{other} has another job {id}, of trail {trail}; choose with --profile and --region");
        report::say(Severity::Warning, &words);
    }
    for (target, error) in unread(&answers) {
        report::target(Severity::Warning, target, error);
    }
    ExitCode::Done
}

/// Numbers are unique only within an account and region: one number can be two jobs.
fn same_job(a: &Detail, b: &Detail) -> bool {
    (&a.job.trail, &a.job.home, a.job.created) == (&b.job.trail, &b.job.home, b.job.created)
}

/// The targets that can't say whether they have the job.
fn unread(answers: &Answers) -> impl Iterator<Item = (&TargetKey, &Error)> {
    let errors = answers.iter().filter_map(|answer| Some((&answer.target, answer.outcome.as_ref().err()?)));
    errors.filter(|(_, error)| error.verdict() != Verdict::NotFound)
}

/// "No such job" is only said where every target said so.
fn not_found(id: JobId, answers: &Answers) -> ExitCode {
    let mut outcome = Outcome::default();
    for (target, error) in unread(answers) {
        report::target(Severity::Error, target, error);
        outcome.add(error);
    }
    let denied = answers.iter().filter_map(|answer| Some((&answer.target, answer.outcome.as_ref().err()?)));
    for (target, error) in denied.filter(|(_, error)| error.verdict() == Verdict::NotFound) {
        let request = error.request_id().map(|request| format!(" (RequestId: {request})")).unwrap_or_default();
        report::say(Severity::Error, &format!("{target}: there is no job {id}: {}{request}", error.code()));
    }
    match outcome.exit_code() {
        ExitCode::Done => ExitCode::NoJob,
        code => code,
    }
}
