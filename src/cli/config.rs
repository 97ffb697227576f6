//! `trailwatch config`: what is set and who says so, whether the file can be used, and where it is.

use std::{
    fmt::{Display, Write as _},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use serde_json::{Map, Value, json};

use super::{
    Dashboard,
    args::{ConfigAction, ConfigArgs, ConfigFormat, GlobalArgs},
    report::{self, Severity},
};
use crate::{
    acs::{self, Endpoint},
    config::{
        DEFAULT_FILE, File, Group, Kind, Known, Origin, Said, Surroundings, WayAt, readable, schema, stray_marks,
        stray_profiles,
    },
    exit::ExitCode,
    export, files,
    job::{ProfileName, Region},
    looks::Marked,
    notify::Way,
    text, units,
};

/// Does what was asked for. A file that is wrong was told of before.
pub(super) fn run(
    args: &ConfigArgs,
    global: &GlobalArgs,
    surroundings: &Surroundings,
    dashboard: &Dashboard<'_>,
) -> ExitCode {
    let printed = match args.action {
        ConfigAction::Show if args.output == ConfigFormat::Json => json(&global.file, &global.settings),
        ConfigAction::Show => toml(&global.file, &global.settings),
        ConfigAction::Check => match checked(global, surroundings, dashboard) {
            Ok(checked) => checked,
            Err(fault) => {
                report::say(Severity::Error, &fault);
                return ExitCode::Config;
            }
        },
        ConfigAction::Path | ConfigAction::Init => {
            let Some(path) = global.config() else {
                report::say(Severity::Error, "there is no place for a configuration file: set HOME, or give --config");
                return ExitCode::Config;
            };
            if args.action == ConfigAction::Init
                && let Err(error) = write_new(&path, DEFAULT_FILE)
            {
                report::say(Severity::Error, &format!("{}: {error}", path.display()));
                return ExitCode::Config;
            }
            format!("{}\n", clean_path(&path))
        }
        ConfigAction::Schema => document(&schema()),
    };
    let mut out = io::stdout().lock();
    match out.write_all(printed.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => ExitCode::Done,
        Err(error) => report::output(&error),
    }
}

/// What is well, a line for each file; what may be a slip is said.
fn checked(global: &GlobalArgs, surroundings: &Surroundings, dashboard: &Dashboard<'_>) -> Result<String, String> {
    let mut checked = match &global.file.path {
        Some(path) => format!("{}: ok\n", clean_path(path)),
        None => "there is no configuration file: the defaults hold\n".to_owned(),
    };
    let file = &global.file;
    let at = |said: &Said, words: &dyn Display| {
        let path = file.path.clone().unwrap_or_default();
        format!("{}: line {}: {}: {words}", path.display(), said.line, said.setting.key)
    };
    // Of a flag or variable, who uses it tells.
    if let Some(said) = file.of("endpoint") {
        let plain = global.options().plain_http;
        let mut endpoints = said.values.iter().map(|url| Endpoint::parse(url, plain));
        endpoints.try_for_each(|endpoint| endpoint.map(drop)).map_err(|error| at(said, &error))?;
    }
    if let Some(said) = file.of("ca_file") {
        said.values.iter().try_for_each(|path| readable(Path::new(path))).map_err(|error| at(said, &error))?;
    }
    // What may come to be is no mistake.
    for stray in stray_marks(file, surroundings).into_iter().chain(stray_profiles(file, surroundings)) {
        report::say(Severity::Warning, &stray.to_string());
    }
    if let Some(path) = check_key_map(global, dashboard)? {
        let _ = writeln!(checked, "{}: ok", clean_path(&path));
    }
    Ok(checked)
}

/// The key map, where there is one and it can be used; what is wrong with it.
pub(super) fn check_key_map(global: &GlobalArgs, dashboard: &Dashboard<'_>) -> Result<Option<PathBuf>, String> {
    let Some((path, text)) = global.key_map()? else { return Ok(None) };
    (dashboard.key_map)(&text).map_err(|fault| format!("{}: {fault}", path.display()))?;
    Ok(Some(path))
}

/// Writes a file whole or not at all, for its owner only, and never in the place of another.
fn write_new(path: &Path, text: &str) -> io::Result<()> {
    files::make_parents(path)?;
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".config-").tempfile_in(directory)?;
    file.write_all(text.as_bytes())?;
    file.persist_noclobber(path).map(drop).map_err(|error| match error.error.kind() {
        io::ErrorKind::AlreadyExists => io::Error::other("it is there already, and is left as it is"),
        _ => error.error,
    })
}

fn document(value: &Value) -> String {
    let mut out = Vec::new();
    export::write_document(&mut out, value).expect("a vector takes all that is written");
    String::from_utf8(out).expect("JSON is text")
}

fn clean_path(path: &Path) -> String {
    text::clean(&path.display().to_string()).into_owned()
}

/// What may be shown of a value: not the password that somebody put into a URL.
fn shown(known: &Known) -> Vec<String> {
    match known.setting.key {
        "endpoint" => known.values.iter().map(|value| acs::without_password(value)).collect(),
        _ => known.values.clone(),
    }
}

/// A configuration file that says what holds, and beside each value where it comes from.
fn toml(file: &File, settings: &[Known]) -> String {
    let lines: Vec<(String, String)> = settings.iter().map(|known| (setting(known), beside(known))).collect();
    let width = lines.iter().map(|(line, _)| text::width(line)).filter(|width| *width <= 40).max().unwrap_or_default();
    let mut toml = String::new();
    for (line, origin) in &lines {
        let gap = " ".repeat(width.saturating_sub(text::width(line)));
        // Writing to a String can't fail.
        let _ = writeln!(toml, "{line}{gap}  # {origin}");
    }
    let at = |line: usize| file.path.clone().map(|path| origin(&Origin::File { path, line })).unwrap_or_default();
    for group in &file.groups {
        let profiles = texts(group.profiles.iter().map(ProfileName::as_str));
        let regions = texts(group.regions.iter().map(Region::as_str));
        let _ = writeln!(
            toml,
            "\n[group.{}]  # {}\nprofiles = {profiles}\nregions = {regions}",
            quoted(&group.name),
            at(group.line)
        );
    }
    for Marked { name, mark, line } in file.marks.iter() {
        let _ = writeln!(toml, "\n[target.{}]\nmark = \"{}\"  # {}", quoted(name), mark.word(), at(*line));
    }
    for (way, way_at) in file.notify.ways.iter().zip(&file.ways) {
        let _ = write!(toml, "\n[[notify]]  # {}\n{}", at(way_at.line), way_in_toml(way, way_at));
    }
    toml
}

fn setting(known: &Known) -> String {
    let key = known.setting.key;
    let values = shown(known);
    match (known.setting.kind, &values[..]) {
        (_, []) => format!("# {key}"),
        (Kind::Texts, _) => format!("{key} = {}", texts(values.iter().map(String::as_str))),
        (Kind::Switch | Kind::Number { .. }, [value, ..]) => format!("{key} = {value}"),
        (_, [value, ..]) => format!("{key} = {}", quoted(value)),
    }
}

fn beside(known: &Known) -> String {
    if shown(known).is_empty() && known.origin == Origin::Default {
        return "not set".to_owned();
    }
    origin(&known.origin)
}

fn way_in_toml(way: &Way, at: &WayAt) -> String {
    let on = texts(way.on.iter().map(|kind| kind.word()));
    let [timeout, debounce] = durations(way);
    let mut toml = format!("name = {}\non = {on}\n", quoted(&way.name));
    if !at.filter.is_empty() {
        let _ = writeln!(toml, "filter = {}", quoted(&at.filter));
    }
    let (program, arguments) = (&way.command[0], way.command.len() - 1);
    let more = if arguments > 0 {
        format!("  # and {arguments} more, not shown: they may hold secrets")
    } else {
        String::new()
    };
    let _ = writeln!(toml, "command = [{}]{more}\ntimeout = {timeout:?}\ndebounce = {debounce:?}", quoted(program));
    toml
}

fn durations(way: &Way) -> [String; 2] {
    [way.timeout, way.debounce].map(units::written)
}

fn origin(origin: &Origin) -> String {
    text::clean(&origin.to_string()).into_owned()
}

fn texts<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    format!("[{}]", texts.map(quoted).collect::<Vec<_>>().join(", "))
}

/// A basic string of TOML in which no character steers a terminal.
fn quoted(value: &str) -> String {
    let mut quoted = String::with_capacity(value.len() + 2);
    quoted.push('"');
    for char in value.chars() {
        match char {
            '"' | '\\' => quoted.extend(['\\', char]),
            _ if text::is_unsafe(char) => {
                let _ = write!(quoted, "\\U{:08X}", u32::from(char));
            }
            _ => quoted.push(char),
        }
    }
    quoted.push('"');
    quoted
}

fn json(file: &File, settings: &[Known]) -> String {
    let settings: Map<String, Value> = settings
        .iter()
        .map(|known| {
            (known.setting.key.to_owned(), json!({ "value": value(known), "origin": origin_in_json(&known.origin) }))
        })
        .collect();
    let ways: Vec<Value> = file.notify.ways.iter().zip(&file.ways).map(|(way, at)| way_in_json(way, at)).collect();
    let group = |group: &Group| {
        let profiles: Vec<&str> = group.profiles.iter().map(ProfileName::as_str).collect();
        let regions: Vec<&str> = group.regions.iter().map(Region::as_str).collect();
        (group.name.clone(), json!({ "profiles": profiles, "regions": regions, "line": group.line }))
    };
    let marked = |marked: &Marked| (marked.name.clone(), json!({ "mark": marked.mark.word(), "line": marked.line }));
    let groups: Map<String, Value> = file.groups.iter().map(group).collect();
    let targets: Map<String, Value> = file.marks.iter().map(marked).collect();
    let path = file.path.as_ref().map(|path| path.to_string_lossy());
    let all = json!({ "file": path, "settings": settings, "groups": groups, "targets": targets, "notify": ways });
    document(&all)
}

fn value(known: &Known) -> Value {
    let values = shown(known);
    match (known.setting.kind, &values[..]) {
        (Kind::Texts, _) => json!(values),
        (_, []) => Value::Null,
        (Kind::Switch, [value, ..]) => json!(value == "true"),
        (Kind::Number { .. }, [value, ..]) => json!(value.parse::<u32>().ok()),
        (_, [value, ..]) => json!(value),
    }
}

fn origin_in_json(origin: &Origin) -> Value {
    match origin {
        Origin::Flag(name) => json!({ "kind": "flag", "name": name }),
        Origin::Variable(name) => json!({ "kind": "variable", "name": name }),
        Origin::File { path, line } => json!({ "kind": "file", "path": path.to_string_lossy(), "line": line }),
        Origin::Default => json!({ "kind": "default" }),
    }
}

/// Without the arguments of the command, which may hold secrets.
fn way_in_json(way: &Way, at: &WayAt) -> Value {
    let [timeout, debounce] = durations(way);
    let on: Vec<&str> = way.on.iter().map(|kind| kind.word()).collect();
    json!({ "name": &*way.name, "on": on, "filter": at.filter, "program": way.command[0],
        "timeout": timeout, "debounce": debounce, "line": at.line })
}
