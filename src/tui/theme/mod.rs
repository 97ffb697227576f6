//! How things look: signs and styles by meaning.
//!
//! The signs are in `signs`, the colours of each theme in `palette`, what the terminal can show is found out in `ability`.

mod ability;
mod palette;
mod signs;

use ratatui::style::{Modifier, Style};

use self::palette::Palette;
pub use self::{
    ability::Colors,
    signs::{Charset, Symbols},
};
use crate::{
    engine::Freshness,
    job::{Row, Status, coverage::Standing},
    looks::{Mark, ThemeName},
};

/// What a piece of text means, which decides its style.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Plain text.
    Normal,
    /// Less important.
    Dim,
    /// A heading, a label, a key.
    Strong,
    /// Under way.
    Active,
    /// Done well.
    Good,
    /// It matters, and it is bad.
    Bad,
    /// Not to be trusted fully.
    Warning,
}

/// Signs and styles: a theme, as this terminal can show it.
#[derive(Debug, Clone, Copy)]
pub struct Theme {
    /// The signs.
    pub symbols: &'static Symbols,
    colors: Colors,
    name: ThemeName,
}

impl Theme {
    /// The terminal's own theme, on a terminal that can show these.
    #[must_use]
    pub fn new(charset: Charset, colors: Colors) -> Self {
        Self { symbols: charset.symbols(), colors, name: ThemeName::Terminal }
    }

    /// The same for what the environment says of the terminal. `variable` looks one up.
    #[must_use]
    pub fn detect(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        Self::new(Charset::detect(set), Colors::detect(set))
    }

    /// How many colours the terminal has, in words.
    #[must_use]
    pub const fn colors(&self) -> &'static str {
        match self.colors {
            Colors::None => "no colours",
            Colors::Sixteen => "16 colours",
            Colors::Many => "256 colours",
        }
    }

    /// Which signs are drawn, in words.
    #[must_use]
    pub fn signs(&self) -> &'static str {
        if std::ptr::eq(self.symbols, Charset::Ascii.symbols()) { "ASCII signs" } else { "UTF-8" }
    }

    /// The same theme with ASCII signs.
    #[must_use]
    pub fn ascii(self) -> Self {
        Self { symbols: Charset::Ascii.symbols(), ..self }
    }

    /// Another theme on the same terminal. What the terminal can't show is shown by what comes closest to it.
    #[must_use]
    pub fn named(self, name: ThemeName) -> Self {
        Self { name, ..self }
    }

    /// The next theme on the same terminal.
    #[must_use]
    pub fn next(self) -> Self {
        self.named(self.name.next())
    }

    /// What was asked for, also where the terminal can't show it.
    #[must_use]
    pub fn name(&self) -> ThemeName {
        self.name
    }

    /// The style of a meaning.
    #[must_use]
    pub fn style(&self, tone: Tone) -> Style {
        self.palette().style(tone)
    }

    fn palette(&self) -> &'static Palette {
        match (self.colors, self.name) {
            (Colors::None, _) | (_, ThemeName::Mono) => &palette::MONO,
            (Colors::Sixteen, _) | (_, ThemeName::Terminal) => &palette::TERMINAL,
            (Colors::Many, ThemeName::Dark) => &palette::DARK,
            (Colors::Many, ThemeName::Light) => &palette::LIGHT,
        }
    }

    /// The style of a mark; without colours it stands out all the same.
    #[must_use]
    pub fn marked(&self, mark: Mark) -> Style {
        if *self.palette() == palette::MONO {
            return Style::new().add_modifier(Modifier::BOLD | Modifier::UNDERLINED);
        }
        Style::new().fg(palette::color(mark)).add_modifier(Modifier::BOLD)
    }

    /// The style of what is selected.
    #[must_use]
    pub fn selected(&self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// The sign and the tone of a status: colour never stands alone.
    #[must_use]
    pub fn status(&self, status: Status) -> (&'static str, Tone) {
        match status {
            Status::Initializing => (self.symbols.initializing, Tone::Active),
            Status::Delivering => (self.symbols.delivering, Tone::Active),
            Status::Complete => (self.symbols.complete, Tone::Good),
            Status::Failed => (self.symbols.failed, Tone::Bad),
            Status::Unknown(_) => (self.symbols.unknown, Tone::Warning),
        }
    }

    /// The sign, the words and the tone of a job: what it means now, where that says more than its status.
    #[must_use]
    pub fn job(&self, row: &Row<'_>) -> (&'static str, String, Tone) {
        let (symbol, tone) = self.status(row.job.status);
        let status = || (symbol, row.job.status.to_string(), tone);
        let Some(standing) = row.standing else { return status() };
        let matters = if standing.needs_attention() { Tone::Bad } else { Tone::Dim };
        match standing {
            Standing::Active | Standing::Complete | Standing::Unknown => status(),
            Standing::Failed(_) => (symbol, standing.word().to_owned(), matters),
            Standing::Stalled { .. } | Standing::Incomplete { .. } => {
                (self.symbols.stale, standing.word().to_owned(), matters)
            }
        }
    }

    /// The sign, the word and the tone of a freshness.
    #[must_use]
    pub fn freshness(&self, freshness: Freshness) -> (&'static str, &'static str, Tone) {
        match freshness {
            Freshness::Twin => ("=", "twin", Tone::Dim),
            Freshness::Absent => ("-", "not there", Tone::Dim),
            Freshness::Live => (self.symbols.live, "live", Tone::Good),
            Freshness::Loading => (self.symbols.initializing, "loading", Tone::Active),
            Freshness::Unconfirmed => (self.symbols.stale, "unconfirmed", Tone::Warning),
            Freshness::Retrying => (self.symbols.stale, "retrying", Tone::Warning),
            Freshness::Unread => (self.symbols.stale, "not read", Tone::Warning),
            Freshness::Paused => (self.symbols.paused, "paused", Tone::Warning),
            Freshness::Stale => (self.symbols.stale, "stale", Tone::Warning),
            Freshness::Refused => (self.symbols.failed, "refused", Tone::Bad),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use palette::{DARK, LIGHT, MONO, TERMINAL};

    #[test]
    fn a_terminal_shows_what_comes_closest_to_a_theme() {
        let shown = |colors| {
            let theme = Theme::new(Charset::Unicode, colors);
            ThemeName::ALL.map(|name| *theme.named(name).palette())
        };
        assert_eq!(shown(Colors::Many), [TERMINAL, DARK, LIGHT, MONO]);
        assert_eq!(shown(Colors::Sixteen), [TERMINAL, TERMINAL, TERMINAL, MONO]);
        assert_eq!(shown(Colors::None), [MONO; 4]);
    }

    #[test]
    fn all_themes_can_be_gone_through() {
        let first = Theme::new(Charset::Ascii, Colors::Many);
        let themes: Vec<_> = std::iter::successors(Some(first), |theme| Some(theme.next())).take(5).collect();
        assert_eq!(themes[1].name(), ThemeName::Dark);
        assert_eq!(themes[4].name(), first.name());
        assert!(themes.iter().all(|theme| theme.symbols == Charset::Ascii.symbols()), "the terminal is the same");
    }
}
