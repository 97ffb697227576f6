//! The engine.
mod error;
mod once;
mod setup;
mod snapshot;

pub use error::{Error, Verdict};
pub use once::{get_once, read_once};
pub use setup::{Clock, Setup, TargetSpec, system_clock};
pub use snapshot::*;
