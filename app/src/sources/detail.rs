use super::{
    api,
    channels::Channels,
    facts::Facts,
    gaps::Gaps,
    left_out::LeftOut,
    pause::PauseButton,
    positions::Positions,
    state::{StatePills, StateWhy, is_dim},
};
use crate::{
    Failure,
    help::NotFound,
    live::use_live_summary,
    ui::{Banner, ErrorPanel, SkeletonRows, SourceBadge, format},
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use weir_domain::{SourceId, capture::SourceState, sources::SourceDetail};

/// One source: how it stands, its channels, positions and gaps.
#[component]
pub fn Source() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|p| p.get_str("id").and_then(|s| s.parse::<SourceId>().ok())));
    let loaded = Resource::new(
        move || id.get(),
        |id| async move {
            match id {
                Some(id) => api::detail(id).await,
                None => Ok(None),
            }
        },
    );
    view! {
        <Transition fallback=|| {
            view! {
                <div class="page">
                    <section class="panel">
                        <SkeletonRows what="the source" />
                    </section>
                </div>
            }
        }>
            {move || Suspend::new(async move {
                match loaded.await {
                    Ok(Some(first)) => view! { <Detail first /> }.into_any(),
                    Ok(None) => view! { <NotFound /> }.into_any(),
                    Err(failure) => view! { <Failed failure retry=Callback::new(move |()| loaded.refetch()) /> }.into_any(),
                }
            })}
        </Transition>
    }
    .into_any()
}

#[component]
fn Failed(failure: Failure, retry: Callback<()>) -> impl IntoView {
    view! {
        <Title text="Source · Weir" />
        <div class="page">
            <div class="page__head">
                <h1 class="page__title">"Source"</h1>
            </div>
            <ErrorPanel failure retry />
        </div>
    }
    .into_any()
}

#[component]
fn Detail(first: SourceDetail) -> impl IntoView {
    let id = first.source.id;
    let newest = RwSignal::new(first);
    let refresh = refresher(id, newest);
    let live = use_live_summary();
    // Every live summary is the moment to look again; the stream comes at most every 2 s.
    Effect::new(move |before: Option<Option<weir_domain::Timestamp>>| {
        let now = live.last();
        if before.is_some_and(|b| b != now) {
            refresh.run(());
        }
        now
    });
    let source = Memo::new(move |_| newest.with(|d| d.source.clone()));
    let fixed = source.get_untracked();
    let dim = Memo::new(move |_| source.with(is_dim));
    view! {
        <Title text=format!("{} · Weir", fixed.name) />
        <div class="page" class:stale=move || live.stale()>
            <div class="page__head">
                <h1 class="page__title">
                    <SourceBadge kind=fixed.kind.clone() name=fixed.name.clone() />
                </h1>
                <StatePills source />
                {fixed.production.then(|| view! { <span class="tag tag--warn">"production"</span> })}
                <span class="page__sub trunc">{fixed.description.clone()}</span>
                <div class="push">
                    <PauseButton source on_done=refresh />
                </div>
            </div>
            <Trouble source />
            <div class="source-facts" class:dim=move || dim.get()>
                <Facts source />
            </div>
            <Channels detail=newest />
            <Positions detail=newest />
            <Gaps detail=newest />
            <LeftOut detail=newest />
        </div>
    }
    .into_any()
}

/// Why it is not up, and what there is to read at the start.
#[component]
fn Trouble(source: Memo<weir_domain::sources::SourceShown>) -> impl IntoView {
    move || {
        let (state, to_read) = source.with(|s| (s.state, s.bytes_to_read));
        let (tone, icon) = match state {
            SourceState::Down => ("banner--bad", "stop"),
            SourceState::Paused | SourceState::Off => ("banner--warn", "warn"),
            _ => ("", "clock"),
        };
        let not_up = (state != SourceState::Up).then(|| {
            view! {
                <Banner tone icon>
                    <b class="strong">{words(state)}</b>
                    " "
                    <StateWhy source />
                    " What was captured before stays here."
                </Banner>
            }
        });
        let catch_up = to_read.filter(|n| *n > 0).map(|n| {
            view! {
                <Banner icon="clock">
                    <b class="strong">{format!("{} were to be read when it started.", format::bytes(n))}</b>
                    " It began at the earliest event the broker keeps, and catches up under its own rate cap."
                </Banner>
            }
        });
        view! {
            {not_up}
            {catch_up}
        }
    }
}

const fn words(state: SourceState) -> &'static str {
    match state {
        SourceState::Up => "",
        SourceState::Starting => "Not reached yet.",
        SourceState::Down => "Can't be reached.",
        SourceState::Paused => "Paused: nothing is read, positions stay.",
        SourceState::Off => "Off: no tap reads it.",
    }
}

/// Asks for the source again; one question at a time.
fn refresher(id: SourceId, newest: RwSignal<SourceDetail>) -> Callback<()> {
    let asking = StoredValue::new(false);
    Callback::new(move |()| {
        if asking.get_value() {
            return;
        }
        asking.set_value(true);
        leptos::task::spawn_local(async move {
            // A failed look leaves the figures as they are; the live mark tells their age.
            if let Ok(Some(detail)) = api::detail(id).await {
                newest.try_set(detail);
            }
            asking.try_update_value(|a| *a = false);
        });
    })
}
