//! Why there is no access key: what was looked at, what was missing. Never a secret.

/// No access key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No source has any.
    #[error("no access key was found; looked at:\n{}", list(.looked_at))]
    NotFound {
        /// Each source and what was missing there.
        looked_at: Vec<String>,
    },
    /// A source is there but can't be used.
    #[error("{place}: {problem}")]
    Broken {
        /// A variable, or a file and profile.
        place: String,
        /// What is wrong there, and what to do.
        problem: String,
    },
}

fn list(looked_at: &[String]) -> String {
    looked_at.iter().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}

impl Error {
    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => {
                "set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, or run `aliyun configure`"
            }
            Self::Broken { .. } => "put right what is named, or choose another profile with --profile",
        }
    }
}
