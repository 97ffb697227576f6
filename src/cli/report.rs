//! Trouble in words, on standard error, and the exit code that follows from it.

use std::{
    borrow::Cow,
    cell::RefCell,
    collections::{BTreeMap, HashSet},
    io::{self, Write},
    time::Duration,
};

use chrono::TimeDelta;

use crate::{
    acs::Class,
    config::{self, Origin},
    credentials,
    engine::{self, Quality, Snapshot, TargetState, Verdict},
    exit::ExitCode,
    job::TargetKey,
    text, units,
};

/// How bad it is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Severity {
    Error,
    Warning,
    Note,
}

impl Severity {
    fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// Says something on standard error. Where nobody can hear it, the exit code has to do.
pub(super) fn say(severity: Severity, message: &str) {
    let _ = writeln!(io::stderr(), "{}: {}", severity.word(), text::clean(message));
}

/// Says why there is nothing to do, and how the program ends. `origin` knows who said what is wrong.
pub(super) fn configuration(error: &config::Error, origin: impl Fn(&str) -> Origin) -> ExitCode {
    let origin = error.setting().map(origin);
    let place = origin.as_ref().map(|origin| format!("{origin}: ")).unwrap_or_default();
    let _ = write!(io::stderr(), "error: {}", lines(&(place + &error.to_string())));
    if let Some(remedy) = error.remedy() {
        let _ = writeln!(io::stderr(), "  remedy: {remedy}");
    }
    match origin {
        Some(Origin::File { .. }) => ExitCode::Config,
        _ => error.exit_code(),
    }
}

/// Says why a target could not be read.
pub(super) fn target(severity: Severity, key: &TargetKey, error: &engine::Error) {
    let _ = io::stderr().write_all(words(severity, key, error).as_bytes());
}

fn words(severity: Severity, key: &TargetKey, error: &engine::Error) -> String {
    let target = text::clean(&key.to_string()).into_owned();
    let mut words = format!("{}: {target}: {}", severity.word(), reason(error));
    if !words.ends_with('\n') {
        words.push('\n');
    }
    if let Some(id) = error.request_id() {
        words += &format!("  RequestId: {}\n", text::clean(id));
    }
    words + &format!("  remedy: {}\n", text::clean(&error.remedy()))
}

/// Code and message.
fn reason(error: &engine::Error) -> String {
    let message = error.to_string();
    let code = if message.starts_with(error.code()) { Cow::default() } else { text::clean(error.code()) + ": " };
    // Only our own words have lines; a line break in the service's would be somebody's forged line.
    match error {
        engine::Error::Credentials(credentials::Error::NotFound { .. }) => code.into_owned() + &lines(&message),
        _ => code.into_owned() + &text::clean(&message),
    }
}

/// So many targets are told of that meet the same; the others are counted.
const TOLD: usize = 3;

/// Says, once for each target, that a call failed and is tried again: else nothing would be heard until patience ends. How many
/// more targets met the same is said when it is dropped.
pub(super) fn trying_again(patience: Duration) -> impl Fn(&TargetKey, &engine::Error) {
    let tried = RefCell::new(TriedAgain::default());
    let patience = units::written(patience);
    move |key, error| {
        if tried.borrow_mut().is_told(key, error.code()) {
            say(Severity::Warning, &format!("{key}: {}; trying again for up to {patience}", reason(error)));
        }
    }
}

/// Which targets met what.
#[derive(Debug, Default)]
struct TriedAgain {
    targets: HashSet<TargetKey>,
    codes: BTreeMap<String, usize>,
}

impl TriedAgain {
    /// Whether this is to be said.
    fn is_told(&mut self, key: &TargetKey, code: &str) -> bool {
        if !self.targets.insert(key.clone()) {
            return false;
        }
        let count = self.codes.entry(code.to_owned()).or_default();
        *count += 1;
        *count <= TOLD
    }

    /// What was not said.
    fn others(&self) -> impl Iterator<Item = String> {
        let more = self.codes.iter().filter(|(_, count)| **count > TOLD);
        more.map(|(code, count)| match count - TOLD {
            1 => format!("and 1 more target: {code}"),
            more => format!("and {more} more targets: {code}"),
        })
    }
}

impl Drop for TriedAgain {
    fn drop(&mut self) {
        self.others().for_each(|others| say(Severity::Warning, &others));
    }
}

/// Text of several lines, each made safe.
fn lines(text: &str) -> String {
    text.lines().map(|line| format!("{}\n", text::clean(line))).collect()
}

/// A clock that is off by less than this is right enough for the service.
const CLOCK_IS_WRONG: TimeDelta = TimeDelta::minutes(15);

/// Tells each target's trouble, and how the program ends.
pub(super) fn snapshot(snapshot: &Snapshot) -> ExitCode {
    jobs(snapshot, Severity::Error).exit_code()
}

/// Tells the same as this severe, where the program may end otherwise.
pub(super) fn unread(snapshot: &Snapshot, severity: Severity) -> ExitCode {
    jobs(snapshot, severity).exit_code()
}

/// The same where trails were to be read, too.
pub(super) fn snapshot_with_trails(snapshot: &Snapshot) -> ExitCode {
    let mut outcome = jobs(snapshot, Severity::Error);
    for state in snapshot.targets.iter() {
        let trails = &state.trails;
        if let Some(error) = trails.error.as_ref().filter(|error| !told(state, error)) {
            target(Severity::Error, &state.key, error);
            outcome.add(error);
        }
        if trails.faults > 0 {
            say(Severity::Error, &format!("{}: {} trails can't be read", state.key, trails.faults));
            outcome.unread = true;
        }
        if let Some(error) = &trails.status_error {
            target(Severity::Warning, &state.key, error);
        }
    }
    outcome.exit_code()
}

/// Whether the same was said of the jobs: who has no key at all hears of it once. A missing permission has a name of its own.
fn told(state: &TargetState, error: &engine::Error) -> bool {
    state.health.error().is_some_and(|known| known.code() == error.code() && known.remedy() == error.remedy())
}

fn jobs(snapshot: &Snapshot, severity: Severity) -> Outcome {
    let mut outcome = Outcome::default();
    for state in snapshot.targets.iter() {
        if state.clock_offset.abs() >= CLOCK_IS_WRONG {
            say(Severity::Warning, &format!("{}: {}", state.key, wrong_clock(state.clock_offset)));
        }
        if let Some(error) = state.health.error() {
            target(severity, &state.key, error);
            outcome.add(error);
        } else if let Some(Quality::Unconfirmed(why)) = state.read.as_ref().map(|read| &read.quality) {
            say(severity, &format!("{}: the list may be incomplete: {why}", state.key));
            outcome.unread = true;
        } else if !state.is_complete() {
            say(severity, &format!("{}: it was not read", state.key));
            outcome.unread = true;
        }
    }
    outcome
}

/// `ahead` is how far the service's clock is ahead of ours.
fn wrong_clock(ahead: TimeDelta) -> String {
    let (by, direction) = (units::exact(ahead.abs()), if ahead > TimeDelta::zero() { "behind" } else { "ahead of" });
    format!(
        "the clock of this machine is {by} {direction} the service's: put it right; the calls were signed with the \
         service's time"
    )
}

/// What went wrong over several targets.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// One could not be reached or read, or not wholly.
    unread: bool,
    /// One refused the key, or a permission is missing.
    refused: bool,
    /// One could not be asked, because of what is set on this machine.
    misconfigured: bool,
}

impl Outcome {
    /// Takes another target's error in.
    pub(super) fn add(&mut self, error: &engine::Error) {
        match error {
            engine::Error::Call(call) if call.class() == Class::Setup => self.misconfigured = true,
            error if error.verdict() == Verdict::Refused => self.refused = true,
            _ => self.unread = true,
        }
    }

    /// What cannot be read comes before what is refused: a script may try again for the one, never for the other.
    pub(super) fn exit_code(&self) -> ExitCode {
        match self {
            Self { unread: true, .. } => ExitCode::Unavailable,
            Self { refused: true, .. } => ExitCode::Refused,
            Self { misconfigured: true, .. } => ExitCode::Config,
            _ => ExitCode::Done,
        }
    }
}

/// How a command ends that could not write its output: a reader that has seen enough is no error.
pub(super) fn output(error: &io::Error) -> ExitCode {
    if error.kind() == io::ErrorKind::BrokenPipe {
        return ExitCode::Done;
    }
    say(Severity::Error, &format!("can't write to standard output: {error}"));
    ExitCode::Internal
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        acs::{self, ApiError, TransportKind},
        actiontrail::{self, Operation},
        job::{ProfileName, Region},
    };

    fn call(source: acs::Error) -> engine::Error {
        engine::Error::Call(actiontrail::Error { operation: Operation::List, source })
    }

    fn api(code: &str, http_status: u16) -> engine::Error {
        call(acs::Error::Api(Box::new(ApiError {
            code: code.into(),
            message: "You are not\nerror: forged\u{1b}[2J".into(),
            http_status,
            request_id: Some("B19\u{202e}".into()),
            denied_action: None,
            retry_after: None,
            server_time: None,
        })))
    }

    fn unreachable() -> engine::Error {
        call(acs::Error::Transport { kind: TransportKind::Connect, host: "h".into(), detail: "refused".into() })
    }

    fn said(error: &engine::Error) -> String {
        let key = TargetKey { profile: ProfileName::new("p\u{1b}").unwrap(), region: Region::new("cn-x").unwrap() };
        words(Severity::Error, &key, error)
    }

    #[test]
    fn a_refusal_names_code_status_request_and_remedy_on_clean_lines() {
        assert_eq!(
            said(&api("NoPermission", 403)),
            "error: p\\u{1b}/cn-x: NoPermission (HTTP 403): You are not\\u{a}error: forged\\u{1b}[2J\n  \
             RequestId: B19\\u{202e}\n  \
             remedy: grant the RAM action actiontrail:ListDeliveryHistoryJobs on resource \"*\" to this identity\n"
        );
        assert!(said(&unreachable()).starts_with("error: p\\u{1b}/cn-x: NotConnected: h: can't connect: refused\n"));
        let none = engine::Error::Credentials(credentials::Error::NotFound { looked_at: vec!["a".into(), "b".into()] });
        assert!(said(&none).contains("looked at:\n  a\n  b\n"), "{}", said(&none));
        let (place, problem) = ("STS".to_owned(), "refused\nerror: forged".to_owned());
        let remedy = credentials::Remedy::Trust;
        let refused = engine::Error::Credentials(credentials::Error::NotGiven { place, problem, remedy });
        assert!(said(&refused).contains("STS: refused\\u{a}error: forged\n"), "{}", said(&refused));
    }

    #[test]
    fn a_clock_is_wrong_in_one_direction_or_the_other() {
        assert!(wrong_clock(TimeDelta::hours(1)).starts_with("the clock of this machine is 1h behind the service's: "));
        assert!(
            wrong_clock(TimeDelta::days(-2)).starts_with("the clock of this machine is 2d ahead of the service's: ")
        );
    }

    #[test]
    fn what_is_unread_counts_more_than_what_is_refused() {
        let code = |errors: &[engine::Error]| {
            let mut outcome = Outcome::default();
            errors.iter().for_each(|error| outcome.add(error));
            outcome.exit_code()
        };
        let (denied, busy) = (api("NoPermission", 403), api("ServiceUnavailable", 503));
        let setup = call(acs::Error::Setup { detail: "--ca-file".into() });
        assert_eq!(code(&[]), ExitCode::Done);
        assert_eq!(code(&[denied.clone(), busy, setup.clone()]), ExitCode::Unavailable);
        assert_eq!(code(&[setup.clone(), denied.clone()]), ExitCode::Refused);
        assert_eq!(code(&[setup]), ExitCode::Config);
        assert_eq!(code(&[denied, unreachable()]), ExitCode::Unavailable);
    }

    #[test]
    fn a_reader_that_has_seen_enough_is_no_error() {
        assert_eq!(output(&io::ErrorKind::BrokenPipe.into()), ExitCode::Done);
        assert_eq!(output(&io::ErrorKind::StorageFull.into()), ExitCode::Internal);
    }
}
