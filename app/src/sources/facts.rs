use crate::{
    overview::figures,
    ui::{HowCounted, Spark, Time, TimeForm, format},
};
use leptos::prelude::*;
use weir_domain::sources::SourceShown;

/// The source's own figures.
#[component]
pub(super) fn Facts(source: Memo<SourceShown>) -> impl IntoView {
    let figure = move |f: fn(&SourceShown) -> String| move || source.with(f);
    view! {
        <section class="tiles" aria-label="Figures of this source">
            <div class="tile">
                <div class="tile__label">
                    <HowCounted figure=&figures::THROUGHPUT />
                </div>
                <div class="tile__value">
                    {figure(|s| format::rate_or_unknown(s.events_per_s))} " " <small>"events/s"</small>
                </div>
                <Spark
                    values=Signal::derive(move || source.with(|s| s.spark.clone()))
                    label=Signal::stored("Events per minute, last hour".to_owned())
                />
            </div>
            <div class="tile">
                <div class="tile__label">
                    <HowCounted figure=&figures::BROKER_BYTES />
                </div>
                <div class="tile__value">
                    {figure(|s| s.broker_bytes_per_s.map_or_else(|| format::UNKNOWN.into(), format::bytes_per_s))}
                </div>
                <div class="tile__meta">
                    {figure(|s| {
                        if s.throttled_ms > 0 {
                            format!("the broker asks to wait {}", format::duration_ms(s.throttled_ms.into()))
                        } else {
                            "not throttled".into()
                        }
                    })}
                </div>
            </div>
            <div class="tile">
                <div class="tile__label">
                    <HowCounted figure=&figures::BEHIND />
                </div>
                <div class="tile__value">{figure(|s| format::exact_or_unknown(s.behind))}</div>
                <div class="tile__meta">{figure(|s| format::count(s.partitions.into(), "partition", "partitions"))}</div>
            </div>
            <div class="tile" data-tone=move || source.with(|s| (s.gaps > 0).then_some("warn"))>
                <div class="tile__label">"Gaps"</div>
                <div class="tile__value">{figure(|s| format::exact(s.gaps.into()))}</div>
                <div class="tile__meta">
                    <a href="#gaps">"What was lost"</a>
                </div>
            </div>
            <div class="tile">
                <div class="tile__label">"Last report of the tap"</div>
                <div class="tile__value tile__value--time">
                    {move || {
                        source
                            .with(|s| s.reported_at)
                            .map_or_else(
                                || format::UNKNOWN.into_any(),
                                |at| view! { <Time at form=TimeForm::Clock /> }.into_any(),
                            )
                    }}
                </div>
                <div class="tile__meta">
                    {figure(|s| format!("capture {}, act {}", s.capture, s.act))}
                </div>
            </div>
        </section>
    }
    .into_any()
}
