//! Flags over environment over configuration file over defaults: the one place where they meet.
//!
//! What the file says becomes the default of the flag of the same meaning, and is read and checked as that flag is.

use std::{
    env,
    error::Error as _,
    ffi::{OsStr, OsString},
    io::{self, Write as _},
};

use clap::{
    ArgMatches, CommandFactory, FromArgMatches,
    builder::Resettable,
    error::{ContextKind, ContextValue},
    parser::ValueSource,
};

use super::{Cli, Command, args::PROGRAM, choice::choose, report};
use crate::{
    config::{
        ENDPOINT_TYPE_VARIABLE, Fault, File, FileError, Flag, Kind, Known, Origin, Problem, SETTINGS, Said, Setting,
        Wanted,
    },
    credentials::{PROFILE_VARIABLES, REGION_VARIABLES},
    exit::ExitCode,
    text,
};

/// Reads the arguments, and the configuration file where what was asked for goes by it.
///
/// # Errors
/// The exit code, after help, the version or a mistake was printed.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Cli, ExitCode> {
    let arguments: Vec<_> = arguments.into_iter().collect();
    let program = without_empty_variables(Cli::command());
    let (mut cli, mut matches) =
        parsed(program.clone(), &arguments).map_err(|error| told(&error, &program, &arguments))?;
    if !goes_by_file(cli.command.as_ref()) {
        return Ok(cli);
    }
    let wrong = |error: FileError| {
        report::say(report::Severity::Error, &error.to_string());
        ExitCode::Config
    };
    let (file, fault) = match read_file(&cli).and_then(checked) {
        Ok(file) => (file, None),
        // It tells of it among the rest.
        Err(error) if matches!(cli.command, Some(Command::Doctor(_))) => (File::default(), Some(error)),
        Err(error) => return Err(wrong(error)),
    };
    let layer = layer(&file, cli.command.as_ref());
    if !layer.is_empty() {
        (cli, matches) =
            parsed(over(&layer, program.clone()), &arguments).map_err(|error| told(&error, &program, &arguments))?;
    }
    cli.global.settings = known(&program, &matches, &file);
    // The demo has its own targets; a group is of no use to it.
    if !cli.global.demo {
        choose(&mut cli.global, &file).map_err(|error| {
            report::say(report::Severity::Error, &error.to_string());
            error.exit_code()
        })?;
    }
    cli.global.file = file;
    cli.global.fault = fault;
    Ok(cli)
}

fn parsed(program: clap::Command, arguments: &[OsString]) -> Result<(Cli, ArgMatches), clap::Error> {
    let matches = program.try_get_matches_from(arguments)?;
    Ok((Cli::from_arg_matches(&matches)?, matches))
}

/// An empty variable counts as not set, as it does for the vendor's tools: `TRAILWATCH_PROFILE= trailwatch list`.
fn without_empty_variables(command: clap::Command) -> clap::Command {
    let is_empty = |name: &OsStr| env::var_os(name).is_some_and(|value| value.is_empty());
    command
        .mut_args(|arg| if arg.get_env().is_some_and(is_empty) { arg.env(Resettable::Reset) } else { arg })
        .mut_subcommands(without_empty_variables)
}

/// Prints help, the version or a mistake.
fn told(error: &clap::Error, program: &clap::Command, arguments: &[OsString]) -> ExitCode {
    // A closed pipe is all that could go wrong here, and it changes nothing.
    let words = error.render().to_string();
    if words.chars().any(|char| char != '\n' && text::is_unsafe(char)) {
        let clean: Vec<_> = words.lines().map(text::clean).collect();
        let _ = writeln!(io::stderr(), "{}", clean.join("\n"));
    } else {
        let _ = error.print();
    }
    if let Some(variable) = variable_at_fault(error, program, arguments) {
        report::say(report::Severity::Note, &format!("that is what the environment variable {variable} says"));
    }
    if error.use_stderr() { ExitCode::Usage } else { ExitCode::Done }
}

/// The variable that has the value that is refused, where no argument has it.
fn variable_at_fault(error: &clap::Error, program: &clap::Command, arguments: &[OsString]) -> Option<String> {
    let (Some(ContextValue::String(flag)), Some(ContextValue::String(_))) =
        (error.get(ContextKind::InvalidArg), error.get(ContextKind::InvalidValue))
    else {
        return None;
    };
    let long = flag.split([' ', '=']).next()?.strip_prefix("--")?;
    let is_it = |arg: &&clap::Arg| arg.get_long() == Some(long);
    let mut commands = std::iter::once(program).chain(program.get_subcommands());
    let variable = commands.find_map(|command| command.get_arguments().find(is_it))?.get_env()?;
    let is_given = arguments.iter().any(|argument| {
        let argument = argument.to_string_lossy();
        argument.strip_prefix("--").is_some_and(|rest| rest == long || rest.starts_with(&format!("{long}=")))
    });
    (!is_given && env::var_os(variable).is_some()).then(|| variable.to_string_lossy().into_owned())
}

/// Whether a command has to do with what the file says. A wrong one keeps nobody from help, or from mending it.
fn goes_by_file(command: Option<&Command>) -> bool {
    use Command::{Completions, Config, Coverage, Doctor, Emulator, Get, Help, History, List, Man, Wait, Watch};
    match command {
        None | Some(List(_) | Get(_) | Watch(_) | Wait(_) | History(_) | Coverage(_) | Doctor(_)) => true,
        Some(Config(args)) => args.action.reads_file(),
        Some(Emulator(_) | Completions(_) | Man(_) | Help(_)) => false,
    }
}

fn read_file(cli: &Cli) -> Result<File, FileError> {
    let Some(path) = cli.global.config() else { return Ok(File::default()) };
    let wanted = if cli.global.config.is_some() { Wanted::Named } else { Wanted::Usual };
    File::read(&path, wanted, etcetera::home_dir().ok().as_deref())
}

/// What of the file a flag says, too.
fn flags(file: &File) -> impl Iterator<Item = &Said> {
    file.said.iter().filter(|said| said.setting.flag != Flag::None)
}

/// What of that is the flag's default for a command.
fn layer<'a>(file: &'a File, command: Option<&Command>) -> Vec<&'a Said> {
    let is_meant = |said: &&Said| match (said.setting.key, command) {
        // Of `wait`, the flag is how long the whole wait may take.
        ("timeout", Some(Command::Wait(_))) => false,
        // What is watched now does not say what was seen before.
        ("profiles" | "all_profiles" | "groups" | "regions", Some(Command::History(_))) => false,
        (key, _) => vendors(key).is_none(),
    };
    flags(file).filter(is_meant).collect()
}

fn over(layer: &[&Said], program: clap::Command) -> clap::Command {
    layer.iter().fold(program, |program, said| {
        let values = match said.setting.flag {
            Flag::Named(_) => said.values.clone(),
            Flag::Contrary(_) => vec![(said.values == ["false"]).to_string()],
            Flag::None => return program,
        };
        let id = said.setting.flag_id().unwrap_or_default();
        program.mut_arg(id, |arg| arg.default_values(values))
    })
}

/// Lets each flag look at what the file says, also at what another layer hides: a file that is wrong is wrong.
fn checked(file: File) -> Result<File, FileError> {
    if file.said.is_empty() {
        return Ok(file);
    }
    let program = Cli::command().mut_args(|arg| arg.env(Resettable::Reset));
    let refused = |said: &[&Said]| {
        let error = over(said, program.clone()).try_get_matches_from([PROGRAM]).err()?;
        error.use_stderr().then(|| error.source().map_or_else(|| error.to_string(), ToString::to_string))
    };
    let all: Vec<_> = flags(&file).collect();
    let Some(why) = refused(&all) else { return Ok(file) };
    // Which one it is shows when each is looked at alone.
    let alone = all.iter().find_map(|said| Some((said, refused(&[said])?)));
    let fault = match alone {
        Some((said, why)) => Fault { line: said.line, problem: Problem::Value { key: said.setting.key, why } },
        None => Fault { line: 1, problem: Problem::Syntax(why) },
    };
    Err(FileError::Fault { path: file.path.clone().unwrap_or_default(), fault })
}

/// The variable of the vendor's tools that says the same as a setting, and what it says. The bare `REGION` and `REGION_ID` are
/// not among them: they may be meant for anything.
fn vendors(key: &str) -> Option<(&'static str, String)> {
    let names: Vec<&'static str> = match key {
        "profiles" | "all_profiles" | "groups" => PROFILE_VARIABLES.to_vec(),
        "regions" => REGION_VARIABLES.to_vec(),
        "endpoint_type" => vec![ENDPOINT_TYPE_VARIABLE],
        _ => Vec::new(),
    };
    let value = |name| Some((name, env::var(name).ok().filter(|value| !value.trim().is_empty())?));
    names.into_iter().find_map(value)
}

fn flag_of<'a>(program: &'a clap::Command, setting: &Setting) -> Option<&'a clap::Arg> {
    program.get_arguments().find(|arg| setting.flag_id().is_some_and(|id| arg.get_id() == id))
}

/// What holds for each setting, and who says so.
fn known(program: &clap::Command, matches: &ArgMatches, file: &File) -> Vec<Known> {
    SETTINGS.iter().map(|setting| known_of(setting, program, matches, file)).collect()
}

fn known_of(setting: &'static Setting, program: &clap::Command, matches: &ArgMatches, file: &File) -> Known {
    let flag = flag_of(program, setting);
    let source = flag.and_then(|flag| matches.value_source(flag.get_id().as_str()));
    let origin = match (source, flag) {
        (Some(ValueSource::CommandLine), Some(flag)) => {
            Some(Origin::Flag(format!("--{}", flag.get_long().unwrap_or_default())))
        }
        (Some(ValueSource::EnvVariable), Some(flag)) => {
            flag.get_env().map(|name| Origin::Variable(name.to_string_lossy().into_owned()))
        }
        _ => None,
    };
    if let (Some(origin), Some(flag)) = (origin, flag) {
        return Known { setting, values: given(setting, flag, matches), origin };
    }
    if let Some((name, value)) = vendors(setting.key) {
        let values = match setting.key {
            "groups" => Vec::new(),
            "all_profiles" => vec!["false".to_owned()],
            _ => vec![value],
        };
        return Known { setting, values, origin: Origin::Variable(name.to_owned()) };
    }
    match (file.of(setting.key), &file.path) {
        (Some(said), Some(path)) => {
            let origin = Origin::File { path: path.clone(), line: said.line };
            Known { setting, values: said.values.clone(), origin }
        }
        _ => {
            Known { setting, values: setting.usual.iter().map(ToString::to_string).collect(), origin: Origin::Default }
        }
    }
}

/// What a flag or its variable says, as the file would say it.
fn given(setting: &Setting, flag: &clap::Arg, matches: &ArgMatches) -> Vec<String> {
    let id = flag.get_id().as_str();
    if let Kind::Switch = setting.kind {
        let is_set = matches.get_flag(id);
        return vec![(is_set != matches!(setting.flag, Flag::Contrary(_))).to_string()];
    }
    let raw = matches.get_raw(id).into_iter().flatten();
    raw.map(|value| value.to_string_lossy().into_owned()).collect()
}
