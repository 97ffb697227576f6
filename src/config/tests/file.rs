//! What a configuration file means, and what its mistakes are told with.

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::{
    job::Filter,
    notify::{self, Bell, TIMEOUT as USUAL_LIMIT, Title},
};

#[test]
fn an_empty_file_is_the_default() {
    let file = File::parse("").unwrap();
    assert_eq!(file, File::default());
    assert_eq!((file.notify.bell, file.notify.title), (Bell::Rings, Title::Ours));
}

#[test]
fn a_setting_is_told_with_its_line_as_its_flag_would_have_it() {
    let file = File::parse(
        "max_qps = 1_000\n\nregions = [\"cn-beijing\",\n  \"cn-shanghai\"]\nmouse = true\ninterval = \"30s\"\n",
    );
    let said = file.unwrap().said;
    let said: Vec<_> = said.iter().map(|said| (said.setting.key, said.values.join(" "), said.line)).collect();
    let expected = [
        ("max_qps", "1000", 1),
        ("regions", "cn-beijing cn-shanghai", 3),
        ("mouse", "true", 5),
        ("interval", "30s", 6),
    ];
    assert_eq!(said, expected.map(|(key, values, line)| (key, values.to_owned(), line)));
}

#[test]
fn a_path_begins_where_the_file_is() {
    let directory = tempfile::TempDir::new().unwrap();
    let path = directory.path().join("config.toml");
    std::fs::write(&path, "keys = \"keys.toml\"\nca_file = \"~/ca.pem\"\nlog_file = \"/var/log/x\"\n").unwrap();
    let file = File::read(&path, Wanted::Named, Some("/home/me".as_ref())).unwrap();
    let value = |key| file.of(key).unwrap().values[0].clone();
    assert_eq!(value("keys"), directory.path().join("keys.toml").display().to_string());
    assert_eq!([value("ca_file"), value("log_file")], ["/home/me/ca.pem", "/var/log/x"]);
}

#[test]
fn a_file_that_was_asked_for_must_be_there() {
    let nowhere = "/nonexistent/config.toml".as_ref();
    assert_eq!(File::read(nowhere, Wanted::Usual, None).unwrap(), File::default());
    let missing = File::read(nowhere, Wanted::Named, None).unwrap_err();
    assert_eq!(missing.to_string(), "/nonexistent/config.toml: there is no such file (--config, TRAILWATCH_CONFIG)");
}

#[test]
fn what_holds_by_default_is_what_the_program_does() {
    let usual = |key: &str| SETTINGS.iter().find(|setting| setting.key == key).unwrap().usual.unwrap();
    let lengths = [
        ("interval", INTERVAL),
        ("idle_interval", IDLE_INTERVAL),
        ("stalled_after", STALLED_AFTER),
        ("timeout", TIMEOUT),
    ];
    for (key, length) in lengths {
        assert_eq!(humantime::parse_duration(usual(key)), Ok(length), "{key}");
    }
    assert_eq!(usual("max_qps"), MAX_QPS.to_string());
    assert_eq!(usual("theme").parse(), Ok(crate::looks::ThemeName::default()));
}

/// The default file with every setting in it.
fn whole_default() -> String {
    let is_setting = |line: &str| line.starts_with('#') && !line.starts_with("# ");
    DEFAULT_FILE.lines().map(|line| if is_setting(line) { &line[1..] } else { line }).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_default_file_changes_nothing_and_has_every_setting() {
    assert_eq!(File::parse(DEFAULT_FILE).unwrap(), File::default());
    let file = File::parse(&whole_default()).unwrap();
    let keys: Vec<_> = file.said.iter().map(|said| said.setting.key).collect();
    assert_eq!(keys, SETTINGS.iter().map(|setting| setting.key).collect::<Vec<_>>());
    let usual = |said: &&Said| said.setting.usual.is_some();
    for said in file.said.iter().filter(usual) {
        assert_eq!(said.setting.usual, Some(said.values[0].as_str()), "{}", said.setting.key);
    }
    assert_eq!((file.groups.len(), file.marks.iter().count(), file.notify.ways.len()), (1, 1, 1));
    let mut of_tables = [groups::OF_GROUP, marks::OF_TARGET, ways::OF_WAY].into_iter().flatten();
    assert!(of_tables.all(|setting| whole_default().contains(&format!("\n{} = ", setting.key))));
}

#[test]
fn the_schema_takes_what_the_reader_takes_and_refuses_what_it_refuses() {
    let schema = schema();
    let is_valid = |text: &str| {
        let value: serde_json::Value = toml::from_str(text).unwrap();
        validate(&schema, &value)
    };
    for text in [DEFAULT_FILE, &whole_default()] {
        assert!(is_valid(text), "{text}");
    }
    for text in [
        "intervall = \"5s\"",
        "interval = 5",
        "interval = \"soon\"",
        "max_qps = 0",
        "max_qps = \"5\"",
        "theme = \"solarized\"",
        "mouse = 1",
        "keys = \"\"",
        "regions = \"cn-beijing\"",
        "group = 1",
        "[group.a]\nprofile = [\"a\"]",
        "[target.a]\nmark = \"rot\"",
        "[notify]\nname = \"x\"",
        "[[notify]]\nname = \"x\"",
        "[[notify]]\nname = \"x\"\ncommand = [\"x\"]\non = [\"fail\"]",
        "[[notify]]\nname = \"x\"\ncommand = [\"x\"]\non = []",
    ] {
        assert!(!is_valid(text), "{text}");
    }
}

/// As much of JSON schema as ours uses; a keyword that it does not know is a mistake.
fn validate(schema: &serde_json::Value, value: &serde_json::Value) -> bool {
    use serde_json::Value::{Array, Bool, Number, Object, String};
    let keywords = schema.as_object().unwrap();
    keywords.iter().all(|(keyword, rule)| match (keyword.as_str(), value) {
        ("$schema" | "title" | "description" | "default", _) => true,
        ("type", Bool(_)) => rule == "boolean",
        ("type", Number(number)) => rule == "integer" && number.is_u64(),
        ("type", String(_)) => rule == "string",
        ("type", Array(_)) => rule == "array",
        ("type", Object(_)) => rule == "object",
        ("enum", value) => rule.as_array().unwrap().contains(value),
        ("minLength", String(text)) => text.len() as u64 >= rule.as_u64().unwrap(),
        // The pattern of a duration; that it is one is what the other tests are about.
        ("pattern", String(text)) => text.starts_with(|char: char| char.is_ascii_digit()),
        ("minimum", Number(number)) => number.as_u64() >= rule.as_u64(),
        ("maximum", Number(number)) => number.as_u64() <= rule.as_u64(),
        ("minItems", Array(items)) => items.len() as u64 >= rule.as_u64().unwrap(),
        ("items", Array(items)) => items.iter().all(|item| validate(rule, item)),
        ("required", Object(entries)) => {
            rule.as_array().unwrap().iter().all(|key| entries.contains_key(key.as_str().unwrap()))
        }
        ("properties", Object(entries)) => {
            entries.iter().all(|(key, value)| rule.get(key).is_none_or(|schema| validate(schema, value)))
        }
        ("additionalProperties", Object(entries)) => {
            let known = |key: &std::string::String| schema["properties"].get(key).is_some();
            entries.iter().filter(|(key, _)| !known(key)).all(|(_, value)| rule.is_object() && validate(rule, value))
        }
        (
            "minLength"
            | "pattern"
            | "minimum"
            | "maximum"
            | "minItems"
            | "items"
            | "required"
            | "properties"
            | "additionalProperties",
            _,
        ) => true,
        (other, _) => panic!("the schema has {other}"),
    })
}

#[test]
fn a_way_has_what_it_says_and_else_what_is_usual() {
    let text = r#"
bell = false
title = false
[[notify]]
name = "mail"
command = ["mail"]
[[notify]]
name = "chat"
on = ["failed", "gone"]
filter = "trail:pay*"
command = ["curl", ""]
timeout = "1m"
debounce = "90s"
"#;
    let File { notify: notify::Config { bell, title, ways }, ways: at, .. } = File::parse(text).unwrap();
    assert_eq!((bell, title, ways.len()), (Bell::Silent, Title::Theirs, 2));
    let mail = &ways[0];
    assert_eq!((&mail.on[..], mail.timeout, mail.debounce), (&notify::Kind::USUAL[..], USUAL_LIMIT, Duration::ZERO));
    assert!(ways[0].filter.is_empty());
    let chat = &ways[1];
    assert_eq!((&*chat.name, &chat.on[..]), ("chat", &[notify::Kind::Failed, notify::Kind::Gone][..]));
    assert_eq!(chat.filter, Filter::parse("trail:pay*").unwrap());
    assert_eq!(chat.command, ["curl", ""]);
    assert_eq!((chat.timeout, chat.debounce), (Duration::from_secs(60), Duration::from_secs(90)));
    assert_eq!(at[1], WayAt { line: 7, filter: "trail:pay*".into() });
}

#[test]
fn mistakes_are_told_with_their_place_and_a_way_out() {
    let way = |rest: &str| format!("[[notify]]\nname = \"x\"\ncommand = [\"x\"]\n{rest}\n");
    let told = [
        "bell = \n".to_owned(),
        "intervall = \"5s\"\n".to_owned(),
        "qqq = 1\n".to_owned(),
        "interval = 5\n".to_owned(),
        "max_qps = \"5\"\n".to_owned(),
        "max_qps = 0x10\n".to_owned(),
        "regions = \"cn-beijing\"\n".to_owned(),
        "regions = [\"\"]\n".to_owned(),
        "theme = \"\"\n".to_owned(),
        "group = 1\n".to_owned(),
        "[group]\nprod = 1\n".to_owned(),
        "[group.prod]\n".to_owned(),
        "[group.\"a,b\"]\nprofiles = [\"a\"]\n".to_owned(),
        "[group.prod]\nprofile = [\"a\"]\n".to_owned(),
        "[group.prod]\nprofiles = \"a\"\n".to_owned(),
        "[group.prod]\nprofiles = [\"\"]\n".to_owned(),
        "[group.prod]\nprofiles = [\"a\"]\nregions = [\"Moon/1\"]\n".to_owned(),
        "target = 1\n".to_owned(),
        "[target.prod]\ncolor = \"red\"\n".to_owned(),
        "[target.prod]\nmark = \"rot\"\n".to_owned(),
        "[target.prod]\nmark = \"bright_red\"\n".to_owned(),
        "[target.\"\"]\nmark = \"red\"\n".to_owned(),
        "bel = true\n".to_owned(),
        "bell = \"on\"\n".to_owned(),
        "title = 1\n".to_owned(),
        "notify = true\n".to_owned(),
        "[notify]\nname = \"x\"\n".to_owned(),
        "\n[[notify]]\ncommand = [\"x\"]\n".to_owned(),
        "[[notify]]\nname = \"\"\n".to_owned(),
        "[[notify]]\nname = \"x\"\n".to_owned(),
        "[[notify]]\nname = \"x\"\ncommand = \"notify-send failed\"\n".to_owned(),
        "[[notify]]\nname = \"x\"\ncommand = []\n".to_owned(),
        "[[notify]]\nname = \"x\"\ncommand = [\"a\\u0000b\"]\n".to_owned(),
        way("comand = [\"x\"]"),
        way("on = \"failed\""),
        way("on = []"),
        way("on = [\"fail\"]"),
        way("on = [\"lost\"]"),
        way("filter = \"trail:\""),
        way("filter = \"status:done\""),
        way("filter = \"is:changed\""),
        way("timeout = 30"),
        way("timeout = \"soon\""),
        way("timeout = \"0s\""),
        way("debounce = \"2h\""),
        way(&way("")),
    ]
    .map(|text| File::parse(&text).unwrap_err().to_string())
    .join("\n");
    insta::assert_snapshot!(told);
}

proptest! {
    #[test]
    fn no_file_makes_it_panic(text in "(\\[\\[?(notify|group\\.a|target\\.a|[a-z]{0,4})\\]?\\]\n|(profiles|mark|name|on|filter|command|timeout|debounce|bell|regions|max_qps|keys) = (\"[a-z0-9:]{0,4}\"|\\[(\"[a-z]{0,6}\")?\\]|5|true)\n|\\PC{0,8}\n){0,6}") {
        let _ = File::parse(&text);
    }
}
