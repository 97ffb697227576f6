//! What `wait` says at its end: one line of words, or one JSON document.
//!
//! How a wait ends is the command's matter.

use std::io::{self, Write};

use clap::ValueEnum;
use serde::Serialize;

use super::{history::RegionsRecord, json};
use crate::{
    job::{AccountId, JobId, JobSeen, TargetKey, Timestamp},
    text, units,
};

/// How the end of a wait is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum WaitFormat {
    /// One line of words
    Text,
    /// One document
    Json,
}

/// How a wait ended.
#[derive(Debug, Clone)]
pub struct Summary<'a> {
    /// The outcome, as scripts read it.
    pub outcome: &'static str,
    /// What was waited for, as scripts read it.
    pub goal: &'static str,
    /// For how long it was waited.
    pub waited_seconds: u64,
    /// The outcome in words.
    pub words: &'a str,
    /// The jobs that were waited for.
    pub jobs: Vec<JobWaited<'a>>,
}

/// A job that was waited for.
#[derive(Debug, Clone, Copy)]
pub struct JobWaited<'a> {
    /// As it was last seen.
    pub job: &'a JobSeen,
    /// The target that listed it.
    pub target: &'a TargetKey,
    /// Whose it is, where that is known.
    pub account: Option<&'a AccountId>,
    /// Whether it is gone.
    pub gone: bool,
    /// When it was last seen so.
    pub at: Timestamp,
}

#[derive(Serialize)]
struct Document<'a> {
    outcome: &'static str,
    r#for: &'static str,
    waited_seconds: u64,
    jobs: Vec<JobRecord<'a>>,
}

#[derive(Serialize)]
struct JobRecord<'a> {
    job_id: JobId,
    trail_name: Option<&'a str>,
    home_region: &'a str,
    status: &'static str,
    status_code: i64,
    gone: bool,
    created_time: Option<String>,
    updated_time: Option<String>,
    start_time: Option<String>,
    end_time: Option<String>,
    elapsed_seconds: Option<i64>,
    regions: Option<RegionsRecord>,
    profile: &'a str,
    region: &'a str,
    account_id: Option<&'a str>,
}

impl<'a> JobRecord<'a> {
    fn new(waited: &JobWaited<'a>) -> Self {
        let JobWaited { job, target, account, gone, at } = *waited;
        Self {
            job_id: job.key.id,
            trail_name: Some(&*job.trail).filter(|name| !name.is_empty()),
            home_region: &job.key.home,
            status: job.status.word(),
            status_code: job.status.code(),
            gone,
            created_time: job.created.map(units::rfc3339),
            updated_time: job.updated.map(units::rfc3339),
            start_time: job.window.start.map(units::rfc3339),
            end_time: job.window.end.map(units::rfc3339),
            elapsed_seconds: job.elapsed(at).map(|run| run.num_seconds()),
            regions: job.regions.map(RegionsRecord::new),
            profile: target.profile.as_str(),
            region: target.region.as_str(),
            account_id: account.map(AccountId::as_str),
        }
    }
}

/// Writes how a wait ended.
///
/// # Errors
/// Where the stream does not take it.
pub fn write_summary(out: &mut dyn Write, format: WaitFormat, summary: &Summary<'_>) -> io::Result<()> {
    match format {
        WaitFormat::Text => writeln!(out, "{}", text::clean(summary.words))?,
        WaitFormat::Json => {
            let Summary { outcome, goal, waited_seconds, .. } = *summary;
            let jobs = summary.jobs.iter().map(JobRecord::new).collect();
            json::pretty(out, &Document { outcome, r#for: goal, waited_seconds, jobs })?;
        }
    }
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        export::history::tests::{at, history, job},
        job::Status,
    };

    fn written(format: WaitFormat) -> String {
        let (target, account) = (history()[0].target.clone(), AccountId::new("1234567890123456"));
        let (failed, gone) = (job(16_640, "payments-audit", Status::Failed), job(7, "\u{1b}[2J", Status::Unknown(9)));
        let waited = |job, gone: bool| JobWaited {
            job,
            target: &target,
            account: (!gone).then_some(&account),
            gone,
            at: at("20:10:22"),
        };
        let jobs = vec![waited(&failed, false), waited(&gone, true)];
        let words = "job 16640 (\u{1b}[2J) failed";
        let mut out = Vec::new();
        let summary = Summary { outcome: "failed", goal: "complete", waited_seconds: 61, words, jobs };
        write_summary(&mut out, format, &summary).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn one_line_of_words() {
        assert_eq!(written(WaitFormat::Text), "job 16640 (\\u{1b}[2J) failed\n");
    }

    #[test]
    fn json() {
        insta::assert_snapshot!(written(WaitFormat::Json));
    }
}
