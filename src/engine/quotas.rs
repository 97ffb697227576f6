//! Whose quota a call is counted in: one limiter for each account, region and operation, as the service counts.
//!
//! The account is known from `identity`. Until then, and where nobody tells, a stand-in has limiters of its own: a lasting key's
//! id, or the profile.

use std::{cell::RefCell, collections::HashMap, rc::Rc, sync::Arc};

use super::{TargetSpec, identity::Identity, limiter::Limiter};
use crate::{
    actiontrail::Operation,
    job::{AccountId, Region},
};

/// The limiters of all callers.
pub(super) struct Quotas {
    max_qps: u32,
    limits: RefCell<HashMap<(Owner, Region, Operation), Limiter>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Owner {
    Account(AccountId),
    StandIn(Arc<str>),
}

/// Whose quota a target uses.
#[derive(Clone)]
pub(super) struct Whose {
    stand_in: Owner,
    identity: Option<Rc<Identity>>,
    company: Company,
}

/// Whether the calls of others may be counted in the same quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Company {
    /// There is no other profile: nothing has to be known of the account before a call.
    Alone,
    /// There are others.
    Others,
}

impl Whose {
    /// That of a target, among the profiles of these identities.
    pub(super) fn of(spec: &TargetSpec, identities: &[Rc<Identity>]) -> Self {
        let identity = identities.iter().find(|identity| identity.profile == spec.key.profile);
        let company = if identities.len() < 2 { Company::Alone } else { Company::Others };
        Self { stand_in: Owner::StandIn(spec.provider.stand_in().into()), identity: identity.cloned(), company }
    }
}

impl Quotas {
    pub(super) fn new(max_qps: u32) -> Self {
        Self { max_qps, limits: RefCell::default() }
    }

    /// The limiter of a call, once it is known whose quota that is; that is not waited for long.
    pub(super) async fn limiter(&self, whose: &Whose, region: &Region, operation: Operation) -> Limiter {
        // After another key it is asked in any case: what it is to read may be another account's.
        let needed = |identity: &&Rc<Identity>| whose.company == Company::Others || identity.is_known();
        let account = match whose.identity.as_ref().filter(needed) {
            Some(identity) => identity.account().await,
            None => None,
        };
        let owner = account.map_or_else(|| whose.stand_in.clone(), Owner::Account);
        let mut limits = self.limits.borrow_mut();
        // Calls that were counted before the account was known count on.
        let earlier = limits.get(&(whose.stand_in.clone(), region.clone(), operation)).cloned();
        let limiter = limits.entry((owner, region.clone(), operation));
        limiter.or_insert_with(|| earlier.unwrap_or_else(|| Limiter::new(self.max_qps))).clone()
    }
}
