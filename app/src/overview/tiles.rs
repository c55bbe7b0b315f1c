use super::figures::{self, Figure};
use crate::{
    Env,
    sources::state::standing_still,
    ui::{HowCounted, format, spark_last_hour},
};
use leptos::prelude::*;
use weir_domain::overview::Summary;

/// Said while events arrive and no whole minute of them has passed.
const SOON: &str = "known after a full minute";

/// The page's figures; a tile joins when its number is true.
pub(super) fn tiles(s: &Summary, env: Env) -> AnyView {
    let last_hour = s.throughput.iter().map(|n| u64::from(*n)).sum();
    let begun_now = s.events_per_s.is_none() && s.events_24h > 0;
    let (p50, p95) = s.tap_delay_ms.unzip();
    let ms = |ms: u32| format::duration_ms(ms.into());
    let still = standing_still(&s.sources);
    view! {
        <section class="tiles" aria-label="Capture in five figures">
            {tile(
                &figures::THROUGHPUT,
                format::rate_or_unknown(s.events_per_s),
                "events/s",
                "",
                vec![
                    meta(if begun_now { SOON.into() } else { format!("{} in the last 60 full minutes", format::short(last_hour)) }),
                    spark_last_hour(&s.throughput, false),
                ]
                    .into_any(),
            )}
            {tile(
                &figures::TAP_DELAY,
                p95.map_or_else(|| format::UNKNOWN.into(), ms),
                "p95",
                "",
                meta(
                    p50
                        .map_or_else(
                            || if begun_now { SOON.into() } else { "no event in the last 5 minutes".into() },
                            |p50| format!("p50 {}", ms(p50)),
                        ),
                ),
            )}
            {tile(
                &figures::EVENTS_24H,
                format::short(s.events_24h),
                "events",
                "",
                vec![
                    meta(format!("{}, {} on disk", format::bytes(s.raw_bytes), format::bytes(s.stored_bytes))),
                    link("See them", env.link("/events?from=-24h")),
                ]
                    .into_any(),
            )}
            {tile(
                &figures::BEHIND,
                s.behind.map_or_else(|| format::UNKNOWN.into(), format::short),
                if s.behind.is_some() && !still.is_empty() { "at least" } else { "" },
                "",
                vec![
                    meta(
                        match s.behind {
                            _ if !still.is_empty() => still,
                            None => "not known now".into(),
                            Some(0) => "everything was read".into(),
                            Some(_) => "positions still to be read".into(),
                        },
                    ),
                    link("By source", env.link("/sources")),
                ]
                    .into_any(),
            )}
            {tile(
                &figures::GAPS_24H,
                format::exact(s.gaps_24h.into()),
                "",
                if s.gaps_24h > 0 { "bad" } else { "" },
                meta(if s.gaps_24h > 0 { "the broker lost events unread" } else { "nothing was lost" }.into()),
            )}
        </section>
    }
    .into_any()
}

/// A figure with what belongs below it. `tone`: "", "warn" or "bad".
pub(crate) fn tile(
    figure: &'static Figure,
    value: String,
    unit: &'static str,
    tone: &'static str,
    below: AnyView,
) -> AnyView {
    view! {
        <div class="tile" data-tone=tone>
            <div class="tile__label">
                <HowCounted figure />
            </div>
            <div class="tile__value">
                {value}
                " "
                <small>{unit}</small>
            </div>
            {below}
        </div>
    }
    .into_any()
}

fn meta(text: String) -> AnyView {
    view! { <div class="tile__meta">{text}</div> }.into_any()
}

fn link(text: &'static str, href: String) -> AnyView {
    view! {
        <div class="tile__meta">
            <a href=href>{text}</a>
        </div>
    }
    .into_any()
}
