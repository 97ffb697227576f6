//! Bad days over real HTTP: services, proxies, lines and clocks that fail. The engine keeps the last whole list with its age
//! and says why in plain words; `trailwatch list` has the exit code of the contract; both heal when the fault ends.

#![allow(clippy::unwrap_used, reason = "a test that has no answer has failed")]

mod answers;
mod clock;
mod days;
#[allow(dead_code, reason = "the tests of networks use the rest")]
mod door;
mod line;
#[path = "../cli/program.rs"]
#[allow(dead_code, reason = "the command line's tests use all of it")]
mod program;
mod throttling;
#[path = "../engine/watched.rs"]
mod watched;
