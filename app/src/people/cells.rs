//! What the tables of people are made of.

use super::words::grant_words;
use crate::ui::{Pill, Tone};
use leptos::prelude::*;
use weir_domain::{
    Timestamp,
    access::people::{PersonShown, PersonState},
};

pub(super) fn who(p: &PersonShown) -> AnyView {
    view! {
        <th scope="row">
            <span class="cell2">
                <a href=format!("/people/{}", p.id.0)>{p.name.clone()}</a>
                <span class="mono">{p.login.clone()}</span>
            </span>
        </th>
    }
    .into_any()
}

/// A person's state in a word.
pub(super) fn state(p: &PersonShown) -> AnyView {
    let (tone, icon, word) = match p.state {
        PersonState::Invited => (Tone::Info, "clock", "INVITED"),
        PersonState::Active => (Tone::Ok, "check", "ACTIVE"),
        PersonState::Resetting => (Tone::Warn, "lock", "NEW PASSWORD"),
        PersonState::Deactivated => (Tone::Idle, "stall", "DEACTIVATED"),
    };
    view! { <Pill tone icon text=word /> }.into_any()
}

pub(super) fn link_pill(p: &PersonShown, now: Timestamp) -> AnyView {
    let open = p.link.as_ref().filter(|l| l.expires > now);
    let (tone, icon, word) = match open {
        Some(_) => (Tone::Info, "clock", "OPEN"),
        None => (Tone::Warn, "warn", "RUN OUT"),
    };
    view! { <Pill tone icon text=word /> }.into_any()
}

pub(super) fn roles(p: &PersonShown) -> AnyView {
    let tags = p.roles.iter().map(|r| view! { <span class="tag">{r.as_str()}</span> }).collect_view();
    let none = p.roles.is_empty().then_some("no role");
    view! {
        <span class="row row--wrap tags">{tags} <span class="muted">{none}</span></span>
    }
    .into_any()
}

pub(super) fn grants(p: &PersonShown) -> AnyView {
    let mut words: Vec<_> = p.grants.iter().take(3).map(grant_words).collect();
    let more = (p.grants_total as usize).saturating_sub(words.len());
    if more > 0 {
        words.push(format!("{more} more"));
    }
    if words.is_empty() {
        return view! { <span class="muted">"no channel"</span> }.into_any();
    }
    view! { <span class="clamp2">{words.join("; ")}</span> }.into_any()
}
