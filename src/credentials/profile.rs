//! Profile file.
