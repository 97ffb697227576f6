//! An `sshd` of the test's own, and the `ssh` that knows it and nobody else.

use std::{
    borrow::Cow,
    ffi::OsStr,
    fs,
    io::{BufRead as _, BufReader, Write as _},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, ChildStderr, Command, Stdio},
    thread,
};

use rustix::process::getuid;
use tempfile::TempDir;
use trailwatch::export::quote;

/// Where an `sshd` lies besides the directories of `PATH`, which often lacks these.
const ELSEWHERE: [&str; 4] = ["/usr/sbin", "/usr/local/sbin", "/sbin", "/usr/bin"];

/// The directory that Debian's `sshd` wants to be there where root starts it, and that its service makes.
const PRIVILEGE_SEPARATION: &str = "/run/sshd";

/// What the server says when it listens.
const LISTENS: &str = "Server listening on ";

/// How often another port is tried: somebody may take one between the moment when it was free and the server's start.
const PORTS: usize = 10;

/// The programs of OpenSSH.
struct Programs {
    sshd: PathBuf,
    ssh: PathBuf,
    keygen: PathBuf,
}

/// The file in its home that has the program's number at the other end.
pub(crate) const PID: &str = "pid";

/// Whether the program gets a terminal at the other end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tty {
    Given,
    None,
}

/// A server that runs, with a key that it lets in. Dropping it ends it.
pub(crate) struct Sshd {
    programs: Programs,
    files: TempDir,
    child: Child,
    pub(crate) port: u16,
}

impl Drop for Sshd {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Sshd {
    /// Starts one; `None` where there is none, and that is allowed.
    pub(crate) fn start() -> Option<Self> {
        let Some(programs) = Programs::find() else {
            let why = "needs sshd, ssh and ssh-keygen, which are not installed";
            assert!(std::env::var("TRAILWATCH_SSH_TESTS").as_deref() != Ok("required"), "this test {why}");
            let test = thread::current().name().unwrap_or("a test").to_owned();
            // Past the harness, which shows nothing of what a test that passes prints.
            std::io::stderr().write_all(format!("skipped: {test} {why}\n").as_bytes()).unwrap();
            return None;
        };
        let files = TempDir::new().unwrap();
        for name in ["host_key", "user_key"] {
            programs.make_key(&files.path().join(name));
        }
        fs::copy(files.path().join("user_key.pub"), files.path().join("authorized_keys")).unwrap();
        let host_key = fs::read_to_string(files.path().join("host_key.pub")).unwrap();
        fs::write(files.path().join("known_hosts"), format!("trailwatch-test {host_key}")).unwrap();
        fs::write(files.path().join("ssh_config"), ssh_config(files.path())).unwrap();
        if getuid().is_root() {
            fs::create_dir_all(PRIVILEGE_SEPARATION).unwrap();
        }
        let (child, port) = programs.serve(files.path());
        Some(Self { programs, files, child, port })
    }

    /// The `ssh` that runs this program behind that port, with its arguments and its variables.
    pub(crate) fn ssh(&self, port: u16, tty: Tty, program: &Command) -> Command {
        let mut ssh = Command::new(&self.programs.ssh);
        ssh.env_clear().arg("-F").arg(self.files.path().join("ssh_config"));
        ssh.args(["-p", &port.to_string(), if tty == Tty::Given { "-tt" } else { "-T" }, "trailwatch-test"]);
        let mut remote = String::new();
        for (name, value) in program.get_envs().filter_map(|(name, value)| Some((name, value?))) {
            if name == "HOME" {
                // This one the server sets itself. The shell's number is that of the program that takes its place.
                let home = word(value);
                remote += &format!("echo $$ >{home}/{PID}; exec env HOME={home}");
            }
            ssh.env(name, value);
        }
        remote += &format!(" {}", word(program.get_program()));
        remote.extend(program.get_args().map(|argument| format!(" {}", word(argument))));
        ssh.arg(remote);
        ssh
    }
}

impl Programs {
    fn find() -> Option<Self> {
        Some(Self { sshd: find("sshd")?, ssh: find("ssh")?, keygen: find("ssh-keygen")? })
    }

    fn make_key(&self, path: &Path) {
        let mut keygen = Command::new(&self.keygen);
        let output = keygen.args(["-q", "-t", "ed25519", "-N", "", "-C", "test", "-f"]).arg(path).output().unwrap();
        assert!(output.status.success(), "{output:?}");
    }

    /// Starts the server on a port that is free.
    fn serve(&self, files: &Path) -> (Child, u16) {
        let mut said = String::new();
        for _ in 0..PORTS {
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            fs::write(files.join("sshd_config"), sshd_config(files, port)).unwrap();
            let mut sshd = Command::new(&self.sshd);
            sshd.args(["-D", "-e", "-f"]).arg(files.join("sshd_config"));
            let sshd = sshd.env_clear().env("PATH", "/usr/bin:/bin");
            let mut child = sshd.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
            match listens(BufReader::new(child.stderr.take().unwrap())) {
                Ok(()) => return (child, port),
                Err(words) => said = words,
            }
            child.wait().unwrap();
        }
        panic!("sshd does not start:\n{said}");
    }
}

/// Waits until the server listens; what it said instead. What it says later goes to a thread that has it to show.
fn listens(mut words: BufReader<ChildStderr>) -> Result<(), String> {
    let mut said = String::new();
    while !said.contains(LISTENS) {
        if words.read_line(&mut said).unwrap() == 0 {
            return Err(said);
        }
    }
    thread::spawn(move || {
        #[allow(clippy::print_stderr, reason = "the harness shows it with a test that fails")]
        words.lines().map_while(Result::ok).for_each(|line| eprintln!("{line}"));
    });
    Ok(())
}

fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let all = std::env::split_paths(&path).chain(ELSEWHERE.map(PathBuf::from));
    all.map(|directory| directory.join(name)).find(|file| file.is_file())
}

/// One word of the shell at the other end.
fn word(text: &OsStr) -> Cow<'_, str> {
    quote(text.to_str().unwrap()).unwrap()
}

/// `StrictModes` would refuse files below a directory that everybody may write, as that for temporary files is.
fn sshd_config(files: &Path, port: u16) -> String {
    let files = files.display();
    format!(
        "ListenAddress 127.0.0.1:{port}
HostKey {files}/host_key
AuthorizedKeysFile {files}/authorized_keys
PidFile none
StrictModes no
UsePAM no
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitUserRC no
PrintMotd no
PrintLastLog no
UseDNS no
AcceptEnv LANG TRAILWATCH_* ALIBABA_*
"
    )
}

fn ssh_config(files: &Path) -> String {
    let files = files.display();
    format!(
        "HostName 127.0.0.1
HostKeyAlias trailwatch-test
UserKnownHostsFile {files}/known_hosts
GlobalKnownHostsFile /dev/null
StrictHostKeyChecking yes
IdentityFile {files}/user_key
IdentitiesOnly yes
IdentityAgent none
BatchMode yes
EscapeChar none
LogLevel ERROR
SendEnv LANG TRAILWATCH_* ALIBABA_*
"
    )
}
