//! Times and durations as people read them: coarse ages for tables, exact ones for details, absolute times.
//!
//! Pure: `now` is never asked for here.

use std::time::Duration;

use chrono::{Local, SecondsFormat, TimeDelta};

use crate::job::Timestamp;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// A duration as it is written for a flag or a setting: `1d`, `1m 30s`.
#[must_use]
pub fn written(length: Duration) -> String {
    let text = humantime::format_duration(length).to_string();
    let short = |part: &str| match part.trim_start_matches(|char: char| char.is_ascii_digit()) {
        unit @ ("day" | "days" | "year" | "years") => part.replace(unit, &unit[..1]),
        _ => part.to_owned(),
    };
    text.split(' ').map(short).collect::<Vec<_>>().join(" ")
}

/// An age in its largest unit: `<1m`, `12m`, `3h`, `2d`.
#[must_use]
pub fn coarse(delta: TimeDelta) -> String {
    match delta.num_seconds() {
        ..MINUTE => "<1m".to_owned(),
        seconds @ MINUTE..HOUR => format!("{}m", seconds / MINUTE),
        seconds @ HOUR..DAY => format!("{}h", seconds / HOUR),
        seconds => format!("{}d", seconds / DAY),
    }
}

/// How long [`coarse`] goes on saying the same of an age that grows.
#[must_use]
pub fn coarse_lasts(delta: TimeDelta) -> TimeDelta {
    let unit = match delta.num_seconds() {
        ..HOUR => MINUTE,
        HOUR..DAY => HOUR,
        _ => DAY,
    };
    let passed = delta.num_milliseconds().rem_euclid(unit * 1000);
    TimeDelta::milliseconds(unit * 1000 - passed)
}

/// A duration to the second, without the units that are zero: `3m 4s`, `41m`, `90d 5m`.
#[must_use]
pub fn exact(delta: TimeDelta) -> String {
    let seconds = delta.num_seconds().max(0);
    let units =
        [(seconds / DAY, "d"), (seconds % DAY / HOUR, "h"), (seconds % HOUR / MINUTE, "m"), (seconds % MINUTE, "s")];
    let parts: Vec<String> =
        units.iter().filter(|(count, _)| *count > 0).map(|(count, unit)| format!("{count}{unit}")).collect();
    if parts.is_empty() { "0s".to_owned() } else { parts.join(" ") }
}

/// A duration in its two largest units: `3d 7h`, `41m`; less than a minute is `<1m`.
#[must_use]
pub fn largest_two(delta: TimeDelta) -> String {
    let unit = match delta.num_seconds() {
        ..MINUTE => return coarse(delta),
        MINUTE..DAY => MINUTE,
        _ => HOUR,
    };
    exact(TimeDelta::seconds(delta.num_seconds() / unit * unit))
}

/// A moment as scripts read it, RFC 3339: `2026-11-24T20:41:10Z`, with a fraction only where there is one.
#[must_use]
pub fn rfc3339(at: Timestamp) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// [`rfc3339`] without a fraction, so that a column of them is aligned.
#[must_use]
pub fn rfc3339_seconds(at: Timestamp) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// In which zone times are shown. Always labelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Zone {
    /// UTC, marked by a `Z`.
    #[default]
    Utc,
    /// The machine's zone, marked by its offset.
    Local,
}

impl Zone {
    /// Date and time: `2026-11-24 20:41:10Z`, `2026-11-25 04:41:10+08:00`.
    #[must_use]
    pub fn date_time(self, at: Timestamp) -> String {
        self.format(at, "%Y-%m-%d %H:%M:%SZ", "%Y-%m-%d %H:%M:%S%:z")
    }

    /// The time of day: `20:41:10Z`.
    #[must_use]
    pub fn time(self, at: Timestamp) -> String {
        self.format(at, "%H:%M:%SZ", "%H:%M:%S%:z")
    }

    /// The time of day to the minute: `20:41Z`.
    #[must_use]
    pub fn clock(self, at: Timestamp) -> String {
        self.format(at, "%H:%MZ", "%H:%M%:z")
    }

    /// The day: `2026-11-24`.
    #[must_use]
    pub fn day(self, at: Timestamp) -> String {
        self.format(at, "%Y-%m-%d", "%Y-%m-%d")
    }

    /// Date and time to the minute, without a label: `2026-11-24 20:41`.
    #[must_use]
    pub fn minute(self, at: Timestamp) -> String {
        self.format(at, "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M")
    }

    /// What labels [`Self::minute`]: `UTC`, `+08:00`.
    #[must_use]
    pub fn label(self, at: Timestamp) -> String {
        self.format(at, "UTC", "%:z")
    }

    fn format(self, at: Timestamp, utc: &str, local: &str) -> String {
        match self {
            Self::Utc => at.format(utc).to_string(),
            Self::Local => at.with_timezone(&Local).format(local).to_string(),
        }
    }

    /// The other one.
    #[must_use]
    pub fn toggled(self) -> Self {
        match self {
            Self::Utc => Self::Local,
            Self::Local => Self::Utc,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_duration_is_written_as_it_is_read() {
        let day = 86_400;
        let written = [90, day, 30 * day, 365 * day + day / 4, 7 * day + 60].map(|s| written(Duration::from_secs(s)));
        assert_eq!(written, ["1m 30s", "1d", "30d", "1y", "7d 1m"]);
        assert!(written.iter().all(|text| humantime::parse_duration(text).is_ok()));
    }

    #[test]
    fn ages_are_coarse_and_durations_exact() {
        let seconds = TimeDelta::seconds;
        assert_eq!(
            [0, 59, 60, 3599, 3600, 86_399, 86_400].map(|s| coarse(seconds(s))),
            ["<1m", "<1m", "1m", "59m", "1h", "23h", "1d"]
        );
        assert_eq!([0, 184, 3661, 90 * 86_400 + 300].map(|s| exact(seconds(s))), ["0s", "3m 4s", "1h 1m 1s", "90d 5m"]);
    }

    #[test]
    fn two_units_are_enough_for_a_risk() {
        let said = |seconds| largest_two(TimeDelta::seconds(seconds));
        assert_eq!([30, 90, 11_520, 285_400].map(said), ["<1m", "1m", "3h 12m", "3d 7h"]);
    }

    proptest! {
        #[test]
        fn an_age_reads_the_same_exactly_as_long_as_promised(millis in 0..400_000_000_i64) {
            let age = TimeDelta::milliseconds(millis);
            let lasts = coarse_lasts(age);
            prop_assert_eq!(coarse(age + lasts - TimeDelta::milliseconds(1)), coarse(age));
            prop_assert_ne!(coarse(age + lasts), coarse(age));
        }
    }

    #[test]
    fn times_are_labelled() {
        let at = "2026-11-24T20:41:10Z".parse().unwrap();
        assert_eq!(Zone::Utc.date_time(at), "2026-11-24 20:41:10Z");
        assert_eq!([Zone::Utc.time(at), Zone::Utc.clock(at)], ["20:41:10Z", "20:41Z"]);
        assert_eq!(rfc3339(at), "2026-11-24T20:41:10Z");
    }
}
