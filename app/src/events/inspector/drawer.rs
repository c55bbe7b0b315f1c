use super::{Inspector, NotThere, Spot};
use crate::{
    events::{
        api::events_detail,
        keys,
        state::{Page, use_page},
    },
    ui::{ErrorPanel, Icon, SkeletonRows},
};
use leptos::prelude::*;
use std::sync::Arc;
use weir_domain::{EventId, events::EventRow};

/// The open event beside the list (below it on narrow screens).
#[component]
pub(in crate::events) fn Drawer() -> impl IntoView {
    let page = use_page();
    let spot = Spot { place: page.place, alone: None };
    let detail = Resource::new(
        move || page.place.with(|p| (p.environment(), p.sel)),
        |(env, id)| async move {
            match id {
                Some(id) => events_detail(env, id).await,
                None => Ok(None),
            }
        },
    );
    let retry = Callback::new(move |()| detail.refetch());
    let busy = RwSignal::new(false);
    view! {
        <aside class="drawer" aria-label="Event" class:ev-busy=move || busy.get()>
            <Bar page />
            <Transition fallback=|| view! { <SkeletonRows what="the event" rows=10 /> } set_pending=busy>
                {move || Suspend::new(async move {
                    match detail.await {
                        Ok(Some(detail)) => view! { <Inspector detail spot /> }.into_any(),
                        Ok(None) => view! { <NotThere /> }.into_any(),
                        Err(failure) => view! { <ErrorPanel failure retry /> }.into_any(),
                    }
                })}
            </Transition>
        </aside>
    }
    .into_any()
}

/// Where the open event stands in the list, the ways to its neighbours, and out.
#[component]
fn Bar(page: Page) -> impl IntoView {
    let close = move || page.place.with(|p| p.select(None).href());
    view! {
        <div class="ev-drawerbar row">
            <Transition>
                {move || Suspend::new(async move {
                    let rows = page.list.await.map(|l| l.page.rows).unwrap_or_default();
                    view! { <Neighbours page rows=Arc::new(rows) /> }
                })}
            </Transition>
            <a
                class="btn btn--ghost btn--icon btn--sm push"
                href=close
                data-noscroll=""
                aria-label="Close"
                title="Close (esc)"
                on:click=move |e| {
                    // With the script the focus goes back to the row.
                    e.prevent_default();
                    keys::close(page);
                }
            >
                <Icon name="x" />
            </a>
        </div>
    }
    .into_any()
}

#[component]
fn Neighbours(page: Page, rows: Arc<Vec<EventRow>>) -> impl IntoView {
    let rows = page.rows_over(rows);
    let at = Memo::new(move |_| {
        let sel = page.place.with(|p| p.sel);
        rows.with(|r| r.iter().position(|row| Some(row.id) == sel).map(|at| (at, r.len())))
    });
    let id = move |by: isize| {
        let (at, _) = at.get()?;
        rows.with(|r| r.get(at.checked_add_signed(by)?).map(|row| row.id))
    };
    let link = move |by: isize, icon: &'static str, label: &'static str, title: &'static str| {
        let href = move || id(by).map(|id: EventId| page.place.with(|p| p.select(Some(id)).href()));
        view! {
            <a
                class="btn btn--ghost btn--icon btn--sm"
                role="link"
                href=href
                data-noscroll=""
                aria-disabled=move || id(by).is_none().then_some("true")
                aria-label=label
                title=title
            >
                <Icon name=icon />
            </a>
        }
    };
    view! {
        {link(-1, "up", "Newer event", "Newer (k)")}
        {link(1, "dn", "Older event", "Older (j)")}
        <span class="muted tiny">
            {move || match at.get() {
                Some((at, of)) => format!("{} of {of} on this page", at + 1),
                None => "not on this page of the list".to_owned(),
            }}
        </span>
    }
    .into_any()
}
