//! What can be copied of one job, as text for people, shells, tickets and browsers. How it reaches a clipboard is not known here.
//!
//! Every text is fit to be pasted into a terminal: nothing from outside brings a control character along.

mod command;
mod summary;
#[cfg(test)]
mod tests;

use crate::{
    engine::{RowRef, Snapshot, TargetState},
    export::{csv, json, record::FoundRecord, record::JobRecord},
    job::{AccountId, Region, Row, Timestamp},
    text,
};

/// Something about a job that can be copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clip {
    /// Its number.
    Id,
    /// A line of the CSV export, between tabs, for a spreadsheet.
    Row,
    /// What `trailwatch get -o json` prints; as in a list where its regions are not read.
    Json,
    /// What to quote to support.
    RequestId,
    /// The vendor's command that shows it.
    Look,
    /// The vendor's command that does it again.
    Repeat,
    /// All that support asks for, in Markdown.
    Summary,
    /// Where the console shows the trails of its region: no link to a job is documented.
    Console,
}

impl Clip {
    /// All of them, in the order of a menu.
    pub const ALL: [Self; 8] =
        [Self::Id, Self::Row, Self::Json, Self::RequestId, Self::Look, Self::Repeat, Self::Summary, Self::Console];

    /// What a menu calls it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Id => "job id",
            Self::Row => "row, for a spreadsheet",
            Self::Json => "JSON",
            Self::RequestId => "RequestId",
            Self::Look => "aliyun command that shows the job",
            Self::Repeat => "aliyun command that repeats the job",
            Self::Summary => "summary for support, in Markdown",
            Self::Console => "link to the console (trails of the region)",
        }
    }

    /// The text for a row of a snapshot; `None` where what it takes is not known or can't be written safely. `now` is the
    /// service's time, as in [`TargetState::freshness`].
    ///
    /// # Panics
    /// Where the row belongs to another snapshot.
    #[must_use]
    pub fn text(self, snapshot: &Snapshot, at: RowRef, now: Timestamp) -> Option<String> {
        let (row, target) = (snapshot.row(at), snapshot.target(at));
        match self {
            Self::Id => Some(row.job.id.to_string()),
            Self::Row => Some(csv::cells(record(&row, target, now)).join("\t")),
            Self::Json => json(&row, target, now),
            Self::RequestId => request_id(&row, target).map(|id| text::clean(id).into_owned()),
            Self::Look => command::look(&row, target),
            Self::Repeat => command::repeat(&row, target, now),
            Self::Summary => Some(summary::write(snapshot, at, now)),
            Self::Console => Some(format!("https://actiontrail.console.aliyun.com/{}/trails", home(&row))),
        }
    }
}

fn record<'a>(row: &Row<'a>, target: &'a TargetState, now: Timestamp) -> JobRecord<'a> {
    JobRecord::new(row.job, &target.key, target.account.as_ref(), now)
}

fn json(row: &Row<'_>, target: &TargetState, now: Timestamp) -> Option<String> {
    let (job, mut out) = (record(row, target, now), Vec::new());
    let written = match row.regions {
        Some(regions) => json::pretty(&mut out, &FoundRecord::new(job, regions)),
        None => json::pretty(&mut out, &job),
    };
    written.ok()?;
    let text = String::from_utf8(out).ok()?;
    Some(text.trim_end().to_owned())
}

/// The id of the last answer that spoke of the job: of its regions, else of the list.
fn request_id<'a>(row: &Row<'a>, target: &'a TargetState) -> Option<&'a str> {
    let of_regions = row.regions.and_then(|regions| regions.request_id.as_deref());
    of_regions.or_else(|| list_request_id(target))
}

fn list_request_id(target: &TargetState) -> Option<&str> {
    target.read.as_ref()?.request_ids.last().map(AsRef::as_ref)
}

/// The region where the job's trail lives: checked, since it becomes part of a host name or an address.
fn home(row: &Row<'_>) -> Region {
    let named = row.job.home.as_deref().and_then(|home| Region::new(home).ok());
    named.unwrap_or_else(|| row.target.region.clone())
}

fn account(target: &TargetState) -> Option<&str> {
    target.account.as_ref().map(AccountId::as_str)
}
