//! Durations and times in words: coarse for a glance, exact for details, absolute for what is quoted. Pure; always UTC.

use chrono::{SecondsFormat, TimeDelta};

use crate::job::Timestamp;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// An age or length at a glance, rounded down: `<1m`, `12m`, `3h`, `2d`. Below zero counts as zero.
#[must_use]
pub fn coarse(length: TimeDelta) -> String {
    match length.num_seconds() {
        ..MINUTE => "<1m".to_owned(),
        seconds @ MINUTE..HOUR => format!("{}m", seconds / MINUTE),
        seconds @ HOUR..DAY => format!("{}h", seconds / HOUR),
        seconds => format!("{}d", seconds / DAY),
    }
}

/// A length to the second, from its largest unit on: `4s`, `3m 4s`, `1h 0m 4s`, `2d 3h 0m 0s`. Below zero counts as zero.
#[must_use]
pub fn exact(length: TimeDelta) -> String {
    let seconds = length.num_seconds().max(0);
    let (days, hours) = (seconds / DAY, seconds % DAY / HOUR);
    let (minutes, rest) = (seconds % HOUR / MINUTE, seconds % MINUTE);
    match seconds {
        ..MINUTE => format!("{rest}s"),
        MINUTE..HOUR => format!("{minutes}m {rest}s"),
        HOUR..DAY => format!("{hours}h {minutes}m {rest}s"),
        _ => format!("{days}d {hours}h {minutes}m {rest}s"),
    }
}

/// A moment as people read it: `2026-11-24 20:41:10Z`.
#[must_use]
pub fn utc(at: Timestamp) -> String {
    at.format("%Y-%m-%d %H:%M:%SZ").to_string()
}

/// A moment as scripts read it, RFC 3339: `2026-11-24T20:41:10Z`, with a fraction only where there is one.
#[must_use]
pub fn rfc3339(at: Timestamp) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn coarse_rounds_down() {
        for (seconds, words) in [
            (-5, "<1m"),
            (0, "<1m"),
            (59, "<1m"),
            (60, "1m"),
            (3599, "59m"),
            (3600, "1h"),
            (86_399, "23h"),
            (86_400, "1d"),
            (90 * 86_400 + 300, "90d"),
        ] {
            assert_eq!(coarse(TimeDelta::seconds(seconds)), words, "{seconds}");
        }
    }

    #[test]
    fn exact_keeps_every_second() {
        for (seconds, words) in
            [(-1, "0s"), (4, "4s"), (184, "3m 4s"), (3604, "1h 0m 4s"), (2 * 86_400 + 3 * 3600, "2d 3h 0m 0s")]
        {
            assert_eq!(exact(TimeDelta::seconds(seconds)), words, "{seconds}");
        }
        assert_eq!(exact(TimeDelta::milliseconds(1999)), "1s");
    }

    #[test]
    fn moments_are_utc() {
        let at: Timestamp = "2026-11-25T04:41:10+08:00".parse().unwrap();
        assert_eq!((utc(at).as_str(), rfc3339(at).as_str()), ("2026-11-24 20:41:10Z", "2026-11-24T20:41:10Z"));
        let finer: Timestamp = "2026-11-24T20:41:10.250Z".parse().unwrap();
        assert_eq!(rfc3339(finer), "2026-11-24T20:41:10.250Z");
    }

    proptest! {
        #[test]
        fn no_length_panics(millis: i64) {
            if let Some(length) = TimeDelta::try_milliseconds(millis) {
                prop_assert!(!coarse(length).is_empty() && !exact(length).is_empty());
            }
        }

        #[test]
        fn what_scripts_read_is_the_moment(seconds in -60_000_000_000_i64..200_000_000_000) {
            let at = Timestamp::from_timestamp(seconds, 0).unwrap();
            prop_assert_eq!(rfc3339(at).parse::<Timestamp>(), Ok(at));
        }
    }
}
