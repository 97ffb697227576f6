//! The rows of a view as a file: whole or not at all, for its owner only, and never in the place of another without a yes.
//!
//! When it is asked for, and what the user is told, is not decided here.

use std::{
    fmt,
    fs::{self, File, Permissions},
    io::{self, BufWriter, ErrorKind},
    os::unix::fs::PermissionsExt,
    path::{self, Path, PathBuf},
    sync::Arc,
};

use tempfile::{NamedTempFile, PersistError};

use super::{Error, Format, Headers, Listing, Paint, write_list};
use crate::{
    engine::{RowRef, Snapshot},
    files::OWNER_ONLY,
    job::Timestamp,
    text,
};

/// The formats of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileFormat {
    /// As `trailwatch list -o csv`.
    Csv,
    /// As `trailwatch list -o json`: the rows of the view, and how well all targets were read.
    Json,
}

impl FileFormat {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Csv, Self::Json];

    /// How names of such files end.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
        }
    }

    /// The format that a name asks for.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        let extension = Path::new(name).extension()?;
        Self::ALL.into_iter().find(|format| extension.eq_ignore_ascii_case(format.extension()))
    }
}

impl From<FileFormat> for Format {
    fn from(format: FileFormat) -> Self {
        match format {
            FileFormat::Csv => Self::Csv,
            FileFormat::Json => Self::Json,
        }
    }
}

/// What is to happen where there is a file of that name already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Overwrite {
    /// It stays, and nothing is written.
    #[default]
    No,
    /// The user said yes: it is replaced.
    Yes,
}

/// The rows that are seen, in their order.
#[derive(Debug, Clone)]
pub struct View {
    /// What was read.
    pub snapshot: Arc<Snapshot>,
    /// Rows of it.
    pub rows: Arc<[RowRef]>,
}

/// The same rows of the same snapshot, not of one that reads the same.
impl PartialEq for View {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.snapshot, &other.snapshot) && self.rows == other.rows
    }
}

impl Eq for View {}

/// A view that is to become a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Export {
    /// What.
    pub view: View,
    /// How.
    pub format: FileFormat,
    /// Where, as the user typed it: from the current directory, or from home behind a `~`.
    pub to: String,
    /// Whether another file may go for it.
    pub overwrite: Overwrite,
}

/// An export that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    /// Where it is, from the root.
    pub path: PathBuf,
    /// How long it is.
    pub bytes: u64,
    /// How many jobs it lists.
    pub jobs: usize,
}

/// Why no export was written. What was there before is as it was.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// An empty table would claim that there are no jobs.
    #[error("nothing was read yet, so there is nothing to export: try again when the table is there")]
    Unread,
    /// No file is named.
    #[error("an export needs the name of a file")]
    NoName,
    /// `~` without a home.
    #[error("there is no home directory that ~ could mean: write the whole path")]
    NoHome,
    /// `~name`.
    #[error("whose home {} is, is known to the shell alone: write the whole path", Shown(.0))]
    OtherHome(PathBuf),
    /// There is one of that name, and nobody said yes.
    #[error("{} is there already", Shown(.0))]
    Exists(PathBuf),
    /// A directory, a device, a pipe.
    #[error("{} is not a file, and an export does not replace it: choose another name", Shown(.0))]
    NotAFile(PathBuf),
    /// A directory on the way is missing.
    #[error("there is no directory {}: make it, or choose another", Shown(.0))]
    NoDirectory(PathBuf),
    /// No permission.
    #[error("this user may not write in {}: choose another directory", Shown(.0))]
    Denied(PathBuf),
    /// Nobody can write there.
    #[error("{} is on a file system that is read-only: choose another directory", Shown(.0))]
    ReadOnly(PathBuf),
    /// The disk or the quota is used up.
    #[error("there is no room left in {}: make some, or choose another directory", Shown(.0))]
    Full(PathBuf),
    /// The system refuses for another reason.
    #[error("can't write {}: {source}", Shown(.path))]
    System {
        /// Which file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

/// A path fit to be printed.
struct Shown<'a>(&'a Path);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&text::clean(&self.0.to_string_lossy()))
    }
}

/// The name that is offered: `trailwatch-jobs-20261124T204110Z.csv`.
#[must_use]
pub fn default_name(format: FileFormat, now: Timestamp) -> String {
    format!("trailwatch-jobs-{}.{}", now.format("%Y%m%dT%H%M%SZ"), format.extension())
}

impl Export {
    /// Writes it. This waits for the disk. `home` is what `~` means; `now` is the local time, as in [`Listing::now`].
    ///
    /// # Errors
    /// [`SaveError`], after which nothing has changed.
    pub fn write(&self, home: Option<&Path>, now: Timestamp) -> Result<Saved, SaveError> {
        if self.view.snapshot.targets.iter().all(|target| target.read.is_none()) {
            return Err(SaveError::Unread);
        }
        let path = destination(&expanded(&self.to, home)?, self.overwrite)?;
        let directory = path.parent().unwrap_or(Path::new("/"));
        let said = |error| in_words(error, &path, directory);
        let mut file = tempfile::Builder::new()
            .prefix(".trailwatch-")
            .permissions(Permissions::from_mode(OWNER_ONLY))
            .tempfile_in(directory)
            .map_err(said)?;
        self.fill(file.as_file_mut(), now).map_err(said)?;
        let bytes = file.as_file().metadata().map_err(said)?.len();
        put(file, &path, self.overwrite).map_err(said)?;
        // The name as well is to outlive a crash; a file system that can't do that has the file all the same.
        let _ = File::open(directory).and_then(|directory| directory.sync_all());
        Ok(Saved { jobs: self.view.rows.len(), bytes, path })
    }

    /// The same, after the user said yes.
    #[must_use]
    pub fn confirmed(self) -> Self {
        Self { overwrite: Overwrite::Yes, ..self }
    }

    fn fill(&self, file: &mut File, now: Timestamp) -> io::Result<()> {
        let listing = Listing { snapshot: &self.view.snapshot, rows: self.view.rows.to_vec(), now };
        let mut out = BufWriter::new(&mut *file);
        let written = write_list(&mut out, self.format.into(), &listing, Headers::Shown, Paint::Plain);
        drop(out);
        match written {
            Ok(()) => file.sync_all(),
            Err(Error::Io(error)) => Err(error),
            Err(error @ Error::SeveralTargets(_)) => Err(io::Error::other(error)),
        }
    }
}

/// Gives the file its name at once: nobody sees half of it.
fn put(file: NamedTempFile, path: &Path, overwrite: Overwrite) -> io::Result<()> {
    let put = match overwrite {
        Overwrite::No => file.persist_noclobber(path),
        Overwrite::Yes => file.persist(path),
    };
    put.map(drop).map_err(|PersistError { error, .. }| error)
}

/// What the user typed, with their home for a `~`.
fn expanded(typed: &str, home: Option<&Path>) -> Result<PathBuf, SaveError> {
    let typed = typed.trim();
    let Some(rest) = typed.strip_prefix('~') else { return Ok(typed.into()) };
    match rest.strip_prefix('/') {
        Some(rest) => Ok(home.ok_or(SaveError::NoHome)?.join(rest.trim_start_matches('/'))),
        None if rest.is_empty() => Ok(home.ok_or(SaveError::NoHome)?.to_owned()),
        None => Err(SaveError::OtherHome(typed.split('/').next().unwrap_or(typed).into())),
    }
}

/// Where the file will be, from the root: a link that may be overwritten stays, and what it means is replaced.
fn destination(path: &Path, overwrite: Overwrite) -> Result<PathBuf, SaveError> {
    let path = path::absolute(path).map_err(|_| SaveError::NoName)?;
    // `name/` would lose its slash on the way and become a file.
    if path.file_name().is_none() || path.as_os_str().as_encoded_bytes().ends_with(b"/") {
        return Err(SaveError::NotAFile(path));
    }
    let Ok(there) = fs::symlink_metadata(&path) else { return Ok(path) };
    let (path, there) = match fs::canonicalize(&path) {
        Ok(meant) if there.is_symlink() => (meant, fs::metadata(&path).unwrap_or(there)),
        _ => (path, there),
    };
    match overwrite {
        _ if !there.is_file() && !there.is_symlink() => Err(SaveError::NotAFile(path)),
        Overwrite::No => Err(SaveError::Exists(path)),
        Overwrite::Yes => Ok(path),
    }
}

fn in_words(error: io::Error, path: &Path, directory: &Path) -> SaveError {
    let directory = || directory.to_owned();
    match error.kind() {
        ErrorKind::AlreadyExists => SaveError::Exists(path.to_owned()),
        ErrorKind::IsADirectory => SaveError::NotAFile(path.to_owned()),
        ErrorKind::NotFound | ErrorKind::NotADirectory => SaveError::NoDirectory(directory()),
        ErrorKind::PermissionDenied => SaveError::Denied(directory()),
        ErrorKind::ReadOnlyFilesystem => SaveError::ReadOnly(directory()),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => SaveError::Full(directory()),
        _ => SaveError::System { path: path.to_owned(), source: without_path(error) },
    }
}

/// The system's own words: the library puts the name of its temporary file around them, which would only puzzle.
fn without_path(error: io::Error) -> io::Error {
    let inner =
        error.get_ref().and_then(std::error::Error::source).and_then(|source| source.downcast_ref::<io::Error>());
    match inner.and_then(io::Error::raw_os_error).or(error.raw_os_error()) {
        Some(code) => io::Error::from_raw_os_error(code),
        None => error,
    }
}

#[cfg(test)]
mod tests;
