//! Small files of secrets: read whole, bounded, wiped from memory; and a stamp that tells whether one has changed.

use std::{
    fs::{self, Metadata},
    io::{ErrorKind, Read as _},
    os::unix::fs::MetadataExt as _,
    path::Path,
};

use secrecy::zeroize::Zeroizing;

/// Far more than any such file has.
const MAX_FILE: u64 = 1024 * 1024;

/// A file's text, wiped when it is dropped.
pub(super) type Text = Zeroizing<Vec<u8>>;

/// Reads a file, or `None` where there is none.
///
/// # Errors
/// Why it can't be read.
pub(super) fn read(path: &Path) -> Result<Option<Text>, String> {
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(None),
        Err(error) => return Err(format!("it can't be read: {error}")),
    };
    if !metadata.is_file() {
        return Err("it is not a regular file".to_owned()); // opening a pipe would hang
    }
    // Its size and one byte: so that the buffer never grows, which would leave copies of keys behind.
    let mut text = Zeroizing::new(Vec::with_capacity(usize::try_from(metadata.len().min(MAX_FILE)).unwrap_or(0) + 1));
    let read = fs::File::open(path).and_then(|file| file.take(MAX_FILE + 1).read_to_end(&mut text));
    read.map_err(|error| format!("it can't be read: {error}"))?;
    if text.len() as u64 > MAX_FILE {
        return Err("it is larger than 1 MiB, which no such file is".to_owned());
    }
    Ok(Some(text))
}

/// What changes when one of some files does. `None` where there is no such file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stamp(Vec<Option<[i64; 6]>>);

impl Stamp {
    /// The stamp of a file as it is now.
    pub(super) fn of(path: &Path) -> Self {
        Self::of_all([path])
    }

    /// The stamp of these files as they are now.
    pub(super) fn of_all<P: AsRef<Path>>(paths: impl IntoIterator<Item = P>) -> Self {
        let stamp = |file: Metadata| {
            let (inode, size) = (file.ino().cast_signed(), file.size().cast_signed());
            [file.mtime(), file.mtime_nsec(), file.ctime(), file.ctime_nsec(), inode, size]
        };
        Self(paths.into_iter().map(|path| fs::metadata(path).ok().map(stamp)).collect())
    }
}
