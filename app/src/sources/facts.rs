use super::state::{dimmed, is_dim};
use crate::{
    overview::{figures, tile},
    ui::{Time, TimeForm, format, spark_last_hour},
};
use leptos::prelude::*;
use weir_domain::sources::SourceShown;

/// The source's own figures.
pub(super) fn facts(s: &SourceShown) -> AnyView {
    let throttled = match s.throttled_ms {
        0 => "not throttled".to_owned(),
        ms => format!("the broker asks to wait {}", format::duration_ms(ms.into())),
    };
    // One is how it usually is.
    let taps = match s.taps {
        0 | 1 => String::new(),
        n => format!(" · {n} taps"),
    };
    let reported = match s.reported_at {
        Some(at) => view! { <Time at form=TimeForm::Clock /> }.into_any(),
        None => format::UNKNOWN.into_any(),
    };
    view! {
        <section class=dimmed("tiles source-facts", is_dim(s)) aria-label="Figures of this source">
            {tile(
                &figures::THROUGHPUT,
                format::rate_or_unknown(s.events_per_s),
                "events/s",
                "",
                spark_last_hour(&s.spark, is_dim(s)),
            )}
            {tile(
                &figures::BROKER_BYTES,
                format::bytes_per_s_or_unknown(s.broker_bytes_per_s),
                "",
                "",
                view! { <div class="tile__meta">{throttled}</div> }.into_any(),
            )}
            {tile(
                &figures::BEHIND,
                format::exact_or_unknown(s.behind),
                if s.behind.is_some() && s.state.stands_still() { "at least" } else { "" },
                "",
                view! {
                    <div class="tile__meta">{format::count(s.partitions.into(), "partition", "partitions")}</div>
                }
                    .into_any(),
            )}
            {tile(
                &figures::GAPS,
                format::exact(s.gaps.into()),
                "",
                if s.gaps > 0 { "warn" } else { "" },
                view! {
                    <div class="tile__meta">
                        <a href="#gaps">"What was lost"</a>
                    </div>
                }
                    .into_any(),
            )}
            <div class="tile">
                <div class="tile__label">"Last report of the tap"</div>
                <div class="tile__value tile__value--time">{reported}</div>
                <div class="tile__meta">{s.reach()} {taps}</div>
            </div>
        </section>
    }
    .into_any()
}
