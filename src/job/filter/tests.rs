//! What each construct leaves in a list, what is wrong where, and properties of any text and any job.

use std::sync::Arc;

use chrono::TimeDelta;
use proptest::prelude::*;

use super::{field::Field, *};
use crate::job::{
    Job, JobId, ProfileName, Region, Status, Switch, TargetKey, Trail, TrailRow, Window,
    coverage::{Acknowledgement, Delivered, Failure, KnownTrail, Standing},
    tests::job,
};

/// Eleven minutes after the documented job was created, eight after it was complete.
fn now() -> Timestamp {
    "2021-04-26T03:28:08Z".parse().unwrap()
}

fn target() -> TargetKey {
    TargetKey { profile: ProfileName::new("Prod main").unwrap(), region: Region::new("cn-beijing").unwrap() }
}

fn keeps(text: &str, row: &Row<'_>) -> bool {
    Filter::parse(text).unwrap_or_else(|fault| panic!("{text}: {fault}")).matches(row, now())
}

/// The documented job, in a target of another region than its home.
fn matches(text: &str) -> bool {
    keeps(text, &Row::new(&job(16602), &target()))
}

fn all_of(job: &Job, expected: &[(&str, bool)]) {
    for (text, expected) in expected {
        assert_eq!(keeps(text, &Row::new(job, &target())), *expected, "{text}");
    }
}

#[test]
fn every_word_must_be_found_in_some_column() {
    for text in [
        "",
        "  ",
        "TRAIL",
        "166",
        "complete",
        "prod",
        "n/cn",
        "hangzhou",
        "trail 16602 compl",
        "2021-04-26",
        "03:17:04",
        "04z",
        "-",
        "\"prod main/cn\"",
        "\"26 03\"",
    ] {
        assert!(matches(text), "{text:?}");
    }
    for text in ["failed", "trail failed", "16602trail", "2026", "03:17:05", "main/cn-h", "\"trail  name\""] {
        assert!(!matches(text), "{text:?}");
    }
    let odd = Job { trail: "ÉCOLE 审计".into(), status: Status::Unknown(7), created: None, ..job(-5) };
    all_of(&odd, &[("école", true), ("审计", true), ("(7)", true), ("unknown", true), ("-5", true), ("03:17", false)]);
}

#[test]
fn fields_ask_about_one_column() {
    for text in [
        "status:complete",
        "STATUS:Complete",
        "status:2",
        "status:failed|complete",
        "trail:trail-name",
        "trail:TRAIL*",
        "trail:pay*|trail-????",
        "region:cn-beijing",
        "region:cn-hangzhou",
        "region:*-hang*",
        "profile:\"prod main\"",
        "profile:prod?main",
        "id:16602",
        "id:1|166*",
        "status:complete trail:t* id:16602",
    ] {
        assert!(matches(text), "{text}");
    }
    for text in [
        "status:failed",
        "status:active",
        "status:unknown",
        "trail:trail",
        "trail:\"trail*\"",
        "trail:\"\"",
        "region:cn",
        "region:cn-shanghai",
        "profile:prod",
        "id:1660",
        "status:complete id:1",
    ] {
        assert!(!matches(text), "{text}");
    }
}

#[test]
fn an_exclamation_mark_means_the_opposite() {
    for text in ["!failed", "!status:failed", "!id:1", "!\"two words\"", "!trail:pay*|audit*", "!is:open"] {
        assert!(matches(text), "{text}");
    }
    assert!(!matches("!trail") && !matches("!status:failed|complete") && !matches("trail !166"));
    assert!(!matches("a!"), "only in front");
}

#[test]
fn lengths_of_time_are_compared() {
    // 11m 4s old, ran for 3m 4s, changed 8m ago.
    for text in [
        "age>11m",
        "age>=11m4s",
        "age<=11m4s",
        "age<2d",
        "elapsed<4m",
        "elapsed>=184s",
        "!elapsed>184s",
        "updated<=8m",
        "updated>\"7m 59s\"",
        "AGE<1h",
    ] {
        assert!(matches(text), "{text}");
    }
    for text in ["age<11m4s", "age>11m4s", "!age<2d", "elapsed>4m", "updated<8m"] {
        assert!(!matches(text), "{text}");
    }
    let running = Job { status: Status::Delivering, ..job(1) };
    all_of(&running, &[("elapsed>=11m4s", true), ("elapsed<=11m4s", true), ("elapsed<5m", false)]);
}

#[test]
fn what_has_no_time_compares_in_no_way() {
    let timeless = Job { created: None, updated: None, ..job(1) };
    for field in ["age", "elapsed", "updated"] {
        for relation in ["<", "<=", ">", ">="] {
            let text = format!("{field}{relation}1h");
            all_of(&timeless, &[(&text, false), (&format!("!{text}"), false)]);
        }
    }
}

#[test]
fn marks_ask_what_a_job_means_now() {
    let acknowledged = Acknowledgement { at: now(), note: "".into() };
    let superseded = Failure::Superseded { by: JobId::new(2), lost: None };
    for (standing, words) in [
        (Standing::Failed(Failure::Open), "open atrisk"),
        (Standing::Incomplete { regions: 2, failure: Failure::Open }, "open atrisk"),
        (Standing::Failed(superseded), "superseded"),
        (Standing::Failed(Failure::Expired { since: now() }), "expired"),
        (Standing::Failed(Failure::Acknowledged(acknowledged.into())), "acknowledged"),
        (Standing::Stalled { since: now() }, "stalled atrisk"),
        (Standing::Complete, ""),
    ] {
        let (job, target) = (Job { status: Status::Failed, ..job(1) }, target());
        let row = Row { standing: Some(&standing), ..Row::new(&job, &target) };
        for word in Mark::WORDS {
            let expected = words.split(' ').any(|one| one == word);
            assert_eq!(keeps(&format!("is:{word}"), &row), expected, "{word} of {standing:?}");
        }
        assert_eq!(keeps("is:open|stalled", &row), words.contains("atrisk"));
    }
    let (job, target) = (Job { status: Status::Delivering, ..job(1) }, target());
    let row = Row { changed: true, unlisted: true, ..Row::new(&job, &target) };
    assert!(keeps("is:changed is:unlisted is:active", &row) && !keeps("is:open|stalled", &row));
}

/// A trail to SLS that is on for so many days.
fn trail(name: &str, days: i64) -> KnownTrail {
    let on = Some(now() - TimeDelta::days(days));
    let sls_project = Some("acs:log:cn-qingdao:1:project/zhengze-audit-log".into());
    let trail = Trail { name: name.into(), switch: Switch::On, started: on, sls_project, ..Trail::default() };
    KnownTrail { delivered: Delivered::of(&trail, None, std::iter::empty()), trail }
}

#[test]
fn a_job_is_uncovered_where_its_trail_is() {
    let (job, target) = (job(1), target());
    let trails = [trail("other", 1), trail("trail-name", 30)];
    let row = Row { trails: &trails, ..Row::new(&job, &target) };
    assert!(keeps("is:uncovered", &row) && keeps("is:open|uncovered", &row) && !keeps("!is:uncovered", &row));
    let filter = Filter::parse("is:uncovered").unwrap();
    assert_eq!(filter.next_change(&row, now()), Some(now() + TimeDelta::days(60)));
    assert!(filter.depends_on_time());
    let covered = [trail("trail-name", 91)];
    let row = Row { trails: &covered, ..Row::new(&job, &target) };
    assert!(!keeps("is:uncovered", &row) && keeps("!is:uncovered", &row));
    let row = Row::new(&job, &target);
    assert!(!keeps("is:uncovered", &row) && !keeps("!is:uncovered", &row), "its trail is not known");
}

#[test]
fn trails_are_filtered_by_what_they_have() {
    let (known, target) = (trail("payments-audit", 30), target());
    let row = TrailRow { known: &known, target: &target };
    let keeps = |text: &str| Filter::parse(text).unwrap().matches_trail(&row, now());
    for text in ["", "pay", "zhengze", "prod", "is:uncovered", "trail:pay* region:cn-*", "!trail:x", "profile:prod*"] {
        assert!(keeps(text), "{text}");
    }
    for text in ["166", "!is:uncovered", "region:us-*", "status:failed", "!status:failed", "is:open", "age<2d"] {
        assert!(!keeps(text), "{text}");
    }
}

#[test]
fn a_failure_without_a_window_has_no_risk_that_is_known() {
    let (job, target) = (Job { status: Status::Failed, window: Window::default(), ..job(1) }, target());
    let row = Row { standing: Some(&Standing::Failed(Failure::Open)), ..Row::new(&job, &target) };
    assert!(keeps("is:open", &row) && !keeps("is:atrisk", &row));
}

#[test]
fn what_looks_like_no_field_is_a_word() {
    for text in
        ["03:17:04", "\"status:failed\"", "a-b:c", "x.y:z", "5<6", "::", "ü:x", "=", "a=b", "|", "a|b", "x\"y", ">1h"]
    {
        let filter = Filter::parse(text).unwrap_or_else(|fault| panic!("{text}: {fault}"));
        assert!(matches!(&*filter.terms, [Term { test: Test::Word(_), .. }]), "{text}");
    }
    let quoted = Filter::parse(r#""a\"b\\c\d""#).unwrap();
    assert_eq!(quoted.terms[0].test, Test::Word(Word::new(r#"a"b\c\d"#)));
}

/// The part of the text that is at fault, and what is said of it.
fn fault(text: &str) -> (&str, String) {
    let fault = Filter::parse(text).expect_err(text);
    (&text[fault.span()], fault.to_string())
}

#[test]
fn a_fault_says_where_what_and_what_was_expected() {
    for (text, part, words) in [
        ("pay statsu:failed", "statsu", "there is no field \"statsu\", did you mean status?"),
        ("xyzzy:1", "xyzzy", ": expected status, trail, region, profile, id, is, age, elapsed, updated"),
        ("agee<2d", "agee", "did you mean age?"),
        ("status:complete|faild x", "faild", "\"faild\" is no status, did you mean failed?"),
        ("status:xyzzy", "xyzzy", "expected initializing, delivering, complete, failed, active, unknown"),
        ("is:stale", "stale", "did you mean stalled?"),
        ("id:16x", "16x", "is no job id"),
        ("id:-", "-", "is no job id"),
        ("id:\"\"", "\"\"", "is no job id"),
        ("a !status: b", "status:", "a value is missing, as in status:failed"),
        ("trail:a||b", "|", "a value is missing"),
        ("trail:a|", "|", "a value is missing"),
        ("age:2d", "age:", "age takes < or >, as in age<2d"),
        ("elapsed=2d", "elapsed=", "elapsed takes < or >"),
        ("trail>x", "trail>", "trail takes a colon, as in trail:pay*"),
        ("status=failed", "status=", "status takes a colon"),
        ("age<", "age<", "a value is missing, as in age<2d"),
        ("age<\"\"", "age<", "a value is missing"),
        ("age<=2", "2", "\"2\" is no length of time: expected a number with a unit"),
        ("age<2d|>3d", "2d|>3d", "is no length of time"),
        ("age<99999999999999y", "99999999999999y", "is no length of time"),
        ("审 \"two words", "\"two words", "the quote is not closed"),
        ("trail:\"a", "\"a", "the quote is not closed"),
        ("\"a\"b c", "b", "expected a space behind the quote"),
        ("trail:\"a\"*", "*", "expected a space behind the quote"),
        ("age<\"2d\"x", "x", "expected a space behind the quote"),
        ("a ! b", "!", "expected a term behind the !"),
        ("!!a", "!!", "one ! is enough"),
    ] {
        let (at, said) = fault(text);
        assert!(at == part && said.contains(words), "{text}: {at:?} {said}");
    }
}

#[test]
fn every_example_of_the_grammar_is_right() {
    for Rule { example, meaning } in GRAMMAR {
        assert!(Filter::parse(example).is_ok_and(|filter| !filter.is_empty()), "{example}");
        assert!(example.len() <= 22 && meaning.len() <= 47, "the help has no room for {example}");
    }
    let all: String = GRAMMAR.iter().map(|rule| format!("{} {}\n", rule.example, rule.meaning)).collect();
    for word in Field::WORDS.iter().chain(&Mark::WORDS) {
        assert!(all.contains(word), "{word}");
    }
}

#[test]
fn without_a_visit_nothing_changed_since_the_last_one() {
    let refused =
        |text: &str| Filter::parse(text).unwrap().without_visit().map_err(|fault| text[fault.span()].to_owned());
    assert_eq!(refused("pay !is:open|changed"), Err("changed".to_owned()));
    assert!(refused("is:open changed").is_ok());
}

/// A filter on a length of time, and the job of that many seconds.
fn any_comparison() -> impl Strategy<Value = (String, Job)> {
    let field = prop::sample::select(&["age", "elapsed", "updated"]);
    let relation = prop::sample::select(&["<", "<=", ">", ">="]);
    (field, relation, 0..20_i64, -10..20_i64, -10..20_i64, 0..4_i64).prop_map(
        |(field, relation, length, created, updated, status)| {
            let ago = |seconds| Some(now() - TimeDelta::seconds(seconds));
            let job = Job { created: ago(created), updated: ago(updated), status: Status::from_code(status), ..job(1) };
            (format!("{field}{relation}{length}s"), job)
        },
    )
}

const PIECES: &[&str] = &[
    "status", "trail", "age", "is", "id", "region", ":", "<", ">=", "=", "|", "!", "\"", "\\", " ", "\u{3000}", "*",
    "?", "failed", "changed", "2d", "16602", "审计", "é", "\u{1b}", "x",
];

/// A text of pieces of the language, right or wrong.
fn any_text() -> impl Strategy<Value = String> {
    let composed = prop::collection::vec(prop::sample::select(PIECES), 0..12).prop_map(|pieces| pieces.concat());
    prop_oneof![any::<String>(), composed]
}

fn any_job() -> impl Strategy<Value = Job> {
    let name = prop_oneof!["[a-zA-Z-]{0,8}", any::<String>()];
    (any::<i64>(), name, -1..5_i64, any::<Option<i32>>()).prop_map(|(id, trail, status, created)| {
        let created = created.and_then(|seconds| Timestamp::from_timestamp(i64::from(seconds), 0));
        Job {
            trail: trail.into(),
            status: Status::from_code(status),
            created,
            home: Some(Arc::from("cn-x")),
            ..job(id)
        }
    })
}

proptest! {
    #[test]
    fn any_text_is_answered_and_a_fault_lies_within_it(text in any_text(), job in any_job()) {
        match Filter::parse(&text) {
            Ok(filter) => {
                let target = target();
                let row = Row::new(&job, &target);
                let all = filter.is_empty();
                prop_assert_eq!(all, text.trim().is_empty());
                prop_assert!(filter.matches(&row, now()) || !all);
                prop_assert!(filter.next_change(&row, now()).is_none_or(|at| at > now()));
            }
            Err(fault) => {
                let span = fault.span();
                prop_assert!(!span.is_empty() && text.get(span).is_some(), "{:?}", fault);
                prop_assert!(!fault.to_string().is_empty());
                prop_assert!(Filter::parse(&text[..fault.term_start()]).is_ok());
            }
        }
    }

    #[test]
    fn a_negated_term_lets_the_others_through(text in any_text(), job in any_job()) {
        let job = Job { created: Some(now()), updated: Some(now()), ..job };
        let plain = text.split_whitespace().next().unwrap_or("x");
        if let (Ok(plain), Ok(negated)) = (Filter::parse(plain), Filter::parse(&format!("!{plain}"))) {
            let target = target();
            let row = Row::new(&job, &target);
            prop_assert_ne!(plain.matches(&row, now()), negated.matches(&row, now()));
        }
    }

    #[test]
    fn a_word_is_found_as_it_was_before_there_was_a_language(word in "[a-z0-9审é/:-]{1,4}", job in any_job()) {
        let target = target();
        let row = Row::new(&job, &target);
        let times = [job.created, job.updated].into_iter().flatten();
        let times: Vec<_> = times.map(|at| at.format("%Y-%m-%d %H:%M:%SZ").to_string()).collect();
        let columns = [&job.status.to_string(), &job.id.to_string(), &*job.trail, &target.to_string(), "cn-x"].join("\n");
        let expected = format!("{columns}\n{}", times.join("\n")).to_lowercase().contains(&word.to_lowercase());
        if let Ok(filter) = Filter::parse(&format!("\"{word}\"")) {
            prop_assert_eq!(filter.matches(&row, now()), expected);
        }
    }

    #[test]
    fn nothing_differs_before_the_next_change((text, job) in any_comparison(), seconds in 0..40_i64, moment in 0..3_i64) {
        let target = target();
        let row = Row::new(&job, &target);
        let filter = Filter::parse(&text).unwrap();
        let later = now() + TimeDelta::seconds(seconds) + TimeDelta::nanoseconds(moment - 1);
        if later > now() && filter.next_change(&row, now()).is_none_or(|at| later < at) {
            prop_assert_eq!(filter.matches(&row, later), filter.matches(&row, now()), "{} at {}", text, later);
        }
    }
}
