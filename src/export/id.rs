//! `id`: one job id a line, for `xargs`.

use std::io::{self, Write};

use super::Listing;

pub(super) fn list(out: &mut dyn Write, listing: &Listing<'_>) -> io::Result<()> {
    listing.rows.iter().try_for_each(|at| writeln!(out, "{}", listing.snapshot.job(*at).id))
}
