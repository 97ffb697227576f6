//! The connection dies: what runs at the other end is gone soon, and burns nothing until then.

use std::{fs, path::Path, process::Command, time::Duration};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::{
    line::Line,
    server::{PID, Sshd, Tty},
    shown::in_pty,
    started::{Started, World},
    term::{Term, eventually},
};

/// More than a program computes that only ends; a loop that spins has used it up in half the time that it takes to notice.
const LITTLE: Duration = Duration::from_millis(300);

/// Who is killed.
#[derive(Debug, Clone, Copy)]
enum Cut {
    /// The `ssh` at the near end.
    Client,
    /// The line between both.
    Line,
    /// The part of `sshd` that serves this connection.
    Session,
}

const CUTS: [Cut; 3] = [Cut::Client, Cut::Line, Cut::Session];

/// A process at the other end.
struct Remote(Pid);

/// What the system tells of a process.
struct Stat {
    parent: Pid,
    cpu: Duration,
}

impl Remote {
    /// The last one that was started with this home.
    fn of(home: &Path) -> Self {
        let mut pid = None;
        eventually("its number", || {
            let text = fs::read_to_string(home.join(PID)).unwrap_or_default();
            pid = text.strip_suffix('\n').and_then(|number| Pid::from_raw(number.parse().unwrap()));
            pid.is_some()
        });
        Self(pid.unwrap())
    }

    /// `None` once it is gone, or dead and not yet asked for.
    fn stat(&self) -> Option<Stat> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.0.as_raw_nonzero())).ok()?;
        // After the name, which may have blanks in it: state, parent, 9 more, then user and system time in hundredths.
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        let hundredths: u64 = fields[11..=12].iter().map(|field| field.parse::<u64>().unwrap()).sum();
        let stat =
            Stat { parent: Pid::from_raw(fields[1].parse().unwrap())?, cpu: Duration::from_millis(hundredths * 10) };
        (!matches!(fields[0], "Z" | "X")).then_some(stat)
    }

    /// Cuts its connection, and waits for its end.
    fn ends_after(&self, cut: Cut, client: &dyn Fn(Signal), line: &Line) {
        let before = self.stat().unwrap();
        match cut {
            Cut::Client => client(Signal::KILL),
            Cut::Line => line.cut(),
            Cut::Session => kill_process(before.parent, Signal::KILL).unwrap(),
        }
        let mut cpu = before.cpu;
        eventually(&format!("the end of the program after {cut:?}"), || {
            let Some(stat) = self.stat() else { return true };
            cpu = stat.cpu;
            false
        });
        assert!(cpu - before.cpu < LITTLE, "{cut:?}: it burnt {:?}", cpu - before.cpu);
    }
}

#[test]
fn the_dashboard_is_gone() {
    is_gone_after_each_cut(&[], |term| drop(term.until("jobs", |screen| screen.place() == Some(0))));
}

#[test]
fn watch_on_a_terminal_is_gone() {
    is_gone_after_each_cut(&["watch"], |term| drop(term.shows("watching 2 jobs")));
}

/// Cuts as soon as the program, at the other end of a terminal, has come so far.
fn is_gone_after_each_cut(arguments: &[&str], until: impl Fn(&Term)) {
    let Some(sshd) = Sshd::start() else { return };
    let world = World::still(2);
    for cut in CUTS {
        let line = Line::to(sshd.port);
        let term = in_terminal(&sshd, &line, world.command(arguments));
        until(&term);
        Remote::of(world.home.path()).ends_after(cut, &|signal| term.signal(signal), &line);
    }
}

/// Nobody sends it a signal, and it has nothing to say that could fail.
#[test]
fn watch_without_a_terminal_is_gone_although_nothing_happens() {
    let Some(sshd) = Sshd::start() else { return };
    let world = World::still(2);
    for cut in CUTS {
        let line = Line::to(sshd.port);
        let mut watch = Started::new(sshd.ssh(line.port, Tty::None, &world.command(&["watch", "--full"])));
        watch.stdout.until("audit");
        Remote::of(world.home.path()).ends_after(cut, &|signal| watch.signal(signal), &line);
    }
}

fn in_terminal(sshd: &Sshd, line: &Line, mut program: Command) -> Term {
    program.env("TERM", "xterm-256color").env("LANG", "C.UTF-8");
    Term::spawn((100, 24), TempDir::new().unwrap(), in_pty(&sshd.ssh(line.port, Tty::Given, &program)))
}
