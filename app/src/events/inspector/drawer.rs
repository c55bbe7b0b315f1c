use super::{Spot, inspector, not_there};
use crate::{
    events::{Listed, facets::if_there, keys, state::Page},
    ui::{Icon, SkeletonRows, varying},
    wire::{self, Question},
};
use leptos::{ev, prelude::*};
use std::sync::Arc;
use weir_domain::{EventId, events::EventDetail};

/// The open event beside the list (below it on narrow screens). It stays in the page when it is closed, hidden: so
/// nothing it reads goes away while an answer is on its way.
pub(in crate::events) fn drawer(page: Page) -> AnyView {
    let spot = Spot { place: page.place, alone: None };
    // The last one opened: closing takes this part away, and must not ask anything meanwhile.
    let open = Memo::new(move |before: Option<&Option<EventId>>| {
        page.place.with(|p| p.sel).or_else(|| before.copied().flatten())
    });
    let detail = wire::load(move || match open.get() {
        Some(id) => Question::Event { env: page.place.with(|p| p.environment()), id },
        None => Question::Nothing,
    });
    let skeleton = || view! { <SkeletonRows what="the event" rows=10 /> }.into_any();
    let body = wire::show(detail, skeleton, move |detail: Option<EventDetail>| match detail {
        Some(detail) => inspector(detail, spot),
        None => not_there(),
    });
    view! {
        <aside class="drawer" aria-label="Event" hidden=varying(move || page.place.with(|p| p.sel.is_none())) class:ev-busy=varying(move || detail.busy.get())>
            {bar(page)}
            {body}
        </aside>
    }
    .into_any()
}

/// Where the open event stands in the list, the ways to its neighbours, and out.
fn bar(page: Page) -> AnyView {
    // With the script the focus goes back to the row.
    let close = move |e: ev::MouseEvent| {
        e.prevent_default();
        keys::close(page);
    };
    view! {
        <div class="ev-drawerbar row">
            {if_there(page.list, move |listed: Listed| neighbours(page, listed))}
            <a
                class="btn btn--ghost btn--icon btn--sm push"
                href=varying(move || page.href(|p| p.select(None)))
                aria-label="Close"
                title="Close (esc)"
                on:click=close
            >
                <Icon name="x" />
            </a>
        </div>
    }
    .into_any()
}

fn neighbours(page: Page, listed: Listed) -> AnyView {
    let list = Arc::new(listed.page.rows);
    // Newer, where it stands, older.
    let around = Memo::new(move |_| {
        let rows = page.under_tail(&list);
        let sel = page.place.with(|p| p.sel);
        let at = rows.iter().position(|r| Some(r.id) == sel);
        let id = |at: Option<usize>| at.and_then(|at| rows.get(at)).map(|r| r.id);
        let words = match at {
            Some(at) => format!("{} of {} on this page", at + 1, rows.len()),
            None => "not on this page of the list".to_owned(),
        };
        (id(at.and_then(|at| at.checked_sub(1))), words, id(at.map(|at| at + 1)))
    });
    let link = |older: bool, icon: &'static str, label: &'static str, title: &'static str| {
        let id = move || around.with(|(newer, _, next)| if older { *next } else { *newer });
        let href = move || id().map(|id| page.href(|p| p.select(Some(id))));
        view! {
            <a
                class="btn btn--ghost btn--icon btn--sm"
                role="link"
                href=varying(href)
                data-noscroll=""
                aria-disabled=varying(move || id().is_none().then_some("true"))
                aria-label=label
                title=title
            >
                <Icon name=icon />
            </a>
        }
        .into_any()
    };
    view! {
        {link(false, "up", "Newer event", "Newer (k)")}
        {link(true, "dn", "Older event", "Older (j)")}
        <span class="muted tiny">{varying(move || around.with(|(_, words, _)| words.clone()))}</span>
    }
    .into_any()
}
