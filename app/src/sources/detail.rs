use super::{
    channels::channels,
    facts::facts,
    gaps::gaps,
    left_out::left_out,
    pause::pause_button,
    positions::positions,
    state::{state_pills, state_why},
};
use crate::{
    Failure,
    drawn::Drawn,
    env::use_env,
    live::use_live_summary,
    ui::{Banner, ErrorPanel, SkeletonRows, SourceBadge, format, varying},
    wire::{self, Question},
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use weir_domain::{
    ChannelId, SourceId, Timestamp,
    capture::SourceState,
    sources::{SourceDetail, SourceShown},
};

/// One source: how it stands, its channels, positions and gaps.
#[component]
pub fn Source() -> impl IntoView {
    let params = use_params_map();
    let question = move || {
        let id = params.with(|p| p.get_str("id").and_then(|s| s.parse::<SourceId>().ok()));
        id.map_or(Question::Nothing, Question::Source)
    };
    wire::show_or(
        wire::load(question),
        skeleton,
        |first: Option<SourceDetail>| match first {
            Some(first) => detail(first),
            None => view! { <Drawn /> }.into_any(),
        },
        failed,
    )
}

fn skeleton() -> AnyView {
    view! {
        <div class="page">
            <section class="panel">
                <SkeletonRows what="the source" />
            </section>
        </div>
    }
    .into_any()
}

fn failed(failure: Failure, retry: Callback<()>) -> AnyView {
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

fn detail(first: SourceDetail) -> AnyView {
    let title = format!("{} · Weir", first.source.name);
    let id = first.source.id;
    let newest = RwSignal::new(first);
    let refresh = refresher(id, newest);
    let live = use_live_summary();
    // Every live summary is the moment to look again; the stream comes at most every 2 s.
    Effect::new(move |before: Option<Option<Timestamp>>| {
        let now = live.last();
        if before.is_some_and(|b| b != now) {
            refresh.run(());
        }
        now
    });
    let env = use_env();
    let query = use_query_map();
    let only = move || query.with(|q| q.get_str("channel").and_then(|c| c.parse::<ChannelId>().ok()));
    view! {
        <Title text=title />
        <div class="page" class:stale=varying(move || live.stale())>
            {varying(move || newest.with(|d| head(&d.source, refresh)))}
            {varying(move || newest.with(|d| trouble(&d.source)))}
            {varying(move || newest.with(|d| facts(&d.source)))}
            {varying(move || newest.with(|d| channels(d, env)))}
            <div data-part=format!("/sources/{id}/capture")></div>
            {varying(move || newest.with(|d| positions(d, only(), env)))}
            {varying(move || newest.with(gaps))}
            {varying(move || newest.with(left_out))}
        </div>
    }
    .into_any()
}

fn head(source: &SourceShown, refresh: Callback<()>) -> AnyView {
    let production = if source.production { "production" } else { "" };
    view! {
        <div class="page__head">
            <h1 class="page__title">
                <SourceBadge kind=source.kind.clone() name=source.name.clone() />
            </h1>
            {state_pills(source)}
            <span class="tag tag--warn" hidden=!source.production>
                {production}
            </span>
            <span class="page__sub trunc">{source.description.clone()}</span>
            <div class="push row">
                <a class="btn" href=format!("/sources/{}/edit", source.id) hidden=!source.may_edit>
                    "Edit"
                </a>
                {pause_button(source, refresh)}
            </div>
        </div>
    }
    .into_any()
}

/// Why it is not up, or what needs to be seen to all the same, and what there is to read at the start.
fn trouble(source: &SourceShown) -> AnyView {
    let (tone, icon) = match source.state {
        SourceState::Down => ("banner--bad", "stop"),
        SourceState::Up | SourceState::Paused | SourceState::Off => ("banner--warn", "warn"),
        SourceState::Starting => ("", "clock"),
    };
    let mut banners = Vec::new();
    let up = source.state == SourceState::Up;
    if !up || source.reason.is_some() {
        let rest = if up { "" } else { " What was captured before stays here." };
        let (what, why) = (words(source.state), state_why(source, true));
        let banner = view! {
            <Banner tone icon>
                <b class="strong">{what}</b>
                " "
                {why}
                {rest}
            </Banner>
        };
        banners.push(banner.into_any());
    }
    if let Some(n) = source.bytes_to_read.filter(|n| *n > 0) {
        let banner = view! {
            <Banner icon="clock">
                <b class="strong">{format!("{} still to be read.", format::bytes(n))}</b>
                " It began at the earliest event the broker keeps, and catches up under its own rate cap."
            </Banner>
        };
        banners.push(banner.into_any());
    }
    let none = banners.is_empty();
    view! {
        <div class="stack" hidden=none>
            {banners}
        </div>
    }
    .into_any()
}

const fn words(state: SourceState) -> &'static str {
    match state {
        SourceState::Up => "It is read, and something needs to be seen to.",
        SourceState::Starting => "Not reached yet",
        SourceState::Down => "Can't be reached",
        SourceState::Paused => "Paused, nothing is read and positions stay",
        SourceState::Off => "Off, no tap reads it",
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
            if let Ok(Some(detail)) = wire::fetch(Question::Source(id)).await {
                newest.try_set(detail);
            }
            asking.try_update_value(|a| *a = false);
        });
    })
}
