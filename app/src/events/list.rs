use super::{
    Listed,
    completeness::CompletenessLine,
    empty::NoRows,
    row::Row,
    state::{Page, use_page},
    tail_bar::TailBar,
};
use crate::ui::{ErrorPanel, Kbd, SkeletonRows, TimeForm, format};
use leptos::prelude::*;
use std::sync::Arc;
use wasm_bindgen::JsCast as _;
use weir_domain::{EventId, Timestamp, events::EventRow};

/// The list with what belongs to it. Old rows stay while new ones are asked for.
#[component]
pub(super) fn List() -> impl IntoView {
    let page = use_page();
    let retry = Callback::new(move |()| page.list.refetch());
    let busy = RwSignal::new(false);
    view! {
        <div class="ev__list" class:ev-busy=move || busy.get()>
            <Transition fallback=|| view! { <SkeletonRows what="events" rows=16 /> } set_pending=busy>
                {move || Suspend::new(async move {
                    match page.list.await {
                        Ok(listed) if listed.choices.is_empty() => view! { <Answer listed /> }.into_any(),
                        Ok(listed) => view! { <Choices listed /> }.into_any(),
                        Err(failure) => view! { <ErrorPanel failure retry /> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
    .into_any()
}

#[component]
fn Answer(listed: Listed) -> impl IntoView {
    let page = use_page();
    let form = form(&listed);
    let answer = listed.page.clone();
    let next = listed.page.next.filter(|_| listed.page.scanned.complete);
    let list: Arc<Vec<EventRow>> = Arc::new(listed.page.rows.clone());
    let rows = page.rows_over(list);
    page.draws(rows);
    let none = Memo::new(move |_| rows.with(Vec::is_empty) && !page.place.with(|p| p.tail));
    let listed = StoredValue::new(listed);
    let body = move || match none.get() {
        true => view! { <NoRows listed=listed.get_value() place=page.place.get() /> }.into_any(),
        false => view! { <Table rows form /> }.into_any(),
    };
    view! {
        <TailBar />
        <CompletenessLine answer />
        <div
            class="tablewrap ev-scroll"
            on:scroll=move |e| page.tailing.scrolled.set(event_target::<web_sys::Element>(&e).scroll_top() > 4)
        >
            {body}
        </div>
        <div class="panel__foot ev-foot">
            <span>
                {move || format::count(rows.with(Vec::len) as u64, "event", "events")}
                {move || match page.place.with(|p| p.page) {
                    0 | 1 => " on this page".to_owned(),
                    n => format!(" on page {n}"),
                }}
            </span>
            <Pager next />
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
#[component]
fn Pager(next: Option<weir_domain::events::PageCursor>) -> impl IntoView {
    let page = use_page();
    let further = move || page.place.with(|p| p.before.is_some());
    view! {
        <nav class="row" aria-label="Pages of the list">
            {move || {
                further()
                    .then(|| {
                        view! {
                            <a class="btn btn--sm" href=move || page.place.with(|p| p.first_page().href())>"Newest"</a>
                            <button
                                type="button"
                                class="btn btn--sm needs-script"
                                on:click=|_| {
                                    if let Ok(history) = window().history() {
                                        // Without a page to go back to, the browser stays here.
                                        let _ = history.back();
                                    }
                                }
                            >
                                "Back"
                            </button>
                        }
                    })
            }}
            {next
                .map(|next| {
                    view! {
                        <a class="btn btn--sm" rel="next" href=move || page.place.with(|p| p.older(next).href())>
                            "Older"
                        </a>
                    }
                })}
        </nav>
    }
    .into_any()
}

#[component]
fn Table(rows: Memo<Vec<EventRow>>, form: TimeForm) -> impl IntoView {
    let page = use_page();
    let zone = crate::ui::use_zone();
    let zone = move || if zone.get() == crate::ui::Zone::Utc { "Time (UTC)" } else { "Time (local)" };
    view! {
        <table class="table ev-t">
            <caption class="vh">"Events, newest first"</caption>
            <thead>
                <tr>
                    <th scope="col" aria-sort="descending">{zone}</th>
                    <th scope="col">"Event"</th>
                    <th scope="col" class="hide-n">"Channel"</th>
                    <th scope="col" class="hide-m">"Key"</th>
                    <th scope="col">"Summary"</th>
                    <th scope="col" class="num hide-m">"Size"</th>
                </tr>
            </thead>
            <tbody
                class="ev-rows"
                on:click=move |e| open_clicked(page, &e)
                on:pointerenter=move |_| page.tailing.pointed.set(true)
                on:pointerleave=move |_| page.tailing.pointed.set(false)
            >
                <For each=move || rows.get() key=|r| r.id let:row>
                    <Row row form />
                </For>
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
#[component]
fn Choices(listed: Listed) -> impl IntoView {
    let page = use_page();
    let name = listed.choices.first().map(|c| super::visible::plain(&c.text)).unwrap_or_default();
    let links = listed
        .choices
        .into_iter()
        .filter_map(|c| {
            let mut place = page.place.get_untracked().first_page();
            place.channel = Some(c.channel?.to_string());
            Some(view! { <li><a class="btn" href=place.href()>{super::visible::plain(&c.note)}</a></li> })
        })
        .collect_view();
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
