//! Who is to be told of what, and who was: a signal is kept once per way, and handed over once, by whichever process comes first.
//!
//! What is worth telling, and how it is told, is `notify`'s matter.

use std::{collections::HashMap, io, sync::Arc};

use rusqlite::{Row, Transaction, named_params};

use super::{Error, Journal, codec};
use crate::job::{JobKey, TargetKey, Timestamp, Transition};

/// Something that is to be told in one way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Post {
    /// The name of the way.
    pub way: Arc<str>,
    /// Which kind of news it is.
    pub kind: &'static str,
    /// What it is about.
    pub subject: Subject,
    /// What is told.
    pub event: String,
    /// When it was found.
    pub at: Timestamp,
}

/// What is told of, and what makes one telling the same as another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A job: told once per state of it, whoever saw it, and by whatever step it came to be.
    Job {
        /// The target that showed it.
        target: TargetKey,
        /// Its identity.
        key: JobKey,
        /// Its `UpdatedTime`.
        stamp: Option<Timestamp>,
    },
    /// A target: told once until it is healed.
    Target(TargetKey),
}

impl Subject {
    fn target(&self) -> &TargetKey {
        match self {
            Self::Job { target, .. } | Self::Target(target) => target,
        }
    }
}

/// What became of handing over what waits in a way.
#[derive(Debug)]
pub enum Handed {
    /// Nothing waits.
    Nothing,
    /// It was begun, and never will be again.
    Begun,
    /// It could not be begun, and still waits.
    NotBegun(io::Error),
    /// It was begun, but that could not be written: these are to be given to [`Journal::mark_begun`] before anything else is
    /// handed over.
    NotWritten(Vec<i64>, Error),
}

const INSERT: &str = "
    INSERT INTO signal (way, kind, profile, region, owner, home, job, stamp, event, at)
    VALUES (:way, :kind, :profile, :region, :owner, :home, :job, :stamp, :event, :at)
    ON CONFLICT DO NOTHING";

impl Journal {
    /// Keeps what is to be told, and how much of it is new: another process, or an earlier run, may have kept it.
    ///
    /// # Errors
    /// Where the journal can't be written; so for all below.
    pub fn post(&mut self, posts: &[Post]) -> Result<usize, Error> {
        if posts.is_empty() {
            return Ok(0);
        }
        let write = self.write()?;
        let new = insert(&write, posts)?;
        write.commit()?;
        Ok(new)
    }

    /// Goes through what was recorded of these targets since this was last asked for a way, and keeps what is to be told of it:
    /// who saw it may have been killed before it could tell. A way that is new, or new to a target, begins with what comes.
    ///
    /// # Errors
    /// Where the journal can't be written.
    pub fn hear(
        &mut self,
        way: &str,
        targets: &[TargetKey],
        since: Timestamp,
        post: impl FnMut(&Transition) -> Option<Post>,
    ) -> Result<usize, Error> {
        let write = self.write()?;
        let latest: i64 = write.query_row("SELECT ifnull(max(seq), 0) FROM transition", [], |row| row.get(0))?;
        let heard = heard(&write, way)?;
        let from = targets.iter().filter_map(|target| heard.get(&name(target))).min().copied().unwrap_or(latest);
        let is_new = |transition: &Transition| {
            targets.contains(&transition.target)
                && heard.get(&name(&transition.target)).is_some_and(|seq| transition.seq.0 > seq.unsigned_abs())
        };
        let mut select =
            write.prepare("SELECT * FROM transition WHERE seq > ?1 AND seen_by >= ?2 ORDER BY seen_by, seq")?;
        // A row that can't be read must not silence all that come after it.
        let recorded = select.query_and_then((from, codec::millis(since)), codec::transition)?.filter_map(Result::ok);
        let posts: Vec<Post> = recorded.filter(is_new).collect::<Vec<_>>().iter().filter_map(post).collect();
        drop(select);
        let new = insert(&write, &posts)?;
        for target in targets.iter().filter(|target| heard.get(&name(target)) != Some(&latest)) {
            write.execute(
                "INSERT INTO heard (way, profile, region, seq) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT DO UPDATE SET seq = max(seq, excluded.seq)",
                (way, target.profile.as_str(), target.region.as_str(), latest),
            )?;
        }
        write.commit()?;
        Ok(new)
    }

    /// Takes note that a target is well again: its next trouble is news.
    ///
    /// # Errors
    /// Where the journal can't be written.
    pub fn heal(&mut self, target: &TargetKey, now: Timestamp) -> Result<(), Error> {
        self.connection.execute(
            "UPDATE signal SET over = ?3 WHERE profile = ?1 AND region = ?2 AND job IS NULL AND over IS NULL",
            (target.profile.as_str(), target.region.as_str(), codec::millis(now)),
        )?;
        Ok(())
    }

    /// Since when the oldest of what waits in a way waits, but for what was found before `since`: it is told too late.
    ///
    /// # Errors
    /// Where the journal can't be read.
    pub fn waits(&self, way: &str, since: Timestamp) -> Result<Option<Timestamp>, Error> {
        let query = "SELECT min(at) AS at FROM signal WHERE way = ?1 AND begun IS NULL AND at >= ?2";
        self.connection.query_row(query, (way, codec::millis(since)), |row| Ok(codec::time(row, "at")))?
    }

    /// Hands over what waits in a way, oldest first, `most` at once.
    ///
    /// `begin` is called within the transaction that marks it as begun: of several processes one begins, and what one that is
    /// killed did not come to begin still waits.
    ///
    /// # Errors
    /// Where the journal can't be written, and nothing was begun.
    pub fn hand_over(
        &mut self,
        way: &str,
        most: usize,
        (since, now): (Timestamp, Timestamp),
        begin: impl FnOnce(&[String]) -> io::Result<()>,
    ) -> Result<Handed, Error> {
        let write = self.write()?;
        let mut select = write.prepare(
            "SELECT id, event FROM signal WHERE way = ?1 AND begun IS NULL AND at >= ?2 ORDER BY at, id LIMIT ?3",
        )?;
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let read = |row: &Row<'_>| Ok::<(i64, String), rusqlite::Error>((row.get(0)?, row.get(1)?));
        let waiting: Vec<(i64, String)> =
            select.query_map((way, codec::millis(since), most), read)?.collect::<Result<_, _>>()?;
        drop(select);
        if waiting.is_empty() {
            return Ok(Handed::Nothing);
        }
        let (ids, events): (Vec<i64>, Vec<String>) = waiting.into_iter().unzip();
        mark(&write, &ids, now)?;
        if let Err(error) = begin(&events) {
            return Ok(Handed::NotBegun(error));
        }
        // As near to the beginning as it gets: who is killed between the two has begun it without a trace.
        let written = write.commit().map_err(Error::from);
        Ok(written.map_or_else(|error| Handed::NotWritten(ids, error), |()| Handed::Begun))
    }

    /// Writes that these were begun.
    ///
    /// # Errors
    /// Where the journal can't be written.
    pub fn mark_begun(&mut self, ids: &[i64], now: Timestamp) -> Result<(), Error> {
        let write = self.write()?;
        mark(&write, ids, now)?;
        Ok(write.commit()?)
    }
}

fn name(target: &TargetKey) -> (String, String) {
    (target.profile.as_str().to_owned(), target.region.as_str().to_owned())
}

/// Up to which transition a way has heard of each target.
fn heard(write: &Transaction<'_>, way: &str) -> Result<HashMap<(String, String), i64>, Error> {
    let mut select = write.prepare("SELECT profile, region, seq FROM heard WHERE way = ?1")?;
    let heard = select.query_map([way], |row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?)))?;
    Ok(heard.collect::<Result<_, _>>()?)
}

fn insert(write: &Transaction<'_>, posts: &[Post]) -> Result<usize, Error> {
    let mut insert = write.prepare(INSERT)?;
    let mut new = 0;
    for Post { way, kind, subject, event, at } in posts {
        let target = subject.target();
        let job = match subject {
            Subject::Job { key, stamp, .. } => Some((key, stamp.map_or(codec::NEVER, codec::millis))),
            Subject::Target(_) => None,
        };
        new += insert.execute(named_params! {
            ":way": &**way,
            ":kind": kind,
            ":profile": target.profile.as_str(),
            ":region": target.region.as_str(),
            ":owner": job.map(|(key, _)| codec::owner(&key.account)),
            ":home": job.map(|(key, _)| &*key.home),
            ":job": job.map(|(key, _)| key.id.get()),
            ":stamp": job.map(|(_, stamp)| stamp),
            ":event": event,
            ":at": codec::millis(*at),
        })?;
    }
    Ok(new)
}

fn mark(write: &Transaction<'_>, ids: &[i64], now: Timestamp) -> Result<(), Error> {
    let mut update = write.prepare("UPDATE signal SET begun = ?2 WHERE id = ?1")?;
    for id in ids {
        update.execute((id, codec::millis(now)))?;
    }
    Ok(())
}
