use super::sorted::Value;
use crate::{
    events::{keyed, marks, visible},
    ui::{TimeForm, Zone, broker, format, time as times},
};
use leptos::prelude::*;
use weir_domain::{
    Timestamp,
    events::{Cell, Column, EventRow, Masked},
};

const DAY: i64 = 86_400_000_000;

/// One event. `name` is the column whose text leads to it.
pub(super) fn line(row: &EventRow, cells: &[Cell], columns: &[Column], to: String, now: Timestamp) -> AnyView {
    let name = columns.iter().position(|c| *c == Column::Type).unwrap_or(0);
    let cells = columns.iter().zip(cells).enumerate().map(|(n, (column, cell))| {
        let text = inner(row, cell, column, now);
        let text = match n == name {
            true => named(row, column, text, to.clone()),
            false => text,
        };
        let class = class(column, cell);
        match super::sorted::value(row, cell, column) {
            Value::Number(number) => view! {
                <td class=class data-n=number.to_string()>
                    {text}
                </td>
            }
            .into_any(),
            Value::Nothing => view! {
                <td class=class data-none="">
                    {text}
                </td>
            }
            .into_any(),
            Value::Text(_) => view! { <td class=class>{text}</td> }.into_any(),
        }
    });
    let cells = cells.collect_view();
    view! {
        <tr data-event=row.id.to_string() data-key=keyed::whole(&row.key)>
            {cells}
        </tr>
    }
    .into_any()
}

fn class(column: &Column, cell: &Cell) -> &'static str {
    match (column, cell) {
        (Column::Partition | Column::Offset | Column::Size, _) => "num",
        (Column::Summary, _) => "soft",
        (Column::Field(..), Cell::Values(Masked::Shown(Some(values)))) if number(values).is_some() => "num mono",
        _ => "mono",
    }
}

/// The only value, if it is a number.
pub(super) fn number(values: &[String]) -> Option<f64> {
    let [only] = values else { return None };
    let begins = only.strip_prefix('-').unwrap_or(only).starts_with(|c: char| c.is_ascii_digit());
    only.parse::<f64>().ok().filter(|n| begins && n.is_finite())
}

/// What leads to the event, with the broker it came by and what is unusual about it.
fn named(row: &EventRow, column: &Column, text: AnyView, to: String) -> AnyView {
    let of_type = *column == Column::Type;
    let source = visible::plain(&row.source_name);
    let badge = of_type.then(|| {
        let (class, letter) = broker(&row.source_kind);
        let title = source.clone();
        view! {
            <span class=class title=title>
                <b aria-hidden="true">{letter}</b>
                <span class="vh">{source}</span>
            </span>
        }
    });
    let marks = if of_type { marks(row) } else { Vec::new() };
    view! {
        <span class="ev-what">
            {badge} <a class="ev-link mono" href=to>
                {text}
            </a> {marks}
        </span>
    }
    .into_any()
}

fn inner(row: &EventRow, cell: &Cell, column: &Column, now: Timestamp) -> AnyView {
    match (column, cell) {
        (Column::Time, _) => moment(row.time, now),
        (Column::Captured, _) => moment(row.captured_at, now),
        (Column::Type, _) => visible::line(&row.event_type),
        (Column::Key, _) => keyed::key(row),
        (Column::Channel, _) => visible::plain(&row.channel_name).into_any(),
        (Column::Source, _) => visible::plain(&row.source_name).into_any(),
        (Column::Partition, _) => row.partition_number.to_string().into_any(),
        (Column::Offset, _) => row.id.position.to_string().into_any(),
        (Column::Size, _) => format::bytes(row.size).into_any(),
        (Column::Summary, _) => match &row.summary {
            Masked::Shown(text) => visible::line(text),
            Masked::NeedsRole { permission, roles } => keyed::masked(permission, roles),
        },
        (_, Cell::Values(Masked::NeedsRole { permission, roles })) => keyed::masked(permission, roles),
        (_, Cell::Values(Masked::Shown(None))) => keyed::absent(
            format::UNKNOWN,
            "Its bytes are not in the store, or too many for a table; the inspector says",
        ),
        (_, Cell::Values(Masked::Shown(Some(values)))) if values.is_empty() => {
            keyed::absent(format::UNKNOWN, "The event has no such value")
        }
        (_, Cell::Values(Masked::Shown(Some(values)))) => visible::line(&values.join(", ")),
        (_, Cell::OfRow) => ().into_any(),
    }
}

fn moment(at: Timestamp, now: Timestamp) -> AnyView {
    let form = if now.micros_since(at).abs() < DAY { TimeForm::Millis } else { TimeForm::DateMillis };
    view! { <time datetime=times::iso(at)>{times::text(at, form, Zone::Utc)}</time> }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::sample;

    fn drawn(columns: &str, cells: Vec<Cell>) -> String {
        let columns = Column::list(columns).unwrap();
        let row = sample::row(1, 7);
        line(&row, &cells, &columns, "/events?sel=1-7".into(), row.time).to_html()
    }

    fn values(texts: &[&str]) -> Cell {
        Cell::Values(Masked::Shown(Some(texts.iter().map(|t| (*t).to_owned()).collect())))
    }

    #[test]
    fn a_number_stands_to_the_right_and_is_sorted_by_value() {
        let html = drawn("data.amount,data.city", vec![values(&["129.90"]), values(&["<b>Graz"])]);
        assert!(html.contains("data-n=\"129.9\"") && html.contains(">129.90<"), "{html}");
        assert!(html.contains("&lt;b&gt;Graz"), "{html}");
        assert!(html.contains("href=\"/events?sel=1-7\"") && html.contains("data-event=\"1-7\""), "{html}");
        for (text, want) in [("1e3", Some(1000.0)), ("-0.5", Some(-0.5)), ("inf", None), ("nan", None), ("", None)] {
            assert_eq!(number(&[text.to_owned()]), want, "{text}");
        }
        assert_eq!(number(&["1".into(), "2".into()]), None);
    }

    #[test]
    fn hidden_missing_and_away_all_differ() {
        let hidden =
            Cell::Values(Masked::NeedsRole { permission: "events.payload".into(), roles: vec!["support".into()] });
        let away = Cell::Values(Masked::Shown(None));
        let all: Vec<_> = [hidden, away, values(&[])].map(|cell| drawn("time,a", vec![Cell::OfRow, cell])).into();
        assert!(all[0].contains("events.payload"), "{}", all[0]);
        assert!(all[0] != all[1] && all[1] != all[2]);
        assert!(all.iter().all(|html| html.contains("data-none")));
    }
}
