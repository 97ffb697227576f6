//! Filters that were typed before, and the walk through them with the arrow keys. Where they are kept between two runs is not
//! decided here.

/// How many are remembered.
const MOST: usize = 50;

/// Earlier filters, each once, and where a walk through them stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::tui) struct History {
    /// Oldest first.
    entries: Vec<String>,
    walk: Option<Walk>,
}

/// A walk through the entries that begin as the typed text does.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Walk {
    /// What stood in the line before, which comes back at the end.
    typed: String,
    /// How the entries begin.
    prefix: String,
    /// Which entry stands in the line.
    at: usize,
}

/// Which entries a walk goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::tui) enum Entries {
    /// All of them: the line is as it was opened.
    All,
    /// Those that begin as what was typed.
    Alike,
}

impl History {
    /// A history of earlier runs, oldest first.
    pub(in crate::tui) fn restored<T: AsRef<str>>(entries: impl IntoIterator<Item = T>) -> Self {
        let mut history = Self::default();
        entries.into_iter().for_each(|entry| history.add(entry.as_ref()));
        history
    }

    /// What is remembered, oldest first.
    pub(in crate::tui) fn entries(&self) -> &[String] {
        &self.entries
    }

    /// Remembers a text as the newest, and ends the walk.
    pub(in crate::tui) fn add(&mut self, text: &str) {
        self.walk = None;
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        self.entries.retain(|entry| entry != text);
        self.entries.push(text.to_owned());
        let surplus = self.entries.len().saturating_sub(MOST);
        self.entries.drain(..surplus);
    }

    /// Ends the walk: what stands in the line is being changed.
    pub(in crate::tui) fn leave(&mut self) {
        self.walk = None;
    }

    /// The next older entry, where there is one. `line` is what stands in the line.
    pub(in crate::tui) fn older(&mut self, line: &str, entries: Entries) -> Option<String> {
        let begin = || {
            let prefix = if entries == Entries::All { "" } else { line };
            Walk { typed: line.to_owned(), prefix: prefix.to_owned(), at: self.entries.len() }
        };
        let mut walk = self.walk.take().unwrap_or_else(begin);
        let fits = |entry: &String| entry.starts_with(&walk.prefix) && entry != line;
        let found = self.entries[..walk.at].iter().rposition(fits);
        walk.at = found.unwrap_or(walk.at);
        // A walk that found nothing at all has not begun.
        self.walk = (walk.at < self.entries.len()).then_some(walk);
        found.map(|at| self.entries[at].clone())
    }

    /// The next newer entry; behind the newest, what was typed.
    pub(in crate::tui) fn newer(&mut self, line: &str) -> Option<String> {
        let mut walk = self.walk.take()?;
        let fits = |entry: &String| entry.starts_with(&walk.prefix) && entry != line;
        match self.entries[walk.at + 1..].iter().position(fits) {
            Some(next) => {
                walk.at += next + 1;
                let entry = self.entries[walk.at].clone();
                self.walk = Some(walk);
                Some(entry)
            }
            None => Some(walk.typed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn three() -> History {
        History::restored(["status:failed", "pay", "status:active"])
    }

    #[test]
    fn a_walk_goes_back_and_comes_home() {
        let mut history = three();
        let mut line = "typed".to_owned();
        for expected in [Some("status:active"), Some("pay"), Some("status:failed"), None] {
            let found = history.older(&line, Entries::All);
            assert_eq!(found.as_deref(), expected);
            line = found.unwrap_or(line);
        }
        for expected in [Some("pay"), Some("status:active"), Some("typed"), None] {
            let found = history.newer(&line);
            assert_eq!(found.as_deref(), expected);
            line = found.unwrap_or(line);
        }
    }

    #[test]
    fn what_was_typed_chooses_the_entries() {
        let mut history = three();
        assert_eq!(history.older("st", Entries::Alike).as_deref(), Some("status:active"));
        assert_eq!(history.older("status:active", Entries::Alike).as_deref(), Some("status:failed"));
        assert_eq!(history.older("status:failed", Entries::Alike), None);
        assert_eq!(history.newer("status:failed").as_deref(), Some("status:active"));
        assert_eq!(history.newer("status:active").as_deref(), Some("st"));
        assert_eq!(history.older("zz", Entries::Alike), None);
        assert_eq!(history.newer("zz"), None, "no walk has begun");
    }

    #[test]
    fn each_entry_is_there_once_and_the_oldest_go() {
        let mut history = three();
        history.add(" pay ");
        history.add("  ");
        assert_eq!(history.entries(), ["status:failed", "status:active", "pay"]);
        let many = History::restored((0..70).map(|number| number.to_string()));
        assert_eq!((many.entries().len(), many.entries()[0].as_str()), (MOST, "20"));
    }

    #[test]
    fn another_text_ends_the_walk() {
        let mut history = three();
        history.older("", Entries::Alike);
        history.leave();
        assert_eq!(history.older("p", Entries::Alike).as_deref(), Some("pay"));
    }
}
