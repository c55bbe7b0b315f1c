use super::{environments::Environments, live_mark::LiveMark, me::Me, preferences::use_preferences};
use crate::ui::{Icon, Kbd, TimeForm, Zone, use_now, use_zone, varying};
use leptos::prelude::*;

#[component]
pub(super) fn Topbar(me: Me, palette: RwSignal<bool>) -> impl IntoView {
    view! {
        <header class="topbar">
            <Environments me />
            // Without the script this leads to the filters of the Events page.
            <form action="/events" method="get" role="search" class="topbar__form">
                <button
                    type="submit"
                    class="topbar__search"
                    title="Search keys, channels and pages"
                    on:click=move |e| {
                        e.prevent_default();
                        palette.set(true);
                    }
                >
                    <Icon name="search" />
                    <span class="trunc">"Search keys, channels"</span>
                    <span class="push row topbar__keys needs-script">
                        <Kbd key="Ctrl" />
                        <Kbd key="K" />
                    </span>
                </button>
            </form>
            {me.show(read_only)}
            <LiveMark />
            <ZoneClock />
        </header>
    }
    .into_any()
}

/// A word where nothing can ever be changed at a broker.
fn read_only(me: weir_domain::catalog::Me) -> AnyView {
    me.read_only
        .then(|| view! { <span class="tag" title="read_only = true: Weir writes to no broker">"read-only"</span> })
        .into_any()
}

/// The time, in the zone that all times of the page are shown in; pressing it changes the zone.
#[component]
fn ZoneClock() -> impl IntoView {
    let now = use_now();
    let zone = use_zone();
    let text = move || {
        let time = now.get().map(|now| crate::ui::time::text(now, TimeForm::Clock, zone.get()));
        let name = if zone.get() == Zone::Utc { "UTC" } else { "local" };
        time.map_or_else(|| name.to_owned(), |t| format!("{t} {name}"))
    };
    use_preferences().map(|p| {
        view! {
            <button
                type="button"
                class="btn btn--ghost btn--sm clock needs-script"
                title="All times are shown in this zone. Press u to change between UTC and local time"
                on:click=move |_| p.toggle_zone()
            >
                {varying(text)}
            </button>
        }
    })
}
