//! The tables, as a list of steps: a journal of version N has taken the first N of them. A step that was released is never changed.

use rusqlite::{Connection, TransactionBehavior};

use super::Error;

/// Marks a database as ours ("TWJ1"), so that nothing is ever written into somebody else's.
const APPLICATION: i64 = 0x5457_4a31;

/// Each step brings a journal from one version to the next.
///
/// Times are milliseconds UTC. `owner` is `account:NUMBER` or `profile:NAME`. `stamp` is what makes a change of a job
/// distinct from the next one of the same kind, by the service's word and not by ours: all processes agree on it.
pub(super) const STEPS: &[&str] = &[
    "
    CREATE TABLE transition (
        seq INTEGER PRIMARY KEY,
        profile TEXT NOT NULL, region TEXT NOT NULL,
        seen_after INTEGER, seen_by INTEGER NOT NULL,
        what TEXT NOT NULL,
        owner TEXT, home TEXT, job INTEGER, stamp INTEGER,
        trail TEXT, status INTEGER, created INTEGER, updated INTEGER, regions TEXT,
        place TEXT, from_status INTEGER, to_status INTEGER,
        code TEXT, message TEXT
    ) STRICT;
    CREATE UNIQUE INDEX job_once ON transition
        (job, home, owner, what, stamp, ifnull(place, ''), ifnull(from_status, 0), ifnull(to_status, 0))
        WHERE job IS NOT NULL;
    CREATE UNIQUE INDEX target_once ON transition (profile, region, what, seen_by) WHERE job IS NULL;
    CREATE INDEX transition_seen ON transition (seen_by);

    CREATE TABLE target (
        profile TEXT NOT NULL, region TEXT NOT NULL, owner TEXT NOT NULL, read_at INTEGER NOT NULL,
        PRIMARY KEY (profile, region)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE job (
        profile TEXT NOT NULL, region TEXT NOT NULL, owner TEXT NOT NULL, home TEXT NOT NULL, job INTEGER NOT NULL,
        trail TEXT NOT NULL, status INTEGER NOT NULL, created INTEGER, updated INTEGER, regions TEXT,
        PRIMARY KEY (profile, region, job, home, owner)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE acknowledgement (
        owner TEXT NOT NULL, home TEXT NOT NULL, job INTEGER NOT NULL, at INTEGER NOT NULL, note TEXT NOT NULL,
        PRIMARY KEY (job, home, owner)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE visit (id INTEGER PRIMARY KEY, began INTEGER NOT NULL, ended INTEGER) STRICT;
",
    "
    ALTER TABLE transition ADD COLUMN window_start INTEGER;
    ALTER TABLE transition ADD COLUMN window_end INTEGER;
    ALTER TABLE job ADD COLUMN window_start INTEGER;
    ALTER TABLE job ADD COLUMN window_end INTEGER;
",
    "
    CREATE TABLE signal (
        id INTEGER PRIMARY KEY,
        way TEXT NOT NULL, kind TEXT NOT NULL,
        profile TEXT NOT NULL, region TEXT NOT NULL,
        owner TEXT, home TEXT, job INTEGER, stamp INTEGER,
        event TEXT NOT NULL, at INTEGER NOT NULL,
        begun INTEGER, over INTEGER
    ) STRICT;
    CREATE UNIQUE INDEX signal_job_once ON signal (job, home, owner, kind, stamp, way) WHERE job IS NOT NULL;
    CREATE UNIQUE INDEX signal_target_once ON signal (profile, region, kind, way) WHERE job IS NULL AND over IS NULL;
    CREATE INDEX signal_waits ON signal (way, at) WHERE begun IS NULL;
    CREATE TABLE heard (
        way TEXT NOT NULL, profile TEXT NOT NULL, region TEXT NOT NULL, seq INTEGER NOT NULL,
        PRIMARY KEY (way, profile, region)
    ) STRICT, WITHOUT ROWID;
",
    // Which changes `watch` has told: since which number of a change it tells those of a target, and which of them it told.
    "
    CREATE TABLE watch_reader (
        reader TEXT NOT NULL, profile TEXT NOT NULL, region TEXT NOT NULL, since INTEGER NOT NULL,
        PRIMARY KEY (reader, profile, region)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE watch_told (
        reader TEXT NOT NULL, seq INTEGER NOT NULL,
        PRIMARY KEY (reader, seq)
    ) STRICT, WITHOUT ROWID;
",
    "ALTER TABLE transition ADD COLUMN account TEXT;",
];

/// The version that a journal has after all steps.
#[allow(clippy::cast_possible_wrap, reason = "a list of a few steps")]
pub(super) const fn latest(steps: &[&str]) -> i64 {
    steps.len() as i64
}

/// Which version a database has; 0 where it is empty. Nothing is written.
///
/// # Errors
/// [`Error::Newer`] and [`Error::Foreign`] where it is not for us to touch.
pub(super) fn version(connection: &Connection, steps: &[&str]) -> Result<i64, Error> {
    // One statement, so that all three are of one moment: another process may be making the tables.
    let query = "SELECT user_version, application_id, (SELECT count(*) FROM sqlite_schema)
        FROM pragma_user_version, pragma_application_id";
    let (found, application, tables): (i64, i64, i64) =
        connection.query_row(query, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let empty = (found, application, tables) == (0, 0, 0);
    match found {
        0 if empty => Ok(0),
        _ if application != APPLICATION => Err(Error::Foreign),
        found if found > latest(steps) => Err(Error::Newer { found, known: latest(steps) }),
        found => Ok(found),
    }
}

/// Takes the steps that a journal lacks, all or none.
pub(super) fn migrate(connection: &mut Connection, steps: &[&str]) -> Result<(), Error> {
    if version(connection, steps)? == latest(steps) {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have been faster.
    let found = version(&transaction, steps)?;
    for step in steps.iter().skip(usize::try_from(found).unwrap_or(0)) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION)?;
    transaction.pragma_update(None, "user_version", latest(steps))?;
    Ok(transaction.commit()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_journal_takes_only_the_steps_that_it_lacks() {
        let two = ["CREATE TABLE a (x)", "ALTER TABLE a ADD COLUMN y; INSERT INTO a VALUES (1, 2)"];
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, &two[..1]).unwrap();
        assert_eq!(version(&connection, &two), Ok(1));
        for _ in 0..2 {
            migrate(&mut connection, &two).unwrap();
        }
        let rows: i64 = connection.query_row("SELECT count(y) FROM a", [], |row| row.get(0)).unwrap();
        assert_eq!((version(&connection, &two), rows), (Ok(2), 1));
        assert_eq!(version(&connection, &two[..1]), Err(Error::Newer { found: 2, known: 1 }));
    }

    #[test]
    fn a_step_that_fails_leaves_the_journal_as_it_was() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, &["CREATE TABLE a (x)"]).unwrap();
        let broken = ["CREATE TABLE a (x)", "CREATE TABLE b (x)", "CREATE TABLE nonsense"];
        assert!(migrate(&mut connection, &broken).is_err());
        let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).unwrap();
        assert_eq!((version(&connection, &broken), tables), (Ok(1), 1));
    }
}
