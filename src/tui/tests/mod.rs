//! How the dashboard behaves: events in, state and effects out; and how it looks, as snapshots.

mod attention;
mod behaviour;
mod coverage;
mod every_pane;
mod exports;
mod filter;
mod fixture;
mod looks;
mod mouse;
mod panes;
mod remembered;
mod screens;
mod targets;
mod twins;
