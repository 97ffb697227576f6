//! Trailwatch monitors the backfill jobs (delivery history jobs) of Alibaba Cloud ActionTrail.

pub mod acs;
pub mod actiontrail;
pub mod cli;
pub mod config;
pub mod credentials;
pub mod emulator;
pub mod engine;
pub mod exit;
pub mod export;
pub mod job;
pub mod text;
pub mod tui;
pub mod units;
