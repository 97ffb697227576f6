//! `trailwatch emulator`: the embedded endpoint alone, until a signal.

use std::{
    io::{self, Write},
    net::SocketAddr,
};

use tokio::{
    runtime,
    signal::unix::{SignalKind, signal},
};

use super::{
    args::EmulatorArgs,
    report::{self, Severity},
};
use crate::{
    emulator::{Config, Emulator, Identity, Quota, Scenario},
    exit::ExitCode,
};

/// Serves until Ctrl-C or SIGTERM.
pub(super) fn run(args: &EmulatorArgs) -> ExitCode {
    let shares: f64 = args.fault.iter().map(|fault| fault.rate).sum();
    // Tenths don't add up to exactly 1.
    if shares > 1.0 + 1e-9 {
        report::say(Severity::Error, &format!("the rates of --fault add up to {shares}: a call has one fault at most"));
        return ExitCode::Usage;
    }
    let emulator = match Emulator::start(config(args)) {
        Ok(emulator) => emulator,
        Err(error) => {
            report::say(
                Severity::Error,
                &format!("can't listen at {}: {error}", SocketAddr::new(args.listen, args.port)),
            );
            return ExitCode::Config;
        }
    };
    match until_signal(|| announce(&exports(&emulator))) {
        Ok(code) => code,
        Err(error) => report::output(&error),
    }
}

fn config(args: &EmulatorArgs) -> Config {
    let default = Config {
        listen: args.listen,
        port: args.port,
        seed: args.seed,
        scenario: Scenario::Living,
        latency: args.latency,
        faults: args.fault.clone(),
        quota: Quota { list: args.quota, get: args.quota, ..Quota::DOCUMENTED },
        ..Config::default()
    };
    match (args.jobs, args.accounts) {
        (Some(jobs), Some(accounts)) => Config { scenario: Scenario::Fleet(accounts), jobs: jobs as usize, ..default },
        (Some(jobs), None) => Config { scenario: Scenario::Still, jobs: jobs as usize, ..default },
        (None, Some(accounts)) => Config { scenario: Scenario::Fleet(accounts), ..default },
        (None, None) => default,
    }
}

/// What a shell can read to use it. The identities after the first are for trying out tokens and refusals, or other accounts.
fn exports(emulator: &Emulator) -> String {
    let mut text = "# An ActionTrail endpoint with throw-away keys, until Ctrl-C.\n".to_owned();
    text += &format!("export TRAILWATCH_ENDPOINT={}\n", emulator.url());
    for (at, identity) in emulator.identities().iter().enumerate() {
        let comment = if at == 0 { "" } else { "# " };
        text += &match at {
            0 => format!("export TRAILWATCH_REGION={}\n", identity.region),
            _ => format!("# Or as {}:\n", identity.profile),
        };
        text.extend(variables(identity).map(|(name, value)| format!("{comment}export ALIBABA_CLOUD_{name}={value}\n")));
    }
    text
}

/// Written at once, so that whoever reads only the first lines does not end it.
fn announce(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

fn variables(identity: &Identity) -> impl Iterator<Item = (&'static str, &str)> {
    let key = [("ACCESS_KEY_ID", identity.key_id.as_str()), ("ACCESS_KEY_SECRET", identity.secret.as_str())];
    key.into_iter().chain(identity.token.as_deref().map(|token| ("SECURITY_TOKEN", token)))
}

/// Calls `ready` once signals are listened for, then waits for one.
fn until_signal(ready: impl FnOnce() -> io::Result<()>) -> io::Result<ExitCode> {
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        ready()?;
        tokio::select! {
            _ = interrupt.recv() => Ok(ExitCode::Interrupted),
            _ = terminate.recv() => Ok(ExitCode::Terminated),
        }
    })
}
