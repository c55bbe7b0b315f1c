use super::{keyed, state::use_page, visible};
use crate::ui::{Time, TimeForm, broker, format::bytes};
use leptos::prelude::*;
use weir_domain::events::{EventRow, Masked, TimeMark};

/// One event of the list. Its link is what has the focus and works without the script; a click
/// anywhere on the row does the same (see [`super::list`]).
#[component]
pub(super) fn Row(row: EventRow, form: TimeForm) -> impl IntoView {
    let page = use_page();
    let id = row.id;
    let (class, letter) = broker(&row.source_kind);
    let source = visible::plain(&row.source_name);
    let source_title = source.clone();
    let channel_title = visible::plain(&row.channel_name);
    let event_type = visible::line(&row.event_type);
    let summary = match &row.summary {
        Masked::Shown(text) => visible::line(text),
        Masked::NeedsRole { permission, roles } => keyed::masked(permission, roles),
    };
    view! {
        <tr aria-selected=move || page.place.with(|p| p.sel == Some(id)).to_string() data-event=id.to_string()>
            <td class="mono">
                <Time at=row.time form=form />
            </td>
            <td>
                <span class="ev-what">
                    <span class=class title=source_title>
                        <b aria-hidden="true">{letter}</b>
                        <span class="vh">{source}</span>
                    </span>
                    <a
                        id=format!("ev-{id}")
                        class="ev-link mono"
                        href=move || page.place.with(|p| p.select(Some(id)).href())
                        data-noscroll=""
                    >
                        {event_type}
                    </a>
                    {marks(&row)}
                </span>
            </td>
            <td class="mono soft hide-n ev-channel">
                <span class="trunc" title=channel_title>{visible::line(&row.channel_name)}</span>
            </td>
            <td class="mono hide-m ev-key">
                <span class="trunc">{keyed::key(&row.key)}</span>
            </td>
            <td class="fill soft">{summary}</td>
            <td class="num muted hide-m">{bytes(row.size)}</td>
        </tr>
    }
    .into_any()
}

/// What is unusual about the event, in a word each.
pub(super) fn marks(row: &EventRow) -> impl IntoView + use<> {
    let tag = |on: bool, word: &'static str, class: &'static str, title: &'static str| {
        on.then(|| view! { <span class=class title=title>{word}</span> })
    };
    (
        tag(row.tombstone, "tombstone", "tag", "The payload is null: on a compacted channel this deletes the key"),
        tag(
            row.possible_duplicate,
            "possible copy",
            "tag tag--warn",
            "The broker sent it again and keeps no position: it may have been stored before",
        ),
        match row.time_mark {
            TimeMark::Own => None,
            TimeMark::NoTime => tag(true, "no time", "tag", "The broker gave no time: sorted by when Weir captured it"),
            TimeMark::Ahead => tag(
                true,
                "time ahead",
                "tag tag--warn",
                "Its own time is over an hour ahead of its capture: sorted by when Weir captured it",
            ),
        },
    )
}
