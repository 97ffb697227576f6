//! People who are called: bell, title and commands of the whole program, over a kill and a restart; and the examples as they
//! stand in the README, against a listener.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
        mpsc::{Receiver, channel},
    },
    thread,
    time::Duration,
};

use rustix::process::Signal;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    endpoint::{Variables, reading_url, serve},
    term::{Term, eventually},
};

/// An API with so many jobs, whose status is what the number says.
fn api(jobs: usize) -> (String, Arc<AtomicI64>) {
    let status = Arc::new(AtomicI64::new(1));
    let told = Arc::clone(&status);
    let url = serve(move |head| {
        let status = told.load(Ordering::Relaxed);
        let job = |id: usize| {
            json!({ "JobId": id, "TrailName": "payments-audit", "HomeRegion": "cn-hangzhou", "JobStatus": status,
                "CreatedTime": "2026-01-02T03:04:05Z", "UpdatedTime": format!("2026-01-02T03:14:0{status}Z"),
                "StartTime": "2025-10-02T03:04:05Z", "EndTime": "2099-01-02T03:04:05Z" })
        };
        if head.contains("getdeliveryhistoryjob") {
            let mut answer = job(1);
            answer["Status"] = json!([]);
            return answer.to_string();
        }
        let jobs: Vec<Value> = (1..=jobs).map(job).collect();
        json!({ "DeliveryHistoryJobs": jobs, "TotalCount": jobs.len(), "RequestId": "R" }).to_string()
    });
    (url, status)
}

/// A home that outlives a run, with this configuration.
fn home(config: &str) -> (TempDir, PathBuf) {
    let home = TempDir::new().unwrap();
    let path = home.path().join("config.toml");
    fs::write(&path, config).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    (home, path)
}

fn variables(url: &str, home: &TempDir, config: &Path) -> Variables {
    let mut variables = reading_url(url);
    variables.extend([
        ("XDG_STATE_HOME", home.path().join("state").display().to_string()),
        ("TRAILWATCH_CONFIG", config.display().to_string()),
        ("TRAILWATCH_INTERVAL", "1s".to_owned()),
        ("TRAILWATCH_IDLE_INTERVAL", "1s".to_owned()),
        ("PATH", std::env::var("PATH").unwrap()),
    ]);
    variables
}

fn count(bytes: &[u8], part: &str) -> usize {
    String::from_utf8_lossy(bytes).matches(part).count()
}

#[test]
fn a_failure_rings_names_the_window_and_runs_a_command_once_over_a_kill_and_a_restart() {
    let (url, status) = api(1);
    let (home, config) = home(
        "[[notify]]\nname = \"file\"\ncommand = [\"sh\", \"-c\", \"cat >> \\\"$TRACE\\\"; sleep 1; echo end >> \\\"$TRACE\\\"\"]\n",
    );
    let mut variables = variables(&url, &home, &config);
    let trace = home.path().join("trace");
    variables.push(("TRACE", trace.display().to_string()));
    let lines =
        || -> Vec<String> { fs::read_to_string(&trace).unwrap_or_default().lines().map(str::to_owned).collect() };
    let mut term = Term::start((120, 40), &variables, &[]);
    term.until("the job", |screen| screen.jobs().len() == 1);
    assert_eq!(count(&term.bytes(), "\x1b]2;▶1 trailwatch\x07"), 1);
    status.store(3, Ordering::Relaxed);
    eventually("the command", || !lines().is_empty());
    eventually("the title", || count(&term.bytes(), "\x1b]2;✖1 trailwatch\x07") == 1);
    eventually("the bell", || String::from_utf8_lossy(&term.bytes()).replace("trailwatch\x07", "").contains('\x07'));
    term.signal(Signal::KILL);
    term.is_gone();
    eventually("its end, without the program", || lines().len() == 2);
    let event: Value = serde_json::from_str(&lines()[0]).unwrap();
    assert_eq!((&event["event"], &event["to"], &event["job_id"]), (&json!("failed"), &json!("failed"), &json!(1)));

    let term = Term::start((120, 40), &variables, &[]);
    term.until("the job", |screen| screen.jobs().len() == 1);
    term.press("r");
    term.shows(" read at ");
    term.press("q");
    term.ends(0).restored();
    assert_eq!(lines().len(), 2);
}

#[test]
fn each_failure_is_told_once_although_the_program_is_killed_at_each_telling() {
    let (url, status) = api(10);
    let (home, config) =
        home("[[notify]]\nname = \"file\"\ncommand = [\"sh\", \"-c\", \"echo $TRAILWATCH_JOB_ID >> $TRACE\"]\n");
    let mut variables = variables(&url, &home, &config);
    let trace = home.path().join("trace");
    variables.push(("TRACE", trace.display().to_string()));
    let lines =
        || -> Vec<String> { fs::read_to_string(&trace).unwrap_or_default().lines().map(str::to_owned).collect() };
    let mut before = 0;
    while before < 10 {
        let mut term = Term::start((120, 40), &variables, &[]);
        term.until("the jobs", |screen| screen.jobs().len() == 10);
        status.store(3, Ordering::Relaxed);
        eventually("one is told", || lines().len() > before);
        term.signal(Signal::KILL);
        term.is_gone();
        // What was begun goes on without it.
        thread::sleep(Duration::from_millis(300));
        before = lines().len();
    }
    let mut told: Vec<usize> = lines().iter().map(|line| line.parse().unwrap()).collect();
    told.sort_unstable();
    assert_eq!(told, (1..=10).collect::<Vec<_>>());
}

#[test]
fn a_silent_dashboard_neither_rings_nor_names_the_window() {
    let (url, status) = api(1);
    let (home, config) = home("bell = false\ntitle = false\n");
    let term = Term::start((120, 40), &variables(&url, &home, &config), &[]);
    term.until("the job", |screen| screen.jobs().len() == 1);
    status.store(3, Ordering::Relaxed);
    term.shows("1 open");
    term.press("q");
    let ended = term.ends(0);
    ended.restored();
    assert_eq!(count(&ended.bytes, "\x07"), 0);
}

#[test]
fn a_configuration_that_others_may_write_runs_no_command() {
    let (home, config) = home("[[notify]]\nname = \"x\"\ncommand = [\"true\"]\n");
    let refused = |mode: u32| {
        fs::set_permissions(&config, fs::Permissions::from_mode(mode)).unwrap();
        let term = Term::start((200, 24), &variables("http://127.0.0.1:9", &home, &config), &["--demo"]);
        String::from_utf8_lossy(&term.ends(78).bytes).into_owned()
    };
    let words = refused(0o664);
    assert!(words.contains("others may write") && words.contains("chmod go-w"), "{words}");
    fs::write(&config, "bell = false\n[[notify]]\nname = \"x\"\ncomand = [\"true\"]\n").unwrap();
    let words = refused(0o600);
    assert!(words.contains("config.toml: line 4: \"comand\" is no setting, did you mean command?"), "{words}");
}

/// A listener that answers each request with `answer`, and what was posted.
fn listener(answer: &'static str) -> (String, Receiver<(String, String)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook?token=t", listener.local_addr().unwrap());
    let (posts, posted) = channel();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let _ = posts.send(read_post(stream, answer));
        }
    });
    (url, posted)
}

fn read_post(mut stream: TcpStream, answer: &str) -> (String, String) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head).unwrap() > 0 {}
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("content-length").then(|| value.parse::<usize>().unwrap())
    });
    let mut body = vec![0; length.unwrap()];
    reader.read_exact(&mut body).unwrap();
    let length = answer.len();
    write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{answer}").unwrap();
    (head, String::from_utf8(body).unwrap())
}

/// Runs an example with two events; `None` where the machine lacks what it needs.
fn run_example(name: &str, needs: &[&str], variables: &[(&str, &str)], arguments: &[&str]) -> Option<i32> {
    let is_there = |program: &&str| Command::new(program).arg("--version").output().is_ok();
    if !needs.iter().all(is_there) {
        return None;
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/notify").join(name);
    let text = r#"job 1 of "a<b>&c\\审" failed (prod/cn-hangzhou)"#;
    let mut child = Command::new(path)
        .args(arguments)
        .envs(variables.iter().copied())
        .envs([("TRAILWATCH_EVENT", "failed"), ("TRAILWATCH_COUNT", "2"), ("TRAILWATCH_TEXT", text), ("NO_PROXY", "*")])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let events = [json!({"event": "failed", "text": text}), json!({"event": "complete", "text": "job 2 is complete"})];
    let lines: String = events.iter().map(|event| format!("{event}\n")).collect();
    child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    child.wait().unwrap().code()
}

#[test]
fn the_example_for_dingtalk_posts_what_the_robot_reads() {
    let (url, posted) = listener(r#"{"errcode":0,"errmsg":"ok"}"#);
    let variables = [("DINGTALK_WEBHOOK", url.as_str()), ("DINGTALK_SECRET", "SECx")];
    let Some(code) = run_example("dingtalk.py", &["python3"], &variables, &[]) else { return };
    assert_eq!(code, 0);
    let (head, body) = posted.recv().unwrap();
    let target = head.split(' ').nth(1).unwrap().to_owned();
    assert!(target.starts_with("/hook?token=t&timestamp=") && target.contains("&sign="), "{target}");
    let message: Value = serde_json::from_str(&body).unwrap();
    let content = "Trailwatch: job 1 of \"a<b>&c\\\\审\" failed (prod/cn-hangzhou)\nTrailwatch: job 2 is complete";
    assert_eq!(message, json!({"msgtype": "text", "text": {"content": content}}));

    let (url, _posted) = listener(r#"{"errcode":310000,"errmsg":"keywords not in content"}"#);
    assert_eq!(run_example("dingtalk.py", &["python3"], &[("DINGTALK_WEBHOOK", &url)], &[]), Some(1));
}

#[test]
fn the_example_for_slack_posts_what_the_webhook_reads() {
    let (url, posted) = listener("ok");
    let variables = [("SLACK_WEBHOOK", url.as_str())];
    let Some(code) = run_example("slack.sh", &["curl", "jq"], &variables, &[]) else { return };
    assert_eq!(code, 0);
    let message: Value = serde_json::from_str(&posted.recv().unwrap().1).unwrap();
    let text =
        "Trailwatch: job 1 of \"a&lt;b&gt;&amp;c\\\\审\" failed (prod/cn-hangzhou)\nTrailwatch: job 2 is complete";
    assert_eq!(message, json!({ "text": text }));
}

#[test]
fn the_example_for_mail_writes_a_message() {
    let place = TempDir::new().unwrap();
    let sendmail = place.path().join("sendmail");
    fs::write(&sendmail, "#!/bin/sh\n[ \"$1\" = -t ] && cat > \"$0.out\"\n").unwrap();
    fs::set_permissions(&sendmail, fs::Permissions::from_mode(0o755)).unwrap();
    let variables = [("SENDMAIL", sendmail.to_str().unwrap())];
    assert_eq!(run_example("mail.sh", &[], &variables, &["oncall@example.com"]), Some(0));
    let mail = fs::read_to_string(place.path().join("sendmail.out")).unwrap();
    let (head, body) = mail.split_once("\n\n").unwrap();
    assert!(head.starts_with("To: oncall@example.com\nSubject: Trailwatch: failed (2)\n"), "{head}");
    assert!(body.starts_with("job 1 of \"a<b>&c") && body.contains("\"text\":\"job 2 is complete\""), "{body}");
}
