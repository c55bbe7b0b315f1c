use super::Spot;
use crate::{
    events::{
        keyed::{self, whole},
        row::marks,
        visible,
    },
    ui::{CopyButton, SourceBadge, Time, TimeForm},
};
use leptos::prelude::*;
use weir_domain::events::EventRow;

/// What it is, where and when: enough to know whether it is the right one.
#[component]
pub(super) fn Head(row: EventRow, spot: Spot) -> impl IntoView {
    let title = visible::line(&row.event_type);
    let heading = match spot.alone {
        None => view! { <h2 class="drawer__title mono">{title}</h2> }.into_any(),
        Some(_) => view! { <h1 class="drawer__title mono">{title}</h1> }.into_any(),
    };
    let marks = marks(&row);
    let key = whole(&row.key);
    let channel = row.channel.to_string();
    let act = key.map(|key| {
        let wanted = key.clone();
        view! {
            <CopyButton text=Signal::stored(key) what="key" />
            <a class="small" href=move || spot.list_href(|p| p.key = Some(wanted.clone()))>"All with this key"</a>
        }
    });
    view! {
        <div class="drawer__head">
            <div class="row row--wrap">{heading} {marks}</div>
            <div class="row row--wrap small soft ev-where">
                <SourceBadge kind=row.source_kind.clone() name=visible::plain(&row.source_name) />
                <a class="mono" href=move || spot.list_href(|p| p.channel = Some(channel.clone()))>
                    {visible::line(&row.channel_name)}
                </a>
                <Time at=row.time form=TimeForm::DateMillis />
            </div>
            <div class="row row--wrap small ev-keyline">
                <span class="muted">"Key"</span>
                <span class="mono ev-wrap">{keyed::key(&row.key)}</span>
                {act}
            </div>
        </div>
    }
    .into_any()
}
