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
#[component]
pub(crate) fn StatePills(#[prop(into)] source: Signal<SourceShown>) -> impl IntoView {
    let state = move || {
        let (tone, icon, text) = looks(source.with(|s| s.state));
        view! { <Pill tone icon text /> }
    };
    let throttled = move || {
        source.with(|s| s.throttled_ms > 0).then(|| view! { <Pill tone=Tone::Warn icon="warn" text="THROTTLED" /> })
    };
    let orphan = move || {
        source.with(|s| s.orphan).then(|| {
            view! {
                <span class="tag" title="It is no longer in weir.toml: nothing is read, and its events are kept">
                    "not configured"
                </span>
            }
        })
    };
    view! {
        {state}
        {throttled}
        {orphan}
    }
    .into_any()
}

/// Since when, why, and when it is tried again; empty for a source that is up.
#[component]
pub(crate) fn StateWhy(#[prop(into)] source: Signal<SourceShown>) -> impl IntoView {
    move || {
        source.with(|s| {
            let up = s.state == SourceState::Up;
            let since = s.since.filter(|_| !up).map(|at| view! { "since " <Time at form=TimeForm::Date /> ". " });
            let why = s.reason.clone().filter(|_| !up).map(|why| view! { <span>{ended(why)} " "</span> });
            let next = s
                .retry_at
                .filter(|_| s.state == SourceState::Down)
                .map(|at| view! { "Next try at " <Time at form=TimeForm::Clock /> "." });
            (!up).then(|| {
                view! {
                    {since}
                    {why}
                    {next}
                }
            })
        })
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_end_once() {
        assert_eq!(ended("connection refused".into()), "connection refused.");
        assert_eq!(ended("No broker answers.".into()), "No broker answers.");
    }
}
