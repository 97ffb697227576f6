//! The files that outlive a run: where they are kept, and that they are for their owner only. What is in them is not known here.

use std::{
    fs::{DirBuilder, File},
    io::{self, Read as _},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use etcetera::BaseStrategy;

/// Which permissions a file of ours has.
pub const OWNER_ONLY: u32 = 0o600;

/// The longest text that is read.
const MOST_TEXT: u64 = 256 * 1024;

/// Where a file of this name is kept: `$XDG_STATE_HOME/trailwatch/NAME`. `None` where there is no home to have it in.
#[must_use]
pub fn in_state_directory(name: &str) -> Option<PathBuf> {
    let directory = etcetera::base_strategy::Xdg::new().ok()?.state_dir()?;
    Some(directory.join("trailwatch").join(name))
}

/// Where a file of this name is looked for that the user writes: `$XDG_CONFIG_HOME/trailwatch/NAME`.
#[must_use]
pub fn in_config_directory(name: &str) -> Option<PathBuf> {
    Some(etcetera::base_strategy::Xdg::new().ok()?.config_dir().join("trailwatch").join(name))
}

/// The text of a file that people write; `None` where there is none.
///
/// # Errors
/// Where it can't be read, is no text, or is longer than any that is meant.
pub fn read_text(path: &Path) -> io::Result<Option<String>> {
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(MOST_TEXT + 1).read_to_string(&mut text));
    match read {
        Ok(_) if text.len() as u64 > MOST_TEXT => Err(io::Error::other(format!("it is longer than {MOST_TEXT} bytes"))),
        Ok(_) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Makes the directories above a file, those that are missing for their owner only.
///
/// # Errors
/// Where the system refuses.
pub fn make_parents(path: &Path) -> io::Result<()> {
    let Some(directory) = path.parent() else { return Ok(()) };
    DirBuilder::new().recursive(true).mode(0o700).create(directory)
}
