//! Commands that read, fail, hang, print without end and leave children behind.

use std::{fs, thread};

use rustix::process::test_kill_process;
use tempfile::TempDir;

use super::*;
use crate::notify::tests::{eventually, shell};

fn quick(script: &str, zero: &str) -> Way {
    Way { timeout: Duration::from_millis(400), ..shell("test", script, zero) }
}

fn pending(events: &[&str]) -> Vec<Pending> {
    let at = crate::job::Timestamp::UNIX_EPOCH;
    events.iter().map(|event| Pending { id: 1, at, event: (*event).to_owned() }).collect()
}

fn run(way: &Way, events: &[&str]) -> Running {
    let mut running = Running::begin(way, &pending(events), &[]).unwrap();
    eventually("it is over", || running.is_over(Instant::now()));
    running
}

fn kept(running: &Running) -> &str {
    std::str::from_utf8(&running.kept).unwrap()
}

#[test]
fn it_is_told_by_standard_input_and_by_variables() {
    let way = shell("test", r#"cat; echo "$TRAILWATCH_EVENT $TRAILWATCH_JOB_ID $TRAILWATCH_COUNT" >&2"#, "");
    let running = run(&way, &[r#"{"event":"failed","job_id":7}"#, r#"{"event":"complete"}"#]);
    assert_eq!(kept(&running), "{\"event\":\"failed\",\"job_id\":7}\n{\"event\":\"complete\"}\nfailed 7 2\n");
}

#[test]
fn it_gets_no_key_and_nothing_stale() {
    let ours = [
        ("PATH", "/bin"),
        ("HOME", "/home/me"),
        ("ALIBABA_CLOUD_ACCESS_KEY_ID", "x"),
        ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "x"),
        ("ALIBABACLOUD_ACCESS_KEY_SECRET", "x"),
        ("ALICLOUD_SECURITY_TOKEN", "x"),
        ("ALIBABA_CLOUD_CREDENTIALS_URI", "x"),
        ("ALIBABA_CLOUD_REGION_ID", "cn-hangzhou"),
        ("TRAILWATCH_JOB_ID", "1"),
        ("TRAILWATCH_REGION", "cn-a,cn-b"),
        ("TRAILWATCH_MAX_QPS", "2"),
    ];
    let ours = ours.map(|(name, value)| (OsString::from(name), OsString::from(value)));
    let event =
        r#"{"event":"unread","text":"a\u0000b\u001b[2J","job_id":null,"region":"cn-a","error":{"code":"Busy"}}"#;
    let events = pending(&[event]);
    let told = environment(ours.into_iter(), &events);
    let told: Vec<String> =
        told.map(|(name, value)| format!("{}={}", name.to_string_lossy(), value.to_string_lossy())).collect();
    assert_eq!(
        told,
        [
            "PATH=/bin",
            "HOME=/home/me",
            "ALIBABA_CLOUD_REGION_ID=cn-hangzhou",
            "TRAILWATCH_MAX_QPS=2",
            "TRAILWATCH_EVENT=unread",
            r"TRAILWATCH_TEXT=a\u{0}b\u{1b}[2J",
            "TRAILWATCH_REGION=cn-a",
            "TRAILWATCH_ERROR=Busy",
            "TRAILWATCH_COUNT=1"
        ]
    );
}

#[test]
fn one_that_fails_is_over_and_what_it_said_is_kept() {
    assert_eq!(kept(&run(&shell("test", "echo no network >&2; exit 3", ""), &["{}"])), "no network\n");
}

#[test]
fn one_that_is_not_there_is_not_begun() {
    let way = Way { command: vec!["/nonexistent/notify".to_owned()], ..shell("test", "", "") };
    assert_eq!(Running::begin(&way, &[], &[]).unwrap_err().kind(), io::ErrorKind::NotFound);
}

#[test]
fn one_that_hangs_is_ended_with_all_that_it_began() {
    for script in ["sleep 600 & echo $! > \"$0\"; wait", "trap '' TERM; sh -c 'echo $$ > \"$0\"; sleep 600' \"$0\""] {
        let place = TempDir::new().unwrap();
        let zero = place.path().join("pid");
        let began = Instant::now();
        run(&quick(script, &zero.to_string_lossy()), &["{}"]);
        assert!(began.elapsed() < Duration::from_secs(20));
        is_gone(&fs::read_to_string(zero).unwrap());
    }
}

fn is_gone(pid: &str) {
    let pid = Pid::from_raw(pid.trim().parse().unwrap()).unwrap();
    // Whoever has taken the orphan over may take a moment to bury it.
    eventually("it is gone", || {
        let stat = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero()));
        test_kill_process(pid).is_err() || stat.is_ok_and(|stat| stat.contains(") Z "))
    });
}

#[test]
fn one_that_prints_much_is_heard_out_and_cut() {
    let way = shell("test", "head -c 10000000 /dev/zero | tr '\\0' x; echo end > \"$0\"", "");
    let place = TempDir::new().unwrap();
    let zero = place.path().join("end");
    let way = Way { command: [&way.command[..3], &[zero.to_string_lossy().into_owned()]].concat(), ..way };
    let running = run(&way, &["{}"]);
    assert_eq!(running.kept.len(), MOST_OUTPUT);
    assert!((1_000_000..=10_000_000).contains(&running.printed), "{}", running.printed);
    assert_eq!(fs::read_to_string(zero).unwrap(), "end\n");
    assert!(running.words().starts_with("; it printed at least "));
}

#[test]
fn one_that_prints_without_end_is_ended() {
    let running = run(&quick("while :; do echo spam spam spam spam; done", ""), &["{}"]);
    assert!(running.kept.starts_with(b"spam ") && running.kept.len() <= MOST_OUTPUT);
    assert!(running.output.metadata().unwrap().len() <= 64 * ROOM);
}

#[test]
fn a_child_that_keeps_the_output_open_holds_nobody_up() {
    let place = TempDir::new().unwrap();
    let zero = place.path().join("pid");
    let way = Way {
        timeout: Duration::from_secs(2),
        ..quick("sleep 600 & echo $! > \"$0\"; echo well", &zero.to_string_lossy())
    };
    let mut running = Running::begin(&way, &pending(&["{}"]), &[]).unwrap();
    eventually("its first process has ended", || {
        running.is_over(Instant::now());
        running.stage != Stage::Runs
    });
    assert_eq!(kept(&running), "well\n");
    eventually("the child is ended at the limit", || {
        thread::sleep(Duration::from_millis(10));
        running.is_over(Instant::now())
    });
    is_gone(&fs::read_to_string(zero).unwrap());
}
