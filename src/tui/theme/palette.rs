//! The colours of each theme, by meaning.
//!
//! No theme paints a background: that stays the terminal's own, which costs no bytes and keeps it transparent where it is.

use ratatui::style::{Color, Modifier, Style};

use super::Tone;
use crate::looks::Mark;

/// A style for every meaning but plain text, which is the terminal's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Palette {
    dim: Style,
    strong: Style,
    active: Style,
    good: Style,
    bad: Style,
    warning: Style,
}

/// The 16 that the terminal's owner has made readable, but for yellow and the bright ones, which nobody can read on white.
pub(super) const TERMINAL: Palette = Palette {
    dim: PLAIN.add_modifier(Modifier::DIM),
    strong: BOLD,
    active: PLAIN.fg(Color::Cyan),
    good: PLAIN.fg(Color::Green),
    bad: BOLD.fg(Color::Red),
    warning: BOLD.fg(Color::Magenta),
};

/// For a dark background, whatever the terminal's owner has made of the 16.
pub(super) const DARK: Palette = Palette {
    dim: PLAIN.fg(Color::Indexed(246)),
    strong: BOLD,
    active: PLAIN.fg(Color::Indexed(80)),
    good: PLAIN.fg(Color::Indexed(114)),
    bad: BOLD.fg(Color::Indexed(210)),
    warning: BOLD.fg(Color::Indexed(221)),
};

/// For a light background, whatever the terminal's owner has made of the 16.
pub(super) const LIGHT: Palette = Palette {
    dim: PLAIN.fg(Color::Indexed(241)),
    strong: BOLD,
    active: PLAIN.fg(Color::Indexed(24)),
    good: PLAIN.fg(Color::Indexed(22)),
    bad: BOLD.fg(Color::Indexed(124)),
    warning: BOLD.fg(Color::Indexed(94)),
};

/// Without colours. Signs and words say what is good and what is bad; what needs a look stands out.
pub(super) const MONO: Palette = Palette {
    dim: PLAIN.add_modifier(Modifier::DIM),
    strong: BOLD,
    active: PLAIN,
    good: PLAIN,
    bad: BOLD,
    warning: PLAIN.add_modifier(Modifier::UNDERLINED),
};

const PLAIN: Style = Style::new();
const BOLD: Style = PLAIN.add_modifier(Modifier::BOLD);

/// The colour of a mark, which its user has chosen among those of their terminal.
pub(super) fn color(mark: Mark) -> Color {
    const SIXTEEN: [Color; 16] = [
        Color::Black,
        Color::Red,
        Color::Green,
        Color::Yellow,
        Color::Blue,
        Color::Magenta,
        Color::Cyan,
        Color::Gray,
        Color::DarkGray,
        Color::LightRed,
        Color::LightGreen,
        Color::LightYellow,
        Color::LightBlue,
        Color::LightMagenta,
        Color::LightCyan,
        Color::White,
    ];
    SIXTEEN[usize::from(mark.index())]
}

impl Palette {
    /// The style of a meaning.
    pub(super) fn style(&self, tone: Tone) -> Style {
        match tone {
            Tone::Normal => PLAIN,
            Tone::Dim => self.dim,
            Tone::Strong => self.strong,
            Tone::Active => self.active,
            Tone::Good => self.good,
            Tone::Bad => self.bad,
            Tone::Warning => self.warning,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TONES: [Tone; 7] =
        [Tone::Normal, Tone::Dim, Tone::Strong, Tone::Active, Tone::Good, Tone::Bad, Tone::Warning];

    type Rgb = [u8; 3];

    /// What xterm and all who follow it show for a colour above 15.
    fn rgb(index: u8) -> Rgb {
        const LEVELS: [u8; 6] = [0, 95, 135, 175, 215, 255];
        match index {
            16..=231 => [(index - 16) / 36, (index - 16) / 6 % 6, (index - 16) % 6].map(|at| LEVELS[usize::from(at)]),
            232.. => [8 + 10 * (index - 232); 3],
            _ => panic!("the terminal's owner decides how {index} looks"),
        }
    }

    /// The relative luminance of WCAG 2.
    fn luminance(color: Rgb) -> f64 {
        let [red, green, blue] = color.map(|part| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    /// The contrast ratio of WCAG 2, 1 to 21.
    fn contrast(a: Rgb, b: Rgb) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn contrast_is_as_the_standard_has_it() {
        assert!((contrast([0; 3], [255; 3]) - 21.0).abs() < 1e-9);
        assert!((contrast([118; 3], [255; 3]) - 4.54).abs() < 0.01, "the standard's own example of just enough");
    }

    #[test]
    fn every_colour_can_be_read_on_the_backgrounds_that_it_is_for() {
        let cases: [(Palette, [Rgb; 2]); 2] = [(DARK, [[0; 3], [0x1e; 3]]), (LIGHT, [[255; 3], [0xf5; 3]])];
        for (palette, backgrounds) in cases {
            for tone in TONES {
                let style = palette.style(tone);
                assert_eq!(style.bg, None);
                let Some(color) = style.fg else { continue };
                let Color::Indexed(index) = color else { panic!("{tone:?} is {color}, which the terminal decides on") };
                for background in backgrounds {
                    let contrast = contrast(rgb(index), background);
                    assert!(contrast >= 4.5, "{tone:?} on {background:x?}: {contrast:.2}");
                }
            }
        }
    }

    #[test]
    fn what_differs_in_meaning_differs_in_colour() {
        for palette in [TERMINAL, DARK, LIGHT] {
            let colors =
                [Tone::Active, Tone::Good, Tone::Bad, Tone::Warning].map(|tone| palette.style(tone).fg.unwrap());
            assert!(!colors.iter().enumerate().any(|(at, color)| colors[..at].contains(color)), "{colors:?}");
        }
    }

    #[test]
    fn without_colours_none_is_used_and_what_needs_a_look_stands_out() {
        for tone in TONES {
            let style = MONO.style(tone);
            assert_eq!((style.fg, style.bg), (None, None), "{tone:?}");
        }
        for tone in [Tone::Bad, Tone::Warning] {
            assert_ne!(MONO.style(tone), PLAIN);
        }
        assert_ne!(MONO.bad, MONO.warning);
    }
}
