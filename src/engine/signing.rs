//! Which key signs a target's calls, as people are told. Keys themselves are the matter of `credentials`.

use std::sync::Arc;

use crate::{
    credentials::Provider,
    job::{ProfileName, Timestamp},
};

/// Which key signs a target's calls, and whether the next one is late.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signing {
    /// Where the key comes from, and which it is, where that is known yet.
    pub with: Arc<str>,
    /// Why there is no next key, while the one at hand is still good.
    pub trouble: Option<Arc<str>>,
    /// The profile by which the official command line would sign as this does, where its file has one.
    pub official: Option<ProfileName>,
}

impl Signing {
    /// What is to be told of a provider.
    pub(super) fn of(provider: &Provider, now: Timestamp) -> Self {
        Self {
            with: provider.signs_with().into(),
            trouble: provider.late(now).map(|late| format!("{late}; {}", late.remedy()).into()),
            official: provider.official_profile().cloned(),
        }
    }
}

impl From<&str> for Signing {
    /// A key in these words, with which all is well.
    fn from(with: &str) -> Self {
        Self { with: with.into(), trouble: None, official: None }
    }
}
