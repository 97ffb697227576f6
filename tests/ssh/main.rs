//! The dashboard, `watch`, and the commands for scripts over ssh: a real `sshd` on loopback and a real `ssh`, with keys and
//! configurations of their own. Nothing of this machine's ssh is used or changed.
//!
//! Without an `sshd` these tests are skipped, which is said; with `TRAILWATCH_SSH_TESTS=required` they fail.

#![allow(clippy::unwrap_used, reason = "a test that has no answer has failed")]

mod codes;
#[cfg(target_os = "linux")]
mod cut;
mod line;
mod server;
mod shown;

#[allow(dead_code, reason = "each test program uses some of it")]
#[path = "../emulator/caller.rs"]
mod caller;
#[allow(dead_code, reason = "each test program uses some of it")]
#[path = "../dashboard/ended.rs"]
mod ended;
#[allow(dead_code, reason = "each test program uses some of it")]
#[path = "../dashboard/endpoint.rs"]
mod endpoint;
#[allow(dead_code, reason = "each test program uses some of it")]
#[path = "../cli/program.rs"]
mod program;
#[allow(dead_code, reason = "each test program uses some of it")]
#[path = "../dashboard/screen.rs"]
mod screen;
#[allow(dead_code, reason = "each test program uses some of it")]
#[path = "../watch/started.rs"]
mod started;
#[allow(dead_code, reason = "each test program uses some of it")]
#[path = "../dashboard/term.rs"]
mod term;
