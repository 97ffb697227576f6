//! What a configuration file means, and what its mistakes are told with.

use proptest::prelude::*;

use super::*;

#[test]
fn an_empty_file_is_the_default() {
    let config = Config::parse("").unwrap();
    assert_eq!(config, Config::default());
    assert_eq!((config.bell, config.title), (Bell::Rings, Title::Ours));
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
    let Config { bell, title, ways } = Config::parse(text).unwrap();
    assert_eq!((bell, title, ways.len()), (Bell::Silent, Title::Theirs, 2));
    assert_eq!((&ways[0].on[..], ways[0].timeout, ways[0].debounce), (&Kind::USUAL[..], TIMEOUT, Duration::ZERO));
    assert!(ways[0].filter.is_empty());
    let chat = &ways[1];
    assert_eq!((&*chat.name, &chat.on[..]), ("chat", &[Kind::Failed, Kind::Gone][..]));
    assert_eq!(chat.filter, Filter::parse("trail:pay*").unwrap());
    assert_eq!(chat.command, ["curl", ""]);
    assert_eq!((chat.timeout, chat.debounce), (Duration::from_secs(60), Duration::from_secs(90)));
}

#[test]
fn mistakes_are_told_with_their_place_and_a_way_out() {
    let way = |rest: &str| format!("[[notify]]\nname = \"x\"\ncommand = [\"x\"]\n{rest}\n");
    let told = [
        "bell = \n".to_owned(),
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
    .map(|text| Config::parse(&text).unwrap_err().to_string())
    .join("\n");
    insta::assert_snapshot!(told);
}

proptest! {
    #[test]
    fn no_file_makes_it_panic(text in "(\\[\\[?(notify|[a-z]{0,4})\\]?\\]\n|(name|on|filter|command|timeout|debounce|bell) = (\"[a-z0-9:]{0,4}\"|\\[(\"[a-z]{0,6}\")?\\]|5|true)\n|\\PC{0,8}\n){0,6}") {
        let _ = Config::parse(&text);
    }
}
