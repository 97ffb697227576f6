//! Why there is no access key: what was looked at, what was missing. Never a secret.

use std::time::Duration;

use crate::acs::{self, Class, TransportKind};

/// No access key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No source has any.
    #[error("no access key was found; looked at:\n{}", list(.looked_at))]
    NotFound {
        /// Each source and what was missing there.
        looked_at: Vec<String>,
    },
    /// The file that a named profile would be in is not there.
    #[error("{place}: {problem}")]
    Absent {
        /// The profile, or the file.
        place: String,
        /// What is not there.
        problem: String,
    },
    /// A source is there but can't be used.
    #[error("{place}: {problem}")]
    Broken {
        /// A variable, or a file and profile.
        place: String,
        /// What is wrong there, and what to do.
        problem: String,
    },
    /// A source was asked and gave no key.
    #[error("{place}: {problem}")]
    NotGiven {
        /// A variable, or a file and profile, and who was asked.
        place: String,
        /// What came instead.
        problem: String,
        /// What to do.
        remedy: Remedy,
    },
}

/// What to do where a source gives no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// It may pass by itself.
    AskAgain,
    /// The same, but the service wants to be left alone for so long.
    AskLater(Duration),
    /// The same, once what this machine is to give is there: what a command prints, a token in a file.
    Local,
    /// The same, once the certificate of who answers is trusted.
    Authority,
    /// The role can't be assumed by who asks.
    Trust,
    /// The key that asks is no good itself.
    SourceKey,
    /// What is set is not what the source expects.
    Mend,
    /// This machine has no role of its own.
    Instance,
    /// The user's session is over.
    SignIn,
    /// The official command line would renew it.
    Renew,
}

fn list(looked_at: &[String]) -> String {
    looked_at.iter().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}

impl Remedy {
    /// What to do where a service gives no answer.
    pub(super) fn of_transport(error: &acs::Error) -> Self {
        match error {
            acs::Error::Transport { kind: TransportKind::Tls, .. } => Self::Authority,
            error if error.class() == Class::Setup => Self::Mend,
            _ => Self::AskAgain,
        }
    }
}

impl Error {
    /// That STS gave no key.
    pub(super) fn of_sts(place: &str, error: &acs::Error) -> Self {
        let remedy = match error.class() {
            _ if matches!(error, acs::Error::Transport { .. }) => Remedy::of_transport(error),
            Class::Throttled => error.retry_after().map_or(Remedy::AskAgain, Remedy::AskLater),
            Class::Transient | Class::Clock | Class::Nonce => Remedy::AskAgain,
            Class::Denied | Class::NotFound => Remedy::Trust,
            Class::Key | Class::Token => Remedy::SourceKey,
            Class::Refused | Class::Setup => Remedy::Mend,
        };
        Self::NotGiven { place: place.to_owned(), problem: error.to_string(), remedy }
    }

    /// The same, with what is wrong at another place.
    pub(super) fn and(self, other: &Self) -> Self {
        match self {
            Self::Absent { place, problem } => Self::Absent { place, problem: format!("{problem}; {}", other.line()) },
            Self::Broken { place, problem } => Self::Broken { place, problem: format!("{problem}; {}", other.line()) },
            Self::NotFound { .. } | Self::NotGiven { .. } => self,
        }
    }

    /// The same words in one line.
    #[must_use]
    pub fn line(&self) -> String {
        match self {
            Self::NotFound { looked_at } => format!("no access key was found; looked at {}", looked_at.join("; ")),
            _ => self.to_string(),
        }
    }

    /// Whether it may pass by itself: the network, too many calls, a command that fails.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            Self::NotGiven { remedy, .. } => match remedy {
                Remedy::AskAgain | Remedy::AskLater(_) | Remedy::Authority | Remedy::Local => true,
                Remedy::Trust
                | Remedy::SourceKey
                | Remedy::Mend
                | Remedy::Instance
                | Remedy::SignIn
                | Remedy::Renew => false,
            },
            Self::NotFound { .. } | Self::Absent { .. } | Self::Broken { .. } => false,
        }
    }

    /// How long the service wants to be left alone.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::NotGiven { remedy: Remedy::AskLater(wait), .. } => Some(*wait),
            _ => None,
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => {
                "set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, or run `aliyun configure`"
            }
            Self::Absent { .. } => {
                "run `aliyun configure`; or set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, and name no profile"
            }
            Self::Broken { .. } => "put right what is named, or choose another profile with --profile",
            Self::NotGiven { remedy, .. } => match remedy {
                Remedy::Local => "put right what is named, on this machine; it is asked again",
                Remedy::AskAgain => "check the network and the proxy; it is asked again",
                Remedy::AskLater(_) => "it was asked too often; it is asked again once it allows that",
                Remedy::Authority => {
                    "if a proxy of your company opens TLS, name its certificate authority with --ca-file"
                }
                Remedy::Trust => {
                    "allow sts:AssumeRole to who asks, in a RAM policy and in the role's trust policy, and check the role's name"
                }
                Remedy::SourceKey => "check the key that the role is assumed with: it is not valid any more",
                Remedy::Mend => "put right what is named, or choose another profile with --profile",
                Remedy::Instance => {
                    "run on an ECS instance with a RAM role, or choose another source, as with --profile"
                }
                Remedy::Renew => {
                    "run any command of the official command line with this profile: it renews the key in its file"
                }
                Remedy::SignIn => "sign in again with the official command line; it is read from there",
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_that_is_not_trusted_is_told_with_what_to_set() {
        let error = |kind| acs::Error::Transport { kind, host: "h".into(), detail: "d".into() };
        let remedy = |error: &acs::Error| match Error::of_sts("p", error) {
            Error::NotGiven { remedy, .. } => remedy,
            other => panic!("{other}"),
        };
        for (kind, expected) in [(TransportKind::Tls, Remedy::Authority), (TransportKind::Timeout, Remedy::AskAgain)] {
            assert_eq!((remedy(&error(kind)), Remedy::of_transport(&error(kind))), (expected, expected));
        }
        let setup = acs::Error::Setup { detail: "no certificates".into() };
        assert_eq!(Remedy::of_transport(&setup), Remedy::Mend);
    }
}
