//! Trailwatch watches the backfill jobs (delivery history jobs) of Alibaba Cloud ActionTrail, in a terminal and for scripts.
//!
//! # The way of the data
//!
//! ```text
//! credentials ─▶ acs ─▶ actiontrail::Client ─▶ engine: a task per target ─Report─▶ Store::apply ─▶ watch: Arc<Snapshot>
//!                                                 ▲                                                    │
//!                                 Command, Interest                                                    ├─▶ cli: watch, wait
//!                                                 │                                                    ▼
//! keys, resize ─▶ input thread ─┐                 │                                          ┌─ Event::Snapshot
//! signals ─────▶ signal thread ─┴─▶ one queue of Event ─▶ App::update(now, event) ─▶ effects ┘  ─▶ view ─▶ writer thread
//! ```
//!
//! It runs one way. The engine never knows who looks; a view never fetches, waits or changes state; [`tui::App::update`] is a
//! plain function of (state, now, event), so that all behaviour of the dashboard is tested without a terminal or a network.
//!
//! # Who may know whom
//!
//! | module | what it is | knows |
//! |---|---|---|
//! | [`job`] | the vocabulary and its rules, pure | nobody |
//! | [`text`], [`units`] | what is safe to print; times as people read them | `job` |
//! | [`looks`] | the names of themes and colours | `job` |
//! | [`fault`] | where a TOML file that its user wrote is wrong | nobody |
//! | [`files`] | where the log, the journal and the session are kept | nobody |
//! | [`journal`] | what was seen, in SQLite from run to run | `files`, `job` |
//! | [`acs`] | one signed call to any RPC API of Alibaba Cloud | `job`, `text` |
//! | [`actiontrail`] | the product: endpoints, operations, wire types made into jobs | `acs`, `job` |
//! | [`credentials`] | where access keys come from | `acs`, `job` |
//! | [`engine`] | polls every target and publishes snapshots | `actiontrail`, `credentials`, `journal`, `job` |
//! | [`export`] | snapshots as table, JSON, CSV, metrics and the API's own shape; files and clips of them | `engine`, `files`, `job` |
//! | [`config`] | what was asked for, by file, variables and flags, made into what the engine is told | `credentials`, `engine`, `notify` |
//! | [`notify`] | signals that reach people: rules, commands, told once | `engine`, `export`, `job`, `journal` |
//! | [`tui`] | the dashboard | `engine`, `job`, `notify`, never `cli` |
//! | [`cli`] | the commands for scripts | all above but `tui`, and the emulator |
//! | [`emulator`] | an endpoint of our own, sharing no code with the client | `job`'s words |
//! | [`crash`] | what happens after a panic | `exit`, `files`, `text`, `units` |
//! | [`exit`] | the exit codes that scripts rely on | nobody |

pub mod acs;
pub mod actiontrail;
pub mod cli;
pub mod config;
pub mod crash;
pub mod credentials;
pub mod emulator;
pub mod engine;
pub mod exit;
pub mod export;
pub mod fault;
pub mod files;
pub mod job;
pub mod journal;
pub mod looks;
pub mod notify;
pub mod text;
pub mod tui;
pub mod units;
