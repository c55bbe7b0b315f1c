use super::{Spot, payload::payload_href};
use crate::{shell::use_toasts, ui::Icon};
use leptos::prelude::*;
use weir_domain::events::{EventDetail, Masked, PayloadShown};

/// What can be done with the event.
#[component]
pub(super) fn Foot(detail: EventDetail, spot: Spot) -> impl IntoView {
    let id = detail.row.id;
    let toasts = use_toasts();
    let has_bytes = matches!(detail.payload, Masked::Shown(PayloadShown::Present { .. }));
    let own_page = move || spot.place.with(|p| p.permalink(id));
    view! {
        <div class="drawer__foot">
            <button
                type="button"
                class="btn needs-script"
                on:click=move |_| {
                    let link = format!("{}/events/{id}", location().origin().unwrap_or_default());
                    crate::ui::copy(link, "link to this event".into(), toasts);
                }
            >
                <Icon name="link" />
                "Copy link"
            </button>
            {has_bytes
                .then(|| {
                    view! {
                        <a class="btn" href=payload_href(id) download="" rel="external">
                            <Icon name="download" />
                            "Download payload"
                        </a>
                    }
                })}
            {spot.alone.is_none().then(|| view! { <a class="btn btn--ghost" href=own_page>"Own page"</a> })}
        </div>
    }
    .into_any()
}
