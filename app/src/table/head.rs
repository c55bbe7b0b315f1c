use super::TableShown;
use crate::{
    events::{Completeness, Place, visible},
    ui::{Icon, format},
};
use leptos::prelude::*;
use weir_domain::events::{Column, EventTable, Sort};

/// What was searched, and what can be done with the table. `js/found.js` writes on in it while it asks for more.
pub(super) fn head(found: &EventTable, place: &Place, shown: &TableShown, part: bool) -> AnyView {
    let words = words(found, place);
    let (class, icon) = if words.sure { ("found__mark ok-t", "check") } else { ("found__mark warn-t", "warn") };
    let but =
        words.but.into_iter().map(|but| view! { <div class="complete__line complete__but">{but}</div> }).collect_view();
    let next = found.page.next.map(|next| format!("/table?{}{}", place.older(next).query(), shown.query()));
    let go_on = next.map(|href| view! { <a class="found__next" href=href>"Go on from there"</a> });
    view! {
        <div class="complete">
            <div class="complete__line">
                <span class=class>
                    <Icon name=icon small=true />
                </span>
                <span class="grow found__told">{words.read} {words.after} " " {go_on}</span>
                {part.then(running)} {acts(place, shown, part)}
            </div>
            {but}
        </div>
    }
    .into_any()
}

fn words(found: &EventTable, place: &Place) -> Completeness {
    let mut words = crate::events::completeness(&found.page, place.from.is_some());
    if let Some(stored) = found.stored.filter(|n| *n > 0 && found.page.scanned.indexed == 0) {
        words.read.push_str(&format!(" of up to {}", format::exact(stored)));
    }
    if found.passed_over {
        words.sure = false;
        words.but.push("More events than could be read lie at one time: some of them may be missing.".into());
    }
    words
}

/// What is there only while the script runs: bar, Stop and Continue.
fn running() -> AnyView {
    view! {
        <progress class="found__bar" max="1" value="0" hidden aria-label="Searched"></progress>
        <button type="button" class="btn btn--sm" data-found="stop" hidden title="Stop the search (Esc)">
            "Stop"
        </button>
        <button type="button" class="btn btn--sm" data-found="go-on" hidden>
            "Continue"
        </button>
        <span class="vh found__said" role="status"></span>
    }
    .into_any()
}

fn acts(place: &Place, shown: &TableShown, part: bool) -> AnyView {
    let query = place.query();
    let dense = TableShown { compact: !shown.compact, ..shown.clone() };
    let other_way = TableShown { oldest_first: !shown.oldest_first, ..shown.clone() };
    let other_way = format!("/table?{query}{}", other_way.query());
    let density = format!("/table?{query}{}", dense.query());
    let columns = format!("/columns?{query}{}", shown.query());
    let columns = match part {
        true => view! {
            <details class="drop found__columns" data-part="/columns?" data-shown="">
                <summary class="btn btn--sm">"Columns"</summary>
                <div class="drop__panel"></div>
            </details>
        }
        .into_any(),
        false => view! { <a class="btn btn--sm" href=columns>"Columns"</a> }.into_any(),
    };
    let chosen = *shown != TableShown::default();
    let plain = chosen.then(|| {
        view! {
            <a class="btn btn--sm btn--ghost" href=place.href() data-found="list" title="Back to the usual list">
                "List"
            </a>
        }
    });
    view! {
        <span class="row found__acts">
            {columns}
            <a
                class="btn btn--sm"
                href=other_way
                data-found="order"
                aria-pressed=shown.oldest_first.to_string()
                role="button"
                title="Search from the oldest on"
            >
                "Oldest first"
            </a>
            <a class="btn btn--sm" href=density data-found="density" aria-pressed=shown.compact.to_string() role="button">
                "Compact"
            </a>
            {plain}
        </span>
    }
    .into_any()
}

/// What stands in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// What may not be seen: it can't be sorted by either.
    Masked,
    Numbers,
    Other,
}

/// The table's head. Each column leads to itself sorted, where it may be: up, then down, then not at all.
pub(super) fn columns(
    columns: &[Column],
    place: &Place,
    shown: &TableShown,
    kind: impl Fn(&Column) -> Kind,
) -> AnyView {
    let query = place.first_page().query();
    let heads = columns.iter().map(|column| {
        let sorted = shown.sort.as_ref().filter(|s| s.column == *column);
        let next = match sorted {
            None => Some(Sort { column: column.clone(), descending: false }),
            Some(sort) if !sort.descending => Some(Sort { descending: true, ..sort.clone() }),
            Some(_) => None,
        };
        let aria = match sorted {
            Some(sort) if sort.descending => Some("descending"),
            Some(_) => Some("ascending"),
            None if shown.sort.is_none() && *column == Column::Time => Some("descending"),
            None => None,
        };
        let to = format!("/table?{query}{}", TableShown { sort: next, ..shown.clone() }.query());
        let text = column.text();
        let label = label(column);
        let kind = kind(column);
        let inner = match kind == Kind::Masked {
            true => label.into_any(),
            false => view! { <a class="found__sort" href=to title="Sort what was found">{label}</a> }.into_any(),
        };
        let class = match column {
            Column::Partition | Column::Offset | Column::Size => "num found__c found__c--small",
            Column::Time | Column::Captured => "found__c found__c--time",
            Column::Summary => "found__c found__c--summary",
            Column::Type => "found__c found__c--type",
            _ if kind == Kind::Numbers => "num found__c",
            _ => "found__c",
        };
        view! {
            <th scope="col" class=class aria-sort=aria data-column=text>
                {inner}
            </th>
        }
    });
    let heads = heads.collect_view();
    view! {
        <thead>
            <tr>{heads}</tr>
        </thead>
    }
    .into_any()
}

fn label(column: &Column) -> String {
    match column {
        Column::Time => "Time (UTC)".into(),
        Column::Captured => "Captured (UTC)".into(),
        Column::Type => "Event".into(),
        Column::Key => "Key".into(),
        Column::Channel => "Channel".into(),
        Column::Source => "Source".into(),
        Column::Partition => "Partition".into(),
        Column::Offset => "Offset".into(),
        Column::Size => "Size".into(),
        Column::Summary => "Summary".into(),
        Column::Header(_) | Column::Field(..) => visible::plain(&column.text()),
    }
}
