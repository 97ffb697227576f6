//! Runs the binary in a clean environment, and small servers that answer badly.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Command, Output},
    thread,
};

use tempfile::TempDir;
use trailwatch::emulator::{Config, Emulator, Identity, Quota};

/// What a run left behind.
pub(crate) struct Outcome {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Outcome {
    /// The standard output as one JSON document.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {}", self.stdout))
    }

    /// Checks the exit code, and that everything on the streams is fit for a terminal.
    pub(crate) fn ends(self, code: i32) -> Self {
        let Self { stdout, stderr, .. } = &self;
        assert_eq!(self.code, code, "stdout:\n{stdout}\nstderr:\n{stderr}");
        for text in [stdout, stderr] {
            let unsafe_char = |char: &char| char.is_control() && !matches!(char, '\n' | '\r');
            assert_eq!(text.chars().find(unsafe_char), None, "{text:?}");
        }
        self
    }

    /// Checks that standard error has these words.
    pub(crate) fn says(self, words: &str) -> Self {
        assert!(self.stderr.contains(words), "{words:?} is not in:\n{}", self.stderr);
        self
    }
}

impl From<Output> for Outcome {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().expect("it ends by itself"),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// The binary, with these variables and this home directory, and no other.
pub(crate) fn command(home: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trailwatch"));
    command.env_clear().env("HOME", home).envs(variables.iter().copied()).args(arguments);
    command
}

/// Runs it in an empty home.
pub(crate) fn run(variables: &[(&str, &str)], arguments: &[&str]) -> Outcome {
    let home = TempDir::new().unwrap();
    command(home.path(), variables, arguments).output().unwrap().into()
}

/// Keys that a server of [`serve`] does not check.
pub(crate) const KEYS: [(&str, &str); 3] = [
    ("ALIBABA_CLOUD_ACCESS_KEY_ID", "LTAI5tSomebodysKey"),
    ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "hush"),
    ("TRAILWATCH_REGION", "cn-hangzhou"),
];

/// An emulator with exactly so many jobs and no quota.
pub(crate) fn emulator(jobs: usize) -> Emulator {
    Emulator::start(Config { jobs, quota: Quota::UNLIMITED, ..Config::default() }).unwrap()
}

/// The arguments and variables to read an endpoint as one of its identities.
pub(crate) struct Access {
    url: String,
    identity: Identity,
}

impl Access {
    /// As the account's own key.
    pub(crate) fn owner(emulator: &Emulator) -> Self {
        Self { url: emulator.url(), identity: emulator.identities()[0].clone() }
    }

    /// As the identity whose name ends so.
    pub(crate) fn of(emulator: &Emulator, suffix: &str) -> Self {
        let identity = emulator.identities().iter().find(|identity| identity.profile.ends_with(suffix)).unwrap();
        Self { url: emulator.url(), identity: identity.clone() }
    }

    pub(crate) fn variables(&self) -> Vec<(&str, &str)> {
        let Identity { key_id, secret, token, region, .. } = &self.identity;
        let mut variables = vec![
            ("ALIBABA_CLOUD_ACCESS_KEY_ID", key_id.as_str()),
            ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", secret.as_str()),
            ("TRAILWATCH_REGION", region.as_str()),
            ("TRAILWATCH_ENDPOINT", self.url.as_str()),
            ("TRAILWATCH_MAX_QPS", "1000"),
        ];
        variables.extend(token.as_deref().map(|token| ("ALIBABA_CLOUD_SECURITY_TOKEN", token)));
        variables
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Outcome {
        run(&self.variables(), arguments)
    }

    /// A profile of the official command line's file for it.
    pub(crate) fn profile(&self, name: &str) -> serde_json::Value {
        let Identity { key_id, secret, token, region, .. } = &self.identity;
        let mode = if token.is_some() { "StsToken" } else { "AK" };
        serde_json::json!({ "name": name, "mode": mode, "access_key_id": key_id, "access_key_secret": secret,
            "sts_token": token, "region_id": region.as_str() })
    }
}

/// A home directory with this profile file.
pub(crate) fn home_with(current: &str, profiles: &[serde_json::Value]) -> TempDir {
    let home = TempDir::new().unwrap();
    std::fs::create_dir(home.path().join(".aliyun")).unwrap();
    let file = serde_json::json!({ "current": current, "profiles": profiles });
    std::fs::write(home.path().join(".aliyun/config.json"), file.to_string()).unwrap();
    home
}

/// Serves answers on loopback until the test ends: `answer` makes one from a request's head. Returns the base URL.
pub(crate) fn serve(answer: impl Fn(&str) -> String + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let _ = answer_one(stream, &answer);
        }
    });
    url
}

fn answer_one(mut stream: TcpStream, answer: &impl Fn(&str) -> String) -> std::io::Result<()> {
    let mut head = String::new();
    let mut reader = BufReader::new(stream.try_clone()?);
    while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head)? > 0 {}
    stream.write_all(answer(&head).as_bytes())
}

/// A whole answer that ends the connection.
pub(crate) fn http(status: &str, content_type: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
}

/// An error as the API words it, with a message that a terminal would obey.
pub(crate) fn api_error(status: &str, code: &str) -> String {
    let message = "no \\u001b[2J\\u202e\\nerror: forged";
    let body = format!(r#"{{"RequestId":"B19-7","HostId":"h","Code":"{code}","Message":"{message}","Recommend":"x"}}"#);
    http(status, "application/json", &body)
}
