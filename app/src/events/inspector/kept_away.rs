//! Why something is not shown: hidden, gone, null and empty are four different answers.

use crate::ui::Icon;
use leptos::prelude::*;

/// The person's roles don't show it; who can, and how to ask.
#[component]
pub(super) fn NeedsRole(
    /// "The payload", "Headers"
    what: &'static str,
    permission: String,
    roles: Vec<String>,
) -> impl IntoView {
    let roles = roles.join(" or ");
    view! {
        <div class="empty ev-away">
            <Icon name="lock" />
            <h3>{what} " needs " <code>{permission}</code></h3>
            <p>
                "It is there; your roles don't show it. Ask an administrator for the role " <b class="strong">{roles}</b>
                "."
            </p>
        </div>
    }
    .into_any()
}

/// It was there and is no more, or there is nothing in it.
#[component]
pub(super) fn Away(icon: &'static str, title: &'static str, children: Children) -> impl IntoView {
    view! {
        <div class="empty ev-away">
            <Icon name=icon />
            <h3>{title}</h3>
            <p>{children()}</p>
        </div>
    }
    .into_any()
}

/// No such event, or not for this person: the answer must not tell which.
#[component]
pub(in crate::events) fn NotThere() -> impl IntoView {
    view! {
        <Away icon="search" title="This event is not here">
            "It may never have been stored, its retention may have passed, or your grants don't reach its channel. "
            "Check the link, or search for its key."
        </Away>
    }
    .into_any()
}
