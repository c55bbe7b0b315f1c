use super::{
    Place,
    inspector::{Spot, inspector, not_there},
    numbered, range,
    state::use_place,
    visible,
};
use crate::{
    Failure,
    ui::{ErrorPanel, SkeletonRows, once::link},
    wire::{self, Question},
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use weir_domain::{EventId, events::EventDetail};

/// One event on a page of its own, under an address that never changes.
#[component]
pub fn EventPage() -> impl IntoView {
    let params = use_params_map();
    let place = use_place();
    let detail = wire::load(move || match params.with(|p| p.get_str("id").and_then(|t| t.parse::<EventId>().ok())) {
        Some(id) => Question::Event { env: place.with(Place::environment), id },
        None => Question::Nothing,
    });
    let skeleton = || view! { <SkeletonRows what="the event" rows=10 /> }.into_any();
    let body = wire::show_or(
        detail,
        skeleton,
        move |detail: Option<EventDetail>| match detail {
            Some(detail) => alone(detail, place),
            None => nothing(),
        },
        failed,
    );
    view! { <div class="page ev-alone">{body}</div> }.into_any()
}

fn titled(title: &'static str, body: AnyView) -> AnyView {
    view! {
        <Title text=title />
        <h1 class="page__title">"Event"</h1>
        {body}
    }
    .into_any()
}

fn failed(failure: Failure, retry: Callback<()>) -> AnyView {
    titled("Event · Weir", view! { <ErrorPanel failure retry /> }.into_any())
}

fn alone(detail: EventDetail, place: Memo<Place>) -> AnyView {
    let row = &detail.row;
    let spot = Spot { place, alone: Some(row.id) };
    let title = format!("{} {} · Weir", visible::plain(&row.event_type), row.id);
    let (channel, to, id) = (numbered(row.channel), range::absolute_text(row.time.plus_secs(1)), row.id);
    let beside = move || {
        spot.list_href(|p| {
            p.channel = Some(channel.clone());
            p.to = Some(to.clone());
            p.sel = Some(id);
        })
    };
    let body = view! {
        <p class="small">{link("", beside, "See it among its channel's events".into_any())}</p>
        <article class="panel ev-own" aria-label="Event">
            {inspector(detail, spot)}
        </article>
    };
    view! {
        <Title text=title />
        {body.into_any()}
    }
    .into_any()
}

fn nothing() -> AnyView {
    #[cfg(feature = "ssr")]
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
        response.set_status(axum::http::StatusCode::NOT_FOUND);
    }
    let body = view! {
        <div class="panel">
            {not_there()}
            <p class="ev-center">
                <a class="btn" href="/events">
                    "Search events"
                </a>
            </p>
        </div>
    };
    titled("Event not found · Weir", body.into_any())
}
