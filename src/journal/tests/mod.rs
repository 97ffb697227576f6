//! What the journal promises: everything once, whoever writes, whatever happens to the file.

mod fixture;
mod keeping;
mod processes;
mod signals;
mod telling;
mod trouble;
mod writing;
