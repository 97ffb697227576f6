//! A world in the hand of a test, and a program that runs while the test goes on.

use std::{
    io::{BufRead as _, BufReader, Read},
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;
use trailwatch::{
    emulator::{Config, Emulator, Quota, Scenario},
    job::JobId,
};

use crate::{
    caller::{Call, Hand, emulator},
    program::{Access, command, home_with},
};

/// Longer than any test takes; shorter than a person waits for a hung one.
const DEADLINE: Duration = Duration::from_secs(90);

/// A trail whose jobs are complete after 184 seconds, and one whose jobs fail then.
pub(crate) const GOOD: &str = "audit-all";
pub(crate) const VAIN: &str = "legacy-audit";

/// An endpoint, its time, and the home of who asks.
pub(crate) struct World {
    pub(crate) emulator: Emulator,
    hand: Hand,
    pub(crate) home: TempDir,
}

impl World {
    /// One account with so many settled jobs.
    pub(crate) fn still(jobs: usize) -> Self {
        let (emulator, hand) = emulator(Config { jobs, quota: Quota::UNLIMITED, ..Config::default() });
        Self { emulator, hand, home: TempDir::new().unwrap() }
    }

    /// Three accounts. A job of the first is complete after 18 seconds, one of the second fails after 34.
    pub(crate) fn demo() -> Self {
        let scenario = Scenario::Demo;
        let (emulator, hand) = emulator(Config { scenario, jobs: 0, quota: Quota::UNLIMITED, ..Config::default() });
        let profiles: Vec<Value> = ["prod", "audit"].map(|name| Access::of(&emulator, name).profile(name)).into();
        Self { emulator, hand, home: home_with("prod", &profiles) }
    }

    /// One account with so many settled jobs, and two profiles of it.
    pub(crate) fn of_two_profiles(jobs: usize) -> Self {
        let world = Self::still(jobs);
        let profiles = ["prod", "audit"].map(|name| Access::owner(&world.emulator).profile(name));
        Self { home: home_with("prod", &profiles), ..world }
    }

    /// Lets time pass.
    pub(crate) fn pass(&self, seconds: i64) {
        self.hand.pass(seconds * 1000);
    }

    /// Waits until the endpoint has answered so many calls more.
    pub(crate) fn answers(&self, more: u64) {
        let enough = self.emulator.stats().answered + more;
        self.until("more answers", || self.emulator.stats().answered >= enough);
    }

    /// Waits until something is so, without a processor of its own.
    pub(crate) fn until(&self, what: &str, is_so: impl Fn() -> bool) {
        let begun = Instant::now();
        while !is_so() {
            assert!(begun.elapsed() < DEADLINE, "there never are {what}");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// The world's time as an argument.
    pub(crate) fn now(&self) -> String {
        self.hand.now().to_rfc3339()
    }

    pub(crate) fn create(&self, trail: &str) -> i64 {
        let answer = self.call("CreateDeliveryHistoryJob", &format!("TrailName={trail}"));
        answer["JobId"].as_i64().unwrap()
    }

    pub(crate) fn delete(&self, id: i64) {
        self.call("DeleteDeliveryHistoryJob", &format!("JobId={id}"));
    }

    fn call(&self, action: &str, query: &str) -> Value {
        Call::new(&self.emulator.identities()[0], &self.hand, action, query).send(&self.emulator).good()
    }

    /// The binary with the key of the account.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        self.command_as(&Access::owner(&self.emulator), arguments)
    }

    pub(crate) fn command_as(&self, access: &Access, arguments: &[&str]) -> Command {
        let mut command = command(self.home.path(), &access.variables(), arguments);
        command.env("TRAILWATCH_INTERVAL", "1s").env("TRAILWATCH_IDLE_INTERVAL", "1s");
        command
    }

    /// The binary with the profiles of the home.
    pub(crate) fn command_of_profiles(&self, arguments: &[&str]) -> Command {
        let variables = [("TRAILWATCH_ENDPOINT", self.emulator.url()), ("TRAILWATCH_PROFILE", "prod,audit".into())];
        let variables = variables.each_ref().map(|(name, value)| (*name, value.as_str()));
        let mut command = command(self.home.path(), &variables, arguments);
        command.env("TRAILWATCH_INTERVAL", "1s").env("TRAILWATCH_IDLE_INTERVAL", "1s");
        command
    }

    pub(crate) fn start(&self, arguments: &[&str]) -> Started {
        Started::new(self.command(arguments))
    }

    pub(crate) fn journal(&self) -> std::path::PathBuf {
        let path = Path::new(".local/state/trailwatch/journal.db");
        self.home.path().join(path)
    }
}

/// A number as the program prints it.
pub(crate) fn id(id: i64) -> String {
    JobId::new(id).to_string()
}

/// One of its streams, line by line.
pub(crate) struct Stream {
    name: &'static str,
    lines: Receiver<String>,
    pub(crate) seen: Vec<String>,
}

impl Stream {
    fn new(name: &'static str, stream: impl Read + Send + 'static) -> Self {
        let (sender, lines) = channel();
        thread::spawn(move || {
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Self { name, lines, seen: Vec::new() }
    }

    /// The next line, `None` at the end.
    pub(crate) fn next(&mut self) -> Option<String> {
        match self.lines.recv_timeout(DEADLINE) {
            Ok(line) => {
                self.seen.push(line.clone());
                Some(line)
            }
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => panic!("{} is silent after {:#?}", self.name, self.seen),
        }
    }

    /// The next line with these words.
    pub(crate) fn until(&mut self, words: &str) -> String {
        while let Some(line) = self.next() {
            if line.contains(words) {
                return line;
            }
        }
        panic!("{} ended without {words:?}: {:#?}", self.name, self.seen)
    }

    /// The next object whose fields have these values.
    pub(crate) fn object(&mut self, fields: &Value) -> Value {
        loop {
            let line = self.next().unwrap_or_else(|| panic!("it ended without {fields}: {:#?}", self.seen));
            let object: Value = serde_json::from_str(&line).unwrap();
            if fields.as_object().unwrap().iter().all(|(name, value)| object[name] == *value) {
                return object;
            }
        }
    }

    /// Whether a line with these words came, without waiting for one.
    pub(crate) fn says(&mut self, words: &str) -> bool {
        self.seen.extend(self.lines.try_iter());
        self.seen.iter().any(|line| line.contains(words))
    }
}

/// A program that runs; killed where a test fails.
pub(crate) struct Started {
    child: Child,
    pub(crate) stdout: Stream,
    pub(crate) stderr: Stream,
}

impl Drop for Started {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Started {
    pub(crate) fn new(mut command: Command) -> Self {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let stdout = Stream::new("standard output", child.stdout.take().unwrap());
        let stderr = Stream::new("standard error", child.stderr.take().unwrap());
        Self { child, stdout, stderr }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Waits for the end, with all that is still said, which must be fit for a terminal.
    pub(crate) fn ends(mut self, code: i32) -> Ended {
        let begun = Instant::now();
        while self.stdout.next().is_some() {}
        while self.stderr.next().is_some() {}
        let status = self.child.wait().unwrap();
        let said = [&self.stdout, &self.stderr].map(|stream| stream.seen.join("\n"));
        assert_eq!(status.code(), Some(code), "after {:?}: {status}\n{}\n{}", begun.elapsed(), said[0], said[1]);
        let [stdout, stderr] = said;
        assert!(
            !stdout.chars().chain(stderr.chars()).any(|char| char.is_control() && char != '\n'),
            "{stdout}{stderr}"
        );
        Ended { stdout, stderr }
    }
}

/// Everything that a program said.
pub(crate) struct Ended {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap()
    }

    pub(crate) fn objects(&self) -> Vec<Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}
