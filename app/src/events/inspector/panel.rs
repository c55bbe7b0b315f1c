use super::{Spot, details::details, foot::foot, head::head, headers::headers, payload::payload, raw::raw};
use crate::{
    events::{Tab, drop_menu::focus, state::use_go},
    ui::{once::redrawn, varying},
};
use leptos::prelude::*;
use std::sync::Arc;
use weir_domain::events::{EventDetail, Masked};

/// One event: head, tabs, the open tab's panel, what can be done with it.
pub(in crate::events) fn inspector(detail: EventDetail, spot: Spot) -> AnyView {
    let count = match &detail.headers {
        // Not there is not "none".
        _ if detail.row.absent.is_some() => String::new(),
        Masked::Shown(_) => detail.headers_total.to_string(),
        Masked::NeedsRole { .. } => String::new(),
    };
    let id = detail.row.id;
    let tab = Memo::new(move |_| spot.place.with(|p| p.tab));
    let detail = Arc::new(detail);
    let (head, foot) = (head(&detail.row, spot), foot(&detail, spot));
    let panel = redrawn(move || match tab.get() {
        Tab::Payload => payload(&detail),
        Tab::Headers => headers(&detail),
        Tab::Raw => raw(&detail),
        Tab::Details => details(&detail, spot),
    });
    view! {
        {head}
        {tabs(spot, tab, count)}
        <div
            class="ev-panel"
            role="tabpanel"
            id="ev-panel"
            aria-labelledby=varying(move || format!("ev-tab-{}", tab.get().as_str()))
        >
            {panel}
        </div>
        <details class="ev-around needs-script" data-part=format!("/around/{id}") data-keep="around">
            <summary>"Around it"</summary>
            <div></div>
        </details>
        {foot}
    }
    .into_any()
}

/// Tabs are links, so they work without the script; arrows move between them.
fn tabs(spot: Spot, tab: Memo<Tab>, count: String) -> AnyView {
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
    let tabs: Vec<AnyView> = Tab::ALL
        .into_iter()
        .map(|t| {
            let count = if t == Tab::Headers { count.clone() } else { String::new() };
            let on = move || tab.get() == t;
            view! {
                <a
                    role="tab"
                    id=format!("ev-tab-{}", t.as_str())
                    href=varying(move || spot.tab_href(t))
                    data-noscroll=""
                    aria-selected=varying(move || on().to_string())
                    aria-controls=varying(move || on().then_some("ev-panel"))
                >
                    {t.label()}
                    <span class="n">{count}</span>
                </a>
            }
            .into_any()
        })
        .collect();
    view! {
        <div class="tabs" role="tablist" aria-label="Parts of the event" on:keydown=on_key>
            {tabs}
        </div>
    }
    .into_any()
}
