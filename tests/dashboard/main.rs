//! The whole program as people meet it: the binary in a real pty, keys in, and a terminal emulator that reads the screen.
//!
//! Nothing here waits for a time: every test waits until the screen, the endpoint or the process is as it should be.

#![allow(clippy::unwrap_used, reason = "a test that has no answer has failed")]

mod answers;
mod carry;
mod configured;
mod coverage;
mod crash;
mod demo;
mod ended;
mod endpoint;
mod help;
mod hostile;
mod idle;
mod keys;
mod memory;
mod mouse;
mod notify;
mod paste;
mod screen;
mod secrets;
mod session;
mod start;
mod stop;
mod stuck;
mod targets;
mod term;
mod ways_out;
