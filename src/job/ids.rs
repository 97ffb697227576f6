//! Names and keys: what identifies a job, a target, an account. Each is checked when it is made.

use std::{fmt, str::FromStr, sync::Arc};

use serde::Serialize;

/// `JobId`, a 64-bit integer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct JobId(i64);

impl JobId {
    /// An id as the service numbers it.
    #[must_use]
    pub const fn new(id: i64) -> Self {
        Self(id)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Why a text is no job id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidJobId {
    /// It is no whole number.
    #[error("a job id is a whole number, as in 16602")]
    NotANumber,
    /// It has more than 64 bits.
    #[error("no job id is that large: it is a whole number of 64 bits, as in 16602")]
    TooLarge,
}

impl FromStr for JobId {
    type Err = InvalidJobId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        use std::num::IntErrorKind::{NegOverflow, PosOverflow};
        text.trim().parse().map(Self).map_err(|error: std::num::ParseIntError| match error.kind() {
            PosOverflow | NegOverflow => InvalidJobId::TooLarge,
            _ => InvalidJobId::NotANumber,
        })
    }
}

/// A name that can't be used; says which and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidName {
    /// Not a region id.
    #[error("{0:?} is not a region id: expected lower-case letters, digits and '-', as in cn-hangzhou")]
    Region(String),
    /// An empty profile name.
    #[error("a profile name can't be empty")]
    Profile,
}

/// A region id such as `cn-hangzhou`, checked, because it becomes part of a host name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region(Arc<str>);

impl Region {
    /// Checks a region id: lower-case letters, digits and inner hyphens, 2 to 40 characters, a letter first.
    ///
    /// # Errors
    /// [`InvalidName::Region`] for anything else, so that no input reaches a host name unchecked.
    pub fn new(text: &str) -> Result<Self, InvalidName> {
        let bytes = text.as_bytes();
        let inner = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-';
        let ok = (2..=40).contains(&bytes.len())
            && bytes[0].is_ascii_lowercase()
            && bytes[bytes.len() - 1] != b'-'
            && bytes.iter().all(inner);
        if ok { Ok(Self(text.into())) } else { Err(InvalidName::Region(text.to_owned())) }
    }

    /// The id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Region {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        Self::new(text)
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The name of a credential profile, as its user wrote it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProfileName(Arc<str>);

impl ProfileName {
    /// A name; any text but the empty one.
    ///
    /// # Errors
    /// [`InvalidName::Profile`] for an empty name.
    pub fn new(text: &str) -> Result<Self, InvalidName> {
        if text.is_empty() { Err(InvalidName::Profile) } else { Ok(Self(text.into())) }
    }

    /// The stand-in where the keys come from the environment and no profile is involved.
    #[must_use]
    pub fn environment() -> Self {
        Self("env".into())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ProfileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The number of an Alibaba Cloud account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(Arc<str>);

impl AccountId {
    /// An account number as the service wrote it.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// The number as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whose job it is: the account where it is known, else the profile that sees it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Account {
    /// The account's number.
    Id(AccountId),
    /// The number is not known: jobs of one profile belong to one account.
    Profile(ProfileName),
}

/// What is polled: a profile and a region.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TargetKey {
    /// Whose credentials.
    pub profile: ProfileName,
    /// Whose endpoint.
    pub region: Region,
}

impl FromStr for TargetKey {
    type Err = InvalidName;

    /// Reads `PROFILE/REGION`, as it is displayed.
    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let (profile, region) = text.rsplit_once('/').unwrap_or(("", text));
        Ok(Self { profile: ProfileName::new(profile)?, region: Region::new(region)? })
    }
}

impl fmt::Display for TargetKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.profile, self.region)
    }
}

/// A job's identity over all targets: two profiles of one account, or two endpoints that both list it, mean one job.
///
/// Keys sort by their number first, as the jobs of a target do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobKey {
    /// Its number, unique only within the two below.
    pub id: JobId,
    /// Its home region as the service wrote it, else the region of the target that lists it.
    pub home: Arc<str>,
    /// Whose job.
    pub account: Account,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_region_is_checked_before_it_becomes_a_host() {
        for good in ["cn-hangzhou", "ap-southeast-1", "cn-north-2-gov-1", "cn-shanghai-finance-1"] {
            assert_eq!(Region::new(good).unwrap().as_str(), good);
        }
        for bad in [
            "",
            "c",
            "CN-hangzhou",
            "cn_hangzhou",
            "cn-",
            "-cn",
            "1cn",
            "cn.evil.example",
            "cn-a/..",
            "cn\n",
            "cn-x:80",
        ] {
            assert_eq!(Region::new(bad), Err(InvalidName::Region(bad.to_owned())));
        }
    }

    proptest! {
        #[test]
        fn no_region_can_leave_its_host_label(text in ".{0,50}") {
            if let Ok(region) = Region::new(&text) {
                prop_assert!(region.as_str().bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'));
            }
        }
    }

    #[test]
    fn a_job_id_is_a_number() {
        assert_eq!(" 16602 ".parse(), Ok(JobId::new(16602)));
        assert_eq!("16602x".parse::<JobId>(), Err(InvalidJobId::NotANumber));
        assert_eq!("".parse::<JobId>(), Err(InvalidJobId::NotANumber));
        assert_eq!("99999999999999999999".parse::<JobId>(), Err(InvalidJobId::TooLarge));
    }
}
