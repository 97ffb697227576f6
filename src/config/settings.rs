//! The settings: what can be said in the file, by a flag and by a variable. The reader, `config show`, the schema and the tests
//! of the default file and of the README go through this one list.

use crate::{actiontrail::EndpointType, looks::ThemeName};

/// The words that can be chosen from.
pub type Words = fn() -> Vec<&'static str>;

/// What a value looks like in the file.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// A text.
    Text,
    /// A path: one that is not absolute begins at the file's directory, `~/` at the home.
    Path,
    /// A list of texts.
    Texts,
    /// A duration in quotes.
    Duration,
    /// A whole number.
    Number {
        /// The least.
        least: u32,
        /// The most.
        most: u32,
    },
    /// `true` or `false`.
    Switch,
    /// One of these words.
    Choice(Words),
    /// A list of these words.
    Choices(Words),
}

/// By which flag else it is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flag {
    /// The one of this name.
    Named(&'static str),
    /// The one of this name, which means the contrary.
    Contrary(&'static str),
    /// By none.
    None,
}

/// One setting.
#[derive(Debug)]
pub struct Setting {
    /// Its name in the file.
    pub key: &'static str,
    /// What it can be.
    pub kind: Kind,
    /// By which flag else it is said.
    pub flag: Flag,
    /// What holds where nobody says anything, as it would stand in the file; none, where that depends.
    pub usual: Option<&'static str>,
    /// What it is, in a few words.
    pub about: &'static str,
}

impl PartialEq for Setting {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for Setting {}

impl Setting {
    /// One of a table, which no flag says.
    pub(super) const fn of_table(
        key: &'static str,
        kind: Kind,
        usual: Option<&'static str>,
        about: &'static str,
    ) -> Self {
        Self { key, kind, flag: Flag::None, usual, about }
    }

    /// The name of its flag, as the program has it: `max_qps`.
    #[must_use]
    pub fn flag_id(&self) -> Option<&'static str> {
        match self.flag {
            Flag::Named(id) | Flag::Contrary(id) => Some(id),
            Flag::None => None,
        }
    }
}

const fn setting(
    key: &'static str,
    kind: Kind,
    flag: Flag,
    usual: Option<&'static str>,
    about: &'static str,
) -> Setting {
    Setting { key, kind, flag, usual, about }
}

/// Every setting that is not in a table, in the order of the default file.
pub static SETTINGS: &[Setting] = {
    use Flag::{Contrary, Named};
    use Kind::{Choice, Duration, Number, Path, Switch, Text, Texts};
    &[
        setting("profiles", Texts, Named("profile"), None, "profiles of ~/.aliyun/config.json"),
        setting(
            "all_profiles",
            Switch,
            Named("all_profiles"),
            Some("false"),
            "whether to use every profile of that file",
        ),
        setting("groups", Texts, Named("group"), None, "groups of this file: each is a table [group.NAME]"),
        setting("regions", Texts, Named("region"), None, "regions to read, such as cn-hangzhou, or all"),
        setting("endpoint", Text, Named("endpoint"), None, "base URL to call instead of the region's own"),
        setting(
            "endpoint_type",
            Choice(|| EndpointType::ALL.map(EndpointType::word).to_vec()),
            Named("endpoint_type"),
            Some("public"),
            "from where the region's own is called",
        ),
        setting(
            "insecure_http",
            Switch,
            Named("insecure_http"),
            Some("false"),
            "whether the endpoint may be plain http to another machine",
        ),
        setting("ca_file", Path, Named("ca_file"), None, "PEM file of certificate authorities to trust, too"),
        setting("interval", Duration, Named("interval"), Some("10s"), "how often a target with an active job is read"),
        setting("idle_interval", Duration, Named("idle_interval"), Some("60s"), "how often any other target is read"),
        setting(
            "stalled_after",
            Duration,
            Named("stalled_after"),
            Some("30m"),
            "when a job that stands still is stalled",
        ),
        setting("timeout", Duration, Named("timeout"), Some("30s"), "when to give up without progress; not for wait"),
        setting(
            "max_qps",
            Number { least: 1, most: 1000 },
            Named("max_qps"),
            Some("5"),
            "the most calls a second, per account, region and operation",
        ),
        setting(
            "theme",
            Choice(|| ThemeName::ALL.map(ThemeName::word).to_vec()),
            Named("theme"),
            Some("terminal"),
            "colours of the dashboard",
        ),
        setting("ascii", Switch, Named("ascii"), None, "whether to draw with ASCII signs only"),
        setting("mouse", Switch, Named("mouse"), Some("false"), "whether the dashboard takes the mouse"),
        setting("keys", Path, Named("keys"), None, "key map that changes the default one"),
        setting("bell", Switch, Flag::None, Some("true"), "whether the terminal's bell is rung"),
        setting("title", Switch, Flag::None, Some("true"), "whether the window's title counts"),
        setting("journal", Switch, Contrary("no_journal"), Some("true"), "whether what was seen is kept"),
        setting("state", Switch, Contrary("no_state"), Some("true"), "whether it is kept how the dashboard was left"),
        setting("log_file", Path, Named("log_file"), None, "file for the log"),
    ]
};
