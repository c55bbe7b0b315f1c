use crate::ui::varying;
use crate::{
    live::use_live_summary,
    ui::{TimeForm, format::duration_ms, time::text, use_zone},
};
use leptos::prelude::*;

/// "Live, 184 ms behind", or since when nothing has come. Unknown until the page is alive.
#[component]
pub(super) fn LiveMark() -> impl IntoView {
    let live = use_live_summary();
    let zone = use_zone();
    let words = move || match (live.stale(), live.last()) {
        (true, Some(at)) => format!("Paused at {}", text(at, TimeForm::Clock, zone.get())),
        (true, None) => "Not live".to_owned(),
        (false, _) => match live.with(|s| s.and_then(|s| s.tap_delay_ms)) {
            Some((p50, _)) => format!("Live, {} behind", duration_ms(p50.into())),
            None => "Live".to_owned(),
        },
    };
    let title = move || {
        if live.stale() {
            "Nothing has come from the server for 10 s. The figures are as old as the time says; it tries again by itself."
        } else {
            "Half of the events of the last 5 minutes were stored within this time after the broker's own"
        }
    };
    view! {
        <span class="push live needs-script" class:live--stale=varying(move || live.stale()) title=varying(title)>
            <span class="live__dot"></span>
            <span class="live__words">{varying(words)}</span>
        </span>
    }
    .into_any()
}
