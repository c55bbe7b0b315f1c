use super::{
    live_tail::{pause, release},
    state::use_page,
};
use crate::{
    live::use_live_summary,
    ui::{Icon, Kbd, TimeForm, format, use_zone},
};
use leptos::prelude::*;

/// What the live tail does now, what waits, and what it left out. Not announced row by row.
#[component]
pub(super) fn TailBar() -> impl IntoView {
    let page = use_page();
    let on = Memo::new(move |_| page.place.with(|p| p.tail));
    move || on.get().then(|| view! { <Bar /> })
}

#[component]
fn Bar() -> impl IntoView {
    let page = use_page();
    let live = use_live_summary();
    let zone = use_zone();
    let t = page.tailing;
    let stale_since =
        move || live.stale().then(|| live.last().map(|at| crate::ui::time::text(at, TimeForm::Clock, zone.get())));
    let words = move || match (t.paused.get(), stale_since()) {
        (_, Some(Some(at))) => format!("No answer since {at}; Weir tries again by itself"),
        (_, Some(None)) => "No answer; Weir tries again by itself".into(),
        (true, None) => "Paused".into(),
        (false, None) if !t.begun.get() => "Connecting".into(),
        (false, None) => "Following new events".into(),
    };
    let left_out = move || {
        t.tail.with(|tail| match (tail.left_out, tail.left_out_unknown) {
            (0, false) => String::new(),
            (0, true) => "left some out while the connection was away".into(),
            (n, unknown) => format!("left out {}{}", if unknown { "at least " } else { "" }, format::exact(n)),
        })
    };
    let waiting = Memo::new(move |_| t.tail.with(|tail| tail.waiting_count()));
    view! {
        <div class="ev-tail" class:ev-tail--still=move || t.paused.get() || live.stale()>
            <span class="live__dot" aria-hidden="true"></span>
            <span>{words}</span>
            <span class="warn-t" title="They came faster than they could be shown, or while the connection was away. They are stored: the list without live tail has them">
                {left_out}
            </span>
            <noscript>"Live tail needs JavaScript. Reload the page to see newer events."</noscript>
            <button
                type="button"
                class="btn btn--sm push needs-script"
                aria-pressed=move || t.paused.get().to_string()
                on:click=move |_| pause(page)
            >
                {move || {
                    if t.paused.get() {
                        view! { <Icon name="play" small=true /> }
                    } else {
                        view! { <Icon name="pause" small=true /> }
                    }
                }}
                {move || if t.paused.get() { "Go on" } else { "Pause" }}
                <Kbd key="space" />
            </button>
        </div>
        {move || {
            (waiting.get() > 0)
                .then(|| {
                    view! {
                        <button type="button" class="ev-waiting" on:click=move |_| release(page)>
                            <Icon name="up" small=true />
                            {move || format!("{} new", format::exact(waiting.get()))}
                        </button>
                    }
                })
        }}
    }
    .into_any()
}
