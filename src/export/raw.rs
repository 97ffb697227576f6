//! `raw`: the API's own shape, as if all jobs had fitted on one page, so that scripts written for the vendor's command line go on.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::value::RawValue;

use super::{Error, Found, Listing, json};

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Page<'a> {
    delivery_history_jobs: Vec<&'a RawValue>,
    total_count: usize,
    page_number: u32,
    page_size: usize,
    request_id: Option<&'a str>,
}

/// Writes nothing where nothing was read: an empty page would claim that there are no jobs.
pub(super) fn list(out: &mut dyn Write, listing: &Listing<'_>) -> Result<(), Error> {
    let [target] = &*listing.snapshot.targets else {
        return Err(Error::SeveralTargets(listing.snapshot.targets.len()));
    };
    let Some(read) = &target.read else { return Ok(()) };
    let count = listing.rows.len();
    let page = Page {
        delivery_history_jobs: listing.rows.iter().map(|at| &*listing.snapshot.job(*at).raw).collect(),
        total_count: count,
        page_number: 1,
        page_size: count,
        request_id: read.request_ids.last().map(AsRef::as_ref),
    };
    Ok(json::pretty(out, &page)?)
}

pub(super) fn job(out: &mut dyn Write, found: &Found<'_>) -> io::Result<()> {
    json::pretty(out, &&*found.detail.raw)
}
