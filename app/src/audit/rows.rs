//! The cells of an entry, for the list and for the entry's own page.

use crate::{
    events::{line, numbered},
    ui::{Pill, Tone},
};
use leptos::prelude::*;
use weir_domain::{
    access::Via,
    audit::{Entry, ObjectKind, Outcome},
};

/// Who it was.
pub(super) fn person(entry: &Entry) -> AnyView {
    match &entry.login {
        Some(login) => {
            let href = super::Asked { person: Some(login.clone()), ..Default::default() }.href();
            let token = entry
                .token
                .as_ref()
                .map(|id| view! { " " <span class="tag" title=format!("with the token {id}")>"token"</span> });
            view! {
                <a href=href title="All by this person">
                    {line(login)}
                </a>
                {token}
            }
            .into_any()
        }
        None if entry.via.as_deref() == Some(Via::CommandLine.as_str()) => {
            view! { <span class="muted">"command line"</span> }.into_any()
        }
        None => view! { <span class="muted">"not signed in"</span> }.into_any(),
    }
}

/// Everything about a thing.
pub(super) fn all_of(kind: &str, id: &str) -> String {
    super::Asked { kind: Some(kind.to_owned()), object: Some(id.to_owned()), ..Default::default() }.href()
}

/// What it was about, as a link to it where there is a page.
pub(super) fn object(entry: &Entry) -> AnyView {
    let (Some(kind), Some(id)) = (&entry.object_kind, &entry.object) else { return ().into_any() };
    let is = |known: ObjectKind| kind == known.as_str();
    let word = if is(ObjectKind::Entry) { "entry" } else { kind.as_str() };
    let href = if is(ObjectKind::Event) {
        Some(format!("/events/{id}"))
    } else if is(ObjectKind::Channel) {
        Some(format!("/events?channel=%23{id}"))
    } else if is(ObjectKind::Source) {
        Some(format!("/sources/{id}"))
    } else if is(ObjectKind::Entry) {
        Some(format!("/audit/{id}"))
    } else if is(ObjectKind::Link) {
        Some(format!("/s/{id}"))
    } else if is(ObjectKind::Person) || is(ObjectKind::Token) || is(ObjectKind::Search) || is(ObjectKind::Template) {
        Some(all_of(kind, id))
    } else {
        None
    };
    // Channels and sources are asked for like this too.
    let id = if is(ObjectKind::Channel) || is(ObjectKind::Source) { numbered(id) } else { id.clone() };
    // What people make is known by its name, all else by its number.
    let named = is(ObjectKind::Person) || is(ObjectKind::Token) || is(ObjectKind::Search) || is(ObjectKind::Template);
    let (text, beside) = match (&entry.object_name, entry.masked) {
        (Some(name), _) if named => (format!("{word} {name}"), None),
        (Some(name), _) => (format!("{word} {id}"), Some(line(name))),
        (None, true) => (
            format!("{word} {id}"),
            Some(view! { <span title="No grant of yours reaches it">"a name you may not see"</span> }.into_any()),
        ),
        (None, false) => (format!("{word} {id}"), None),
    };
    let main = match href {
        Some(href) => view! { <a href=href>{line(&text)}</a> }.into_any(),
        None => line(&text),
    };
    match beside {
        Some(beside) => view! {
            <span class="cell2">
                <span class="trunc">{main}</span>
                <span class="trunc">{beside}</span>
            </span>
        }
        .into_any(),
        None => main,
    }
}

/// How it went. What went as it should is quiet.
pub(super) fn outcome(text: &str) -> AnyView {
    let (tone, icon) = match Outcome::parse(text) {
        Some(Outcome::Refused) => (Tone::Warn, "lock"),
        Some(Outcome::Failed) => (Tone::Bad, "stop"),
        _ => return view! { <span class="soft">{text.to_owned()}</span> }.into_any(),
    };
    view! { <Pill tone icon text=text.to_uppercase() /> }.into_any()
}

/// From where it came.
pub(super) fn remote(entry: &Entry) -> AnyView {
    match entry.remote.as_str() {
        "" => view! { <span class="muted">{crate::ui::format::UNKNOWN}</span> }.into_any(),
        remote => view! { <span class="mono">{remote.to_owned()}</span> }.into_any(),
    }
}
