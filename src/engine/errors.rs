//! The errors that calls met, the latest of them: the banner goes when its cause goes, these stay.

use std::{collections::VecDeque, sync::Arc};

use super::Error;
use crate::job::{TargetKey, Timestamp};

/// How many are kept.
pub const KEPT: usize = 200;

/// An error that a call met.
#[derive(Debug, Clone)]
pub struct ErrorSeen {
    /// When it was met, by the local clock.
    pub at: Timestamp,
    /// Of which target.
    pub target: TargetKey,
    /// What happened.
    pub error: Arc<Error>,
}

/// The latest errors. Cheap to clone: a snapshot carries it.
#[derive(Debug, Clone, Default)]
pub struct Errors {
    kept: Arc<VecDeque<ErrorSeen>>,
    /// How many were ever met.
    count: u64,
}

impl Errors {
    /// Those that are kept, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &ErrorSeen> + ExactSizeIterator {
        self.kept.iter()
    }

    /// How many were ever met.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Takes one more in. One that is told twice, as a failed call and as the failed read that it ended, is one.
    pub(super) fn add(&mut self, at: Timestamp, target: &TargetKey, error: &Arc<Error>) {
        let last = self.kept.iter().rfind(|seen| seen.target == *target);
        if last.is_some_and(|last| last.error == *error && error.request_id().is_some()) {
            return;
        }
        let kept = Arc::make_mut(&mut self.kept);
        if kept.len() == KEPT {
            kept.pop_front();
        }
        kept.push_back(ErrorSeen { at, target: target.clone(), error: Arc::clone(error) });
        self.count += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        acs,
        actiontrail::{self, Operation},
        job::{ProfileName, Region},
    };

    fn error(request_id: &str) -> Arc<Error> {
        let source = acs::Error::Api(Box::new(acs::ApiError {
            code: "ServiceUnavailable".into(),
            message: String::new(),
            http_status: 503,
            request_id: Some(request_id.into()),
            denied_action: None,
            retry_after: None,
            server_time: None,
        }));
        Arc::new(Error::Call(actiontrail::Error { operation: Operation::List, source }))
    }

    #[test]
    fn the_latest_are_kept_each_once() {
        let target = TargetKey { profile: ProfileName::new("p").unwrap(), region: Region::new("cn-x").unwrap() };
        let mut errors = Errors::default();
        for number in 0..300 {
            for _ in 0..2 {
                errors.add(Timestamp::UNIX_EPOCH, &target, &error(&number.to_string()));
            }
        }
        assert_eq!((errors.count(), errors.iter().len()), (300, KEPT));
        assert_eq!(errors.iter().next_back().unwrap().error, error("299"));
    }
}
