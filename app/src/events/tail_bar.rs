use super::{
    live_tail::{pause, release},
    state::Page,
};
use crate::{
    live::{Bye, LiveSummary, use_live_summary},
    ui::{
        Icon, Kbd, TimeForm, format,
        once::{click, redrawn},
        use_zone, varying,
    },
};
use leptos::prelude::*;

/// What the live tail does now, what waits, and what it left out. Not announced row by row.
pub(super) fn tail_bar(page: Page) -> AnyView {
    let live = use_live_summary();
    let on = Memo::new(move |_| page.place.with(|p| p.tail));
    redrawn(move || if on.get() || page.tailing.kept.get() { bar(page, live) } else { ().into_any() })
}

fn left_out(page: Page) -> String {
    page.tailing.tail.with(|tail| match (tail.left_out, tail.left_out_unknown) {
        (0, false) => String::new(),
        (0, true) => "left some out while the connection was away".into(),
        (n, unknown) => {
            format!(
                "left out {}{}, too many to show: the list has them",
                if unknown { "at least " } else { "" },
                format::exact(n)
            )
        }
    })
}

fn bar(page: Page, live: LiveSummary) -> AnyView {
    let zone = use_zone();
    let t = page.tailing;
    let trouble = move || live.trouble();
    let kept = move || t.kept.get();
    let words = move || {
        let since = live.last().map(|at| crate::ui::time::text(at, TimeForm::Clock, zone.get()));
        if kept() {
            return "Live tail is off; its rows stay until you read anew".to_owned();
        }
        match (t.over.get(), live.stale(), t.paused.get(), t.begun.get()) {
            (Some(why), ..) => why.words().to_owned(),
            (_, true, ..) => {
                format!(
                    "No answer since {}; Weir tries again by itself",
                    since.unwrap_or_else(|| "the beginning".into())
                )
            }
            (_, _, true, _) => "Paused".into(),
            (_, _, _, false) => "Connecting".into(),
            _ => match trouble() {
                none if none.is_empty() => "Following new events".into(),
                trouble => format!("Following, but {trouble}"),
            },
        }
    };
    let still = move || t.paused.get() || t.over.get().is_some() || live.stale() || kept() || !trouble().is_empty();
    let ended = move || t.over.get().is_some_and(|why| !why.passes());
    let button = redrawn(move || {
        let (icon, word) = match (kept(), t.paused.get()) {
            (true, _) => ("up", "Read anew"),
            (_, true) => ("play", "Go on"),
            _ => ("pause", "Pause"),
        };
        view! {
            <Icon name=icon small=true />
            {word}
        }
        .into_any()
    });
    let waiting = Memo::new(move |_| t.tail.with(|tail| tail.waiting_count()));
    view! {
        <div class="ev-tail" class:ev-tail--still=varying(still)>
            <span class="live__dot needs-script" aria-hidden="true"></span>
            <span class="needs-script">{varying(words)}</span>
            <span
                class="warn-t"
                title="They came faster than they could be shown, or while the connection was away. They are stored: the list without live tail has them"
            >
                {varying(move || left_out(page))}
            </span>
            <noscript>"Live tail needs JavaScript. Reload the page to see newer events."</noscript>
            {redrawn(move || t.over.get().map_or_else(|| ().into_any(), Bye::way_out))}
            <button
                type="button"
                class="ev-waiting push"
                hidden=varying(move || waiting.get() == 0)
                on:click=click(move || release(page))
            >
                <Icon name="up" small=true />
                {varying(move || format!("{} new", format::exact(waiting.get())))}
            </button>
            <button
                type="button"
                class="btn btn--sm needs-script"
                hidden=varying(ended)
                aria-pressed=varying(move || t.paused.get().to_string())
                on:click=click(move || pause(page))
            >
                {button}
                <Kbd key="space" />
            </button>
        </div>
    }
    .into_any()
}
