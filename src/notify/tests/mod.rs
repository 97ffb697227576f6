//! What notifications promise: what matters is told, once, whatever happens to commands and processes.

mod delivery;
mod fixture;
pub(super) use fixture::{eventually, shell};
mod processes;
mod rules;
