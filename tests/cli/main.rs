//! The whole program as scripts run it: arguments in; streams and exit codes out. Nothing of this machine's environment gets in.

mod arguments;
mod jobs;
mod process;
mod program;
mod refusals;
