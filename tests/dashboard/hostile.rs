//! Names that a terminal would obey: none of it arrives, and every column keeps its place.

use serde_json::{Value, json};
use unicode_width::UnicodeWidthChar as _;

use crate::{
    endpoint::{reading_url, serve},
    screen::Screen,
    term::Term,
};

/// Names that nobody's trail should have.
fn names() -> Vec<String> {
    vec![
        "clear\u{1b}[3J\u{1b}[5;5Hred\u{1b}[41m".into(),
        "title\u{1b}]0;owned\u{7}\u{1b}c".into(),
        "c1\u{9b}2J\u{9d}0;owned\u{9c}\u{85}".into(),
        "two\r\nlines\u{b}\ttab\u{8}\u{8}\u{7f}".into(),
        "bidi\u{202e}gnp\u{2066}.exe\u{200f}\u{200b}\u{feff}\u{115f}".into(),
        format!("zalgo{}", "\u{301}\u{489}".repeat(20)),
        "审计追踪审计追踪审计追踪审计追踪审计追踪审计追踪".into(),
        "审".repeat(200),
        "emoji 👩‍👩‍👧 🇨🇳 👍🏽 ❤️".into(),
        "x".repeat(300),
    ]
}

fn job(id: usize, name: &str) -> Value {
    // Under way, so that the regions of each are read at once.
    json!({ "JobId": id, "TrailName": name, "HomeRegion": name, "JobStatus": id % 2, "CreatedTime": "2026-01-02T03:04:05Z",
        "UpdatedTime": "2026-01-02T03:14:05Z", "StartTime": "2025-10-02T03:04:05Z", "EndTime": name, name: name })
}

/// An API with these names wherever it has room for one.
fn api() -> String {
    serve(|head| {
        let names = names();
        if head.contains("getdeliveryhistoryjob") {
            let id = head.split("jobid=").nth(1).map_or("", |rest| rest.split([' ', '&']).next().unwrap_or_default());
            let id: usize = id.parse().unwrap_or(1);
            let mut answer = job(id, &names[id - 1]);
            answer["Status"] = names.iter().map(|name| json!({ "Region": name, "Status": 2 })).collect();
            answer["RequestId"] = names[id - 1].as_str().into();
            return answer.to_string();
        }
        let jobs: Vec<Value> = names.iter().enumerate().map(|(at, name)| job(at + 1, name)).collect();
        json!({ "DeliveryHistoryJobs": jobs, "TotalCount": jobs.len(), "RequestId": names[0] }).to_string()
    })
}

/// What a program that draws needs to send: text, positions, looks, and the modes that it enters and leaves.
fn foreign(written: &str) -> Vec<String> {
    let mut foreign = Vec::new();
    let mut rest = written;
    while let Some(at) = rest.find(char::is_control) {
        rest = &rest[at..];
        let length = allowed(rest).unwrap_or_else(|| {
            foreign.push(rest.chars().take(12).collect());
            rest.chars().next().map_or(0, char::len_utf8)
        });
        rest = &rest[length..];
    }
    foreign
}

/// The length of the sequence at the beginning of the text, where it is one of ours.
fn allowed(text: &str) -> Option<usize> {
    const FIXED: [&str; 13] = [
        "\x1b[2J",
        "\x1b[?1049h",
        "\x1b[?1049l",
        "\x1b[?25h",
        "\x1b[?25l",
        "\x1b[?2004h",
        "\x1b[?2004l",
        "\x1b[?1000l",
        "\x1b[?1006l",
        "\x1b[?2026$p",
        "\x1b[?2026l",
        "\x1b[22;2t",
        "\x1b[23;2t",
    ];
    if let Some(fixed) = FIXED.into_iter().find(|fixed| text.starts_with(fixed)) {
        return Some(fixed.len());
    }
    if let Some(title) = text.strip_prefix("\x1b]2;") {
        let (title, _) = title.split_once('\x07')?;
        let is_ours = title.ends_with("trailwatch") && !title.contains(char::is_control);
        return is_ours.then_some("\x1b]2;\x07".len() + title.len());
    }
    let parameters = text.strip_prefix("\x1b[")?;
    let end = parameters.find(|char: char| !char.is_ascii_digit() && char != ';')?;
    let looks = |code: &str| matches!(code, "0" | "1" | "2" | "7" | "30" | "31" | "32" | "33" | "35" | "36" | "39");
    let ours = match parameters.as_bytes()[end] {
        b'H' | b'C' => true,
        b'm' => parameters[..end].split(';').all(looks),
        _ => false,
    };
    ours.then_some("\x1b[".len() + end + 1)
}

#[test]
fn it_neither_reaches_the_terminal_nor_breaks_a_column() {
    let url = api();
    for size in [(120, 40), (80, 24)] {
        let term = Term::start(size, &reading_url(&url), &[]);
        let whole = |screen: &Screen| screen.faults().is_empty() && screen.is_drawn();
        let count = names().len();
        term.until("jobs", |screen| whole(screen) && screen.place() == Some(0) && screen.jobs().len() == count);
        for step in 0..count {
            // With the names of its regions.
            let job = term.until("a job", |screen| whole(screen) && screen.has(" of 10 · read "));
            let id = job.selected().unwrap();
            term.press("\r");
            term.until("full details", |screen| screen.has_full_details() && screen.faults().is_empty());
            term.press("G");
            term.press("q");
            term.until("the table", whole);
            if step + 1 < count {
                term.press("j");
                term.until("the next job", |screen| whole(screen) && screen.selected().is_some_and(|next| next != id));
            }
        }
        term.press("/gnp");
        term.until("a filter", |screen| whole(screen) && screen.jobs().len() == 1);
        term.press("\x03");
        let ended = term.ends(130);
        ended.restored();
        let written = String::from_utf8(ended.bytes).expect("UTF-8");
        assert_eq!(foreign(&written), [""; 0]);
        let bidi =
            |char: char| matches!(char, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        assert_eq!(written.chars().find(|char| bidi(*char)), None);
        let marks = |run: &[char]| run.iter().all(|char| char.width() == Some(0));
        let chars: Vec<char> = written.chars().filter(|char| !char.is_control()).collect();
        assert!(!chars.windows(3).any(marks), "marks pile up");
    }
}
