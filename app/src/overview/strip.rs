use crate::{
    env::use_env,
    sources::state::{StatePills, StateWhy, is_dim},
    ui::{SourceBadge, Spark, format},
};
use leptos::prelude::*;
use weir_domain::{SourceId, overview::Summary};

/// One cell per source. An unreachable broker dims its own and nothing else.
#[component]
pub(super) fn Strip(summary: Memo<Summary>) -> impl IntoView {
    let ids = Memo::new(move |_| summary.with(|s| s.sources.iter().map(|s| s.id).collect::<Vec<_>>()));
    view! {
        <ul class="conns" aria-label="Sources">
            <For each=move || ids.get() key=|id| *id let:id>
                <Cell summary id />
            </For>
        </ul>
    }
    .into_any()
}

#[component]
fn Cell(summary: Memo<Summary>, id: SourceId) -> impl IntoView {
    let env = use_env();
    let find = move |s: &Summary| s.sources.iter().find(|s| s.id == id).cloned();
    summary.with_untracked(find).map(|known| {
        let (kind, name) = (known.kind.clone(), known.name.clone());
        let source = Memo::new(move |_| summary.with(find).unwrap_or_else(|| known.clone()));
        let note = move || {
            source.with(|s| match (s.behind, s.state) {
                (Some(0), weir_domain::capture::SourceState::Up) => "up to date".to_owned(),
                (Some(n), _) => format!("{} behind", format::short(n)),
                (None, _) => String::new(),
            })
        };
        view! {
            <li class="conn" class:dim=move || source.with(is_dim)>
                <div class="row row--between conn__head">
                    <a class="trunc" href=move || env.link(&format!("/sources/{id}"))>
                        <SourceBadge kind name />
                    </a>
                    <span class="muted tiny nowrap">
                        {move || source.with(|s| format::rate_or_unknown(s.events_per_s))} "/s"
                    </span>
                </div>
                <Spark
                    values=Signal::derive(move || source.with(|s| s.spark.clone()))
                    label=Signal::stored("Events per minute, last hour".to_owned())
                    mute=Signal::derive(move || source.with(is_dim))
                />
                <div class="row row--between conn__state">
                    <span class="row">
                        <StatePills source />
                    </span>
                    <span class="small soft nowrap">{note}</span>
                </div>
                <p class="conn__why">
                    <StateWhy source />
                </p>
            </li>
        }
    })
}
