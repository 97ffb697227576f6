//! How our words become columns and back. What a column holds that we never write is an [`Error::Unreadable`], not a guess.

use std::sync::Arc;

use rusqlite::{Row, ToSql, named_params};

use super::Error;
use crate::job::{
    Account, AccountId, Change, JobId, JobKey, JobSeen, ProfileName, Region, Seen, Seq, Status, StatusCounts,
    TargetKey, Timestamp, Transition, Trouble, What, Window,
};

pub(super) const INSERT: &str = "
    INSERT INTO transition (profile, region, account, seen_after, seen_by, what, owner, home, job, stamp, trail, status, created,
        updated, window_start, window_end, regions, place, from_status, to_status, code, message)
    VALUES (:profile, :region, :account, :seen_after, :seen_by, :what, :owner, :home, :job, :stamp, :trail, :status, :created,
        :updated, :window_start, :window_end, :regions, :place, :from_status, :to_status, :code, :message)
    ON CONFLICT DO NOTHING";

/// Stands for a time that the service did not send, where a column must be comparable.
pub(super) const NEVER: i64 = i64::MIN;

/// Hands the columns of a transition to a statement: `insert` gets them as named parameters of [`INSERT`].
pub(super) fn with_columns<T>(transition: &Transition, insert: impl FnOnce(&[(&str, &dyn ToSql)]) -> T) -> T {
    let Transition { target, account, seen, what, .. } = transition;
    let job = what.job();
    let (place, from, to) = changed(what);
    let trouble = match what {
        What::TargetLost(trouble) => Some(trouble),
        _ => None,
    };
    insert(named_params! {
        ":profile": target.profile.as_str(),
        ":region": target.region.as_str(),
        ":account": account.as_ref().map(AccountId::as_str),
        ":seen_after": seen.after.map(millis),
        ":seen_by": millis(seen.by),
        ":what": what.word(),
        ":owner": job.map(|job| owner(&job.key.account)),
        ":home": job.map(|job| &*job.key.home),
        ":job": job.map(|job| job.key.id.get()),
        ":stamp": stamp(what),
        ":trail": job.map(|job| &*job.trail),
        ":status": job.map(|job| job.status.code()),
        ":created": job.and_then(|job| job.created).map(millis),
        ":updated": job.and_then(|job| job.updated).map(millis),
        ":window_start": job.and_then(|job| job.window.start).map(millis),
        ":window_end": job.and_then(|job| job.window.end).map(millis),
        ":regions": job.and_then(|job| job.regions).map(counts),
        ":place": place,
        ":from_status": from.map(Status::code),
        ":to_status": to.map(Status::code),
        ":code": trouble.map(|trouble| &*trouble.code),
        ":message": trouble.map(|trouble| &*trouble.message),
    })
}

/// [`What::stamp`] of a change of a job, in one column.
fn stamp(what: &What) -> Option<i64> {
    what.job().map(|_| what.stamp().map_or(NEVER, millis))
}

/// The status before and after, and the region, where that is what changed.
fn changed(what: &What) -> (Option<&str>, Option<Status>, Option<Status>) {
    match what {
        What::Job(_, Change::Status { from, to }) => (None, Some(*from), Some(*to)),
        What::Job(_, Change::Region { region, from, to }) => (Some(&**region), Some(*from), Some(*to)),
        _ => (None, None, None),
    }
}

/// Finds the number of a change of a job, by what makes it that one.
pub(super) const FIND: &str = "
    SELECT seq FROM transition
    WHERE job = :job AND home = :home AND owner = :owner AND what = :what AND stamp = :stamp
        AND ifnull(place, '') = ifnull(:place, '') AND ifnull(from_status, 0) = ifnull(:from_status, 0)
        AND ifnull(to_status, 0) = ifnull(:to_status, 0)";

/// Hands the named parameters of [`FIND`] to a statement.
pub(super) fn with_identity<T>(what: &What, find: impl FnOnce(&[(&str, &dyn ToSql)]) -> T) -> T {
    let job = what.job();
    let (place, from, to) = changed(what);
    find(named_params! {
        ":job": job.map(|job| job.key.id.get()),
        ":home": job.map(|job| &*job.key.home),
        ":owner": job.map(|job| owner(&job.key.account)),
        ":what": what.word(),
        ":stamp": stamp(what),
        ":place": place,
        ":from_status": from.map(Status::code),
        ":to_status": to.map(Status::code),
    })
}

/// A row of the table `transition`.
pub(super) fn transition(row: &Row<'_>) -> Result<Transition, Error> {
    let word: String = row.get("what")?;
    let status = |column: &str| Ok::<_, Error>(Status::from_code(row.get(column)?));
    let changed = || Ok::<_, Error>((status("from_status")?, status("to_status")?));
    let change = match word.as_str() {
        "appeared" => Some(Change::Appeared),
        "stalled" => Some(Change::Stalled),
        "gone" => Some(Change::Gone),
        "status" => changed().map(|(from, to)| Some(Change::Status { from, to }))?,
        "region" => {
            let region = row.get("place")?;
            changed().map(|(from, to)| Some(Change::Region { region, from, to }))?
        }
        _ => None,
    };
    let what = match (change, word.as_str()) {
        (Some(change), _) => What::Job(job(row)?, change),
        (None, "target_lost") => What::TargetLost(Trouble { code: row.get("code")?, message: row.get("message")? }),
        (None, "target_back") => What::TargetBack,
        _ => return Err(Error::Unreadable(format!("{word:?} is no change"))),
    };
    let (seq, account): (i64, Option<String>) = (row.get("seq")?, row.get("account")?);
    Ok(Transition {
        seq: Seq(seq.unsigned_abs()),
        target: target(row)?,
        account: account.as_deref().map(AccountId::new),
        seen: Seen { after: time(row, "seen_after")?, by: known_time(row, "seen_by")? },
        what,
    })
}

/// The columns of a row that describe a job.
pub(super) fn job(row: &Row<'_>) -> Result<JobSeen, Error> {
    let regions: Option<String> = row.get("regions")?;
    Ok(JobSeen {
        key: key(row)?,
        trail: row.get("trail")?,
        status: Status::from_code(row.get("status")?),
        created: time(row, "created")?,
        updated: time(row, "updated")?,
        window: Window { start: time(row, "window_start")?, end: time(row, "window_end")? },
        regions: regions.map(|text| read_counts(&text)).transpose()?,
    })
}

/// The columns of a row that name a job.
pub(super) fn key(row: &Row<'_>) -> Result<JobKey, Error> {
    let home: Arc<str> = row.get("home")?;
    Ok(JobKey { account: account(row)?, home, id: JobId::new(row.get("job")?) })
}

/// The column that says whose it is.
pub(super) fn account(row: &Row<'_>) -> Result<Account, Error> {
    let owner: String = row.get("owner")?;
    match owner.split_once(':') {
        Some(("account", id)) => Ok(Account::Id(AccountId::new(id))),
        Some(("profile", name)) => Ok(Account::Profile(ProfileName::new(name).map_err(unreadable)?)),
        _ => Err(Error::Unreadable(format!("{owner:?} is no owner"))),
    }
}

fn target(row: &Row<'_>) -> Result<TargetKey, Error> {
    let (profile, region): (String, String) = (row.get("profile")?, row.get("region")?);
    let profile = ProfileName::new(&profile).map_err(unreadable)?;
    Ok(TargetKey { profile, region: Region::new(&region).map_err(unreadable)? })
}

/// Whose a job is, in one column.
pub(super) fn owner(account: &Account) -> String {
    match account {
        Account::Id(id) => format!("account:{}", id.as_str()),
        Account::Profile(name) => format!("profile:{name}"),
    }
}

/// A moment as a column holds it.
pub(super) fn millis(at: Timestamp) -> i64 {
    at.timestamp_millis()
}

/// A column that holds a moment or nothing.
pub(super) fn time(row: &Row<'_>, column: &str) -> Result<Option<Timestamp>, Error> {
    let millis: Option<i64> = row.get(column)?;
    let moment = |millis| {
        Timestamp::from_timestamp_millis(millis).ok_or_else(|| Error::Unreadable(format!("{millis} is no time")))
    };
    millis.map(moment).transpose()
}

/// A column that must hold a moment.
pub(super) fn known_time(row: &Row<'_>, column: &str) -> Result<Timestamp, Error> {
    time(row, column)?.ok_or_else(|| Error::Unreadable(format!("{column} is missing")))
}

/// How many regions have which status, in one column.
pub(super) fn counts(counts: StatusCounts) -> String {
    let StatusCounts { initializing, delivering, complete, failed, unknown } = counts;
    format!("{initializing} {delivering} {complete} {failed} {unknown}")
}

fn read_counts(text: &str) -> Result<StatusCounts, Error> {
    let numbers: Result<Vec<usize>, _> = text.split(' ').map(str::parse).collect();
    match numbers.as_deref() {
        Ok(&[initializing, delivering, complete, failed, unknown]) => {
            Ok(StatusCounts { initializing, delivering, complete, failed, unknown })
        }
        _ => Err(Error::Unreadable(format!("{text:?} counts no regions"))),
    }
}

fn unreadable(error: impl std::error::Error) -> Error {
    Error::Unreadable(error.to_string())
}
