//! The whole program as scripts run it: arguments in; streams and exit codes out. Nothing of this machine's environment gets in.

#![allow(clippy::unwrap_used, reason = "a test that has no answer has failed")]

mod arguments;
mod config;
mod coverage;
mod doctor;
mod generated;
mod history;
mod jobs;
mod monitoring;
mod process;
mod profiles;
mod program;
mod refusals;
