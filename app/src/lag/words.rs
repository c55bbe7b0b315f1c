//! Statuses, forecasts and times of lag in words.

use crate::ui::{Icon, format};
use leptos::prelude::*;
use weir_domain::{
    Timestamp,
    lag::{Forecast, GroupKind, GroupState, Loss, Status, TimeLag},
};

/// Class and icon of a status.
const fn looks(status: Status) -> (&'static str, &'static str) {
    match status {
        Status::Ok => ("pill pill--ok", "check"),
        Status::Unknown => ("pill", "help"),
        Status::Rewind => ("pill pill--rewind", "rewind"),
        Status::Warn => ("pill pill--warn", "warn"),
        Status::Stall => ("pill pill--stall", "stall"),
        Status::Stop => ("pill pill--bad", "stop"),
    }
}

/// A status as word and icon; `title` is its reason.
pub(crate) fn pill(status: Status, title: &str) -> AnyView {
    let (class, icon) = looks(status);
    view! {
        <span class=class title=title.to_owned()>
            <Icon name=icon />
            {status.as_str()}
        </span>
    }
    .into_any()
}

/// A status with how many there are, as a filter.
pub(crate) fn counted(status: Status, count: usize, href: String, chosen: bool) -> AnyView {
    let (class, icon) = looks(status);
    view! {
        <a class=class href=href aria-current=chosen.then_some("true")>
            <Icon name=icon />
            {format!("{} {}", status.as_str(), format::exact(count as u64))}
        </a>
    }
    .into_any()
}

pub(crate) fn lag(n: Option<u64>) -> String {
    format::exact_or_unknown(n)
}

/// How old the oldest unread event is, and how that is known.
pub(crate) fn time_lag(of: &TimeLag) -> (String, String) {
    match of {
        TimeLag::None => ("0 s".into(), "nothing is unread".into()),
        TimeLag::Exact { ms, from_arrival: false } => {
            (format::duration_ms(*ms), "exactly: since the time of the oldest unread event".into())
        }
        TimeLag::Exact { ms, .. } => (
            format::duration_ms(*ms),
            "since the oldest unread event arrived: its own time is older than events before it".into(),
        ),
        TimeLag::About { ms } => {
            (format!("about {}", format::duration_ms(*ms)), "between two observations of the channel's end".into())
        }
        TimeLag::Unknown { why } => (format::UNKNOWN.into(), why.clone()),
    }
}

/// The class that a time lag is written in.
pub(crate) const fn time_class(status: Status) -> &'static str {
    match status {
        Status::Stop | Status::Stall => "num bad-t med",
        Status::Warn => "num warn-t med",
        _ => "num",
    }
}

/// What is to come, in words: what is worst comes first.
pub(crate) fn forecast(of: &Forecast, loss: Option<&Loss>, now: Timestamp) -> AnyView {
    let (class, icon, text, title) = told(of, loss, now);
    view! {
        <span class=class title=title>
            <Icon name=icon small=true />
            {text}
        </span>
    }
    .into_any()
}

/// Class, icon, words, and what stands behind them.
pub(crate) fn told(of: &Forecast, loss: Option<&Loss>, now: Timestamp) -> (&'static str, &'static str, String, String) {
    if let Some(loss) = loss {
        let ms = loss.first.micros_since(now) / 1_000;
        let title = format!("{}; at the earliest {}", loss.by, loss.earliest.rfc3339());
        if ms <= 0 {
            return ("forecast bad-t med", "warn", "Loses unread data now".into(), title);
        }
        let ms = u64::try_from(ms).unwrap_or(0);
        return ("forecast bad-t med", "warn", format!("Loses unread data in {}", format::duration_ms(ms)), title);
    }
    match of {
        Forecast::KeepsUp => ("forecast soft", "check", "Keeps up".into(), String::new()),
        Forecast::StaysLevel => {
            ("forecast soft", "right", "Stays level".into(), "it reads as fast as events arrive".into())
        }
        Forecast::NeverDrains { per_min } => {
            let per_min = format::rate(per_min.max(0.0));
            (
                "forecast warn-t med",
                "up",
                format!("Never drains; +{per_min} per min"),
                "it reads slower than events arrive".into(),
            )
        }
        Forecast::Drains { at, earliest, latest } => {
            let until = |t: Timestamp| format::duration_ms(u64::try_from(t.micros_since(now) / 1_000).unwrap_or(0));
            let band = latest.map_or_else(
                || format!("between {} and never", until(*earliest)),
                |latest| format!("in eight of ten cases between {} and {}", until(*earliest), until(latest)),
            );
            ("forecast soft", "dn", format!("Drains in {}", until(*at)), band)
        }
        Forecast::Unknown { why } => ("forecast muted", "help", format::UNKNOWN.into(), why.clone()),
    }
}

pub(crate) const fn kind(of: GroupKind) -> &'static str {
    match of {
        GroupKind::Classic => "classic group",
        GroupKind::Consumer => "consumer group (KIP-848)",
        GroupKind::Share => "share group",
        GroupKind::Streams => "streams group",
        GroupKind::JetStream => "JetStream consumer",
        GroupKind::Queue => "queue",
        GroupKind::Redis => "Redis group",
        GroupKind::Sqs => "SQS queue",
        GroupKind::Reported => "reported by an application",
    }
}

pub(crate) const fn state(of: GroupState) -> &'static str {
    match of {
        GroupState::Stable => "stable",
        GroupState::Rebalancing => "rebalancing",
        GroupState::Empty => "empty: nobody is in it",
        GroupState::Dead => "dead",
        GroupState::Unknown => "state unknown",
    }
}

/// Partitions as people write them: `0 – 5, 9`.
pub(crate) fn numbers(of: &[i32]) -> String {
    let mut sorted = of.to_vec();
    sorted.sort_unstable();
    let mut out: Vec<String> = Vec::new();
    let mut i = 0;
    while let Some(&first) = sorted.get(i) {
        let mut last = first;
        while let Some(next) = last.checked_add(1).filter(|next| sorted.get(i + 1) == Some(next)) {
            i += 1;
            last = next;
        }
        out.push(match last - first {
            0 => first.to_string(),
            1 => format!("{first}, {last}"),
            _ => format!("{first} – {last}"),
        });
        i += 1;
    }
    out.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_partitions_are_written_short() {
        assert_eq!(numbers(&[5, 0, 1, 2, 9, 7, 8]), "0 – 2, 5, 7 – 9");
        assert_eq!(numbers(&[1, 2]), "1, 2");
        assert_eq!(numbers(&[]), "");
        assert_eq!(numbers(&[i32::MAX]), i32::MAX.to_string());
    }

    #[test]
    fn what_is_worst_is_said_first() {
        let now = Timestamp::from_millis(0);
        let loss = Loss { first: now.plus_secs(7_800), earliest: now, per_s: 3.0, by: "retention of 24 h".into() };
        let said = told(&Forecast::NeverDrains { per_min: 18.0 }, Some(&loss), now);
        assert_eq!((said.1, said.2.as_str()), ("warn", "Loses unread data in 2 h 10 m"));
        assert_eq!(told(&Forecast::NeverDrains { per_min: 18.0 }, None, now).2, "Never drains; +18.0 per min");
        assert_eq!(told(&Forecast::KeepsUp, None, now).2, "Keeps up");
    }
}
