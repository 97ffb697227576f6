//! The language in examples, for the help of the dashboard and of `list`, and for the README, so that none of them can lie.

/// A construct of the language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// A filter that has it.
    pub example: &'static str,
    /// What that leaves in the list.
    pub meaning: &'static str,
}

const fn rule(example: &'static str, meaning: &'static str) -> Rule {
    Rule { example, meaning }
}

/// Every construct.
pub const GRAMMAR: &[Rule] = &[
    rule("pay 2026-11", "both words, each in any column"),
    rule("\"two words\"", "text with spaces, or with : < > ! in it"),
    rule("status:failed|active", "either one; also complete, unknown, a code"),
    rule("trail:pay*", "the whole name; * is any text, ? any letter"),
    rule("region:cn-*", "the target's region, or the home region"),
    rule("profile:prod", "the target's profile"),
    rule("id:16602|166*", "the job's number"),
    rule("age<2d", "since it was created; also >, <= and >="),
    rule("elapsed>30m", "how long it ran, or runs; 90s, 30m, 2h, 1h30m"),
    rule("updated<10m", "since it last changed"),
    rule("is:open|stalled", "what needs you: open failures, stalled jobs"),
    rule("is:atrisk", "events are being lost, or will be"),
    rule("is:superseded|expired", "settled failures; also is:acknowledged"),
    rule("is:uncovered", "of trails with a hole in their last 90 days"),
    rule("is:changed", "since your last visit"),
    rule("is:active|unlisted", "at work; no longer in the list, but not gone"),
    rule("!status:complete", "the opposite (never of a time that is missing)"),
];
