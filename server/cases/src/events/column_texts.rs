use super::export::{EventExported, PayloadExported};
use weir_decode::Hints;
use weir_domain::{
    Timestamp,
    events::{Column, EventRow, Masked, PayloadView},
};

/// No value of an event that is exported is longer.
const WHOLE: usize = usize::MAX;

/// What stands in each column of an exported event, whole; several values with commas between them. `None`: nothing, or
/// nothing that may be seen.
pub fn column_texts(event: &EventExported, columns: &[Column]) -> Vec<Option<String>> {
    let mut json = None;
    let mut text = |column: &Column| match column {
        Column::Header(name) => header(event, name),
        Column::Field(path, _) => {
            let values = path.values_up_to(json.get_or_insert_with(|| readable(&event.payload)), WHOLE);
            (!values.is_empty()).then(|| values.join(", "))
        }
        word => of_row(&event.row, word),
    };
    columns.iter().map(&mut text).collect()
}

fn of_row(row: &EventRow, column: &Column) -> Option<String> {
    Some(match column {
        Column::Time => moment(row.time),
        Column::Captured => moment(row.captured_at),
        Column::Type => row.event_type.clone(),
        Column::Channel => row.channel_name.clone(),
        Column::Source => row.source_name.clone(),
        Column::Partition => row.partition_number.to_string(),
        Column::Offset => row.id.position.to_string(),
        Column::Size => row.size.to_string(),
        Column::Key => match &row.key {
            Masked::Shown(key) => return key.as_ref().map(|k| k.text.clone()),
            Masked::NeedsRole { .. } => return None,
        },
        Column::Summary => match &row.summary {
            Masked::Shown(summary) => summary.clone(),
            Masked::NeedsRole { .. } => return None,
        },
        Column::Header(_) | Column::Field(..) => return None,
    })
}

fn moment(at: Timestamp) -> String {
    at.rfc3339()
}

fn header(event: &EventExported, name: &str) -> Option<String> {
    let Masked::Shown(Some(headers)) = &event.headers else { return None };
    let named = headers.iter().filter(|h| h.name_is_text && h.name.eq_ignore_ascii_case(name));
    let values: Vec<_> = named
        .filter_map(|h| h.value.as_ref())
        .map(|value| match value {
            PayloadView::Text { text, .. } => text.clone(),
            PayloadView::Binary { hex, .. } => format!("{}{hex}", weir_domain::events::HEX_MARK),
        })
        .collect();
    (!values.is_empty()).then(|| values.join(", "))
}

/// The payload as JSON, as far as it has values.
fn readable(payload: &Masked<PayloadExported>) -> Vec<u8> {
    let Masked::Shown(payload) = payload else { return Vec::new() };
    match payload {
        PayloadExported::Json(text) | PayloadExported::Text(text) => text.clone().into_bytes(),
        PayloadExported::Bytes(bytes) => weir_decode::read(bytes, &Hints::default(), 0).text().to_vec(),
        PayloadExported::Null | PayloadExported::TooLarge | PayloadExported::Absent => Vec::new(),
    }
}
