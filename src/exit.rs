//! The exit codes that scripts rely on, and what each means. Which outcome gets which code is decided where it is known.

use std::process;

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum ExitCode {
    /// Done, or the condition was met.
    Done = 0,
    /// What was watched failed, or what was listed needs somebody.
    Failed = 1,
    /// Wrong usage.
    Usage = 2,
    /// No such job.
    NoJob = 66,
    /// The service can't be reached or read, or the list is incomplete.
    Unavailable = 69,
    /// An error of the program itself.
    Internal = 70,
    /// Credentials missing or refused, or a permission is missing.
    Refused = 77,
    /// Wrong configuration.
    Config = 78,
    /// Timed out.
    TimedOut = 124,
    /// Hung up (SIGHUP, or the terminal is gone).
    HungUp = 129,
    /// Interrupted (SIGINT).
    Interrupted = 130,
    /// Terminated (SIGTERM).
    Terminated = 143,
}

impl ExitCode {
    /// Every code, in ascending order.
    pub const ALL: [Self; 12] = [
        Self::Done,
        Self::Failed,
        Self::Usage,
        Self::NoJob,
        Self::Unavailable,
        Self::Internal,
        Self::Refused,
        Self::Config,
        Self::TimedOut,
        Self::HungUp,
        Self::Interrupted,
        Self::Terminated,
    ];

    /// The number.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// What it tells a script.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Done => "done, or the condition was met",
            Self::Failed => "a waited or watched job failed; --exit-status found an open failure or a stalled job",
            Self::Usage => "wrong usage",
            Self::NoJob => "no such job",
            Self::Unavailable => "the service can't be reached or read, or the list is incomplete",
            Self::Internal => "an error of the program itself",
            Self::Refused => "credentials missing or refused, or a permission is missing",
            Self::Config => "wrong configuration",
            Self::TimedOut => "timed out",
            Self::HungUp => "hung up: the terminal is gone",
            Self::Interrupted => "interrupted",
            Self::Terminated => "terminated",
        }
    }
}

impl From<ExitCode> for process::ExitCode {
    fn from(code: ExitCode) -> Self {
        code.code().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_the_contract() {
        let numbers: Vec<u8> = ExitCode::ALL.iter().map(|code| code.code()).collect();
        assert_eq!(numbers, [0, 1, 2, 66, 69, 70, 77, 78, 124, 129, 130, 143]);
    }
}
