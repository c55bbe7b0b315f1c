use super::{api, attention::NeedsAttention, channels::Channels, gaps::RecentGaps, strip::Strip, tiles::Tiles};
use crate::{
    env::use_env,
    live::use_live_summary,
    sources::NoSources,
    ui::{ErrorPanel, SkeletonRows, format},
};
use leptos::prelude::*;
use leptos_meta::Title;
use weir_domain::overview::Summary;

#[component]
pub fn Overview() -> impl IntoView {
    let env = use_env();
    let loaded = Resource::new(move || env.get(), api::summary);
    view! {
        <Title text="Overview · Weir" />
        <Transition fallback=|| {
            view! {
                <div class="page">
                    <Head sub="" />
                    <section class="panel">
                        <SkeletonRows what="the figures" />
                    </section>
                </div>
            }
        }>
            {move || Suspend::new(async move {
                match loaded.await {
                    Ok(first) => view! { <Figures first /> }.into_any(),
                    Err(failure) => {
                        view! {
                            <div class="page">
                                <Head sub="" />
                                <ErrorPanel failure retry=Callback::new(move |()| loaded.refetch()) />
                            </div>
                        }
                            .into_any()
                    }
                }
            })}
        </Transition>
    }
    .into_any()
}

#[component]
fn Head(#[prop(into)] sub: Signal<String>) -> impl IntoView {
    view! {
        <div class="page__head">
            <h1 class="page__title">"Overview"</h1>
            <span class="page__sub">{move || sub.get()}</span>
        </div>
    }
    .into_any()
}

/// The page's figures: those it came with, then whatever the live stream brings.
#[component]
fn Figures(first: Summary) -> impl IntoView {
    let live = use_live_summary();
    let summary = Memo::new(move |_| live.with(|s| s.cloned()).unwrap_or_else(|| first.clone()));
    let sub = Signal::derive(move || {
        summary.with(|s| {
            let hidden = match s.hidden_channels {
                0 => String::new(),
                n => format!(", {} you may not see", format::count(n.into(), "channel", "channels")),
            };
            format!(
                "{}, {}{hidden}",
                format::count(s.sources.len() as u64, "source", "sources"),
                format::count(s.channels.len() as u64, "channel", "channels"),
            )
        })
    });
    let no_sources = Memo::new(move |_| summary.with(|s| s.sources.is_empty()));
    view! {
        <div class="page" class:stale=move || live.stale()>
            <Head sub />
            <Show
                when=move || !no_sources.get()
                fallback=|| {
                    view! {
                        <section class="panel">
                            <NoSources />
                        </section>
                    }
                }
            >
                <Tiles summary />
                <Strip summary />
                <div class="grid ov-top">
                    <NeedsAttention summary />
                    <RecentGaps summary />
                </div>
                <Channels summary />
            </Show>
        </div>
    }
    .into_any()
}
