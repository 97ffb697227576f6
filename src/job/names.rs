//! Names that many jobs have: each is held once.

use std::{collections::HashSet, sync::Arc};

/// The names that were met.
#[derive(Debug, Default)]
pub struct Names(HashSet<Arc<str>>);

impl Names {
    /// Replaces a name by the one that reads the same and was met before.
    pub fn share(&mut self, name: &mut Arc<str>) {
        match self.0.get(name) {
            Some(known) => *name = Arc::clone(known),
            None => drop(self.0.insert(Arc::clone(name))),
        }
    }
}
