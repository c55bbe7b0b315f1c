use super::{
    api,
    pause::PauseButton,
    state::{StatePills, StateWhy, is_dim},
};
use crate::{
    env::use_env,
    help::HowToConnect,
    live::use_live_summary,
    overview::figures,
    ui::{Empty, ErrorPanel, HowCounted, SkeletonRows, SourceBadge, Spark, format},
};
use leptos::prelude::*;
use leptos_meta::Title;
use weir_domain::sources::SourceShown;

/// Every source of the environment, and how capture stands there.
#[component]
pub fn Sources() -> impl IntoView {
    let env = use_env();
    let loaded = Resource::new(move || env.get(), api::list);
    view! {
        <Title text="Sources · Weir" />
        <div class="page">
            <div class="page__head">
                <h1 class="page__title">"Sources"</h1>
                <span class="page__sub">"what Weir reads from; they are configured in weir.toml"</span>
            </div>
            <section class="panel" aria-label="Sources">
                <Transition fallback=|| view! { <SkeletonRows what="sources" rows=3 /> }>
                    {move || Suspend::new(async move {
                        match loaded.await {
                            Ok(list) if list.is_empty() => view! { <NoSources /> }.into_any(),
                            Ok(list) => view! { <Table first=list refetch=Callback::new(move |()| loaded.refetch()) /> }.into_any(),
                            Err(failure) => {
                                view! { <ErrorPanel failure retry=Callback::new(move |()| loaded.refetch()) /> }
                                    .into_any()
                            }
                        }
                    })}
                </Transition>
            </section>
        </div>
    }
    .into_any()
}

/// First use: what a source is and the one thing to do.
#[component]
pub(crate) fn NoSources() -> impl IntoView {
    let env = use_env();
    let title = move || if env.get().is_some() { "No source in this environment" } else { "No source yet" };
    view! {
        {move || {
            view! {
                <Empty title=title()>
                    <p>"A source is one connection to a broker, for example a Kafka cluster. Weir reads beside your consumers and takes nothing away from them."</p>
                    <HowToConnect />
                </Empty>
            }
        }}
    }
    .into_any()
}

#[component]
fn Table(first: Vec<SourceShown>, refetch: Callback<()>) -> impl IntoView {
    let live = use_live_summary();
    // What came over the stream is newer, unless an act has just asked for the list again.
    let at_first = live.last_untracked();
    let list = Memo::new(move |_| {
        let newer = live.last() != at_first;
        live.with(|s| s.filter(|_| newer).map(|s| s.sources.clone())).unwrap_or_else(|| first.clone())
    });
    let ids = Memo::new(move |_| list.with(|l| l.iter().map(|s| s.id).collect::<Vec<_>>()));
    view! {
        <div class="tablewrap" class:stale=move || live.stale()>
            <table class="table table--two">
                <thead>
                    <tr>
                        <th scope="col">"Source"</th>
                        <th scope="col">"State"</th>
                        <th scope="col" class="num">
                            <HowCounted figure=&figures::THROUGHPUT label="Events/s" />
                        </th>
                        <th scope="col">"Last hour"</th>
                        <th scope="col" class="num hide-m">
                            <HowCounted figure=&figures::BROKER_BYTES />
                        </th>
                        <th scope="col" class="num">
                            <HowCounted figure=&figures::BEHIND />
                        </th>
                        <th scope="col" class="num hide-m">"Gaps"</th>
                        <th scope="col" class="num hide-m">"Channels"</th>
                        <th scope="col">
                            <span class="vh">"Acts"</span>
                        </th>
                    </tr>
                </thead>
                <tbody>
                    <For each=move || ids.get() key=|id| *id let:id>
                        {
                            let known = list.with_untracked(|l| l.iter().find(|s| s.id == id).cloned());
                            known
                                .map(|known| {
                                    let source = Memo::new(move |_| {
                                        list.with(|l| l.iter().find(|s| s.id == id).cloned())
                                            .unwrap_or_else(|| known.clone())
                                    });
                                    view! { <Row source refetch /> }
                                })
                        }
                    </For>
                </tbody>
            </table>
        </div>
    }
    .into_any()
}

#[component]
fn Row(source: Memo<SourceShown>, refetch: Callback<()>) -> impl IntoView {
    let env = use_env();
    let fixed = source.get_untracked();
    let (id, kind, name) = (fixed.id, fixed.kind, fixed.name);
    let figure = move |f: fn(&SourceShown) -> String| move || source.with(f);
    view! {
        <tr class:dim=move || source.with(is_dim)>
            <th scope="row">
                <span class="cell2">
                    <a href=move || env.link(&format!("/sources/{id}"))>
                        <SourceBadge kind=kind.clone() name=name.clone() />
                    </a>
                    <span>
                        {fixed.environment_name}
                        {fixed.production.then_some(", production")}
                    </span>
                </span>
            </th>
            <td class="fill">
                <span class="cell2">
                    <span class="row">
                        <StatePills source />
                    </span>
                    <span class="trunc">
                        <StateWhy source />
                    </span>
                </span>
            </td>
            <td class="num">{figure(|s| format::rate_or_unknown(s.events_per_s))}</td>
            <td>
                <Spark
                    values=Signal::derive(move || source.with(|s| s.spark.clone()))
                    label=Signal::stored("Events per minute, last hour".to_owned())
                    mute=Signal::derive(move || source.with(is_dim))
                />
            </td>
            <td class="num hide-m">
                {figure(|s| s.broker_bytes_per_s.map_or_else(|| format::UNKNOWN.into(), format::bytes_per_s))}
            </td>
            <td class="num">{figure(|s| format::exact_or_unknown(s.behind))}</td>
            <td class="num hide-m">{figure(|s| format::exact(s.gaps.into()))}</td>
            <td class="num hide-m">
                <span class="cell2">
                    <span>{figure(|s| format::exact(s.channels.into()))}</span>
                    <span>
                        {move || {
                            source
                                .with(|s| s.left_out_total)
                                .checked_sub(1)
                                .map(|n| format!("{} left out", format::exact(u64::from(n) + 1)))
                        }}
                    </span>
                </span>
            </td>
            <td class="num">
                <PauseButton source on_done=refetch />
            </td>
        </tr>
    }
    .into_any()
}
