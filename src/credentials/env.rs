//! Environment variables.
/// x
#[derive(Debug)]
pub struct Env;
