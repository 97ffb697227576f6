//! What is remembered of the dashboard from run to run: how its user likes to see it, nothing of what was seen.
//!
//! The file is in `file`. What a remembered word means, such as a column's name, is known where it is used.

mod file;

use std::mem;

use serde::{Deserialize, Serialize};

pub use self::file::{Opened, SessionFile};
use crate::{job::Order, looks::ThemeName, text};

/// The most characters of a filter that are remembered.
const LONGEST: usize = 200;
/// The most filters, and the most columns.
const MOST: usize = 30;
/// The most targets that are remembered as hidden; what is more is shown.
const MOST_TARGETS: usize = 250;

/// How the dashboard was left. What is missing in a file is as it is in a new dashboard; a new meaning of a field, or a new
/// word in it, is a new version of the file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Session {
    /// By what jobs are sorted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<Order>,
    /// The columns that are not shown, by their headings.
    pub hidden: Vec<String>,
    /// The targets whose jobs are not shown, as `PROFILE/REGION`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hidden_targets: Vec<String>,
    /// The text that jobs must have.
    pub filter: String,
    /// The texts that were typed before, the latest first.
    pub filters: Vec<String>,
    /// Which tab is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tab: Option<String>,
    /// The theme that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub theme: Option<ThemeName>,
}

impl Session {
    /// What to remember after a run over what was remembered before it: what was changed in the run, and of the rest what was
    /// there. A theme that a flag asked for, for one run, stays with that run.
    #[must_use]
    pub fn after(self, began: &Self, ended: Self) -> Self {
        Self {
            sort: latest(self.sort, &began.sort, ended.sort),
            hidden: latest(self.hidden, &began.hidden, ended.hidden),
            hidden_targets: latest(self.hidden_targets, &began.hidden_targets, ended.hidden_targets),
            filter: latest(self.filter, &began.filter, ended.filter),
            filters: latest(self.filters, &began.filters, ended.filters),
            tab: latest(self.tab, &began.tab, ended.tab),
            theme: latest(self.theme, &began.theme, ended.theme),
        }
    }

    /// The same with texts as they could have been typed, and no more of them than anybody needs.
    fn tidied(mut self) -> Self {
        self.filter = typed(&self.filter);
        self.tab = self.tab.as_deref().map(typed);
        let lists = [(&mut self.hidden, MOST), (&mut self.filters, MOST), (&mut self.hidden_targets, MOST_TARGETS)];
        for (texts, most) in lists {
            *texts =
                mem::take(texts).iter().map(|text| typed(text)).filter(|text| !text.is_empty()).take(most).collect();
        }
        self
    }
}

fn typed(text: &str) -> String {
    text::typed(text).take(LONGEST).collect()
}

fn latest<T: PartialEq>(before: T, began: &T, ended: T) -> T {
    if ended == *began { before } else { ended }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::SortKey;

    fn sorted(key: SortKey) -> Session {
        Session { sort: Some(key.into()), ..Session::default() }
    }

    #[test]
    fn what_was_not_changed_stays_as_it_was_remembered() {
        let before = Session {
            theme: Some(ThemeName::Dark),
            tab: Some("failed".into()),
            hidden: vec!["UPDATED".into()],
            ..sorted(SortKey::Trail)
        };
        // A flag asked for another theme, and this dashboard knows no tabs.
        let began = Session { theme: Some(ThemeName::Light), ..sorted(SortKey::Trail) };
        let ended = Session { filter: "pay".into(), ..began.clone() };
        let after = before.clone().after(&began, ended);
        assert_eq!(after, Session { filter: "pay".into(), ..before.clone() });
        let ended = Session { theme: Some(ThemeName::Mono), sort: Some(SortKey::Id.into()), ..began.clone() };
        let after = before.clone().after(&began, ended);
        assert_eq!(after, Session { theme: Some(ThemeName::Mono), sort: Some(SortKey::Id.into()), ..before });
    }

    #[test]
    fn texts_are_such_as_could_have_been_typed() {
        let session = Session {
            filter: "a\u{1b}[2J\r\nb\u{9b}c".into(),
            filters: vec![String::new(), "\u{7}".into(), "x".repeat(9999)],
            hidden: vec!["UPDATED".into(); 9999],
            hidden_targets: vec!["prod/cn-x".into(); 9999],
            tab: Some("fail\u{0}ed".into()),
            ..Session::default()
        };
        let tidied = session.tidied();
        assert_eq!(tidied.filter, "a[2J  bc");
        assert_eq!(tidied.filters, ["x".repeat(LONGEST)]);
        assert_eq!((tidied.hidden.len(), tidied.hidden_targets.len()), (MOST, MOST_TARGETS));
        assert_eq!(tidied.tab.as_deref(), Some("failed"));
    }
}
