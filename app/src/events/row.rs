use super::{
    keyed,
    state::{Page, Rows},
    visible,
};
use crate::ui::{Time, TimeForm, broker, format::bytes, once::link, varying};
use leptos::prelude::*;
use weir_domain::events::{EventRow, Masked, TimeMark};

/// One event of the list. Its link is what has the focus and works without the script; a click
/// anywhere on the row does the same (see [`super::list`]).
pub(super) fn row(page: Page, rows: &Rows, at: usize, form: TimeForm) -> AnyView {
    let Some(row) = rows.get(at) else { return ().into_any() };
    let id = row.id;
    let (class, letter) = broker(&row.source_kind);
    let source = visible::plain(&row.source_name);
    let title = source.clone();
    let channel = visible::plain(&row.channel_name);
    let channel_title = channel.clone();
    // Where the column has no room the style writes this beside the type: a copy elsewhere must not look the same.
    let via = if row.channel_name == row.event_type { String::new() } else { channel.clone() };
    let summary = match &row.summary {
        Masked::Shown(text) => visible::line(text),
        Masked::NeedsRole { permission, roles } => keyed::masked(permission, roles),
    };
    let open = link("ev-link mono", move || page.href(|p| p.select(Some(id))), visible::line(&row.event_type));
    view! {
        <tr aria-selected=varying(move || page.place.with(|p| p.sel == Some(id)).to_string()) data-event=id.to_string()>
            <td class="mono">
                <Time at=row.time form=form />
            </td>
            <td>
                <span class="ev-what" title=via>
                    <span class=class title=title>
                        <b aria-hidden="true">{letter}</b>
                        <span class="vh">{source}</span>
                    </span>
                    {open}
                    {marks(row)}
                </span>
            </td>
            <td class="mono soft hide-n ev-channel">
                <span class="trunc" title=channel_title>
                    {channel}
                </span>
            </td>
            <td class="mono ev-key">
                <span class="trunc">{keyed::key(row)}</span>
            </td>
            <td class="fill soft">{summary}</td>
            <td class="num muted hide-m ev-size">{bytes(row.size)}</td>
        </tr>
    }
    .into_any()
}

/// What is unusual about the event, in a word each.
pub(crate) fn marks(row: &EventRow) -> Vec<AnyView> {
    let mut tags = Vec::new();
    let mut tag = |on: bool, word: &'static str, class: &'static str, title: &'static str| {
        if on {
            tags.push(view! { <span class=class title=title>{word}</span> }.into_any());
        }
    };
    tag(row.tombstone, "tombstone", "tag", "The payload is null: on a compacted channel this deletes the key");
    tag(
        row.possible_duplicate,
        "possible copy",
        "tag tag--warn",
        "The broker sent it again and keeps no position: it may have been stored before",
    );
    tag(
        row.time_mark == TimeMark::NoTime,
        "no time",
        "tag",
        "The broker gave no time: sorted by when Weir captured it",
    );
    tag(
        row.time_mark == TimeMark::Ahead,
        "time ahead",
        "tag tag--warn",
        "Its own time is over an hour ahead of its capture: sorted by when Weir captured it",
    );
    tags
}
