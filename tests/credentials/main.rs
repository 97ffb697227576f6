//! Every source of keys, over real files and real HTTP; and whose a key is.

#![allow(clippy::unwrap_used)] // What goes wrong in a test's own servers must end the test.

mod external;
mod files;
mod fixture;
mod identity;
mod ini;
mod mended;
mod metadata;
mod modes;
mod oidc;
mod order;
mod recovery;
mod roles;
mod running;
mod secrets;
mod server;
mod signed_in;
mod sts;
mod swapped;
mod uri;
#[path = "../engine/watched.rs"]
mod watched;
