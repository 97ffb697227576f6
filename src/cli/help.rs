//! The examples and exit codes below each `--help`. The codes come from the list that the program ends with, so that they can't lie.

use std::fmt::Write as _;

use clap::CommandFactory;

use super::{Cli, args::HelpArgs, report};
use crate::{
    exit::ExitCode,
    job::{GRAMMAR, Rule},
};

/// The commands that have a help.
pub(super) const COMMANDS: [&str; 12] = [
    "list",
    "get",
    "watch",
    "wait",
    "history",
    "coverage",
    "doctor",
    "config",
    "emulator",
    "completions",
    "man",
    "help",
];

const PROGRAM: &str = "\
Examples:
  trailwatch --demo                         the dashboard, without a key
  trailwatch --region cn-hangzhou           the dashboard, with the key of the environment
  trailwatch --profile prod,audit --region cn-hangzhou,cn-shanghai
  trailwatch list -o json                   every job, for a script
  trailwatch watch                          a line for each change, for a log
  trailwatch wait 16602 && ./next-step      until a job is complete
  trailwatch coverage                       what of the last 90 days was delivered
  trailwatch config init                    a file for what would be said each time
  trailwatch doctor                         whether all that is needed works

Keys come from ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, else from ~/.aliyun/config.json.
";

const LIST: &str = "\
Formats:
  table       aligned columns for people
  json        one document: the jobs, and how well each target was read
  ndjson      one JSON object a line, a job each
  csv         RFC 4180, with a header line
  raw         one document in the API's own shape over all pages, of one target
  id          one job id a line
  prometheus  counts and freshness of each target, as Prometheus reads them; where a target can't
              be read, its trailwatch_target_up is 0 and it has no counts

Filters:
  Terms with spaces between them, and every one must hold. In single quotes, since < > | * and !
  mean something to a shell. is:changed is for the dashboard alone: a list is no visit.
";

const LIST_EXAMPLES: &str = "\
Examples:
  trailwatch list --region cn-hangzhou
  trailwatch list --status failed -o id
  trailwatch list --filter 'status:failed trail:pay* age<2d'
  trailwatch list -o json | jq '.jobs[] | select(.elapsed_seconds > 3600)'
  trailwatch list -o csv --sort created > jobs.csv
  trailwatch list --exit-status --filter 'trail:pay*' > /dev/null || echo 'look at the trails'
";

const LIST_CODES: &str = "\
What could be read is printed also where the code is not 0. Without --exit-status it is never 1: a
job that failed is no failure of the list. With it, what was found counts more than what could not
be read: 1 where an open failure or a stalled job was read, 69 or 77 where none was and some target
could not be read.";

const GET: &str = "\
Examples:
  trailwatch get 16602
  trailwatch get 16602 -o json | jq .regions
";

const WATCH: &str = "\
A line has the time at which a change was seen, target, job, trail, what changed, for how long the
job has run, and how many regions are delivered. That a target can't be read, and that it can
again, is said on standard error, in ndjson also as an object.

It begins with the state of every job; jobs that are complete, and failures that are settled, are
counted on one line, and of regions only failures have a line, unless --full or ndjson is asked for.
With --only-changes it begins with what happened since the last watch with the same filter ended,
which the journal knows: a restart neither loses a line nor repeats one.

Examples:
  trailwatch watch
  trailwatch watch --only-changes >> trailwatch.log
  trailwatch watch --filter 'trail:pay*' --until idle --for 2h --exit-status
  trailwatch watch -o ndjson | jq --unbuffered 'select(.to == \"failed\")'
  ssh host trailwatch watch --heartbeat 5m
";

const WATCH_CODES: &str = "\
Without --until and --for it ends by a signal only, or when nobody reads its output any more (0).
--for ends it with 0, or with 124 where --until was asked for and did not come. What can't be read
then is named on standard error. With --exit-status a job that failed makes it 1, and if none did
but a target can't be read then, it ends as list does: 69, 77 or 78.
";

const WAIT: &str = "\
Goals:
  complete  every event was delivered
  terminal  the service works on it no more
  gone      it was deleted
A job that fails ends it at once with 1, whatever the goal is; with --any, unless another one may
still get there.

How far it is, is said on standard error: a bar on a terminal, a line a minute elsewhere. Standard
output gets one line at the end, or one document.

Examples:
  trailwatch wait 16602 && ./next-step
  trailwatch wait --trail payments-audit --since 5m --appear-within 10m
  trailwatch wait --filter 'is:active region:cn-*' --timeout 6h
  trailwatch wait 16602 16640 --any -o json | jq .outcome
  trailwatch wait 16602 --for gone
";

const HISTORY: &str = "\
A change came about between SEEN FROM, the last read that did not show it, and SEEN BY, the first
that did: the service does not say when. --profile, --group and --region choose whose changes.

Examples:
  trailwatch history --since 7d
  trailwatch history 16602
  trailwatch history -o ndjson | jq 'select(.to == \"failed\")'
  trailwatch history -o csv > seen.csv
";

const COVERAGE: &str = "\
Coverage:
  covered       every event of the last 90 days was delivered to Log Service, as far as is known
  uncovered     some were not, and a backfill would bring them
  off           the trail is switched off, or was never switched on
  not_to_sls    it delivers elsewhere, and can't be backfilled
  organization  it is one of an organization, and can't be backfilled

The bar is the last 90 days of event times, the oldest at its left, three days a sign: # covered,
. hole, x edge, a hole of which the first event is lost within a week. What is older than 90 days can't
be delivered any more: LOST FROM is when the first event of a hole is lost, LOST BY when all are.

An event counts as covered where a complete backfill of the trail has it in its window, or where the
trail itself delivers: from LIVE SINCE on, the latest of when it was switched on and, unless a
backfill proves that it had a Log Service project before, when it was last configured.

Examples:
  trailwatch coverage
  trailwatch coverage --filter is:uncovered
  trailwatch coverage -o json | jq '.trails[] | select(.hole_seconds > 0) | .trail_name'
  trailwatch coverage --exit-status --filter 'trail:pay*' > /dev/null || echo 'look at the trails'
";

const COVERAGE_CODES: &str = "\
What could be read is printed also where the code is not 0. Without --exit-status it is never 1;
with it, where a trail is uncovered.
";

const CONFIG: &str = "\
Actions:
  show    print each value that holds, and where it comes from: a flag, a variable, file and line,
          or the default
  check   say whether the file can be used
  path    print where the file is looked for
  init    write a commented file to begin with, where there is none
  schema  print the JSON schema of the file, for editors

Flags come before variables (TRAILWATCH_<OPTION>), these before the file, that before the defaults.
No secret is shown: of the commands of [[notify]] only the program.

Examples:
  trailwatch config init && $EDITOR \"$(trailwatch config path)\"
  trailwatch config show
  trailwatch config show -o json | jq .settings.interval
  trailwatch config check --config new.toml && mv new.toml \"$(trailwatch config path)\"
";

const DOCTOR: &str = "\
A line for each thing that was looked at, with ok, warn (it works, but something is missing) or fail,
and what to do. Every permission is tried by an actual call: each target is asked once for its jobs,
one job, its trails, one trail and its regions, and STS for whose key it is.

Examples:
  trailwatch doctor
  trailwatch doctor --profile prod --region cn-hangzhou
  trailwatch doctor -o json | jq -r '.findings[] | select(.verdict != \"ok\") | .message'
";

const DOCTOR_CODES: &str = "\
0 only if all that is needed works: a missing permission that takes only a feature away is a warning.
";

const EMULATOR: &str = "\
Faults:
  503, 500               ServiceUnavailable, InternalError
  throttle, throttle400  Throttling.User: 429 that says how long to wait, 400 that does not
  token, key             InvalidSecurityToken.Expired, InvalidAccessKeyId.Inactive
  nonce                  SignatureNonceUsed, although it was not
  denied, notsupported   NoPermission, NotSupportDeliveryHistoryJob
  clock                  the service's clock is an hour ahead
  html, html200, xml     a proxy's page as 502, a login page as 200, 503 as XML
  empty, redirect        200 without a body, 302 to another URL
  half, truncated        JSON that ends in the middle, a body that is shorter than promised
  oversized, endless     a body of 9 MiB, one that never ends
  slow, hang, reset      ten bytes a second, no answer, the connection is reset

Examples:
  trailwatch emulator --port 8080           prints its URL and keys as export lines, until Ctrl-C
  trailwatch emulator --jobs 1000 > env.sh & sleep 1; . ./env.sh; trailwatch list
  trailwatch emulator --latency 300ms --fault 503=0.1 --fault throttle=0.05
  trailwatch emulator --jobs 10000 --quota 1000
";

const COMPLETIONS: &str = "\
Examples:
  trailwatch completions bash > ~/.local/share/bash-completion/completions/trailwatch
  trailwatch completions zsh > ~/.zfunc/_trailwatch      with fpath+=~/.zfunc before compinit
  trailwatch completions fish > ~/.config/fish/completions/trailwatch.fish
";

const MAN: &str = "\
Examples:
  trailwatch man ~/.local/share/man/man1 && man trailwatch-list
";

/// Prints the help of the program, or of one command.
pub(super) fn run(args: &HelpArgs) -> ExitCode {
    let mut program = Cli::command();
    program.build();
    let command = args.command.as_deref().and_then(|name| program.find_subcommand(name)).cloned();
    match command.unwrap_or(program).print_help() {
        Ok(()) => ExitCode::Done,
        Err(error) => report::output(&error),
    }
}

/// Below `trailwatch --help`.
pub(super) fn program() -> String {
    format!("{PROGRAM}\n{}", codes(&ExitCode::ALL))
}

/// Below `trailwatch list --help`.
pub(super) fn list() -> String {
    use ExitCode::{Config, Done, Failed, Internal, Interrupted, Refused, Terminated, Unavailable, Usage};
    let codes = codes(&[Done, Failed, Usage, Unavailable, Internal, Refused, Config, Interrupted, Terminated]);
    let rule = |Rule { example, meaning }: &Rule| format!("  {example:<22}  {meaning}\n");
    let rules: String = GRAMMAR.iter().map(rule).collect();
    format!("{LIST}{rules}\n{LIST_EXAMPLES}\n{codes}\n{LIST_CODES}")
}

/// Below `trailwatch get --help`.
pub(super) fn get() -> String {
    use ExitCode::{Config, Done, Internal, Interrupted, NoJob, Refused, Terminated, Unavailable, Usage};
    format!("{GET}\n{}", codes(&[Done, Usage, NoJob, Unavailable, Internal, Refused, Config, Interrupted, Terminated]))
}

/// Below `trailwatch watch --help`.
pub(super) fn watch() -> String {
    use ExitCode::{Config, Done, Failed, Internal, Interrupted, Refused, Terminated, TimedOut, Unavailable, Usage};
    let ends = [Done, Failed, Usage, Unavailable, Internal, Refused, Config, TimedOut, Interrupted, Terminated];
    format!("{WATCH}\n{}\n{WATCH_CODES}", codes(&ends))
}

/// Below `trailwatch wait --help`.
pub(super) fn wait() -> String {
    use ExitCode::{
        Config, Done, Failed, Internal, Interrupted, NoJob, Refused, Terminated, TimedOut, Unavailable, Usage,
    };
    let ends = [Done, Failed, Usage, NoJob, Unavailable, Internal, Refused, Config, TimedOut, Interrupted, Terminated];
    format!("{WAIT}\n{}", codes(&ends))
}

/// Below `trailwatch history --help`.
pub(super) fn history() -> String {
    use ExitCode::{Config, Done, Internal, Interrupted, NoJob, Terminated, Usage};
    format!("{HISTORY}\n{}", codes(&[Done, Usage, NoJob, Internal, Config, Interrupted, Terminated]))
}

/// Below `trailwatch doctor --help`.
pub(super) fn doctor() -> String {
    use ExitCode::{Config, Done, Internal, Interrupted, Refused, Terminated, Unavailable, Usage};
    let codes = codes(&[Done, Usage, Unavailable, Internal, Refused, Config, Interrupted, Terminated]);
    format!("{DOCTOR}\n{codes}\n{DOCTOR_CODES}")
}

/// Below `trailwatch coverage --help`.
pub(super) fn coverage() -> String {
    use ExitCode::{Config, Done, Failed, Internal, Interrupted, Refused, Terminated, Unavailable, Usage};
    let codes = codes(&[Done, Failed, Usage, Unavailable, Internal, Refused, Config, Interrupted, Terminated]);
    format!("{COVERAGE}\n{codes}\n{COVERAGE_CODES}")
}

/// Below `trailwatch config --help`.
pub(super) fn config() -> String {
    use ExitCode::{Config, Done, Internal, Usage};
    format!("{CONFIG}\n{}", codes(&[Done, Usage, Internal, Config]))
}

/// Below `trailwatch emulator --help`.
pub(super) fn emulator() -> String {
    use ExitCode::{Config, Internal, Interrupted, Terminated, Usage};
    format!("{EMULATOR}\n{}", codes(&[Usage, Internal, Config, Interrupted, Terminated]))
}

/// Below `trailwatch completions --help`.
pub(super) fn completions() -> String {
    use ExitCode::{Done, Internal, Usage};
    format!("{COMPLETIONS}\n{}", codes(&[Done, Usage, Internal]))
}

/// Below `trailwatch man --help`.
pub(super) fn man() -> String {
    use ExitCode::{Config, Done, Internal, Usage};
    format!("{MAN}\n{}", codes(&[Done, Usage, Internal, Config]))
}

fn codes(codes: &[ExitCode]) -> String {
    let mut text = "Exit codes:\n".to_owned();
    for code in codes {
        // Writing to a String can't fail.
        let _ = writeln!(text, "  {:>3}  {}", code.code(), code.meaning());
    }
    text
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use crate::{cli::Cli, emulator::FaultKind};

    fn help(command: Option<&str>) -> String {
        let mut root = Cli::command().term_width(100);
        root.build();
        let command = match command {
            Some(name) => root.find_subcommand_mut(name).unwrap(),
            None => &mut root,
        };
        command.render_help().to_string()
    }

    #[test]
    fn help_is_pinned() {
        insta::assert_snapshot!("help", help(None));
        insta::assert_snapshot!("help_list", help(Some("list")));
        insta::assert_snapshot!("help_get", help(Some("get")));
        insta::assert_snapshot!("help_watch", help(Some("watch")));
        insta::assert_snapshot!("help_wait", help(Some("wait")));
        insta::assert_snapshot!("help_history", help(Some("history")));
        insta::assert_snapshot!("help_coverage", help(Some("coverage")));
        insta::assert_snapshot!("help_config", help(Some("config")));
        insta::assert_snapshot!("help_emulator", help(Some("emulator")));
        insta::assert_snapshot!("help_completions", help(Some("completions")));
        insta::assert_snapshot!("help_man", help(Some("man")));
        insta::assert_snapshot!("help_help", help(Some("help")));
    }

    #[test]
    fn the_help_names_every_fault() {
        let faults = super::EMULATOR.split("\n\n").next().unwrap();
        let words: Vec<_> = faults.split(|c: char| !c.is_ascii_alphanumeric()).collect();
        assert!(FaultKind::ALL.iter().all(|kind| words.contains(&kind.word())));
    }

    #[test]
    fn every_command_has_a_help() {
        let program = Cli::command();
        assert!(program.get_subcommands().map(clap::Command::get_name).eq(super::COMMANDS));
    }

    #[test]
    fn the_arguments_do_not_contradict_each_other() {
        Cli::command().debug_assert();
    }
}
