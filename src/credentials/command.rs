//! A command of the user's that prints a key (mode External): begun without a shell, in a process group of its own, and ended
//! with all of that group when its time is over.

use std::{
    fmt, io,
    pin::pin,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process_group};
use secrecy::zeroize::Zeroizing;
use serde::Deserialize;
use tokio::{
    io::AsyncReadExt as _,
    process::{Child, Command as Process},
    time::timeout,
};

use super::{
    Error, Fields, Places, Remedy,
    lease::{self, Lease, SecretText},
};
use crate::{acs::AccessKey, job::Timestamp};

/// The most that is read: an answer has a few hundred bytes.
const MAX_OUTPUT: usize = 64 * 1024;

/// How long what a command left behind may go on holding its output open.
const AFTERWARDS: Duration = Duration::from_secs(1);

/// A command that prints a key.
pub(super) struct Command {
    place: String,
    /// Its words; one of them may be a secret, so no error shows them but the first.
    words: Zeroizing<Vec<String>>,
    limit: Duration,
}

impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Command").field("place", &self.place).finish_non_exhaustive()
    }
}

/// What it prints.
#[derive(Deserialize)]
struct Printed {
    mode: Option<String>,
    access_key_id: Option<String>,
    access_key_secret: Option<SecretText>,
    sts_token: Option<SecretText>,
    expiration: Option<String>,
}

impl Command {
    /// The command of a profile.
    ///
    /// # Errors
    /// [`Error::Broken`] where there is none, or a quote is not closed.
    pub(super) fn of(fields: &Fields, places: &Places) -> Result<Self, Error> {
        let line = Zeroizing::new(fields.required(&["process_command"])?);
        let unclosed = || fields.broken("process_command has a quote that is not closed");
        let words = Zeroizing::new(shlex::split(&line).ok_or_else(unclosed)?);
        if words.first().is_none_or(String::is_empty) {
            return Err(fields.broken("process_command names no program"));
        }
        Ok(Self { place: format!("{}, process_command", fields.place), words, limit: places.command_limit })
    }

    /// Runs it for a key.
    pub(super) async fn ask(&self, now: Timestamp) -> Result<Lease, Error> {
        let output = self.run().await?;
        let fail = |remedy| move |problem| self.error(remedy, format!("what the command prints: {problem}"));
        let lease = lease::parse::<Printed>(&output).and_then(Printed::lease).map_err(fail(Remedy::Mend))?;
        lease.unexpired(now).map_err(fail(Remedy::Local))
    }

    async fn run(&self) -> Result<Zeroizing<Vec<u8>>, Error> {
        let (program, arguments) = self.words.split_first().expect("a command without words is refused");
        let begun = Process::new(program)
            .args(arguments)
            .process_group(0)
            .kill_on_drop(true)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            // Whatever it has to say there, a screen is drawn over it; and it may be a secret.
            .stderr(Stdio::null())
            .spawn();
        let mut child =
            begun.map_err(|error| self.error(Remedy::Mend, format!("the command can't be run: {error}")))?;
        let mut group = Group::of(&child);
        // Where its time is over, the group is dropped and killed with all that is in it.
        let ended = timeout(self.limit, ended(&mut child)).await;
        let passing = |problem| self.error(Remedy::Local, problem);
        let late = |_| passing(format!("the command did not end within {} s and was killed", self.limit.as_secs()));
        match ended.map_err(late)? {
            Ended::Printed(output, status) => {
                group.0 = None;
                let failed = || passing(format!("the command failed, {status}; run it by hand to see why"));
                if status.success() { Ok(output) } else { Err(failed()) }
            }
            Ended::TooMuch => {
                Err(self.error(Remedy::Mend, format!("the command prints more than {} KiB", MAX_OUTPUT / 1024)))
            }
            Ended::Lost(error) => Err(passing(format!("the command can't be waited for: {error}"))),
        }
    }

    fn error(&self, remedy: Remedy, problem: String) -> Error {
        Error::NotGiven { place: self.place.clone(), problem, remedy }
    }
}

/// A process group that is killed when this is dropped.
struct Group(Option<Pid>);

impl Group {
    fn of(child: &Child) -> Self {
        Self(child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw))
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            // Where none of it is left, there is nothing to kill.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

enum Ended {
    Printed(Zeroizing<Vec<u8>>, ExitStatus),
    TooMuch,
    Lost(io::Error),
}

/// Reads what a command prints until it has ended. What it left behind may hold its output open: that is not waited for.
async fn ended(child: &mut Child) -> Ended {
    let Some(output) = child.stdout.take() else { return Ended::Lost(io::ErrorKind::BrokenPipe.into()) };
    // Room for all of it: a buffer that grows leaves copies of keys behind.
    let mut printed = Zeroizing::new(Vec::with_capacity(MAX_OUTPUT + 64));
    let mut output = output.take(MAX_OUTPUT as u64 + 1);
    let status = {
        let mut reading = pin!(output.read_to_end(&mut printed));
        tokio::select! {
            read = &mut reading => match read {
                Ok(length) if length > MAX_OUTPUT => return Ended::TooMuch,
                Ok(_) => child.wait().await,
                Err(error) => return Ended::Lost(error),
            },
            status = child.wait() => {
                let _ = timeout(AFTERWARDS, reading).await;
                status
            }
        }
    };
    match status {
        Ok(_) if printed.len() > MAX_OUTPUT => Ended::TooMuch,
        Ok(status) => Ended::Printed(printed, status),
        Err(error) => Ended::Lost(error),
    }
}

impl Printed {
    /// The key. One whose end it does not say is kept until it is refused.
    fn lease(self) -> Result<Lease, String> {
        let missing = |field: &str| format!("it has no {field}");
        let id = self.access_key_id.filter(|id| !id.trim().is_empty()).ok_or_else(|| missing("access_key_id"))?;
        let secret = SecretText::of(self.access_key_secret).ok_or_else(|| missing("access_key_secret"))?;
        let token = SecretText::of(self.sts_token);
        let token = match (self.mode.as_deref(), token) {
            (Some("AK"), _) => None,
            (Some("StsToken"), None) => return Err(missing("sts_token, but mode StsToken")),
            (Some("StsToken") | None, token) => token,
            (Some(mode), _) => return Err(format!("its mode is {}, neither AK nor StsToken", lease::short(mode))),
        };
        let expiration = self.expiration.filter(|text| !text.trim().is_empty());
        let expires = expiration.map(|text| lease::time(&text).ok_or("its expiration is no time")).transpose()?;
        Ok(Lease::until(AccessKey { id: id.trim().to_owned(), secret, token }, expires))
    }
}
