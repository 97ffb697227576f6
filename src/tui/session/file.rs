//! The file of the session: read once with suspicion, written whole or not at all. Anybody may have written it.

use std::{
    fs::{self, File},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::Session;
use crate::files;

/// The version of what is written.
const VERSION: u64 = 1;

/// The most that is read, which is more than the largest session takes.
const MOST_BYTES: u64 = 256 * 1024;

/// The file, which may be written at the end.
#[derive(Debug, PartialEq, Eq)]
pub struct SessionFile(PathBuf);

/// What became of opening it.
#[derive(Debug, PartialEq, Eq, Default)]
pub struct Opened {
    /// The file, where it is ours to write.
    pub file: Option<SessionFile>,
    /// What is remembered: nothing, where there is no file yet. `None` where it can't be told.
    pub session: Option<Session>,
    /// What the user should know. Not made safe to print: it has the path in it.
    pub notice: Option<String>,
}

/// Why a file is not used.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("it is damaged, and is written anew at the end: {0}")]
    Damaged(String),
    #[error("it is of version {0}, and this program knows {VERSION}; it is left as it is")]
    Version(u64),
    #[error("it is no file")]
    Foreign,
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// The part of the file that never changes.
#[derive(Deserialize)]
struct Versioned {
    version: u64,
}

/// All of the file.
#[derive(Serialize)]
struct Document<'a> {
    version: u64,
    #[serde(flatten)]
    session: &'a Session,
}

impl SessionFile {
    /// Reads what is remembered at a path. It never fails: what can't be used is ignored, with a notice.
    #[must_use]
    pub fn open(path: &Path) -> Opened {
        let file = || Some(Self(path.to_owned()));
        match read(path) {
            Ok(session) => Opened { file: file(), session: Some(session), notice: None },
            Err(error) => Opened {
                file: if let Error::Damaged(_) = error { file() } else { None },
                session: None,
                notice: Some(format!("the session {} is ignored: {error}", path.display())),
            },
        }
    }

    /// Remembers a session, for the file's owner only. Who reads meanwhile, or is killed, finds the old one or the new one.
    ///
    /// # Errors
    /// Where the system refuses.
    pub fn save(&self, session: &Session) -> io::Result<()> {
        let Self(path) = self;
        files::make_parents(path)?;
        let session = session.clone().tidied();
        let mut text = serde_json::to_vec_pretty(&Document { version: VERSION, session: &session })?;
        text.push(b'\n');
        let directory = path.parent().filter(|parent| *parent != "").unwrap_or(Path::new("."));
        let mut file = tempfile::Builder::new().prefix(".session-").tempfile_in(directory)?;
        file.write_all(&text)?;
        file.persist(path)?;
        Ok(())
    }
}

fn read(path: &Path) -> Result<Session, Error> {
    match fs::metadata(path) {
        // To open a pipe would hang.
        Ok(metadata) if !metadata.is_file() => return Err(Error::Foreign),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Session::default()),
        other => other?,
    };
    let mut bytes = Vec::new();
    File::open(path)?.take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(Error::Damaged("it is larger than 256 KiB".to_owned()));
    }
    let damaged = |error: serde_json::Error| Error::Damaged(error.to_string());
    match serde_json::from_slice(&bytes).map_err(damaged)? {
        Versioned { version: VERSION } => {}
        Versioned { version } => return Err(Error::Version(version)),
    }
    let session: Session = serde_json::from_slice(&bytes).map_err(damaged)?;
    Ok(session.tidied())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use tempfile::TempDir;

    use super::*;
    use crate::{
        job::{Direction, Order, SortKey},
        looks::ThemeName,
    };

    fn place() -> (TempDir, PathBuf) {
        let home = TempDir::new().unwrap();
        let path = home.path().join("state/trailwatch/session.json");
        (home, path)
    }

    fn session() -> Session {
        Session {
            sort: Some(Order { key: SortKey::Trail, direction: Direction::Descending }),
            hidden: vec!["UPDATED".into()],
            hidden_targets: vec!["prod/cn-hangzhou".into()],
            filter: "pay \"审计\"".into(),
            filters: vec!["audit".into()],
            tab: Some("failed".into()),
            theme: Some(ThemeName::Dark),
        }
    }

    fn write(path: &Path, text: &[u8]) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    #[test]
    fn what_is_written_is_read_by_its_owner_only() {
        let (_home, path) = place();
        let fresh = SessionFile::open(&path);
        assert_eq!((fresh.session, fresh.notice), (Some(Session::default()), None));
        let file = fresh.file.unwrap();
        for session in [Session::default(), session()] {
            file.save(&session).unwrap();
            assert_eq!(SessionFile::open(&path).session, Some(session));
        }
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, files::OWNER_ONLY);
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn the_file_is_for_people_too() {
        let (_home, path) = place();
        SessionFile(path.clone()).save(&session()).unwrap();
        insta::assert_snapshot!("session", fs::read_to_string(path).unwrap());
    }

    #[test]
    fn what_is_missing_is_as_in_a_new_dashboard_and_what_is_more_does_no_harm() {
        let (_home, path) = place();
        write(&path, br#"{"version": 1, "theme": "light", "later": [1, 2]}"#);
        let opened = SessionFile::open(&path);
        let light = Session { theme: Some(ThemeName::Light), ..Session::default() };
        assert_eq!((opened.session, opened.notice), (Some(light), None));
    }

    #[test]
    fn a_damaged_file_is_ignored_with_a_notice_and_written_anew() {
        let (_home, path) = place();
        let large = vec![b' '; 270_000];
        let cases: [&[u8]; 8] = [
            b"",
            b"{",
            b"\xff\xfe",
            b"[]",
            b"{}",
            br#"{"version": 1, "theme": "solarized"}"#,
            br#"{"version": 1, "sort": {"key": "rm -rf"}}"#,
            &large,
        ];
        for case in cases {
            write(&path, case);
            let Opened { file, session, notice } = SessionFile::open(&path);
            let notice = notice.unwrap();
            assert!(session.is_none() && notice.contains("session.json is ignored: it is damaged"), "{notice}");
            file.unwrap().save(&Session::default()).unwrap();
            assert!(SessionFile::open(&path).notice.is_none());
        }
    }

    #[test]
    fn what_is_not_ours_is_left_alone() {
        let (_home, path) = place();
        write(&path, br#"{"version": 2, "sort": "anything"}"#);
        let newer = SessionFile::open(&path);
        assert!(newer.file.is_none() && newer.session.is_none());
        assert!(newer.notice.unwrap().contains("is of version 2, and this program knows 1"));
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        let directory = SessionFile::open(&path);
        assert!(directory.file.is_none() && directory.notice.unwrap().ends_with("it is no file"));
    }

    #[test]
    fn the_largest_session_can_be_read_again() {
        let (_home, path) = place();
        let text = "𝕏".repeat(9999);
        let texts = vec![text.clone(); 9999];
        let session = Session {
            hidden: texts.clone(),
            hidden_targets: texts.clone(),
            filter: text.clone(),
            filters: texts,
            tab: Some(text),
            ..session()
        };
        SessionFile(path.clone()).save(&session).unwrap();
        assert_eq!(SessionFile::open(&path).notice, None);
    }
}
