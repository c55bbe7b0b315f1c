use super::Spot;
use crate::{
    events::{
        keyed::{self, whole},
        numbered,
        row::marks,
        visible,
    },
    ui::{CopyButton, SourceBadge, Time, TimeForm, once::link},
};
use leptos::prelude::*;
use weir_domain::events::EventRow;

/// The longest key that an address can hold, written in it twice over (`%25C3` for a byte).
const LONGEST_SOUGHT: usize = 8 * 1024;

/// What it is, where and when: enough to know whether it is the right one.
pub(super) fn head(row: &EventRow, spot: Spot) -> AnyView {
    let title = visible::line(&row.event_type);
    let heading = match spot.alone {
        None => view! { <h2 class="drawer__title mono">{title}</h2> }.into_any(),
        Some(_) => view! { <h1 class="drawer__title mono">{title}</h1> }.into_any(),
    };
    let channel = numbered(row.channel);
    let channel =
        link("mono", move || spot.list_href(|p| p.channel = Some(channel.clone())), visible::line(&row.channel_name));
    let acts = whole(&row.key).map(|key| {
        let wanted = key.clone();
        let all = move || spot.list_href(|p| p.key = Some(wanted.clone()));
        let all = (key.len() <= LONGEST_SOUGHT).then(|| link("small", all, "All with this key".into_any()));
        view! {
            {all}
            <CopyButton text=Signal::stored(key) what="key" />
        }
        .into_any()
    });
    view! {
        <div class="drawer__head">
            <div class="row row--wrap">{heading} {marks(row)}</div>
            <div class="row row--wrap small soft ev-where">
                <SourceBadge kind=row.source_kind.clone() name=visible::plain(&row.source_name) />
                {channel}
                <Time at=row.time form=TimeForm::DateMillis />
            </div>
            <div class="row row--wrap small ev-keyline">
                <span class="muted">"Key"</span>
                <span class="mono ev-wrap">{keyed::key(row)}</span>
                {acts}
            </div>
        </div>
    }
    .into_any()
}
