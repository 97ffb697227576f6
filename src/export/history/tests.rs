//! Every format of one history with the worst that a service may answer, pinned: what scripts rely on.

use super::*;
use crate::job::{Account, AccountId, JobKey, ProfileName, Region, Seen, Seq, Trouble, Window};

pub(crate) fn at(text: &str) -> Timestamp {
    format!("2026-11-24T{text}Z").parse().unwrap()
}

pub(crate) fn job(id: i64, trail: &str, status: Status) -> JobSeen {
    JobSeen {
        key: JobKey {
            account: Account::Id(AccountId::new("1234567890123456")),
            home: "cn-shanghai".into(),
            id: JobId::new(id),
        },
        trail: trail.into(),
        status,
        created: Some(at("19:29:12")),
        updated: Some(at("20:10:15")),
        window: Window::default(),
        regions: Some([Status::Complete, Status::Complete, Status::Failed].into_iter().collect()),
    }
}

pub(crate) fn history() -> Vec<Transition> {
    use Status::{Complete, Delivering, Failed, Initializing, Unknown};
    let bare = JobSeen {
        key: JobKey {
            account: Account::Profile(ProfileName::new("prod").unwrap()),
            home: "\u{9b}2J".into(),
            id: JobId::new(7),
        },
        created: None,
        updated: None,
        regions: None,
        ..job(7, "", Initializing)
    };
    let region: std::sync::Arc<str> = "cn-\u{1b}[31mred".into();
    let lost = Trouble { code: "ServiceUnavailable".into(), message: "=busy\u{202e}\r\n\u{1b}[2J, \"try\"".into() };
    let what = [
        What::Job(bare, Change::Appeared),
        What::Job(job(16_640, "payments-audit", Failed), Change::Status { from: Delivering, to: Failed }),
        What::Job(job(16_641, "\u{1b}]0;owned\u{7}\u{2066}", Delivering), Change::Stalled),
        What::Job(job(16_642, "审计追踪", Delivering), Change::Region { region, from: Delivering, to: Unknown(9) }),
        What::Job(job(16_643, "=cmd|' /C calc'!A0", Complete), Change::Gone),
        What::Job(job(16_644, "line\r\nbreak,\"quoted\"", Unknown(7)), Change::Status { from: Failed, to: Unknown(7) }),
        What::TargetLost(lost),
        What::TargetBack,
    ];
    let profile = ProfileName::new("prod\u{1b}[5m").unwrap();
    let target = TargetKey { profile, region: Region::new("cn-hangzhou").unwrap() };
    let account = Some(AccountId::new("1234567890123456"));
    let seen = Seen { after: Some(at("20:10:12.5")), by: at("20:10:22") };
    let transition =
        |(seq, what)| Transition { seq: Seq(seq), target: target.clone(), account: account.clone(), seen, what };
    let mut history: Vec<Transition> = (1..).zip(what).map(transition).collect();
    history[0].seen.after = None;
    history[0].account = None;
    history
}

fn written(format: HistoryFormat, history: &[Transition], paint: Paint) -> String {
    let mut out = Vec::new();
    write_history(&mut out, format, history, paint).unwrap();
    String::from_utf8(out).unwrap()
}

fn plain(format: HistoryFormat) -> String {
    let text = written(format, &history(), Paint::Plain);
    let unsafe_char = |char: char| char.is_control() && !matches!(char, '\n' | '\r');
    assert!(!text.chars().any(|char| unsafe_char(char) || text::is_escaped_in_json(char)), "{text:?}");
    text
}

#[test]
fn table() {
    insta::assert_snapshot!(plain(HistoryFormat::Table));
}

#[test]
fn json() {
    insta::assert_snapshot!(plain(HistoryFormat::Json));
}

#[test]
fn ndjson() {
    insta::assert_snapshot!(plain(HistoryFormat::Ndjson));
}

#[test]
fn csv() {
    let text = plain(HistoryFormat::Csv);
    assert!(text.split_inclusive('\n').all(|line| line.ends_with("\r\n")), "RFC 4180");
    insta::assert_snapshot!(text.replace("\r\n", "⏎\n"));
}

#[test]
fn an_empty_history_is_one_in_each_format() {
    let empty = |format| written(format, &[], Paint::Plain);
    assert_eq!(empty(HistoryFormat::Table).lines().count(), 1);
    assert_eq!(empty(HistoryFormat::Json), "{\n  \"transitions\": []\n}\n");
    assert_eq!(empty(HistoryFormat::Ndjson), "");
    assert_eq!(empty(HistoryFormat::Csv).lines().count(), 1);
}

#[test]
fn a_change_has_the_colour_of_what_it_became() {
    let text = written(HistoryFormat::Table, &history(), Paint::Coloured);
    assert!(text.contains("\u{1b}[31mdelivering to failed\u{1b}[0m"), "{text:?}");
}
