//! Names that many jobs have: each is held once.

use std::{collections::HashSet, sync::Arc};

use super::Job;

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

    /// The same for all names of a job.
    pub fn share_in(&mut self, job: &mut Job) {
        self.share(&mut job.trail);
        job.home.iter_mut().for_each(|home| self.share(home));
    }
}
