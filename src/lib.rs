//! Trailwatch monitors the backfill jobs (delivery history jobs) of Alibaba Cloud ActionTrail.

pub mod emulator;
pub mod job;
