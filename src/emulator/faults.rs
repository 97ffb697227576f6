//! What can go wrong: the kinds of faults, how often each strikes, and which call one strikes.
//!
//! What a struck call is answered with is `delivery`'s where it is no answer of the service at all; its refusals are here.

use std::{fmt, str::FromStr, time::Duration};

use super::{operations::Operation, rng::Rng, wire::Refusal};
use crate::job::AccountId;

/// How long `x-acs-retry-after` of [`FaultKind::Throttle`] says to wait.
const RETRY_AFTER: Duration = Duration::from_millis(500);

/// One way to go wrong, and how often.
///
/// All faults that can strike a call draw one number together, so that each strikes exactly its share of them. Shares that
/// add up to more than 1 leave nothing for the last.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// What happens.
    pub kind: FaultKind,
    /// The share of calls that it happens to, 0 to 1.
    pub rate: f64,
    /// Which calls it can happen to.
    pub on: On,
}

/// Which calls a fault can strike.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum On {
    /// Every request, also one that is no call of this API; but none of STS, which is another service.
    #[default]
    All,
    /// Calls of these operations.
    Only(Vec<Operation>),
}

/// What can go wrong. Proxies are in the way of the service: it never sees those calls. Lines damage the service's answer:
/// the call was carried out. Refusals come after the checks of caller, permission and quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FaultKind {
    /// `503`, a refusal: `ServiceUnavailable`.
    ServiceUnavailable,
    /// `500`, a refusal: `InternalError`.
    InternalError,
    /// `throttle`, a refusal: 429 `Throttling.User`, with `x-acs-retry-after`.
    Throttle,
    /// `throttle400`, a refusal: 400 `Throttling.User`, without it.
    Throttle400,
    /// `html`, a proxy: 502 with a page for people.
    Html,
    /// `html200`, a proxy: 200 with a page that asks for a login.
    Html200,
    /// `xml`, a proxy: 503 `ServiceUnavailable` as XML.
    Xml,
    /// `empty`, a proxy: 200 with no body.
    Empty,
    /// `truncated`, a line: half of the body that was promised, then the connection is closed.
    Truncated,
    /// `half`, a line: the first half of the body as if it were whole.
    Half,
    /// `endless`, a line: a body that goes on with blanks for as long as the client reads.
    Endless,
    /// `oversized`, a line: a body with 9 MiB of blanks at its end.
    Oversized,
    /// `hang`, a proxy: no answer until the client goes away.
    Hang,
    /// `slow`, a line: a byte every tenth of a second.
    Slow,
    /// `reset`, a proxy: the connection is reset instead of an answer.
    Reset,
    /// `redirect`, a proxy: 302 to another path of the emulator, which is none of the API.
    Redirect,
    /// `clock`: the service's clock is off by `Config::clock_offset`, in its check of `x-acs-date` and in `Date`.
    Clock,
    /// `nonce`, a refusal: `SignatureNonceUsed`, although it was not.
    Nonce,
    /// `token`, a refusal: `InvalidSecurityToken.Expired`.
    Token,
    /// `key`, a refusal: `InvalidAccessKeyId.Inactive`.
    Key,
    /// `denied`, a refusal: 403 `NoPermission`, for what needs a permission.
    Denied,
    /// `notsupported`, a refusal: `NotSupportDeliveryHistoryJob`, for what is about jobs.
    NotSupported,
}

/// Why a text is no fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoFault {
    /// It is not of the form `KIND=RATE`.
    #[error("expected KIND=RATE, as in 503=0.1; the kinds are {}", kinds())]
    Form,
    /// No fault has this name.
    #[error("there is no fault {0:?}; the kinds are {kinds}", kinds = kinds())]
    Kind(String),
    /// It is not a share.
    #[error("{0:?} is no share of calls: expected a number from 0 to 1, as in 503=0.1; the kinds are {kinds}", kinds = kinds())]
    Rate(String),
}

fn kinds() -> String {
    FaultKind::ALL.map(FaultKind::word).join(", ")
}

impl Fault {
    /// One that can strike every call.
    #[must_use]
    pub const fn new(kind: FaultKind, rate: f64) -> Self {
        Self { kind, rate, on: On::All }
    }

    /// One that strikes every call: an outage.
    #[must_use]
    pub const fn always(kind: FaultKind) -> Self {
        Self::new(kind, 1.0)
    }

    /// The same, but only for these operations.
    #[must_use]
    pub fn on(self, operations: &[Operation]) -> Self {
        Self { on: On::Only(operations.to_vec()), ..self }
    }

    fn can_strike(&self, operation: Option<Operation>) -> bool {
        match &self.on {
            On::All => operation != Some(Operation::GetCallerIdentity),
            On::Only(operations) => operation.is_some_and(|operation| operations.contains(&operation)),
        }
    }
}

impl FromStr for Fault {
    type Err = NoFault;

    /// `KIND=RATE`, as in `503=0.1`.
    fn from_str(text: &str) -> Result<Self, NoFault> {
        let (kind, rate) = text.split_once('=').ok_or(NoFault::Form)?;
        let kind = kind.parse()?;
        let share = rate.trim().parse().ok().filter(|rate| (0.0..=1.0).contains(rate));
        share.map(|rate| Self::new(kind, rate)).ok_or_else(|| NoFault::Rate(rate.to_owned()))
    }
}

impl FaultKind {
    /// All of them, in the order of the enum.
    pub const ALL: [Self; 22] = [
        Self::ServiceUnavailable,
        Self::InternalError,
        Self::Throttle,
        Self::Throttle400,
        Self::Html,
        Self::Html200,
        Self::Xml,
        Self::Empty,
        Self::Truncated,
        Self::Half,
        Self::Endless,
        Self::Oversized,
        Self::Hang,
        Self::Slow,
        Self::Reset,
        Self::Redirect,
        Self::Clock,
        Self::Nonce,
        Self::Token,
        Self::Key,
        Self::Denied,
        Self::NotSupported,
    ];

    /// Its name on the command line.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::ServiceUnavailable => "503",
            Self::InternalError => "500",
            Self::Throttle => "throttle",
            Self::Throttle400 => "throttle400",
            Self::Html => "html",
            Self::Html200 => "html200",
            Self::Xml => "xml",
            Self::Empty => "empty",
            Self::Truncated => "truncated",
            Self::Half => "half",
            Self::Endless => "endless",
            Self::Oversized => "oversized",
            Self::Hang => "hang",
            Self::Slow => "slow",
            Self::Reset => "reset",
            Self::Redirect => "redirect",
            Self::Clock => "clock",
            Self::Nonce => "nonce",
            Self::Token => "token",
            Self::Key => "key",
            Self::Denied => "denied",
            Self::NotSupported => "notsupported",
        }
    }

    /// What the service says, where it refuses such a call of this account.
    pub(super) fn refusal(self, operation: Operation, account: &AccountId) -> Option<Refusal> {
        use Operation::{CreateJob, DeleteJob, GetJob, ListJobs};
        Some(match self {
            Self::ServiceUnavailable => Refusal::unavailable(),
            Self::InternalError => {
                let message = "The request processing has failed due to some unknown error.";
                Refusal::new(500, "InternalError", message)
            }
            Self::Throttle => Refusal::throttled(RETRY_AFTER),
            Self::Throttle400 => Refusal { status: 400, retry_after: None, ..Refusal::throttled(RETRY_AFTER) },
            Self::Nonce => Refusal::nonce_used(),
            Self::Token => Refusal::new(400, "InvalidSecurityToken.Expired", "Specified SecurityToken is expired."),
            Self::Key => Refusal::new(403, "InvalidAccessKeyId.Inactive", "Specified access key is disabled."),
            Self::Denied => Refusal::denied(operation.permission()?, account.as_str().to_owned()),
            Self::NotSupported if [ListJobs, GetJob, CreateJob, DeleteJob].contains(&operation) => {
                let message = "The account does not support delivery history jobs.";
                Refusal::new(400, "NotSupportDeliveryHistoryJob", message)
            }
            _ => return None,
        })
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for FaultKind {
    type Err = NoFault;

    fn from_str(text: &str) -> Result<Self, NoFault> {
        let text = text.trim();
        let kind = Self::ALL.into_iter().find(|kind| kind.word().eq_ignore_ascii_case(text));
        kind.ok_or_else(|| NoFault::Kind(text.to_owned()))
    }
}

/// The fault that strikes the n-th call: decided by the seed and the faults of that moment alone.
pub(super) fn strike(faults: &[Fault], operation: Option<Operation>, seed: u64, n: u64) -> Option<FaultKind> {
    let mut left = Rng::new(seed, 0xFA00_0000_0000 + n).unit();
    for fault in faults.iter().filter(|fault| fault.can_strike(operation)) {
        if left < fault.rate {
            return Some(fault.kind);
        }
        // A rate that is no number is none.
        left -= fault.rate.max(0.0);
    }
    None
}

#[cfg(test)]
mod tests;
