//! The summary for a support ticket, in Markdown that reads well as plain text, too. All times are UTC.
//!
//! What comes from outside stands in inline code, where Markdown leaves it alone; the user's own notes stay here.

use super::{account, list_request_id};
use crate::{
    engine::{Error, Fate, RowRef, Snapshot, TargetState},
    job::{Job, RegionStatus, Regions, Row, Status, Timestamp, Transition, What},
    text, units,
};

/// Everything about a job that support asks for.
pub(super) fn write(snapshot: &Snapshot, at: RowRef, now: Timestamp) -> String {
    let (row, target) = (snapshot.row(at), snapshot.target(at));
    let mut parts = vec![
        format!("## ActionTrail backfill job {}: {}", row.job.id, row.job.status),
        list(
            of_job(row.job, target, now)
                .into_iter()
                .chain(of_trail(row.job, target))
                .chain(of_reads(&row, target))
                .chain(trouble(target)),
        ),
    ];
    parts.push(row.regions.map_or_else(|| "### Regions: not read".to_owned(), of_regions));
    let seen: Vec<String> = snapshot.history(&snapshot.key(at)).into_iter().filter_map(seen).collect();
    if !seen.is_empty() {
        parts.push(format!("### Seen, as precisely as the reads allow\n\n{}", list(seen)));
    }
    let version = env!("CARGO_PKG_VERSION");
    parts.push(format!("All times are UTC. Written by Trailwatch {version} at {}.", units::rfc3339_seconds(now)));
    parts.join("\n\n")
}

fn list(lines: impl IntoIterator<Item = String>) -> String {
    lines.into_iter().map(|line| format!("- {line}")).collect::<Vec<_>>().join("\n")
}

fn of_job(job: &Job, target: &TargetState, now: Timestamp) -> Vec<String> {
    let run = job.elapsed(now).map_or_else(|| "not known".to_owned(), units::exact);
    let so_far = if job.status.is_active() { " so far" } else { "" };
    let length = job.window.length().map_or_else(String::new, |length| format!(" ({})", units::exact(length)));
    vec![
        format!("Job: {}", code(&job.id.to_string())),
        format!("Trail: {}, home region {}", known(Some(&job.trail)), known(job.home.as_deref())),
        format!("Account: {}", known(account(target))),
        format!("Status: {}, `JobStatus` {}", job.status.word(), job.status.code()),
        format!("Created: {}", moment(job.created)),
        format!("Updated: {}", moment(job.updated)),
        format!("Run: {run}{so_far}"),
        format!("Window of events: {} to {}{length}", moment(job.window.start), moment(job.window.end)),
    ]
}

/// How the delivery of its trail fares, where that was asked: the only hint at why the job failed.
fn of_trail(job: &Job, target: &TargetState) -> Vec<String> {
    match target.trails.statuses.get(&job.trail) {
        None => Vec::new(),
        Some(Fate::Gone) => vec!["The trail does not exist any more".to_owned()],
        Some(Fate::Status(status)) => {
            let error = status.sls_error.as_deref().map_or_else(|| "none".to_owned(), code);
            let (delivered, read) = (moment(status.sls_delivered), units::rfc3339_seconds(status.read));
            vec![
                format!("`LatestDeliveryLogServiceError` of the trail: {error}, as of {read}"),
                format!("`LatestDeliveryLogServiceTime` of the trail: {delivered}"),
            ]
        }
    }
}

/// Where it was read, when, and by which requests.
fn of_reads(row: &Row<'_>, target: &TargetState) -> Vec<String> {
    let (profile, region) = (code(target.key.profile.as_str()), code(target.key.region.as_str()));
    let mut lines = vec![format!("Asked: endpoint {}, region {region}, profile {profile}", code(&target.endpoint))];
    if let Some(read) = &target.read {
        let (id, at) = (known(list_request_id(target)), units::rfc3339_seconds(read.at));
        lines.push(format!("RequestId of `ListDeliveryHistoryJobs`: {id} at {at}"));
    }
    if let Some(regions) = row.regions {
        let (id, at) = (known(regions.request_id.as_deref()), units::rfc3339_seconds(regions.read));
        lines.push(format!("RequestId of `GetDeliveryHistoryJob`: {id} at {at}"));
    }
    lines
}

/// What the service refuses now.
fn trouble(target: &TargetState) -> Vec<String> {
    let said = |call: &str, error: &Error| {
        let id = error.request_id().map(|id| format!(", RequestId {}", code(id))).unwrap_or_default();
        format!("{call}: {}{id}", code(&error.to_string()))
    };
    let list = target.health.error().map(|error| said("The last call failed", error));
    let regions = target.regions_error.as_ref().map(|error| said("The regions can't be read", error));
    list.into_iter().chain(regions).collect()
}

/// `### Regions: 11 of 22 complete`, then the names by status, those that failed first.
fn of_regions(regions: &Regions) -> String {
    let mut rows: Vec<&RegionStatus> = regions.rows.iter().collect();
    let rank = |status: Status| if status == Status::Failed { 0 } else { 1 + status.urgency() };
    rows.sort_by_key(|row| (rank(row.status), row.status.code()));
    let group = |rows: &[&RegionStatus]| {
        let names: Vec<String> = rows.iter().map(|row| code(&row.region)).collect();
        format!("{} {}: {}", rows.len(), rows[0].status, names.join(", "))
    };
    let counts = regions.counts();
    let title = format!("### Regions: {} of {} complete", counts.complete, counts.total());
    let groups = list(rows.chunk_by(|a, b| a.status == b.status).map(group));
    if groups.is_empty() { title } else { format!("{title}\n\n{groups}") }
}

fn seen(transition: &Transition) -> Option<String> {
    let What::Job(_, change) = &transition.what else { return None };
    let by = units::rfc3339_seconds(transition.seen.by);
    let when = match transition.seen.after {
        Some(after) => format!("between {} and {by}", units::rfc3339_seconds(after)),
        None => format!("by {by}"),
    };
    Some(format!("{}, {when}", code(&change.to_string())))
}

fn moment(at: Option<Timestamp>) -> String {
    at.map_or_else(|| "not known".to_owned(), units::rfc3339)
}

/// A text from outside as inline code, where there is one.
fn known(text: Option<&str>) -> String {
    text.filter(|text| !text.is_empty()).map_or_else(|| "not known".to_owned(), code)
}

/// Inline code: between more backticks than stand together inside, and apart from one at the edge.
fn code(text: &str) -> String {
    let text = text::clean(text);
    let longest = text.split(|char| char != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let edge = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) { " " } else { "" };
    format!("{fence}{edge}{text}{edge}{fence}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn inline_code_can_not_be_left() {
        assert_eq!(code("payments-audit"), "`payments-audit`");
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("`"), "`` ` ``");
        assert_eq!(code("a\n# b"), "`a\\u{a}# b`");
    }

    proptest! {
        #[test]
        fn only_the_fence_is_as_long_as_the_fence(text in "[`a \n]{1,20}") {
            let code = code(&text);
            let fence = code.chars().take_while(|char| *char == '`').count();
            let runs: Vec<usize> = code.split(|char| char != '`').map(str::len).filter(|run| *run == fence).collect();
            prop_assert_eq!(runs.len(), 2);
            prop_assert!(!code.contains('\n'));
        }
    }
}
