//! The order of a table's rows: numbers by value, before texts in the order of their letters; what is not there stands
//! last, whichever way it is sorted. `js/found.js` sorts by the same rule.

use super::cells::number;
use std::cmp::Ordering;
use weir_domain::events::{Cell, Column, EventRow, EventTable, Masked, Sort};

/// What an event is sorted by.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Number(f64),
    Text(String),
    Nothing,
}

pub(super) fn value(row: &EventRow, cell: &Cell, column: &Column) -> Value {
    let text = |text: &str| if text.is_empty() { Value::Nothing } else { Value::Text(text.to_lowercase()) };
    match column {
        Column::Time => Value::Number(row.time.0 as f64),
        Column::Captured => Value::Number(row.captured_at.0 as f64),
        Column::Partition => Value::Number(row.partition_number.into()),
        Column::Offset => Value::Number(row.id.position.0 as f64),
        Column::Size => Value::Number(row.size as f64),
        Column::Type => text(&row.event_type),
        Column::Channel => text(&row.channel_name),
        Column::Source => text(&row.source_name),
        Column::Key => match &row.key {
            Masked::Shown(Some(key)) => text(&key.text),
            _ => Value::Nothing,
        },
        Column::Summary => match &row.summary {
            Masked::Shown(summary) => text(summary),
            Masked::NeedsRole { .. } => Value::Nothing,
        },
        Column::Header(_) | Column::Field(..) => match cell {
            Cell::Values(Masked::Shown(Some(values))) => match number(values) {
                Some(number) => Value::Number(number),
                None => text(&values.join(", ")),
            },
            _ => Value::Nothing,
        },
    }
}

/// The places of the rows, in their order.
pub(super) fn order(table: &EventTable, columns: &[Column], sort: Option<&Sort>) -> Vec<usize> {
    let mut places: Vec<_> = (0..table.page.rows.len()).collect();
    let Some(sort) = sort else { return places };
    let Some(at) = columns.iter().position(|c| *c == sort.column) else { return places };
    let rows = table.page.rows.iter().zip(&table.cells);
    let values: Vec<_> =
        rows.map(|(row, cells)| cells.get(at).map_or(Value::Nothing, |cell| value(row, cell, &sort.column))).collect();
    places.sort_by(|a, b| compare(&values[*a], &values[*b], sort.descending));
    places
}

fn compare(a: &Value, b: &Value, descending: bool) -> Ordering {
    let order = match (a, b) {
        (Value::Nothing, Value::Nothing) => return Ordering::Equal,
        (Value::Nothing, _) => return Ordering::Greater,
        (_, Value::Nothing) => return Ordering::Less,
        (Value::Number(a), Value::Number(b)) => a.total_cmp(b),
        (Value::Number(_), Value::Text(_)) => Ordering::Less,
        (Value::Text(_), Value::Number(_)) => Ordering::Greater,
        (Value::Text(a), Value::Text(b)) => a.cmp(b),
    };
    if descending { order.reverse() } else { order }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::sample;
    use weir_domain::events::EventPage;

    #[test]
    fn numbers_by_value_then_texts_then_nothing() {
        let values = ["900", "1e3", "b", "", "-2", "A", "10"];
        let cells = values.map(|v| {
            let values = if v.is_empty() { Vec::new() } else { vec![v.to_owned()] };
            vec![Cell::Values(Masked::Shown(Some(values)))]
        });
        let rows = (0..values.len()).map(|n| sample::row(1, n as i64)).collect();
        let page = EventPage { rows, scanned: Default::default(), next: None, hidden_channels: 0 };
        let table = EventTable { page, cells: cells.to_vec(), stored: None, fields: Vec::new(), passed_over: false };
        let sorted = |text: &str| {
            let sort = Sort::parse(text).unwrap();
            let places = order(&table, std::slice::from_ref(&sort.column), Some(&sort));
            places.into_iter().map(|n| values[n]).collect::<Vec<_>>()
        };
        assert_eq!(sorted("data.x"), ["-2", "10", "900", "1e3", "A", "b", ""]);
        assert_eq!(sorted("-data.x"), ["b", "A", "1e3", "900", "10", "-2", ""]);
    }
}
