//! The log: to standard error for commands, to a file for the dashboard. Every line is made safe to print.

use std::{
    fmt,
    fs::{File, OpenOptions},
    io,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::Mutex,
};

use tracing::{Event, Level, Subscriber};
use tracing_subscriber::{
    filter::{LevelFilter, Targets},
    fmt::{FmtContext, FormatEvent, FormatFields, format::Writer},
    layer::SubscriberExt,
    registry::LookupSpan,
    util::SubscriberInitExt,
};

use crate::{files, text, units};

/// Where the log goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Log {
    /// Standard error.
    Stderr,
    /// A file, appended to, for its owner only.
    File(PathBuf),
    /// The same, made only when there is something to write.
    FileOfNeed(PathBuf),
}

impl Log {
    /// Of a command: the file of `--log-file`, else standard error.
    #[must_use]
    pub fn of_command(log_file: Option<&Path>) -> Self {
        log_file.map_or(Self::Stderr, |path| Self::File(path.to_owned()))
    }

    /// Of the dashboard, whose screen must stay clean: the file of `--log-file`, else one in the state directory.
    /// `None` where there is no home to have that in.
    #[must_use]
    pub fn of_dashboard(log_file: Option<&Path>) -> Option<Self> {
        let default = || files::in_state_directory("trailwatch.log");
        match log_file {
            Some(path) => Some(Self::File(path.to_owned())),
            None => default().map(Self::FileOfNeed),
        }
    }

    /// Begins to log. `verbosity` counts the `-v`s.
    ///
    /// # Errors
    /// Where the file can't be opened, or something logs already.
    pub fn start(&self, verbosity: u8) -> io::Result<()> {
        let level = match verbosity {
            0 => LevelFilter::WARN,
            1 => LevelFilter::INFO,
            2 => LevelFilter::DEBUG,
            _ => LevelFilter::TRACE,
        };
        // Libraries say too much, and some of it is about headers.
        let mut ours = Targets::new().with_target("trailwatch", level);
        if *self == Self::Stderr && verbosity == 0 {
            // A command that polls says itself, and once, what a poll met: not again at every poll.
            ours = ours.with_target("trailwatch::engine::poller", LevelFilter::ERROR);
        }
        let layer = tracing_subscriber::fmt::layer().with_ansi(false).log_internal_errors(false);
        let started = match self {
            Self::Stderr => {
                let layer = layer.event_format(Line::Words).with_writer(io::stderr);
                tracing_subscriber::registry().with(layer).with(ours).try_init()
            }
            Self::File(path) => {
                let layer = layer.event_format(Line::Dated).with_writer(Mutex::new(open(path)?));
                tracing_subscriber::registry().with(layer).with(ours).try_init()
            }
            Self::FileOfNeed(path) => {
                let file = FileOfNeed { path: path.clone(), opened: None };
                let layer = layer.event_format(Line::Dated).with_writer(Mutex::new(file));
                tracing_subscriber::registry().with(layer).with(ours).try_init()
            }
        };
        started.map_err(io::Error::other)
    }
}

fn open(path: &Path) -> io::Result<File> {
    let opened = files::make_parents(path)
        .and_then(|()| OpenOptions::new().create(true).append(true).mode(files::OWNER_ONLY).open(path));
    opened.map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))
}

/// A file that is opened for its first line: most visits have nothing to log.
struct FileOfNeed {
    path: PathBuf,
    opened: Option<File>,
}

impl io::Write for FileOfNeed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let file = match &mut self.opened {
            Some(file) => file,
            unopened => unopened.insert(open(&self.path)?),
        };
        file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.opened.as_mut().map_or(Ok(()), File::flush)
    }
}

/// How an event becomes a line.
#[derive(Debug, Clone, Copy)]
enum Line {
    /// `warning: …`, for people.
    Words,
    /// With the time and who says it.
    Dated,
}

impl<S, N> FormatEvent<S, N> for Line
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut line: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut fields = String::new();
        context.format_fields(Writer::new(&mut fields), event)?;
        let fields = text::clean(&fields);
        let (level, source) = (*event.metadata().level(), event.metadata().target());
        match self {
            Self::Words => writeln!(line, "{}: {fields}", word(level)),
            Self::Dated => writeln!(line, "{} {level} {source}: {fields}", units::rfc3339(chrono::Utc::now())),
        }
    }
}

fn word(level: Level) -> &'static str {
    match level {
        Level::ERROR => "error",
        Level::WARN => "warning",
        Level::INFO => "info",
        Level::DEBUG => "debug",
        Level::TRACE => "trace",
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::Write as _,
        os::unix::fs::PermissionsExt,
        sync::{Arc, PoisonError},
    };

    use tracing_subscriber::fmt::MakeWriter;

    use super::*;

    #[derive(Clone, Default)]
    struct Memory(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Memory {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl MakeWriter<'_> for Memory {
        type Writer = Self;
        fn make_writer(&self) -> Self {
            self.clone()
        }
    }

    #[test]
    fn an_event_is_one_clean_line() {
        let memory = Memory::default();
        let layer =
            tracing_subscriber::fmt::layer().with_ansi(false).event_format(Line::Words).with_writer(memory.clone());
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
            tracing::warn!(host = "h\u{202e}", "a\u{1b}[31m\nb");
        });
        let bytes = memory.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let line = String::from_utf8(bytes).unwrap();
        assert!(line.starts_with("warning: a") && line.ends_with('\n'), "{line:?}");
        assert!(
            !line.trim_end_matches('\n').chars().any(|char| char.is_control() || text::is_unsafe(char)),
            "{line:?}"
        );
    }

    #[test]
    fn the_file_is_for_its_owner() {
        let directory = tempfile::TempDir::new().unwrap();
        let path = directory.path().join("deep/er/trailwatch.log");
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        drop(open(&path).unwrap());
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        drop(open(&path).unwrap());
    }

    #[test]
    fn a_file_that_nobody_asked_for_is_made_with_its_first_line() {
        let directory = tempfile::TempDir::new().unwrap();
        let path = directory.path().join("deep/trailwatch.log");
        let mut file = FileOfNeed { path: path.clone(), opened: None };
        file.flush().unwrap();
        assert!(!path.parent().unwrap().exists());
        file.write_all(b"one\n").unwrap();
        file.write_all(b"two\n").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "one\ntwo\n");
    }

    #[test]
    fn the_dashboard_never_logs_to_the_terminal() {
        assert_eq!(Log::of_command(None), Log::Stderr);
        assert_eq!(Log::of_dashboard(Some(Path::new("/x"))), Some(Log::File("/x".into())));
        assert_ne!(Log::of_dashboard(None), Some(Log::Stderr));
    }
}
