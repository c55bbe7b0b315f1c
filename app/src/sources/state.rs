//! How a source stands, in one word and, where that is not "up", in why and what next.

use crate::ui::{Pill, Time, TimeForm, Tone};
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
    let (tone, icon, text) = looks(source.state);
    let mut pills = vec![view! { <Pill tone icon text /> }.into_any()];
    if source.throttled_ms > 0 {
        pills.push(view! { <Pill tone=Tone::Warn icon="warn" text="THROTTLED" /> }.into_any());
    }
    if source.orphan {
        let tag = view! {
            <span class="tag" title="It is no longer in weir.toml: nothing is read, and its events are kept">
                "not configured"
            </span>
        };
        pills.push(tag.into_any());
    }
    pills.into_any()
}

/// Since when, why, and when it is tried again; empty for a source that is up.
pub(crate) fn state_why(source: &SourceShown) -> AnyView {
    let mut parts = Vec::new();
    if source.state != SourceState::Up {
        match source.since {
            Some(at) => parts.push(view! { <span>"since " <Time at form=TimeForm::Date /> ". "</span> }.into_any()),
            None => parts.push(". ".into_any()),
        }
        if let Some(why) = source.reason.clone() {
            parts.push(format!("{} ", ended(why)).into_any());
        }
        if let Some(at) = source.retry_at.filter(|_| source.state == SourceState::Down) {
            parts.push(view! { <span>"Next try at " <Time at form=TimeForm::Clock /> "."</span> }.into_any());
        }
    }
    parts.into_any()
}

/// Ends a sentence that came without its full stop.
fn ended(mut text: String) -> String {
    if !text.ends_with(['.', '!', '?']) {
        text.push('.');
    }
    text
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
    fn sentences_end_once() {
        assert_eq!(ended("connection refused".into()), "connection refused.");
        assert_eq!(ended("No broker answers.".into()), "No broker answers.");
    }
}
