//! A command that tells people of events: begun without a shell, in a process group of its own, watched until it is over.
//!
//! All that it reads and writes is in files without a name, not in pipes: nobody has to wait for it to read, it may print as
//! much as it likes or leave children that hold its output open, and where this process is killed, it goes on to its end.

use std::{
    env,
    ffi::{OsStr, OsString},
    fs::File,
    io::{self, Seek as _, Write as _},
    os::unix::{fs::FileExt as _, process::CommandExt as _},
    process::{Child, Command, ExitStatus, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use rustix::{
    fs::{OFlags, fcntl_getfl, fcntl_setfl},
    process::{Pid, Signal, kill_process_group, test_kill_process_group},
};
use serde_json::Value;

use super::config::Way;
use crate::{journal::Pending, text};

/// How much of what it prints is kept for the log.
pub const MOST_OUTPUT: usize = 64 * 1024;

/// How much it may have printed before that is thrown away, so that no disk fills.
const ROOM: u64 = 1024 * 1024;

/// How long it has to end once it is told to.
const GRACE: Duration = Duration::from_secs(2);

/// The longest value of a variable, in characters: too much in all, and no command could be begun.
const LONGEST: usize = 2000;

/// What commands are told in variables: the variable, and the field of the event.
const VARIABLES: [(&str, &str); 12] = [
    ("TRAILWATCH_EVENT", "event"),
    ("TRAILWATCH_TEXT", "text"),
    ("TRAILWATCH_TIME", "time"),
    ("TRAILWATCH_JOB_ID", "job_id"),
    ("TRAILWATCH_TRAIL", "trail_name"),
    ("TRAILWATCH_HOME_REGION", "home_region"),
    ("TRAILWATCH_FROM", "from"),
    ("TRAILWATCH_TO", "to"),
    ("TRAILWATCH_PROFILE", "profile"),
    ("TRAILWATCH_REGION", "region"),
    ("TRAILWATCH_ACCOUNT_ID", "account_id"),
    ("TRAILWATCH_ERROR", "error"),
];

/// How many events there are.
const COUNT: &str = "TRAILWATCH_COUNT";

/// A command that was begun.
#[derive(Debug)]
pub(super) struct Running {
    /// What it tells of.
    pub(super) ids: Vec<i64>,
    way: Arc<str>,
    child: Child,
    output: File,
    kept: Vec<u8>,
    /// How much it printed; what comes while the file is cut is not counted.
    printed: u64,
    timeout: Duration,
    deadline: Instant,
    stage: Stage,
    /// How its first process ended.
    status: Option<ExitStatus>,
}

/// How far it has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Its first process runs.
    Runs,
    /// That has ended, but others of its group have not.
    Leftover,
    /// Its time was over: the group was told to end, and is killed at this moment.
    Ending(Instant),
    /// Nothing of it is left.
    Over,
}

impl Running {
    /// Begins the command of a way, by these words before it, if there are any.
    ///
    /// # Errors
    /// Where the system does not begin it: nothing has happened then.
    pub(super) fn begin(way: &Way, pending: &[Pending], first: &[OsString]) -> io::Result<Self> {
        let mut input = tempfile::tempfile()?;
        pending.iter().try_for_each(|Pending { event, .. }| writeln!(input, "{event}"))?;
        input.rewind()?;
        let output = tempfile::tempfile()?;
        // What is printed after a cut begins at the front again.
        fcntl_setfl(&output, fcntl_getfl(&output)? | OFlags::APPEND)?;
        let mut words = first.iter().map(OsString::as_os_str).chain(way.command.iter().map(OsStr::new));
        let mut command = Command::new(words.next().expect("a way without a command is refused where it is read"));
        command
            .args(words)
            .env_clear()
            .envs(environment(env::vars_os(), pending))
            .process_group(0)
            .stdin(Stdio::from(input))
            .stdout(output.try_clone()?)
            .stderr(output.try_clone()?);
        let child = command.spawn()?;
        let deadline = Instant::now() + way.timeout;
        let (way, timeout) = (Arc::clone(&way.name), way.timeout);
        let ids = pending.iter().map(|pending| pending.id).collect();
        Ok(Self {
            ids,
            way,
            child,
            output,
            kept: Vec::new(),
            printed: 0,
            timeout,
            deadline,
            stage: Stage::Runs,
            status: None,
        })
    }

    /// The way that it is of.
    pub(super) fn way(&self) -> &Arc<str> {
        &self.way
    }

    /// Whether its first process failed.
    pub(super) fn failed(&self) -> bool {
        self.status.is_some_and(|status| !status.success())
    }

    /// Looks after it, and whether it is over.
    pub(super) fn is_over(&mut self, now: Instant) -> bool {
        self.make_room(ROOM);
        let group = Pid::from_child(&self.child);
        let ended = self.child.try_wait();
        self.status = ended.as_ref().ok().copied().flatten();
        match (self.stage, ended) {
            (Stage::Runs, Ok(Some(status))) => {
                self.report(status);
                self.stage = Stage::Leftover;
            }
            (Stage::Ending(_), Ok(Some(_))) => self.make_room(0),
            _ => {}
        }
        // A group can be asked for as long as one of it is there, and its number is nobody else's so long.
        let is_there = test_kill_process_group(group).is_ok();
        match self.stage {
            Stage::Leftover if !is_there => self.stage = Stage::Over,
            Stage::Runs | Stage::Leftover if now >= self.deadline => {
                self.report_late();
                let _ = kill_process_group(group, Signal::TERM);
                self.stage = Stage::Ending(now + GRACE);
            }
            Stage::Ending(_) if !is_there => self.stage = Stage::Over,
            Stage::Ending(at) if now >= at => drop(kill_process_group(group, Signal::KILL)),
            _ => {}
        }
        self.stage == Stage::Over
    }

    /// Keeps the first of what was printed, and throws the rest away where it is more than `room`.
    fn make_room(&mut self, room: u64) {
        let Ok(printed) = self.output.metadata().map(|metadata| metadata.len()) else { return };
        if printed <= room {
            return;
        }
        let mut buffer = vec![0; MOST_OUTPUT - self.kept.len()];
        let mut read = 0;
        while let Ok(length @ 1..) = self.output.read_at(&mut buffer[read..], read as u64) {
            read += length;
        }
        self.kept.extend_from_slice(&buffer[..read]);
        self.printed += printed;
        // It can't fail on a file of ours; if it did, the disk's own limit remains.
        let _ = self.output.set_len(0);
    }

    fn report(&mut self, status: ExitStatus) {
        self.make_room(0);
        let (way, output) = (&self.way, self.words());
        if status.success() {
            tracing::info!("notify {way}: the command ended well{output}");
        } else {
            tracing::warn!("notify {way}: the command failed, {status}{output}");
        }
    }

    fn report_late(&mut self) {
        self.make_room(0);
        let limit = humantime::format_duration(self.timeout);
        let (way, output) = (&self.way, self.words());
        match self.stage {
            Stage::Leftover => tracing::warn!("notify {way}: what the command left behind is ended after {limit}"),
            _ => tracing::warn!("notify {way}: the command did not end within {limit} and is ended{output}"),
        }
    }

    fn words(&self) -> String {
        let output = String::from_utf8_lossy(&self.kept);
        match output.trim_end() {
            "" => String::new(),
            kept if self.printed > self.kept.len() as u64 => {
                format!("; it printed at least {} bytes, first: {kept}", self.printed)
            }
            kept => format!("; it printed: {kept}"),
        }
    }
}

/// The variables of a command: ours without keys, and what it is told. Of several events, those of the first.
fn environment(
    ours: impl Iterator<Item = (OsString, OsString)>,
    pending: &[Pending],
) -> impl Iterator<Item = (OsString, OsString)> {
    let first = pending.first().and_then(|first| serde_json::from_str(&first.event).ok()).unwrap_or(Value::Null);
    let told = VARIABLES.iter().filter_map(move |(variable, field)| {
        let value = match &first[*field] {
            Value::Null => return None,
            Value::String(text) => text.clone(),
            Value::Object(error) => error.get("code").and_then(Value::as_str)?.to_owned(),
            other => other.to_string(),
        };
        let value: String = text::clean(&value).chars().take(LONGEST).collect();
        Some((OsString::from(variable), OsString::from(value)))
    });
    let count = (OsString::from(COUNT), OsString::from(pending.len().to_string()));
    let passed = ours.filter(|(name, _)| !is_secret(name) && !is_told(name));
    passed.chain(told).chain([count])
}

/// Whether a variable is one that says what happened: one of ours of the same name would be taken for it.
fn is_told(name: &OsStr) -> bool {
    name == COUNT || VARIABLES.iter().any(|(variable, _)| name == *variable)
}

/// Whether a variable may hold a key of the cloud, or say where one is: no business of who is told of a job.
fn is_secret(name: &OsStr) -> bool {
    const PREFIXES: [&str; 3] = ["ALIBABA_CLOUD_", "ALIBABACLOUD_", "ALICLOUD_"];
    const PARTS: [&str; 7] = ["ACCESS_KEY", "SECRET", "TOKEN", "CREDENTIALS", "PASSWORD", "ROLE", "OIDC"];
    let name = name.to_string_lossy().to_ascii_uppercase();
    let rest = PREFIXES.iter().find_map(|prefix| name.strip_prefix(prefix));
    rest.is_some_and(|rest| PARTS.iter().any(|part| rest.contains(part)))
        || ["ACCESS_KEY_ID", "ACCESS_KEY_SECRET", "SECURITY_TOKEN"].contains(&name.as_str())
}

#[cfg(test)]
mod tests;
