use super::{
    Listed, Place,
    completeness::completeness_lines,
    empty::no_rows,
    numbered,
    row::row,
    state::{Page, Rows},
    tail_bar::tail_bar,
    visible,
};
use crate::{
    ui::{
        Kbd, SkeletonRows, Time, TimeForm, format,
        once::{click, link, redrawn},
        varying,
    },
    wire,
};
use leptos::prelude::*;
use std::sync::Arc;
use wasm_bindgen::JsCast as _;
use weir_domain::{EventId, Timestamp};

/// The list with what belongs to it. Old rows stay while new ones are asked for.
pub(super) fn list(page: Page) -> AnyView {
    let skeleton = || view! { <SkeletonRows what="events" rows=16 /> }.into_any();
    let body = wire::show(page.list, skeleton, move |listed: Listed| match listed.choices.is_empty() {
        true => answer(page, listed),
        false => choices(page, &listed),
    });
    view! { <div class="ev__list" class:ev-busy=varying(move || page.list.busy.get())>{body}</div> }.into_any()
}

fn answer(page: Page, listed: Listed) -> AnyView {
    let form = form(&listed);
    let lines = completeness_lines(page, &listed);
    let next = listed.page.next.filter(|_| listed.page.scanned.complete);
    let rows: Rows = Arc::new(listed.page.rows.clone());
    let older = {
        let rows = Arc::clone(&rows);
        Memo::new(move |_| page.older(&rows, next).unwrap_or_default())
    };
    let at = listed.at;
    let since = Memo::new(move |_| page.place.with(|p| p.tail) && page.tailing.tail.with(|t| !t.shown.is_empty()));
    let none = {
        let rows = Arc::clone(&rows);
        Memo::new(move |_| page.under_tail(&rows).is_empty() && !page.place.with(|p| p.tail))
    };
    let count = {
        let rows = Arc::clone(&rows);
        move || {
            let on = match page.place.with(|p| p.page) {
                0 | 1 => "on this page".to_owned(),
                n => format!("on page {n}"),
            };
            format!("{} {on}", format::count(page.under_tail(&rows).len() as u64, "event", "events"))
        }
    };
    let body = redrawn(move || match none.get() {
        true => no_rows(&listed, &page.place.get()),
        false => table(page, Arc::clone(&rows), form),
    });
    let scrolled = move |e: leptos::ev::Event| {
        page.tailing.scrolled.set(event_target::<web_sys::Element>(&e).scroll_top() > 4);
    };
    view! {
        {tail_bar(page)}
        {lines}
        <div class="complete__line muted" hidden=varying(move || !since.get())>
            "Counted at "
            <Time at form=TimeForm::Clock />
            ", before the newest rows came"
        </div>
        <div class="tablewrap ev-scroll" on:scroll=scrolled>
            {body}
        </div>
        <div class="panel__foot ev-foot">
            <span>{count}</span>
            {pager(page, older)}
            <span class="push ev-keys needs-script" aria-hidden="true">
                <Kbd key="j" />
                " "
                <Kbd key="k" />
                " move, "
                <Kbd key="↵" />
                " open, "
                <Kbd key="f" />
                " filter by key, "
                <Kbd key="c" />
                " copy"
            </span>
        </div>
    }
    .into_any()
}

/// Back to the newest page, and on to older ones. Back by one is the browser's own Back.
fn pager(page: Page, older: Memo<String>) -> AnyView {
    let back = click(|| {
        if let Ok(history) = window().history() {
            // Without a page to go back to, the browser stays here.
            let _ = history.back();
        }
    });
    let newest = link("btn btn--sm", move || page.href(Place::first_page), "Newest".into_any());
    // Its address changes with each frame of a tail; the link must stay the same under the pointer.
    let there = Memo::new(move |_| !older.with(String::is_empty));
    let older = redrawn(move || match there.get() {
        true => link("btn btn--sm", move || older.get(), "Older".into_any()),
        false => ().into_any(),
    });
    let first = move || page.place.with(|p| p.before.is_none());
    view! {
        <nav class="row" aria-label="Pages of the list">
            <span class="row" hidden=varying(first)>
                {newest}
                <button type="button" class="btn btn--sm needs-script" on:click=back>
                    "Back"
                </button>
            </span>
            {older}
        </nav>
    }
    .into_any()
}

fn table(page: Page, list: Rows, form: TimeForm) -> AnyView {
    let zone = crate::ui::use_zone();
    let zone = move || if zone.get() == crate::ui::Zone::Utc { "Time (UTC)" } else { "Time (local)" };
    let each = move || {
        let rows = page.under_tail(&list);
        page.drawn.set_value(Arc::clone(&rows));
        (0..rows.len()).map(|i| (Arc::clone(&rows), i)).collect::<Vec<_>>()
    };
    view! {
        <table class="table ev-t">
            <caption class="vh">"Events, newest first"</caption>
            <thead>
                <tr>
                    <th scope="col" aria-sort="descending">
                        {varying(zone)}
                    </th>
                    <th scope="col">"Event"</th>
                    <th scope="col" class="hide-n">
                        "Channel"
                    </th>
                    <th scope="col" class="ev-key">
                        "Key"
                    </th>
                    <th scope="col">"Summary"</th>
                    <th scope="col" class="num hide-m ev-size">
                        "Size"
                    </th>
                </tr>
            </thead>
            <tbody
                class="ev-rows"
                on:click=move |e| open_clicked(page, &e)
                on:pointerenter=move |_| page.tailing.pointed.set(true)
                on:pointerleave=move |_| page.tailing.pointed.set(false)
            >
                <For each key=|(rows, i)| rows.get(*i).map(|r| r.id) children=move |(rows, i)| row(page, &rows, i, form) />
            </tbody>
        </table>
    }
    .into_any()
}

/// A click anywhere on a row opens it; on its link the router acts, and marking text is no click.
fn open_clicked(page: Page, e: &leptos::ev::MouseEvent) {
    let Some(target) = e.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok()) else { return };
    let on_link = target.closest("a, button").ok().flatten().is_some();
    let marking = window().get_selection().ok().flatten().is_some_and(|s| !s.is_collapsed());
    if on_link || marking || e.ctrl_key() || e.meta_key() || e.shift_key() {
        return;
    }
    let row = target.closest("tr").ok().flatten();
    if let Some(id) = row.and_then(|r| r.get_attribute("data-event")).and_then(|t| t.parse::<EventId>().ok()) {
        page.open(id);
    }
}

/// The asked name belongs to several channels.
fn choices(page: Page, listed: &Listed) -> AnyView {
    let name = listed.choices.first().map(|c| visible::plain(&c.text)).unwrap_or_default();
    let links: Vec<AnyView> = listed
        .choices
        .iter()
        .filter_map(|c| {
            let id = numbered(c.channel?);
            let href = move || page.href(|p| Place { channel: Some(id.clone()), ..p.first_page() });
            let link = link("btn", href, visible::plain(&c.note).into_any());
            Some(view! { <li>{link}</li> }.into_any())
        })
        .collect();
    view! {
        <crate::ui::Empty title=format!("Several channels are named {name}")>
            <p>"Choose the one you mean."</p>
            <ul class="ev-drops">{links}</ul>
        </crate::ui::Empty>
    }
    .into_any()
}

/// Times show no date while all of the page lies within the day before it was asked for.
fn form(listed: &Listed) -> TimeForm {
    const DAY: i64 = 86_400_000_000;
    let near = |t: Timestamp| listed.at.micros_since(t).abs() < DAY;
    if listed.page.rows.iter().all(|r| near(r.time)) { TimeForm::Millis } else { TimeForm::DateMillis }
}
