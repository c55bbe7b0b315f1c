//! How a source stands, in one word and, where that is not "up", in why and what next.

use crate::ui::{Pill, Time, TimeForm, Tone, Zone, format, time};
use leptos::prelude::*;
use weir_domain::{capture::SourceState, sources::SourceShown};

/// Tone, icon and word of a state.
const fn looks(state: SourceState) -> (Tone, &'static str, &'static str) {
    match state {
        SourceState::Up => (Tone::Ok, "check", "UP"),
        SourceState::Down => (Tone::Bad, "stop", "DOWN"),
        SourceState::Paused => (Tone::Warn, "stall", "PAUSED"),
        SourceState::Starting => (Tone::Idle, "clock", "STARTING"),
        SourceState::Off => (Tone::Idle, "stall", "OFF"),
    }
}

/// Pills: the state, and what else is unusual.
pub(crate) fn state_pills(source: &SourceShown) -> AnyView {
    let (tone, icon, text) = match source.orphan {
        true => (Tone::Idle, "stall", "OFF"),
        false => looks(source.state),
    };
    let mut pills = vec![view! { <Pill tone icon text /> }.into_any()];
    if source.throttled_ms > 0 {
        pills.push(view! { <Pill tone=Tone::Warn icon="warn" text="THROTTLED" /> }.into_any());
    }
    if source.state == SourceState::Up && source.reason.is_some() {
        pills.push(view! { <Pill tone=Tone::Warn icon="warn" text="NOTICE" /> }.into_any());
    }
    if source.orphan {
        let tag = view! {
            <span class="tag" title="Nothing of it is read any more, and its events are kept">
                "not configured"
            </span>
        };
        pills.push(tag.into_any());
    }
    pills.into_any()
}

/// Since when, why (unless it stands elsewhere on the page), and when it is tried again. Of a source that is up: what a
/// person should know all the same.
pub(crate) fn state_why(source: &SourceShown, with_reason: bool) -> AnyView {
    let mut parts = Vec::new();
    // Of one that was removed nothing more comes; its pills say so.
    if source.state != SourceState::Up && !source.orphan {
        match source.since {
            Some(at) => parts.push(view! { <span>"Since " <Time at form=TimeForm::Date /> ". "</span> }.into_any()),
            None => parts.push(". ".into_any()),
        }
    }
    if let Some(why) = source.reason.as_deref().filter(|_| with_reason) {
        parts.push(format!("{why} ").into_any());
    }
    if let Some(at) = source.retry_at.filter(|_| source.state == SourceState::Down && !source.orphan) {
        parts.push(view! { <span>"Next try at " <Time at form=TimeForm::Clock /> "."</span> }.into_any());
    }
    parts.into_any()
}

/// Which sources stand still: "1 source down, 2 sources paused". Empty if none does.
pub(crate) fn standing_still(sources: &[SourceShown]) -> String {
    let mut words = String::new();
    for (state, word) in [(SourceState::Down, "down"), (SourceState::Paused, "paused"), (SourceState::Off, "off")] {
        let of = |s: &&SourceShown| s.state == state && !s.orphan;
        let n = sources.iter().filter(of).count() as u64;
        if n > 0 {
            let and = if words.is_empty() { "" } else { ", " };
            words += &format!("{and}{} {word}", format::count(n, "source", "sources"));
        }
    }
    words
}

/// Positions behind: of a source that stands still what was known last, which is the least it can be.
pub(crate) fn behind(source: &SourceShown, zone: Zone) -> String {
    let number = format::exact_or_unknown(source.behind);
    match source.since.filter(|_| source.behind.is_some() && source.state.stands_still()) {
        Some(at) => format!("at least {number}, as of {}", time::text(at, TimeForm::Clock, zone)),
        None => number,
    }
}

/// Is what is shown of it old, because it can't be read now?
pub(crate) fn is_dim(source: &SourceShown) -> bool {
    matches!(source.state, SourceState::Down | SourceState::Off) || source.orphan
}

/// `class`, with `dim` where the figures are old.
pub(crate) fn dimmed(class: &'static str, dim: bool) -> String {
    if dim { format!("{class} dim") } else { class.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_still_is_counted_by_state() {
        let list = |states: &[SourceState]| -> Vec<SourceShown> {
            (1..).zip(states).map(|(id, state)| crate::sources::sample::source(id, *state)).collect()
        };
        use SourceState::{Down, Off, Paused, Starting, Up};
        assert_eq!(standing_still(&list(&[Up, Starting])), "");
        assert_eq!(standing_still(&list(&[Up, Down])), "1 source down");
        assert_eq!(standing_still(&list(&[Paused, Down, Down, Off])), "2 sources down, 1 source paused, 1 source off");
        let mut gone = list(&[Paused]);
        gone[0].orphan = true;
        assert_eq!(standing_still(&gone), "", "taken out of the configuration on purpose");
    }

    #[test]
    fn figures_of_what_stands_still_are_the_least_and_say_of_when() {
        let mut source = crate::sources::sample::source(1, SourceState::Paused);
        source.behind = Some(19);
        source.since = Some(weir_domain::Timestamp(1_795_357_928_000_000));
        assert_eq!(behind(&source, Zone::Utc), "at least 19, as of 14:32:08");
        source.behind = None;
        assert_eq!(behind(&source, Zone::Utc), "–");
        source.state = SourceState::Up;
        source.behind = Some(19);
        assert_eq!(behind(&source, Zone::Utc), "19");
    }
}
