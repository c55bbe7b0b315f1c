//! What stands in the columns of a table that are read from whole events.

use super::{masked, row, text};
use crate::views::Sight;
use std::collections::HashMap;
use weir_decode::Hints;
use weir_domain::{
    CaseError,
    access::Permission,
    capture::Header,
    events::{
        Cell, Column, EventRow, JsonNode, JsonNodeKind, KeyHash, PageCursor, RawEvent, Scanned, StoredEvent, Stretch,
        json_tree,
    },
};

/// Larger payloads that are no JSON are not unpacked or read for a cell.
const LARGE: usize = 64 * 1024;
/// Bytes of a header's value that are told.
const LONGEST: usize = 256;
/// Values of a payload that columns are offered of, columns that are offered, and how deep they lie.
const MOST_NODES: usize = 500;
const MOST_FIELDS: usize = 60;
const DEEPEST: u16 = 6;

/// A stretch of a table, as far as it may be seen.
pub(super) struct Read {
    pub(super) rows: Vec<(EventRow, Option<KeyHash>)>,
    pub(super) cells: Vec<Vec<Cell>>,
    pub(super) fields: Vec<String>,
    pub(super) scanned: Scanned,
    pub(super) next: Option<PageCursor>,
    pub(super) passed_over: bool,
}

/// Rows and cells of `stretch`.
pub(super) async fn read(
    stretch: Stretch,
    columns: Vec<Column>,
    fields: bool,
    sight: &Sight,
) -> Result<Read, CaseError> {
    let Stretch { events, scanned, next, passed_over } = stretch;
    let may = May { headers: sight.view.headers(), payload: sight.view.payload() };
    // Megabytes to be looked through: not on the threads that serve requests.
    let looked = tokio::task::spawn_blocking(move || {
        let cells: Vec<_> = events.iter().map(|e| of_event(e.raw.as_ref(), &columns, may)).collect();
        let fields = if fields { offered(&events, may) } else { Vec::new() };
        (events, cells, fields)
    });
    let (mut events, cells, fields) =
        looked.await.map_err(|e| CaseError::Internal(format!("reading payloads ended early: {e}")))?;
    let mut rows = Vec::with_capacity(events.len());
    let mut of_rows = Vec::with_capacity(events.len());
    for (event, cells) in events.iter_mut().zip(cells) {
        if let Some(raw) = event.raw.take() {
            event.row.key = raw.key;
            event.row.payload_head = raw.payload.map(|mut p| {
                p.truncate(row::HEAD);
                p
            });
        }
        if let Some(shown) = row::shown(&event.row, sight, row::KEY_IN_LIST) {
            rows.push((shown, event.row.key_hash));
            of_rows.push(cells);
        }
    }
    Ok(Read { rows, cells: of_rows, fields, scanned, next, passed_over })
}

#[derive(Clone, Copy)]
pub(super) struct May {
    pub(super) headers: bool,
    pub(super) payload: bool,
}

/// What stands in each column, whole and as text: nothing where it may not be seen, is no text, or is longer than
/// `longest` bytes.
pub(super) fn whole_values(
    raw: &RawEvent,
    columns: &[Column],
    may: May,
    key: bool,
    longest: usize,
) -> Vec<Vec<String>> {
    let mut json = None;
    let text = |bytes: &[u8]| Some(std::str::from_utf8(bytes).ok()?.to_owned()).filter(|t| t.len() <= longest);
    let mut values = |column: &Column| match column {
        Column::Key if key => raw.key.as_deref().and_then(text).into_iter().collect(),
        Column::Header(name) if may.headers => {
            let named = raw.headers.iter().filter(|h| h.name.eq_ignore_ascii_case(name.as_bytes()));
            named.filter_map(|h| text(h.value.as_deref()?)).collect()
        }
        Column::Field(path, _) if may.payload => {
            let mut values = path.values_up_to(json.get_or_insert_with(|| readable(raw)), longest);
            // One that was cut is another value.
            values.retain(|v| v.len() <= longest && v != "null");
            values
        }
        _ => Vec::new(),
    };
    columns.iter().map(&mut values).collect()
}

fn of_event(raw: Option<&RawEvent>, columns: &[Column], may: May) -> Vec<Cell> {
    let mut json = None;
    let mut cell = |column: &Column| match column {
        Column::Header(name) => {
            Cell::Values(masked(may.headers, Permission::EventsHeaders, || raw.map(|raw| headers(&raw.headers, name))))
        }
        Column::Field(path, _) => Cell::Values(masked(may.payload, Permission::EventsPayload, || {
            raw.map(|raw| path.values(json.get_or_insert_with(|| readable(raw))))
        })),
        _ => Cell::OfRow,
    };
    columns.iter().map(&mut cell).collect()
}

/// The payload as JSON, unpacked and from whatever binary format; without values where it is none of them.
fn readable(raw: &RawEvent) -> Vec<u8> {
    let Some(payload) = &raw.payload else { return Vec::new() };
    let begins = payload.trim_ascii_start().first();
    if matches!(begins, Some(b'{' | b'[')) {
        return payload.clone();
    }
    if payload.len() > LARGE {
        return Vec::new();
    }
    weir_decode::read(payload, &Hints::of(&raw.headers), 0).text().to_vec()
}

fn headers(all: &[Header], name: &str) -> Vec<String> {
    let named = all.iter().filter(|h| h.name.eq_ignore_ascii_case(name.as_bytes()));
    named.map(|h| h.value.as_deref().map_or_else(|| "null".to_owned(), |v| text::key(v, LONGEST).text)).collect()
}

/// Columns that these events could have, the most frequent first.
fn offered(events: &[StoredEvent], may: May) -> Vec<String> {
    let mut met = HashMap::<String, usize>::new();
    for raw in events.iter().filter_map(|e| e.raw.as_ref()) {
        if may.payload
            && let Ok((nodes, _)) = json_tree(&readable(raw), MOST_NODES)
        {
            for path in paths(&nodes) {
                *met.entry(path).or_default() += 1;
            }
        }
        for header in raw.headers.iter().filter(|_| may.headers) {
            if let Some(name) = text::head(&header.name, LONGEST).filter(|n| n.len() == header.name.len()) {
                *met.entry(format!("header.{name}")).or_default() += 1;
            }
        }
    }
    let mut met: Vec<_> = met.into_iter().filter(|(path, _)| Column::parse(path).is_some()).collect();
    met.sort_by(|(a, x), (b, y)| (y, a).cmp(&(x, b)));
    met.into_iter().take(MOST_FIELDS).map(|(path, _)| path).collect()
}

/// The paths of a payload's texts, numbers and words, each once, as the query language writes them.
fn paths(nodes: &[JsonNode]) -> Vec<String> {
    let (mut way, mut found) = (Vec::<&str>::new(), Vec::new());
    for node in nodes.iter().filter(|n| n.depth <= DEEPEST) {
        way.truncate(usize::from(node.depth).saturating_sub(1));
        if node.depth > 0 {
            // Elements are passed through: their place holds nothing.
            way.push(node.name.as_deref().unwrap_or_default());
        }
        if matches!(node.kind, JsonNodeKind::Object | JsonNodeKind::Array) {
            continue;
        }
        let names: Vec<_> = way.iter().filter(|n| !n.is_empty()).map(|n| written(n)).collect();
        let Some(first) = names.first() else { continue };
        let mut path = names.join(".");
        if first == "header" || matches!(Column::parse(&path), None | Some(Column::Header(_))) || is_word(&path) {
            path.insert_str(0, "payload.");
        }
        if !found.contains(&path) {
            found.push(path);
        }
    }
    found
}

fn is_word(path: &str) -> bool {
    Column::words().any(|word| word == path)
}

/// A name of a path; in quotes where it needs them.
fn written(name: &str) -> String {
    let plain = name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '$' | '@'));
    if plain { name.to_owned() } else { format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\"")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(payload: &[u8]) -> RawEvent {
        let header = |name: &str, value: Option<&[u8]>| Header {
            name: name.into(),
            kind: weir_domain::capture::HeaderType::Bytes,
            value: value.map(<[u8]>::to_vec),
        };
        let headers = vec![header("tenant", Some(b"acme")), header("Tenant", None), header("trace", Some(b"\xff"))];
        RawEvent { key: None, headers, payload: Some(payload.to_vec()) }
    }

    fn values(columns: &str, payload: &[u8]) -> Vec<Vec<String>> {
        let columns = Column::list(columns).unwrap();
        let cells = of_event(Some(&raw(payload)), &columns, May { headers: true, payload: true });
        let values = |cell| match cell {
            Cell::Values(weir_domain::events::Masked::Shown(Some(values))) => values,
            other => panic!("{other:?}"),
        };
        cells.into_iter().map(values).collect()
    }

    #[test]
    fn values_of_headers_and_of_every_format() {
        let json = br#"{"data":{"amount":12.50,"tags":["a","b"]},"type":"x"}"#;
        let want = [vec!["12.50"], vec!["a", "b"], vec!["x"], vec![], vec!["acme", "null"], vec!["hex:ff"]];
        let columns = "data.amount,data.tags,payload.type,nothing,header.tenant,header.trace";
        assert_eq!(values(columns, json), want);
        // {"a":1} in MessagePack needs a text in it to be found: {"a":"b"}.
        assert_eq!(values("a", &[0x81, 0xa1, b'a', 0xa1, b'b']), [["b"]]);
        assert_eq!(values("a", b"no document"), [[""; 0]]);
    }

    #[test]
    fn what_may_not_be_seen_is_not_even_looked_at() {
        let columns = Column::list("time,data.amount,header.tenant").unwrap();
        let cells = of_event(Some(&raw(b"{\"data\":1}")), &columns, May { headers: false, payload: false });
        assert_eq!(cells[0], Cell::OfRow);
        for cell in &cells[1..] {
            assert!(matches!(cell, Cell::Values(weir_domain::events::Masked::NeedsRole { .. })), "{cell:?}");
        }
        assert!(matches!(
            of_event(None, &columns, May { headers: true, payload: true })[1],
            Cell::Values(weir_domain::events::Masked::Shown(None))
        ));
    }

    #[test]
    fn paths_are_told_as_they_are_asked_for() {
        let payload =
            br#"{"data":{"items":[{"sku":1},{"sku":2,"a b":{"c":null}}]},"key":"k","summary":"s","header":{"x":1}}"#;
        let (nodes, _) = json_tree(payload, 100).unwrap();
        let told = paths(&nodes);
        let want = ["data.items.sku", "data.items.\"a b\".c", "payload.key", "payload.summary", "payload.header.x"];
        assert_eq!(told, want);
        for (path, value) in told.iter().zip(["1", "null", "k", "s", "1"]) {
            let Some(Column::Field(path, _)) = Column::parse(path) else { panic!("{path}") };
            assert_eq!(path.values(payload)[0], value);
        }
    }
}
