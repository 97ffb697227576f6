//! Who is to be told of what, and who was: a signal is kept once per way, and begun once, by whichever process comes first.
//!
//! What is worth telling, and how it is told, is `notify`'s matter.

use std::{collections::HashMap, sync::Arc};

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

/// A signal that waits to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// Its number in the journal.
    pub id: i64,
    /// When it was found.
    pub at: Timestamp,
    /// What is told.
    pub event: String,
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

    /// What waits in a way, the oldest first, but for what was found before `since`: it is told too late.
    ///
    /// # Errors
    /// Where the journal can't be read.
    pub fn pending(&self, way: &str, since: Timestamp, most: usize) -> Result<Vec<Pending>, Error> {
        let mut select = self.connection.prepare(
            "SELECT id, at, event FROM signal WHERE way = ?1 AND begun IS NULL AND at >= ?2 ORDER BY at, id LIMIT ?3",
        )?;
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let read = |row: &Row<'_>| {
            Ok(Pending { id: row.get("id")?, at: codec::known_time(row, "at")?, event: row.get("event")? })
        };
        select.query_and_then((way, codec::millis(since), most), read)?.collect()
    }

    /// Whether any of these waits.
    ///
    /// # Errors
    /// Where the journal can't be read.
    pub fn is_pending(&self, ids: &[i64]) -> Result<bool, Error> {
        let mut select = self.connection.prepare("SELECT 1 FROM signal WHERE id = ?1 AND begun IS NULL")?;
        ids.iter().try_fold(false, |any, id| Ok(any || select.exists([id])?))
    }

    /// Marks these as begun, if all of them wait: of several processes one begins. Nothing begins them again.
    ///
    /// # Errors
    /// Where the journal can't be written.
    pub fn begin(&mut self, ids: &[i64], now: Timestamp) -> Result<bool, Error> {
        let write = self.write()?;
        let mut update = write.prepare("UPDATE signal SET begun = ?2 WHERE id = ?1 AND begun IS NULL")?;
        let marked =
            ids.iter().try_fold(0, |sum, id| Ok::<_, Error>(sum + update.execute((id, codec::millis(now)))?))?;
        drop(update);
        if marked == ids.len() {
            write.commit()?;
        }
        Ok(marked == ids.len())
    }

    /// Lets these wait again: they could not be begun after all.
    ///
    /// # Errors
    /// Where the journal can't be written.
    pub fn put_back(&mut self, ids: &[i64]) -> Result<(), Error> {
        let write = self.write()?;
        let mut update = write.prepare("UPDATE signal SET begun = NULL WHERE id = ?1")?;
        ids.iter().try_for_each(|id| update.execute([id]).map(drop))?;
        drop(update);
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
