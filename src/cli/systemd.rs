//! What systemd wants to hear of a service: that it is ready, that it lives, what it does, that it ends.
//!
//! The protocol is `sd_notify(3)`: a datagram of `NAME=value` lines to the socket in `NOTIFY_SOCKET`. Where nobody asked, nothing
//! is said; where it can't be said, the service goes on, and systemd draws its own conclusions.

#[cfg(target_os = "linux")]
use std::os::linux::net::SocketAddrExt as _;
use std::{
    io,
    os::unix::net::{SocketAddr, UnixDatagram},
    process,
    time::Duration,
};

use crate::{credentials::Env, text};

/// The longest status: it is one line of `systemctl status`.
const MOST_COLUMNS: usize = 200;

/// The service manager that started this process, if one did and wants to hear of it.
#[derive(Debug, Default)]
pub struct Supervisor {
    listener: Option<(UnixDatagram, SocketAddr)>,
    /// After how long a silence it takes this process for dead.
    watchdog: Option<Duration>,
    /// When it is to hear of it next, on the clock of whoever says so.
    next: Duration,
    /// The last status that it heard.
    said: String,
}

impl Supervisor {
    /// Who is named in the environment: `NOTIFY_SOCKET`, and `WATCHDOG_USEC` where `WATCHDOG_PID` is this process.
    #[must_use]
    pub fn of(env: &Env) -> Self {
        let listener = env.get("NOTIFY_SOCKET").and_then(|name| match listener(&name) {
            Ok(listener) => Some(listener),
            Err(error) => {
                tracing::warn!("can't tell systemd anything at {:?}: {error}", text::clean(&name));
                None
            }
        });
        let watchdog = listener.is_some().then(|| watchdog(env, process::id())).flatten();
        Self { listener, watchdog, ..Self::default() }
    }

    /// Whether anybody hears.
    #[must_use]
    pub fn listens(&self) -> bool {
        self.listener.is_some()
    }

    /// How long there is nothing to say, after so much time: it wants to hear twice as often as it insists on.
    #[must_use]
    pub fn rest(&self, elapsed: Duration) -> Option<Duration> {
        self.watchdog.map(|_| self.next.saturating_sub(elapsed))
    }

    /// What was started works: units that wait for it may start.
    pub fn ready(&self) {
        self.tell("READY=1");
    }

    /// It works still, so much time after its start. To be said by what would stand still if it did not; it is passed on where
    /// it is time for it.
    pub fn alive(&mut self, elapsed: Duration) {
        if let Some(limit) = self.watchdog.filter(|_| elapsed >= self.next) {
            self.next = elapsed + limit / 2;
            self.tell("WATCHDOG=1");
        }
    }

    /// What it does now, in one line; passed on where that is another one.
    pub fn status(&mut self, words: &str) {
        if self.said != words {
            words.clone_into(&mut self.said);
            let words = text::clean(words);
            self.tell(&format!("STATUS={}", text::truncate(&words, MOST_COLUMNS, "...")));
        }
    }

    /// It is about to end.
    pub fn stopping(&self) {
        self.tell("STOPPING=1");
    }

    /// Never waits: a manager that does not read must not stop what it manages.
    fn tell(&self, line: &str) {
        let Some((socket, address)) = &self.listener else { return };
        if let Err(error) = socket.send_to_addr(line.as_bytes(), address) {
            tracing::debug!("systemd does not hear {line:?}: {error}");
        }
    }
}

/// A path, or with `@` an abstract name.
fn listener(name: &str) -> io::Result<(UnixDatagram, SocketAddr)> {
    let address = match name.strip_prefix('@') {
        #[cfg(target_os = "linux")]
        Some(name) => SocketAddr::from_abstract_name(name)?,
        _ if name.starts_with('/') => SocketAddr::from_pathname(name)?,
        _ => return Err(io::Error::other("it is neither a path nor an abstract name")),
    };
    let socket = UnixDatagram::unbound()?;
    socket.set_nonblocking(true)?;
    Ok((socket, address))
}

/// After how long a silence systemd takes this process for dead.
fn watchdog(env: &Env, process: u32) -> Option<Duration> {
    let meant = env.get("WATCHDOG_PID").is_none_or(|id| id.parse() == Ok(process));
    let limit = env.get("WATCHDOG_USEC").filter(|_| meant)?.parse().ok()?;
    Some(Duration::from_micros(limit)).filter(|limit| !limit.is_zero())
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    const WATCHED: (&str, &str) = ("WATCHDOG_USEC", "30000000");

    fn heard(socket: &UnixDatagram) -> String {
        let mut buffer = [0; 1024];
        let length = socket.recv(&mut buffer).unwrap();
        String::from_utf8(buffer[..length].to_vec()).unwrap()
    }

    fn say_all(mut supervisor: Supervisor) {
        supervisor.ready();
        for _ in 0..3 {
            supervisor.status("3 targets\nREADY=1 \u{1b}[2J");
            supervisor.alive(Duration::ZERO);
        }
        supervisor.stopping();
    }

    fn hears_all(socket: &UnixDatagram) {
        let lines: Vec<String> = (0..4).map(|_| heard(socket)).collect();
        let status = "STATUS=3 targets\\u{a}READY=1 \\u{1b}[2J";
        assert_eq!(lines, ["READY=1", status, "WATCHDOG=1", "STOPPING=1"]);
    }

    #[test]
    fn it_is_told_at_a_path() {
        let directory = TempDir::new().unwrap();
        let path = directory.path().join("notify");
        let socket = UnixDatagram::bind(&path).unwrap();
        say_all(Supervisor::of(&Env::of(&[("NOTIFY_SOCKET", path.to_str().unwrap()), WATCHED])));
        hears_all(&socket);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn it_is_told_at_an_abstract_name() {
        let name = format!("trailwatch-test-{}", process::id());
        let socket = UnixDatagram::bind_addr(&SocketAddr::from_abstract_name(&name).unwrap()).unwrap();
        say_all(Supervisor::of(&Env::of(&[("NOTIFY_SOCKET", &format!("@{name}")), WATCHED])));
        hears_all(&socket);
    }

    #[test]
    fn where_nobody_asks_or_listens_nothing_happens() {
        for variables in [&[][..], &[("NOTIFY_SOCKET", "")], &[("NOTIFY_SOCKET", "relative")]] {
            let supervisor = Supervisor::of(&Env::of(variables));
            assert!(supervisor.listener.is_none());
            say_all(supervisor);
        }
        let long = format!("/{}", "x".repeat(300));
        say_all(Supervisor::of(&Env::of(&[("NOTIFY_SOCKET", &long)])));
        say_all(Supervisor::of(&Env::of(&[("NOTIFY_SOCKET", "/nobody/listens/here")])));
    }

    #[test]
    fn a_manager_that_does_not_read_holds_nothing_up() {
        let directory = TempDir::new().unwrap();
        let path = directory.path().join("notify");
        let _deaf = UnixDatagram::bind(&path).unwrap();
        let supervisor = Supervisor::of(&Env::of(&[("NOTIFY_SOCKET", path.to_str().unwrap())]));
        for _ in 0..10_000 {
            supervisor.ready();
        }
    }

    #[test]
    fn the_watchdog_is_fed_twice_as_often_as_it_insists_on_where_it_is_ours() {
        let socket = ("NOTIFY_SOCKET", "/run/trailwatch");
        let own = process::id().to_string();
        let period = |variables: &[(&str, &str)]| {
            let mut supervisor = Supervisor::of(&Env::of(variables));
            supervisor.alive(Duration::ZERO);
            supervisor.rest(Duration::from_secs(5))
        };
        let half = Some(Duration::from_secs(15 - 5));
        assert_eq!(period(&[socket, WATCHED]), half);
        assert_eq!(period(&[socket, WATCHED, ("WATCHDOG_PID", &own)]), half);
        assert_eq!(period(&[socket, WATCHED, ("WATCHDOG_PID", "1")]), None);
        assert_eq!(period(&[WATCHED]), None, "nobody would hear it");
        for bad in ["", "0", "-1", "soon", "99999999999999999999999"] {
            assert_eq!(period(&[socket, ("WATCHDOG_USEC", bad)]), None, "{bad}");
        }
    }
}
