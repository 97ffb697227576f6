//! What was found out, judged: what is needed and fails, what only takes a feature away, and what to do.

use chrono::TimeDelta;

use super::{
    finding::{Check, Finding},
    probe::{Account, Probe},
};
use crate::{
    acs::Class,
    actiontrail::{self, Operation},
    engine,
    exit::ExitCode,
    units,
};

/// A clock that is off by more than this leads its user astray, although calls are signed with the service's time.
const CLOCK_IS_OFF: TimeDelta = TimeDelta::seconds(60);

/// The service's time has no more than that.
const SECOND: TimeDelta = TimeDelta::seconds(1);

/// What a profile's key is worth.
pub(super) fn account(account: &Account) -> Vec<Finding> {
    let about = Some(account.profile.as_str());
    let key = match &account.key {
        Ok(key) => {
            let key = key.as_ref().map(|id| format!(", key {id}")).unwrap_or_default();
            Finding::ok(Check::Credentials, about, format!("{}{key}", account.source))
        }
        Err(error) => Finding::fail(
            Check::Credentials,
            about,
            one_line(&error.to_string()),
            error.remedy().into(),
            ExitCode::Refused,
        ),
    };
    let identity = account.identity.as_ref().map(|identity| match identity {
        Ok(identity) => {
            Finding::ok(Check::Identity, about, format!("account {}, {}", identity.account.as_str(), identity.arn))
        }
        Err(error) => Finding::warn(
            Check::Identity,
            about,
            format!("STS does not say whose key it is: {error}"),
            "the key's id stands in for the account: two profiles of one account share no quota".to_owned(),
        ),
    });
    [Some(key), identity].into_iter().flatten().collect()
}

/// What a target answers.
pub(super) fn target(probe: &Probe) -> Vec<Finding> {
    let target = probe.key.to_string();
    let about = Some(target.as_str());
    let mut findings = vec![endpoint(probe, about)];
    findings.extend(probe.ahead.map(|ahead| clock(ahead, about)));
    if reached(probe) {
        findings.extend(probe.calls.iter().map(|(operation, error)| permission(*operation, error.as_ref(), about)));
        findings.extend(backfill(probe, about));
    }
    findings
}

/// Whether the service itself answered. A host that can't be reached is told once, and not with every call.
fn reached(probe: &Probe) -> bool {
    probe.calls.iter().any(|(_, error)| error.as_ref().is_none_or(|error| error.source.http_status().is_some()))
}

fn endpoint(probe: &Probe, about: Option<&str>) -> Finding {
    let way = match (&probe.proxy, &probe.resolved) {
        (Some(proxy), _) => format!("through {proxy}"),
        (None, Some(Ok((1, took)))) => format!("1 address in {}", milliseconds(*took)),
        (None, Some(Ok((count, took)))) => format!("{count} addresses in {}", milliseconds(*took)),
        (None, Some(Err(error))) => format!("its name is not resolved: {error}"),
        (None, None) => String::new(),
    };
    let place = format!("{}, {way}", probe.endpoint);
    let trouble = probe.calls.iter().find_map(|(_, error)| error.as_ref());
    match trouble.filter(|_| !reached(probe)) {
        Some(error) => {
            let code = if error.class() == Class::Setup { ExitCode::Config } else { ExitCode::Unavailable };
            Finding::fail(Check::Endpoint, about, format!("{place}: {error}"), error.remedy(), code)
        }
        None => {
            let first = milliseconds(probe.first);
            let later = probe.quickest.map(|took| format!(", then in {}", milliseconds(took))).unwrap_or_default();
            Finding::ok(Check::Endpoint, about, format!("{place}, connected and answered in {first}{later}"))
        }
    }
}

/// Several lines as one: a heading and its items.
pub(super) fn one_line(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    lines.join("; ").replace(":; ", ": ")
}

fn milliseconds(took: std::time::Duration) -> String {
    format!("{} ms", took.as_millis())
}

fn clock(ahead: TimeDelta, about: Option<&str>) -> Finding {
    if ahead.abs() < CLOCK_IS_OFF {
        return Finding::ok(Check::Clock, about, format!("right to {}", units::exact(ahead.abs().max(SECOND))));
    }
    let direction = if ahead > TimeDelta::zero() { "behind" } else { "ahead of" };
    let words = format!("this machine is {} {direction} the service", units::exact(ahead.abs()));
    let remedy = "put it right: calls are signed with the service's time, but the log and other programs have this one";
    Finding::warn(Check::Clock, about, words, remedy.to_owned())
}

fn permission(operation: Operation, error: Option<&actiontrail::Error>, about: Option<&str>) -> Finding {
    let action = operation.ram_action();
    // What is not there, or not enabled, could be asked for.
    let Some(error) = error.filter(|error| error.class() != Class::NotFound && !error.is_not_enabled()) else {
        return Finding::ok(Check::Permission, about, action.to_owned());
    };
    let denied = error.class() == Class::Denied;
    let words = if denied { format!("{action} is missing") } else { format!("{action}: {error}") };
    if operation == Operation::List {
        let code = match engine::Error::Call(error.clone()).verdict() {
            engine::Verdict::Refused => ExitCode::Refused,
            _ => ExitCode::Unavailable,
        };
        return Finding::fail(Check::Permission, about, words, error.remedy(), code);
    }
    let without = match operation {
        Operation::List | Operation::Get => "without it there is no progress by region",
        Operation::Trails => "without it there is no trail behind a job, and no coverage",
        Operation::TrailStatus => "without it there is no hint at why a delivery fails",
        Operation::Regions => "without it `--region all` goes by a built-in list",
    };
    Finding::warn(Check::Permission, about, words, format!("{without}; {}", error.remedy()))
}

/// Whether the account has backfill jobs at all, where that can be known.
fn backfill(probe: &Probe, about: Option<&str>) -> Option<Finding> {
    let (_, error) = probe.calls.iter().find(|(operation, _)| *operation == Operation::List)?;
    match error {
        None => Some(Finding::ok(Check::Backfill, about, "backfill jobs are enabled for the account".to_owned())),
        Some(error) if error.is_not_enabled() => {
            let words = "backfill jobs are not enabled for the account".to_owned();
            Some(Finding::fail(Check::Backfill, about, words, error.remedy(), ExitCode::Refused))
        }
        Some(_) => None,
    }
}
