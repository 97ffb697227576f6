//! One read for scripts: all targets at once, then done.

use std::{io, sync::Arc};

use super::{Error, Setup, Snapshot};
use crate::{
    actiontrail::Detail,
    job::{JobId, TargetKey},
};

/// Reads every target once, each call repeated within [`Setup::patience`]; what failed says so in its health.
///
/// # Errors
/// Where no runtime can be started.
pub fn read_once(_setup: Setup) -> io::Result<Arc<Snapshot>> {
    Err(io::Error::other("not built yet"))
}

/// Asks every target for one job.
///
/// # Errors
/// Where no runtime can be started.
pub fn get_once(_setup: Setup, _id: JobId) -> io::Result<Vec<(TargetKey, Result<Detail, Error>)>> {
    Err(io::Error::other("not built yet"))
}
