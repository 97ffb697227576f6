//! The files that outlive a run: where they are kept, and that they are for their owner only. What is in them is not known here.

use std::{
    fs::DirBuilder,
    io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use etcetera::BaseStrategy;

/// Which permissions a file of ours has.
pub const OWNER_ONLY: u32 = 0o600;

/// Where a file of this name is kept: `$XDG_STATE_HOME/trailwatch/NAME`. `None` where there is no home to have it in.
#[must_use]
pub fn in_state_directory(name: &str) -> Option<PathBuf> {
    let directory = etcetera::base_strategy::Xdg::new().ok()?.state_dir()?;
    Some(directory.join("trailwatch").join(name))
}

/// Makes the directories above a file, those that are missing for their owner only.
///
/// # Errors
/// Where the system refuses.
pub fn make_parents(path: &Path) -> io::Result<()> {
    let Some(directory) = path.parent() else { return Ok(()) };
    DirBuilder::new().recursive(true).mode(0o700).create(directory)
}
