//! The configuration file: what it says, with the lines where it says it. Whether a value is a good one is known by what takes it.

use std::path::{Path, PathBuf};

use toml::de::DeValue;

use super::{
    groups::{Group, groups},
    marks::marks,
    reader::{Fault, Place, Problem, in_order, known, one_text, switch, text_of_duration, texts},
    settings::{Kind, SETTINGS, Setting},
    ways::{WayAt, ways},
};
use crate::{
    files,
    looks::Marks,
    notify::{self, Bell, Title},
};

/// What stands in a configuration file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct File {
    /// Where it is; none, where there is none.
    pub path: Option<PathBuf>,
    /// What is set outside of tables, in the order of the file.
    pub said: Vec<Said>,
    /// How people are called.
    pub notify: notify::Config,
    /// How each of the ways stands there.
    pub ways: Vec<WayAt>,
    /// The targets that have a name in common.
    pub groups: Vec<Group>,
    /// How targets are marked.
    pub marks: Marks,
}

/// A setting that stands in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Which one.
    pub setting: &'static Setting,
    /// Its values, one unless it is a list, as the flag would have them.
    pub values: Vec<String>,
    /// In which line.
    pub line: usize,
}

/// Why a file can't be used.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// What stands in it is wrong.
    #[error("{}: {fault}", .path.display())]
    Fault {
        /// The file.
        path: PathBuf,
        /// Where, and what.
        fault: Fault,
    },
    /// Others could make the program run commands.
    #[error("{0}")]
    Exposed(files::Exposed),
    /// It was asked for and is not there.
    #[error("{}: there is no such file (--config, TRAILWATCH_CONFIG)", .0.display())]
    Missing(PathBuf),
    /// It can't be read.
    #[error("{}: {error}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
}

/// Whether a file must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// It was asked for.
    Named,
    /// It is where one would be.
    Usual,
}

impl File {
    /// Reads a file. One that others may write names no command, no file to be written and nobody to be trusted.
    ///
    /// # Errors
    /// [`FileError`], with the place where it can be mended.
    pub fn read(path: &Path, wanted: Wanted, home: Option<&Path>) -> Result<Self, FileError> {
        let read = files::read_text_and_trust(path);
        let Some((text, exposed)) = read.map_err(|error| FileError::Io { path: path.to_owned(), error })? else {
            return match wanted {
                Wanted::Named => Err(FileError::Missing(path.to_owned())),
                Wanted::Usual => Ok(Self::default()),
            };
        };
        let mut file = Self::parse(&text).map_err(|fault| FileError::Fault { path: path.to_owned(), fault })?;
        if let Some(exposed) = exposed.filter(|_| file.needs_trust()) {
            return Err(FileError::Exposed(exposed));
        }
        file.settle_paths(path.parent().unwrap_or(Path::new("")), home);
        file.path = Some(path.to_owned());
        Ok(file)
    }

    /// Reads a file's text.
    ///
    /// # Errors
    /// The first mistake, and in which line it is.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let place = Place(text);
        let document = place.parse(Problem::Syntax)?;
        let mut file = Self::default();
        for (key, value) in in_order(document.get_ref()) {
            let at = key.span().start;
            let keys = SETTINGS.iter().map(|setting| setting.key).chain(TABLES);
            let name = known(key.get_ref(), keys).map_err(|problem| place.fault(at, problem))?;
            let found = value.get_ref();
            match (SETTINGS.iter().find(|setting| setting.key == name), name) {
                (Some(setting), _) => {
                    let values = place.at(value, values(setting, found))?;
                    file.said.push(Said { setting, values, line: place.line(at) });
                }
                (None, "group") => file.groups = groups(&place, at, found)?,
                (None, "target") => file.marks = marks(&place, at, found)?,
                (None, _) => (file.ways, file.notify.ways) = ways(&place, at, found)?.into_iter().unzip(),
            }
        }
        let is_off = |key| file.of(key).is_some_and(|said| said.values == ["false"]);
        (file.notify.bell, file.notify.title) = (
            if is_off("bell") { Bell::Silent } else { Bell::Rings },
            if is_off("title") { Title::Theirs } else { Title::Ours },
        );
        Ok(file)
    }

    /// Whether who writes it could run commands as its reader, write into their files or come between them and the service.
    fn needs_trust(&self) -> bool {
        const KEYS: [&str; 4] = ["endpoint", "insecure_http", "ca_file", "log_file"];
        !self.notify.ways.is_empty() || KEYS.iter().any(|key| self.of(key).is_some())
    }

    /// What it says of a setting.
    #[must_use]
    pub fn of(&self, key: &str) -> Option<&Said> {
        self.said.iter().find(|said| said.setting.key == key)
    }

    /// Paths as they are meant, wherever the program is started.
    fn settle_paths(&mut self, directory: &Path, home: Option<&Path>) {
        for said in self.said.iter_mut().filter(|said| matches!(said.setting.kind, Kind::Path)) {
            for value in &mut said.values {
                let path = match (value.strip_prefix("~/"), home) {
                    (Some(rest), Some(home)) => home.join(rest),
                    _ => directory.join(&*value),
                };
                // Both parts were text already, or the text stays what it was.
                if let Some(path) = path.to_str() {
                    path.clone_into(value);
                }
            }
        }
    }
}

/// The tables of the file.
pub(super) const TABLES: [&str; 3] = ["group", "target", "notify"];

fn values(setting: &Setting, value: &DeValue<'_>) -> Result<Vec<String>, Problem> {
    let key = setting.key;
    let text = match setting.kind {
        Kind::Text | Kind::Path | Kind::Choice(_) => one_text(key, value)?.to_owned(),
        Kind::Duration => text_of_duration(key, value)?.to_owned(),
        Kind::Switch => switch(key, value)?.to_string(),
        Kind::Number { .. } => {
            let number = value.as_integer().filter(|number| number.radix() == 10);
            number.ok_or(Problem::Type { key, needs: "a whole number" })?.as_str().replace('_', "")
        }
        Kind::Texts | Kind::Choices(_) => {
            let wrong = Problem::Type { key, needs: "a list of texts, as in [\"one\", \"two\"]" };
            let words = texts(value).filter(|words| words.iter().all(|word| !word.trim().is_empty())).ok_or(wrong)?;
            return Ok(words.into_iter().map(str::to_owned).collect());
        }
    };
    Ok(vec![text])
}
