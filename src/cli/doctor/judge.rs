//! What was found out, judged: what is needed and fails, what only takes a feature away, and what to do.

use chrono::TimeDelta;

use super::{
    finding::{Check, Finding},
    probe::{Account, Probe},
};
use crate::{
    acs::{self, Class},
    actiontrail::{self, Operation},
    config::{self, Known, Note},
    engine::{self, Wish},
    exit::ExitCode,
    units,
};

/// A clock that is off by more than this leads its user astray, although calls are signed with the service's time.
const CLOCK_IS_OFF: TimeDelta = TimeDelta::seconds(60);

/// The service's time has no more than that.
const SECOND: TimeDelta = TimeDelta::seconds(1);

/// Why nothing can be asked at all. `settings` know who said what is wrong.
pub(super) fn configuration(error: &config::Error, settings: &[Known]) -> Finding {
    let check = match error {
        config::Error::Credentials(_) | config::Error::NoProfile(_) => Check::Credentials,
        _ => Check::Configuration,
    };
    let known = error.setting().and_then(|key| settings.iter().find(|known| known.setting.key == key));
    let place = known.map(|known| format!("{}: ", known.origin)).unwrap_or_default();
    let words = place + &one_line(&error.to_string());
    Finding::fail(check, None, words, error.remedy().unwrap_or("set it right").to_owned(), error.exit_code())
}

/// What did not go as its user may expect.
pub(super) fn note(note: &Note) -> Finding {
    let (check, remedy) = match note {
        Note::PassedOver(_) => (Check::Credentials, "name the profile that is meant with --profile"),
        Note::RegionsUnlisted(_) => (Check::Permission, "allow actiontrail:DescribeRegions, or name the regions"),
        Note::LeftAside(_) => (Check::Configuration, "leave --demo out to have them"),
        Note::StrayMark(_) => (Check::Configuration, "name a profile, or PROFILE/REGION, in [target.NAME]"),
    };
    Finding::warn(check, None, note.to_string(), remedy.to_owned())
}

/// What a profile's key is worth, of which `probes` of its targets know, too.
pub(super) fn account(account: &Account, probes: &[Probe]) -> Vec<Finding> {
    let about = Some(account.profile.as_str());
    if let (Ok(key), Some(error)) = (&account.key, key_refusal(account, probes)) {
        let words = format!("{key}: the key is refused: {error}");
        return vec![Finding::fail(Check::Credentials, about, words, error.remedy(), ExitCode::Refused)];
    }
    let key = match &account.key {
        Ok(key) => Finding::ok(Check::Credentials, about, key.clone()),
        Err(error) => {
            let code = match engine::Error::Credentials(error.clone()).verdict() {
                engine::Verdict::MayPass => ExitCode::Unavailable,
                _ => ExitCode::Refused,
            };
            Finding::fail(Check::Credentials, about, one_line(&error.to_string()), error.remedy().into(), code)
        }
    };
    let identity = account.identity.as_ref().map(|identity| match identity {
        Ok(identity) => {
            Finding::ok(Check::Identity, about, format!("account {}, {}", identity.account.as_str(), identity.arn))
        }
        Err(error) => Finding::warn(
            Check::Identity,
            about,
            format!(
                "STS does not say whose key it is: {error}; the key's id stands in for the account, and two profiles of one \
                 account share no quota"
            ),
            identity_remedy(error),
        ),
    });
    let late = account.late.as_ref();
    let late =
        late.map(|late| Finding::warn(Check::Credentials, about, one_line(&late.to_string()), late.remedy().into()));
    [Some(key), late, identity].into_iter().flatten().collect()
}

/// Why a key is worth nothing: a target says so, or STS where no target could be asked.
fn key_refusal(account: &Account, probes: &[Probe]) -> Option<actiontrail::Error> {
    let asked = || probes.iter().filter(|probe| probe.key.profile == account.profile && !probe.calls.is_empty());
    if asked().next().is_some() {
        return asked().find_map(Probe::key_refusal).cloned();
    }
    let error = account.identity.as_ref()?.as_ref().err()?;
    let is_refused = matches!(error.class(), Class::Key | Class::Token);
    is_refused.then(|| actiontrail::Error { operation: Operation::List, source: error.clone() })
}

fn identity_remedy(error: &acs::Error) -> String {
    let remedy = match error.class() {
        Class::Transient => {
            "let this machine reach STS, or name one that it reaches with ALIBABA_CLOUD_STS_REGION or ALIBABA_CLOUD_STS_ENDPOINT"
        }
        Class::Throttled => "others ask STS as well: run doctor again in a minute",
        Class::Denied => "grant the RAM action sts:GetCallerIdentity to this identity",
        _ => "see that ALIBABA_CLOUD_STS_ENDPOINT, or the profile's sts_region, leads to an STS that knows the key",
    };
    remedy.to_owned()
}

/// What a target answers.
pub(super) fn target(probe: &Probe) -> Vec<Finding> {
    let target = probe.key.to_string();
    let about = Some(target.as_str());
    let is_absent = |(_, error): &(Operation, Option<actiontrail::Error>)| {
        error.as_ref().is_some_and(actiontrail::Error::is_no_region)
    };
    if probe.wish == Wish::Found && probe.calls.iter().any(is_absent) {
        let words = "the region is not there for the account, which is no trouble".to_owned();
        return vec![Finding::ok(Check::Endpoint, about, words)];
    }
    let mut findings = vec![endpoint(probe, about)];
    findings.extend(probe.ahead.map(|ahead| clock(ahead, about)));
    if probe.key_refusal().is_some() {
        let words = "not asked, the key is refused".to_owned();
        findings.push(Finding::warn(Check::Permission, about, words, "put the key right first".to_owned()));
    } else if probe.knock.is_ok() {
        findings.extend(probe.calls.iter().map(|(operation, error)| permission(*operation, error.as_ref(), about)));
        findings.extend(backfill(probe, about));
    }
    findings
}

fn endpoint(probe: &Probe, about: Option<&str>) -> Finding {
    let way = match (&probe.proxy, &probe.resolved) {
        (Some(proxy), _) => format!("through {proxy}"),
        (None, Some(Ok((1, took)))) => format!("1 address in {}", milliseconds(*took)),
        (None, Some(Ok((count, took)))) => format!("{count} addresses in {}", milliseconds(*took)),
        // That it has no address is what the knock says.
        (None, Some(Err(_)) | None) => String::new(),
    };
    let comma = if way.is_empty() { "" } else { ", " };
    let place = format!("{}{comma}{way}", probe.endpoint);
    match &probe.knock {
        Err(source) => {
            let error = actiontrail::Error { operation: Operation::List, source: source.clone() };
            let code = if error.class() == Class::Setup { ExitCode::Config } else { ExitCode::Unavailable };
            Finding::fail(Check::Endpoint, about, format!("{place}: {source}"), error.remedy(), code)
        }
        Ok(took) => {
            let first = milliseconds(*took);
            let later = probe.quickest.map(|took| format!(", a call in {}", milliseconds(took))).unwrap_or_default();
            let over = if probe.endpoint.starts_with("http://") { "" } else { " over TLS" };
            Finding::ok(Check::Endpoint, about, format!("{place}, connected{over} and answered in {first}{later}"))
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
