//! `watch` as a service: what a Prometheus, systemd and people hear of it.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    os::unix::{fs::PermissionsExt as _, net::UnixDatagram},
    time::Duration,
};

use rustix::process::Signal;

use crate::started::{GOOD, Started, VAIN, World, id};

fn page(address: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    let mut page = String::new();
    stream.read_to_string(&mut page).unwrap();
    page
}

#[test]
fn a_prometheus_is_served_what_is_known() {
    let world = World::still(3);
    let job = world.create(GOOD);
    let mut watch = world.start(&["watch", "--metrics", "127.0.0.1:0"]);
    let said = watch.stderr.next().unwrap();
    let address = said.strip_prefix("note: metrics are at http://").and_then(|rest| rest.strip_suffix("/metrics"));
    watch.stdout.until(&id(job));
    let metrics = page(address.unwrap());
    assert!(metrics.starts_with("HTTP/1.1 200 OK\r\n"), "{metrics}");
    let active = r#"trailwatch_jobs{profile="env",region="cn-hangzhou",status="initializing"} 1"#;
    assert!(metrics.contains(active), "{metrics}");
    watch.signal(Signal::TERM);
    watch.ends(143);
}

#[test]
fn an_address_that_is_taken_is_a_wrong_configuration() {
    let world = World::still(1);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let ended = world.start(&["watch", "--metrics", &address]).ends(78);
    assert!(ended.stderr.starts_with(&format!("error: --metrics: can't listen at {address}: ")), "{}", ended.stderr);
    world.start(&["watch", "--metrics", "everywhere"]).ends(2);
}

#[test]
fn systemd_hears_that_it_is_ready_and_lives_and_ends() {
    let world = World::still(2);
    let path = world.home.path().join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(90))).unwrap();
    let hears = || {
        let mut buffer = [0; 512];
        let length = socket.recv(&mut buffer).unwrap();
        String::from_utf8(buffer[..length].to_vec()).unwrap()
    };
    let mut command = world.command(&["watch"]);
    command.env("NOTIFY_SOCKET", &path).env("WATCHDOG_USEC", "400000");
    let watch = Started::new(command);
    assert_eq!(hears(), "READY=1");
    let mut heard = Vec::new();
    let mut until = |words: &str| {
        while !heard.last().is_some_and(|line: &String| line.contains(words)) {
            heard.push(hears());
        }
    };
    until("STATUS=watching 2 jobs, 0 active; 1 of 1 targets read");
    for _ in 0..3 {
        until("WATCHDOG=1");
    }
    watch.signal(Signal::TERM);
    until("STOPPING=1");
    watch.ends(143);
}

#[test]
fn people_are_called_once_over_a_kill_and_a_restart() {
    let world = World::still(1);
    let config = world.home.path().join("config.toml");
    let told = world.home.path().join("told");
    let command = "echo $TRAILWATCH_EVENT $TRAILWATCH_JOB_ID >> $TOLD";
    fs::write(&config, format!("[[notify]]\nname = \"file\"\ncommand = [\"sh\", \"-c\", \"{command}\"]\n")).unwrap();
    fs::set_permissions(&config, fs::Permissions::from_mode(0o600)).unwrap();
    let start = |arguments: &[&str]| {
        let mut command = world.command(arguments);
        command.env("TRAILWATCH_CONFIG", &config).env("TOLD", &told).env("PATH", std::env::var_os("PATH").unwrap());
        Started::new(command)
    };
    let job = world.create(VAIN);
    let mut watch = start(&["watch"]);
    watch.stdout.until(&id(job));
    world.pass(200);
    world.until("calls", || told.exists());
    watch.signal(Signal::KILL);
    drop(watch);
    start(&["watch", "--until", "idle"]).ends(0);
    assert_eq!(fs::read_to_string(&told).unwrap(), format!("failed {job}\n"));

    fs::set_permissions(&config, fs::Permissions::from_mode(0o666)).unwrap();
    assert!(start(&["watch"]).ends(78).stderr.contains("chmod go-w"));
}
