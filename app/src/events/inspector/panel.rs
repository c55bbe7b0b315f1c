use super::{Spot, details::Details, foot::Foot, head::Head, headers::Headers, payload::Payload, raw::Raw};
use crate::events::{Tab, drop_menu::focus, state::use_go};
use leptos::prelude::*;
use weir_domain::events::{EventDetail, Masked};

/// One event: head, tabs, the open tab's panel, what can be done with it.
#[component]
pub(in crate::events) fn Inspector(detail: EventDetail, spot: Spot) -> impl IntoView {
    let count = match &detail.headers {
        Masked::Shown(_) => Some(detail.headers_total),
        Masked::NeedsRole { .. } => None,
    };
    let tab = Memo::new(move |_| spot.place.with(|p| p.tab));
    let shown = StoredValue::new(detail);
    let panel = move || {
        let detail = shown.get_value();
        match tab.get() {
            Tab::Payload => view! { <Payload detail /> }.into_any(),
            Tab::Headers => view! { <Headers detail /> }.into_any(),
            Tab::Raw => view! { <Raw detail /> }.into_any(),
            Tab::Details => view! { <Details detail spot /> }.into_any(),
        }
    };
    view! {
        <Head row=shown.with_value(|d| d.row.clone()) spot />
        <Tabs spot tab count />
        <div class="ev-panel" role="tabpanel" id="ev-panel" aria-labelledby=move || format!("ev-tab-{}", tab.get().as_str())>
            {panel}
        </div>
        <Foot detail=shown.get_value() spot />
    }
    .into_any()
}

/// Tabs are links, so they work without the script; arrows move between them.
#[component]
fn Tabs(spot: Spot, tab: Memo<Tab>, count: Option<u32>) -> impl IntoView {
    let go = use_go();
    let on_key = move |e: leptos::ev::KeyboardEvent| {
        let at = Tab::ALL.iter().position(|t| *t == tab.get_untracked()).unwrap_or(0);
        let last = Tab::ALL.len() - 1;
        let to = match e.key().as_str() {
            "ArrowRight" => (at + 1) % (last + 1),
            "ArrowLeft" => (at + last) % (last + 1),
            "Home" => 0,
            "End" => last,
            _ => return,
        };
        if let Some(next) = Tab::ALL.get(to) {
            e.prevent_default();
            go.run((untrack(|| spot.tab_href(*next)), true));
            focus(&format!("#ev-tab-{}", next.as_str()));
        }
    };
    let tabs = Tab::ALL
        .into_iter()
        .map(|t| {
            let on = move || tab.get() == t;
            view! {
                <a
                    role="tab"
                    id=format!("ev-tab-{}", t.as_str())
                    href=move || spot.tab_href(t)
                    data-noscroll=""
                    aria-selected=move || on().to_string()
                    aria-controls=move || on().then_some("ev-panel")
                >
                    {t.label()}
                    {(t == Tab::Headers).then_some(count).flatten().map(|n| view! { <span class="n">{n}</span> })}
                </a>
            }
        })
        .collect_view();
    view! {
        <div class="tabs" role="tablist" aria-label="Parts of the event" on:keydown=on_key>
            {tabs}
        </div>
    }
    .into_any()
}
