//! `watch` and `wait` as scripts run them: the binary against the emulator over real HTTP, in worlds whose time the test moves.
//!
//! Nothing sleeps to be in step: each test reads what the program says until it has said it.

#![allow(clippy::unwrap_used, reason = "a test that has no answer has failed")]

mod restarts;
mod service;
#[allow(dead_code, reason = "each test program uses some of it")]
mod started;
mod streams;
mod waits;
mod watches;

#[allow(dead_code, reason = "each test program uses some of it")]
#[path = "../emulator/caller.rs"]
mod caller;
#[allow(dead_code, reason = "each test program uses some of it")]
#[path = "../cli/program.rs"]
mod program;
