//! Why something is not shown: hidden, gone, null and empty are four different answers.

use crate::{access::ask_link, ui::Icon};
use leptos::prelude::*;
use weir_domain::EventId;

/// The person's roles don't show it; who can, and how to ask. `what`: "The payload", "Reading headers".
pub(super) fn needs_role(what: &'static str, permission: &str, roles: &[String]) -> AnyView {
    let title = format!("{what} needs {permission}");
    let words =
        format!("It is there; your roles don't show it. Ask an administrator for the role {}.", roles.join(" or "));
    let ask = roles.first().map(|role| ask_link(&format!("role={role}&for={permission}")));
    told("lock", title, words, ask)
}

/// It was there and is no more, or there is nothing in it.
pub(super) fn away(icon: &'static str, title: &'static str, words: &'static str) -> AnyView {
    told(icon, title.into(), words.into(), None)
}

/// Key, headers and payload are not in the store: the server draws why, and what to do.
pub(super) fn absent(id: EventId) -> AnyView {
    view! {
        <div class="empty ev-away" data-part=format!("/events/{id}/missing")>
            <h3>"Not in the store"</h3>
        </div>
    }
    .into_any()
}

fn told(icon: &'static str, title: String, words: String, way_out: Option<AnyView>) -> AnyView {
    view! {
        <div class="empty ev-away">
            <Icon name=icon />
            <h3>{title}</h3>
            <p>{words} " " {way_out}</p>
        </div>
    }
    .into_any()
}

/// No such event, or not for this person: the answer must not tell which.
pub(in crate::events) fn not_there() -> AnyView {
    away(
        "search",
        "This event is not here",
        "It may never have been stored, its retention may have passed, or your grants don't reach its channel. \
         Check the link, or search for its key.",
    )
}
