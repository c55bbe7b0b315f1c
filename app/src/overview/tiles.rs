use super::figures::{self, Figure};
use crate::{
    env::use_env,
    ui::{HowCounted, Spark, format},
};
use leptos::prelude::*;
use weir_domain::overview::Summary;

/// The page's figures; a tile joins when its number is true.
#[component]
pub(super) fn Tiles(summary: Memo<Summary>) -> impl IntoView {
    let env = use_env();
    let figure = move |f: fn(&Summary) -> String| Signal::derive(move || summary.with(f));
    let throughput = Signal::derive(move || summary.with(|s| s.throughput.clone()));
    let throughput_words = figure(|s| match (s.throughput.iter().min(), s.throughput.iter().max()) {
        (Some(low), Some(high)) => {
            format!(
                "Events per minute, last hour: {} to {}",
                format::exact(u64::from(*low)),
                format::exact(u64::from(*high))
            )
        }
        _ => "No events counted in the last hour".into(),
    });
    let gaps_tone = Signal::derive(move || summary.with(|s| if s.gaps_24h > 0 { "bad" } else { "" }));
    view! {
        <section class="tiles" aria-label="Capture in five figures">
            <Tile
                figure=&figures::THROUGHPUT
                value=figure(|s| format::rate_or_unknown(s.events_per_s))
                unit="events/s"
            >
                <Meta text=figure(|s| format!("{} in the last hour", format::short(s.throughput.iter().map(|n| u64::from(*n)).sum()))) />
                <Spark values=throughput label=throughput_words />
            </Tile>
            <Tile
                figure=&figures::TAP_DELAY
                value=figure(|s| s.tap_delay_ms.map_or_else(|| format::UNKNOWN.into(), |(_, p95)| format::duration_ms(p95.into())))
                unit="p95"
            >
                <Meta text=figure(|s| match s.tap_delay_ms {
                    Some((p50, _)) => format!("p50 {}", format::duration_ms(p50.into())),
                    None => "no event in the last 5 minutes".into(),
                }) />
            </Tile>
            <Tile figure=&figures::EVENTS_24H value=figure(|s| format::short(s.events_24h)) unit="events">
                <Meta text=figure(|s| format!("{}, {} on disk", format::bytes(s.raw_bytes), format::bytes(s.stored_bytes))) />
                <div class="tile__meta">
                    <a href=move || env.link("/events?from=-24h")>"See them"</a>
                </div>
            </Tile>
            <Tile figure=&figures::BEHIND value=figure(|s| s.behind.map_or_else(|| format::UNKNOWN.into(), format::short)) unit="">
                <Meta text=figure(|s| match s.behind {
                    None => "not known yet".into(),
                    Some(0) => "everything was read".into(),
                    Some(_) => "positions still to be read".into(),
                }) />
                <div class="tile__meta">
                    <a href=move || env.link("/sources")>"By source"</a>
                </div>
            </Tile>
            <Tile figure=&figures::GAPS_24H value=figure(|s| format::exact(s.gaps_24h.into())) unit="" tone=gaps_tone>
                <Meta text=figure(|s| if s.gaps_24h == 0 { "nothing was lost" } else { "the broker lost events unread" }.into()) />
            </Tile>
        </section>
    }
    .into_any()
}

#[component]
fn Tile(
    figure: &'static Figure,
    value: Signal<String>,
    unit: &'static str,
    #[prop(optional)] tone: Signal<&'static str>,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="tile" data-tone=move || tone.get()>
            <div class="tile__label">
                <HowCounted figure />
            </div>
            <div class="tile__value">{move || value.get()} " " <small>{unit}</small></div>
            {children()}
        </div>
    }
    .into_any()
}

#[component]
fn Meta(text: Signal<String>) -> impl IntoView {
    view! { <div class="tile__meta">{move || text.get()}</div> }
}
