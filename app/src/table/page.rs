use super::{
    TableShown,
    cells::line,
    head::{self, Kind},
    sorted::{Value, order, value},
};
use crate::{
    Failure, RequestContext,
    drawn::{self, DrawnPage},
    events::{Place, cursor_text, question},
    ui::{Empty, ErrorPanel, format},
};
use leptos::prelude::*;
use weir_cases::events::TableAsked;
use weir_domain::{
    CaseError, Timestamp,
    events::{Cell, Column, EventRow, EventTable, Masked},
};

/// Rows of one step.
const ROWS: u32 = 200;

/// One step of the search that the address holds, as the Events page writes it, with `columns`, `sort` and `density`;
/// `part=1` leaves out the page around it.
pub(crate) async fn table(cx: &RequestContext, query: &str) -> DrawnPage {
    let place = Place::parse(query).list_part();
    let part = query.split('&').any(|pair| pair == "part=1");
    let (answer, shown) = match TableShown::parse(query) {
        Ok(shown) => (found(cx, &place, &shown).await, shown),
        Err(error) => (cx.told(Err(error)), TableShown::default()),
    };
    drawn::page("Table", || match (answer, part) {
        (Ok((found, at)), true) => view(&found, &place, &shown, at, true),
        (Ok((found, at)), false) => whole(&place, view(&found, &place, &shown, at, false)),
        (Err(failure), true) => view! { <ErrorPanel failure /> }.into_any(),
        (Err(failure), false) => whole(&place, view! { <ErrorPanel failure /> }.into_any()),
    })
}

async fn found(cx: &RequestContext, place: &Place, shown: &TableShown) -> Result<(EventTable, Timestamp), Failure> {
    let mut asked = question(cx, place).await?;
    asked.filter.oldest_first = shown.oldest_first;
    if !asked.choices.is_empty() {
        return cx.told(Err(CaseError::Invalid {
            what: "Several channels have this name.".into(),
            what_to_do: "Choose one on the Events page.".into(),
        }));
    }
    let sorted_by = shown.sort.as_ref().map(|s| s.column.clone());
    let table = TableAsked { columns: shown.drawn(), sorted_by, fields: false };
    let found = cx.cases.events.table(&asked.caller, asked.filter, table, place.before, ROWS).await;
    Ok((cx.told(found)?, asked.at))
}

fn whole(place: &Place, body: AnyView) -> AnyView {
    let back = view! {
        <a class="btn btn--ghost btn--sm" href=place.first_page().href()>
            "The events"
        </a>
    };
    view! {
        <div class="page">
            {drawn::head("Table", "of what the search finds, times in UTC", back.into_any())}
            <section class="panel">{body}</section>
        </div>
    }
    .into_any()
}

fn view(found: &EventTable, place: &Place, shown: &TableShown, at: Timestamp, part: bool) -> AnyView {
    let columns = shown.drawn();
    let rows = order(found, &columns, shown.sort.as_ref()).into_iter().filter_map(|n| {
        let (row, cells) = (found.page.rows.get(n)?, found.cells.get(n)?);
        let to = format!("{}{}", place.first_page().select(Some(row.id)).href(), shown.query());
        Some(line(row, cells, &columns, to, at))
    });
    let rows = rows.collect_view();
    let kind = |column: &Column| kind(found, &columns, column);
    let scanned = &found.page.scanned;
    let empty = found.page.rows.is_empty().then(|| {
        let title = if scanned.complete { "No event matches" } else { "No event matches so far" };
        view! {
            <Empty title=title>
                <p>"Take a part of the filter back, or choose a wider range."</p>
            </Empty>
        }
    });
    let sort = shown.sort.as_ref().map(|sort| {
        let of = format::count(found.page.rows.len() as u64, "event", "events");
        view! {
            <p class="small muted found__sorted">"Sorted by " {sort.column.text()} ": the " {of} " found, and no other."</p>
        }
    });
    view! {
        <div
            class=if shown.compact { "found found--compact" } else { "found" }
            data-next=found.page.next.map(cursor_text)
            data-oldest=shown.oldest_first.to_string()
            data-complete=scanned.complete.to_string()
            data-passed=found.passed_over.to_string()
            data-scanned=(scanned.rows + scanned.ruled_out).to_string()
            data-indexed=scanned.indexed.to_string()
            data-opened=scanned.opened.to_string()
            data-gaps=scanned.gaps.to_string()
            data-silent=scanned.silent_sources.len().to_string()
            data-unjudged=scanned.unjudged.to_string()
            data-unseen=scanned.unseen.len().to_string()
            data-stored=found.stored.map(|n| n.to_string())
        >
            {head::head(found, place, shown, part)}
            {sort}
            <div class="tablewrap found__scroll" tabindex="-1">
                <table class="table found__t">
                    <caption class="vh">"Events"</caption>
                    {head::columns(&columns, place, shown, kind)}
                    <tbody class="ev-rows">{rows}</tbody>
                </table>
                {empty}
            </div>
        </div>
    }
    .into_any()
}

fn kind(found: &EventTable, columns: &[Column], column: &Column) -> Kind {
    let Some(at) = columns.iter().position(|c| c == column) else { return Kind::Other };
    let cells = found.page.rows.iter().zip(&found.cells).filter_map(|(row, cells)| Some((row, cells.get(at)?)));
    let hidden = |row: &EventRow, cell: &Cell| match column {
        Column::Key => matches!(row.key, Masked::NeedsRole { .. }),
        Column::Summary => matches!(row.summary, Masked::NeedsRole { .. }),
        _ => matches!(cell, Cell::Values(Masked::NeedsRole { .. })),
    };
    if cells.clone().any(|(row, cell)| hidden(row, cell)) {
        return Kind::Masked;
    }
    let mut values = cells.map(|(row, cell)| value(row, cell, column)).filter(|v| *v != Value::Nothing).peekable();
    let numbers = matches!(column, Column::Field(..)) && values.peek().is_some();
    if numbers && values.all(|v| matches!(v, Value::Number(_))) { Kind::Numbers } else { Kind::Other }
}
