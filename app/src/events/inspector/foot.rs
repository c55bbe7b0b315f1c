use super::{Spot, payload::payload_href};
use crate::{
    address,
    shell::{use_me, use_toasts},
    ui::{
        Icon,
        once::{click, link},
    },
};
use leptos::prelude::*;
use weir_domain::events::{EventDetail, Masked, PayloadShown};

/// What can be done with the event.
pub(super) fn foot(detail: &EventDetail, spot: Spot) -> AnyView {
    let id = detail.row.id;
    let toasts = use_toasts();
    let no_bytes = !matches!(detail.payload, Masked::Shown(PayloadShown::Present { .. }));
    let seen = use_me().show(move |me| {
        let may = me.permissions.iter().any(|p| p == "audit.see");
        may.then(|| view! { <a class="btn btn--ghost" href=format!("/audit?seen={id}")>"Who saw this"</a> }.into_any())
            .into_any()
    });
    let own_page = link("btn btn--ghost", move || spot.place.with(|p| p.permalink(id)), "Own page".into_any());
    let copy = click(move || {
        let link = address::whole(&format!("/events/{id}"));
        crate::ui::copy(link, "link to this event".into(), toasts);
    });
    view! {
        <div class="drawer__foot">
            <a class="btn" href=payload_href(id) download="" rel="external" hidden=no_bytes>
                <Icon name="download" />
                "Download payload"
            </a>
            {spot.alone.is_none().then_some(own_page)}
            {seen}
            <button type="button" class="btn push needs-script" on:click=copy>
                <Icon name="link" />
                "Copy link"
            </button>
        </div>
    }
    .into_any()
}
