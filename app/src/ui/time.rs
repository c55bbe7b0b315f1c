use super::{
    Zone,
    calendar::Civil,
    clock::{browser_now, local_offset},
    format::duration_ms,
    use_zone, varying,
};
use leptos::prelude::*;
use weir_domain::Timestamp;

/// How much of a moment is written out; hover and focus always tell all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TimeForm {
    /// `14:32:08`
    Clock,
    /// `14:32:08.123`
    Millis,
    /// `2026-11-22 14:32:08.123`
    DateMillis,
    /// `2026-11-22 14:32:08`
    #[default]
    Date,
    /// `2026-11-22 14:32:08.123456 UTC`
    Full,
}

/// A moment as `<time datetime>`, in the zone the person chose.
#[component]
pub fn Time(at: Timestamp, #[prop(optional)] form: TimeForm) -> impl IntoView {
    let zone = use_zone();
    let element = NodeRef::<leptos::html::Time>::new();
    // Built when asked for: five hundred rows would otherwise each carry a ticking title.
    let tell = move || {
        if let Some(element) = element.get_untracked() {
            let title = format!("{}, {}", text(at, TimeForm::Full, zone.get_untracked()), relative(at, browser_now()));
            // A title that can't be set only costs the tip.
            let _ = element.set_attribute("title", &title);
        }
    };
    view! {
        <time
            node_ref=element
            datetime=iso(at)
            on:pointerenter=move |_| tell()
            on:focus=move |_| tell()
        >
            {varying(move || text(at, form, zone.get()))}
        </time>
    }
    .into_any()
}

/// RFC 3339 in UTC.
pub(crate) fn iso(at: Timestamp) -> String {
    let c = Civil::from_micros(at.0);
    format!("{}T{}Z", c.date(), c.clock_micros())
}

/// The moment as a clock of that zone shows it, written as if it were UTC: for fields, which know no zone.
pub(crate) fn shown_in(at: Timestamp, zone: Zone) -> Timestamp {
    let offset = if zone == Zone::Local { local_offset(at) } else { 0 };
    Timestamp(at.0.saturating_add(offset))
}

/// The moment that a clock of that zone shows so; the other way round.
pub(crate) fn meant_in(clock: Timestamp, zone: Zone) -> Timestamp {
    // The offset is that of the moment meant, which is known but for it.
    let about = Timestamp(clock.0 - (shown_in(clock, zone).0 - clock.0));
    Timestamp(clock.0 - (shown_in(about, zone).0 - about.0))
}

/// The moment in words of the given form and zone.
pub(crate) fn text(at: Timestamp, form: TimeForm, zone: Zone) -> String {
    let offset = if zone == Zone::Local { local_offset(at) } else { 0 };
    let c = Civil::from_micros(at.0.saturating_add(offset));
    match form {
        TimeForm::Clock => c.clock(),
        TimeForm::Millis => c.clock_millis(),
        TimeForm::DateMillis => format!("{} {}", c.date(), c.clock_millis()),
        TimeForm::Date => format!("{} {}", c.date(), c.clock()),
        TimeForm::Full => format!("{} {} {}", c.date(), c.clock_micros(), zone_name(zone, offset)),
    }
}

/// `UTC`, or the local zone's offset `UTC+01:00`.
pub(crate) fn zone_name(zone: Zone, offset: i64) -> String {
    if zone == Zone::Utc {
        return "UTC".into();
    }
    let minutes = offset / 60_000_000;
    let sign = if minutes < 0 { '-' } else { '+' };
    format!("UTC{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
}

/// `6 m 08 s ago`, `in 12.0 s`.
pub(crate) fn relative(at: Timestamp, now: Timestamp) -> String {
    let us = now.micros_since(at);
    let length = duration_ms(us.unsigned_abs() / 1000);
    if us < 0 { format!("in {length}") } else { format!("{length} ago") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Timestamp = Timestamp(1_795_357_928_214_123);

    #[test]
    fn forms_of_one_moment() {
        assert_eq!(text(AT, TimeForm::Clock, Zone::Utc), "14:32:08");
        assert_eq!(text(AT, TimeForm::Millis, Zone::Utc), "14:32:08.214");
        assert_eq!(text(AT, TimeForm::DateMillis, Zone::Utc), "2026-11-22 14:32:08.214");
        assert_eq!(text(AT, TimeForm::Date, Zone::Utc), "2026-11-22 14:32:08");
        assert_eq!(text(AT, TimeForm::Full, Zone::Utc), "2026-11-22 14:32:08.214123 UTC");
        assert_eq!(iso(AT), "2026-11-22T14:32:08.214123Z");
    }

    #[test]
    fn past_and_future_are_told_apart() {
        assert_eq!(relative(AT, AT.plus_secs(368)), "6 m 08 s ago");
        assert_eq!(relative(AT, AT.plus_secs(-12)), "in 12.0 s");
    }

    #[test]
    fn zones_have_names() {
        assert_eq!(zone_name(Zone::Utc, 0), "UTC");
        assert_eq!(zone_name(Zone::Local, 3_600_000_000), "UTC+01:00");
        assert_eq!(zone_name(Zone::Local, -12_600_000_000), "UTC-03:30");
    }
}
