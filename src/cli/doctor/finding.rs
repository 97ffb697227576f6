//! What was found out: a line for people, an object for scripts, and the exit code that follows.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use crate::{
    exit::ExitCode,
    export::{self, Paint},
    text,
};

/// How good it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// As it should be.
    Ok,
    /// It works, but something is missing or will trouble somebody.
    Warn,
    /// Something that is needed does not work; a command would end so.
    Fail(ExitCode),
}

impl Verdict {
    const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail(_) => "fail",
        }
    }

    const fn style(self) -> Style {
        let color = match self {
            Self::Ok => AnsiColor::Green,
            Self::Warn => AnsiColor::Yellow,
            Self::Fail(_) => AnsiColor::Red,
        };
        color.on_default()
    }
}

/// What was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Check {
    Configuration,
    Credentials,
    Identity,
    Endpoint,
    Clock,
    Permission,
    Backfill,
    Journal,
    Terminal,
}

impl Check {
    const fn word(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Credentials => "credentials",
            Self::Identity => "identity",
            Self::Endpoint => "endpoint",
            Self::Clock => "clock",
            Self::Permission => "permission",
            Self::Backfill => "backfill",
            Self::Journal => "journal",
            Self::Terminal => "terminal",
        }
    }
}

/// One thing that was found out. Words are as they came: what prints them makes them safe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) check: Check,
    pub(super) verdict: Verdict,
    /// The profile or the target that it is about.
    pub(super) about: Option<String>,
    pub(super) words: String,
    pub(super) remedy: Option<String>,
}

impl Finding {
    pub(super) fn ok(check: Check, about: Option<&str>, words: String) -> Self {
        Self { check, verdict: Verdict::Ok, about: about.map(str::to_owned), words, remedy: None }
    }

    pub(super) fn warn(check: Check, about: Option<&str>, words: String, remedy: String) -> Self {
        Self { verdict: Verdict::Warn, remedy: Some(remedy), ..Self::ok(check, about, words) }
    }

    pub(super) fn fail(check: Check, about: Option<&str>, words: String, remedy: String, code: ExitCode) -> Self {
        Self { verdict: Verdict::Fail(code), remedy: Some(remedy), ..Self::ok(check, about, words) }
    }
}

#[derive(Serialize)]
struct Document<'a> {
    ok: bool,
    findings: Vec<Record<'a>>,
}

#[derive(Serialize)]
struct Record<'a> {
    check: Check,
    verdict: &'static str,
    about: Option<&'a str>,
    message: &'a str,
    remedy: Option<&'a str>,
}

impl<'a> Record<'a> {
    fn of(finding: &'a Finding) -> Self {
        let Finding { check, verdict, about, words, remedy } = finding;
        Self {
            check: *check,
            verdict: verdict.word(),
            about: about.as_deref(),
            message: words,
            remedy: remedy.as_deref(),
        }
    }
}

/// Writes a line each.
pub(super) fn lines(out: &mut impl Write, findings: &[Finding], paint: Paint) -> io::Result<()> {
    for Finding { check, verdict, about, words, remedy } in findings {
        let style = if paint == Paint::Coloured { verdict.style() } else { Style::new() };
        let about = about.as_ref().map(|about| format!("{about}: ")).unwrap_or_default();
        let line =
            [Some(format!("{about}{words}")), remedy.clone()].into_iter().flatten().collect::<Vec<_>>().join("; ");
        writeln!(out, "{style}{:<4}{style:#}  {:<13}  {}", verdict.word(), check.word(), text::clean(&line))?;
    }
    out.flush()
}

/// Writes one document.
pub(super) fn document(out: &mut impl Write, findings: &[Finding]) -> io::Result<()> {
    let document =
        Document { ok: exit_code(findings) == ExitCode::Done, findings: findings.iter().map(Record::of).collect() };
    export::write_document(out, &document)
}

/// As a command would end that met the same: what can't be read counts more than what is refused.
pub(super) fn exit_code(findings: &[Finding]) -> ExitCode {
    let codes = || {
        findings.iter().filter_map(|finding| match finding.verdict {
            Verdict::Fail(code) => Some(code),
            Verdict::Ok | Verdict::Warn => None,
        })
    };
    codes().find(|code| *code == ExitCode::Unavailable).or_else(|| codes().next()).unwrap_or(ExitCode::Done)
}
