use crate::{
    live::{Bye, use_live_summary},
    ui::{TimeForm, format::duration_ms, once::redrawn, time::text, use_zone, varying},
};
use leptos::prelude::*;

/// "Live, delay 184 ms", which sources are not read, or since when nothing has come. Unknown until the page is alive.
#[component]
pub(super) fn LiveMark() -> impl IntoView {
    let live = use_live_summary();
    let zone = use_zone();
    let trouble = move || live.trouble();
    let words = move || match (live.stale(), live.last()) {
        _ if let Some(why) = live.ended() => why.words().to_owned(),
        (true, Some(at)) => format!("Paused at {}", text(at, TimeForm::Clock, zone.get())),
        (true, None) => "Not live".to_owned(),
        (false, _) => {
            let how = if live.polled() { "Polling" } else { "Live" };
            match live.with(|s| s.and_then(|s| s.tap_delay_ms)) {
                _ if !trouble().is_empty() => format!("{how}, {}", trouble()),
                Some((p50, _)) => format!("{how}, delay {}", duration_ms(p50.into())),
                None => how.to_owned(),
            }
        }
    };
    let title = move || {
        if live.ended().is_some() {
            "The server has ended the live stream. The figures are as they were then"
        } else if live.stale() {
            "Nothing has come from the server for 10 s. The figures are as old as the time says; it tries again by itself."
        } else if live.polled() {
            "A proxy between this page and Weir holds live streams back, so the page asks every few seconds"
        } else if !trouble().is_empty() {
            "What stands still has figures of before; the others are live"
        } else {
            "Half of the events of the last 5 minutes were stored within this time after the broker's own"
        }
    };
    let still = move || live.stale() || live.ended().is_some() || !trouble().is_empty();
    view! {
        <span class="push live needs-script" class:live--stale=varying(still) title=varying(title)>
            <span class="live__dot"></span>
            <span class="live__words">{varying(words)}</span>
            {redrawn(move || live.ended().map_or_else(|| ().into_any(), Bye::way_out))}
        </span>
    }
    .into_any()
}
