use super::{
    api::events_detail,
    inspector::{Inspector, NotThere, Spot},
    state::use_place,
    visible,
};
use crate::ui::{ErrorPanel, SkeletonRows};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use weir_domain::{EventId, events::EventDetail};

/// One event on a page of its own, under an address that never changes.
#[component]
pub fn EventPage() -> impl IntoView {
    let params = use_params_map();
    let place = use_place();
    let id = Memo::new(move |_| params.with(|p| p.get_str("id").and_then(|t| t.parse::<EventId>().ok())));
    let detail = Resource::new(
        move || (place.with(super::Place::environment), id.get()),
        |(env, id)| async move {
            match id {
                Some(id) => events_detail(env, id).await,
                None => Ok(None),
            }
        },
    );
    let retry = Callback::new(move |()| detail.refetch());
    view! {
        <div class="page ev-alone">
            <Transition fallback=|| view! { <SkeletonRows what="the event" rows=10 /> }>
                {move || Suspend::new(async move {
                    match detail.await {
                        Ok(Some(detail)) => view! { <Alone detail place /> }.into_any(),
                        Ok(None) => view! { <Nothing /> }.into_any(),
                        Err(failure) => {
                            view! {
                                <Title text="Event · Weir" />
                                <h1 class="page__title">"Event"</h1>
                                <ErrorPanel failure retry />
                            }
                            .into_any()
                        }
                    }
                })}
            </Transition>
        </div>
    }
    .into_any()
}

#[component]
fn Alone(detail: EventDetail, place: Memo<super::Place>) -> impl IntoView {
    let spot = Spot { place, alone: Some(detail.row.id) };
    let title = format!("{} {} · Weir", visible::plain(&detail.row.event_type), detail.row.id);
    let beside = {
        let row = detail.row.clone();
        move || {
            spot.list_href(|p| {
                p.channel = Some(row.channel.to_string());
                p.to = Some(super::range::absolute_text(row.time.plus_secs(1)));
                p.sel = Some(row.id);
            })
        }
    };
    view! {
        <Title text=title />
        <p class="small">
            <a href=beside>"See it among its channel's events"</a>
        </p>
        <article class="panel ev-own" aria-label="Event">
            <Inspector detail spot />
        </article>
    }
    .into_any()
}

#[component]
fn Nothing() -> impl IntoView {
    #[cfg(feature = "ssr")]
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
        response.set_status(axum::http::StatusCode::NOT_FOUND);
    }
    view! {
        <Title text="Event not found · Weir" />
        <h1 class="page__title">"Event"</h1>
        <div class="panel">
            <NotThere />
            <p class="ev-center"><a class="btn" href="/events">"Search events"</a></p>
        </div>
    }
    .into_any()
}
