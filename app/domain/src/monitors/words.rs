//! Times and forecasts in words, for messages that are read on a phone.

use super::SourceHealth;
use crate::{
    Timestamp,
    capture::SourceState,
    figures::fixed,
    lag::{Forecast, Loss},
};

/// A duration, rounded down: `40 s`, `12 min`, `3 h 20 min`, `2 d 4 h`.
pub fn span(us: i64) -> String {
    let s = us.max(0) / 1_000_000;
    match s {
        0..60 => format!("{s} s"),
        60..3_600 => format!("{} min", s / 60),
        3_600..86_400 if s % 3_600 < 60 => format!("{} h", s / 3_600),
        3_600..86_400 => format!("{} h {} min", s / 3_600, s % 3_600 / 60),
        _ if s % 86_400 < 3_600 => format!("{} d", s / 86_400),
        _ => format!("{} d {} h", s / 86_400, s % 86_400 / 3_600),
    }
}

/// A moment to the minute, `2026-11-22 14:32 UTC`.
pub(super) fn moment(at: Timestamp) -> String {
    let text = at.rfc3339();
    match (text.get(..10), text.get(11..16)) {
        (Some(day), Some(time)) if text.len() == 27 => format!("{day} {time} UTC"),
        _ => text,
    }
}

/// Where lag goes.
pub fn forecast(forecast: &Forecast, now: Timestamp) -> String {
    match forecast {
        Forecast::KeepsUp => "It keeps up.".into(),
        Forecast::Drains { at, earliest, latest } => {
            let from = span(earliest.micros_since(now));
            let to = latest.map_or("never".to_owned(), |t| span(t.micros_since(now)));
            format!("Caught up in about {} (between {from} and {to}).", span(at.micros_since(now)))
        }
        Forecast::NeverDrains { per_min } => {
            format!("It never catches up: {} more a minute.", fixed(per_min.max(0.0), 0))
        }
        Forecast::StaysLevel => "It stays as far behind as it is.".into(),
        Forecast::Unknown { why } => format!("No forecast: {why}."),
    }
}

/// When retention takes what is unread.
pub fn loss(loss: &Loss, now: Timestamp) -> String {
    let by = if loss.by.is_empty() { "Retention" } else { loss.by.as_str() };
    let rate = fixed(loss.per_s.max(0.0), if loss.per_s < 10.0 { 1 } else { 0 });
    let left = loss.first.micros_since(now);
    if left <= 0 {
        return format!("Unread events are being deleted, {rate} a second, by {by}.");
    }
    format!(
        "The first unread event is deleted in about {} (at {}), then {rate} a second, by {by}.",
        span(left),
        moment(loss.first)
    )
}

/// A report older than this says nothing of now.
const FRESH_US: i64 = 60_000_000;

/// How the broker of a group stands: every message says so, because a group whose broker is away is not to blame.
pub(super) fn broker(source: Option<&SourceHealth>, now: Timestamp) -> String {
    let Some(source) = source else { return "Its broker: not known.".into() };
    let since = source.since.map(|at| format!(" since {}", moment(at))).unwrap_or_default();
    let fresh = source.reported_at.is_some_and(|at| now.micros_since(at) <= FRESH_US);
    match source.state {
        SourceState::Down => {
            let why = source.reason.as_deref().map(|r| format!(": {}", r.trim_end_matches('.'))).unwrap_or_default();
            format!("Its broker can't be reached{since}{why}.")
        }
        SourceState::Up if fresh => format!("Its broker is healthy: reached{since}."),
        SourceState::Paused => "Its broker: not known, the source is paused.".into(),
        _ => match source.reported_at {
            Some(at) => format!("Its broker: not known, no tap has reported since {}.", moment(at)),
            None => "Its broker: not known, no tap has reported.".into(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_short() {
        for (secs, want) in [
            (-5, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (3_599, "59 min"),
            (3_600, "1 h"),
            (3_661, "1 h 1 min"),
            (86_400, "1 d"),
            (90_000, "1 d 1 h"),
        ] {
            assert_eq!(span(secs * 1_000_000), want);
        }
        assert_eq!(moment(Timestamp(1_795_357_928_000_000)), "2026-11-22 14:32 UTC");
    }

    #[test]
    fn losses_and_forecasts_are_sentences() {
        let now = Timestamp(1_795_357_928_000_000);
        let at = |secs| Loss { first: now.plus_secs(secs), earliest: now, per_s: 3.24, by: "retention of 24 h".into() };
        assert_eq!(
            loss(&at(5_400), now),
            "The first unread event is deleted in about 1 h 30 min (at 2026-11-22 16:02 UTC), then 3.2 a second, by retention of 24 h."
        );
        assert_eq!(loss(&at(-1), now), "Unread events are being deleted, 3.2 a second, by retention of 24 h.");
        let drains = Forecast::Drains { at: now.plus_secs(600), earliest: now.plus_secs(300), latest: None };
        assert_eq!(forecast(&drains, now), "Caught up in about 10 min (between 5 min and never).");
        assert_eq!(forecast(&Forecast::NeverDrains { per_min: 812.4 }, now), "It never catches up: 812 more a minute.");
    }
}
