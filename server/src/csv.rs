//! Events as a table for spreadsheets and databases: RFC 4180, UTF-8. The server and the command line write it alike.

use std::borrow::Cow;

use serde_json::value::RawValue;
use weir_domain::events::key_line;

pub const CONTENT_TYPE: &str = "text/csv; charset=utf-8";
pub const HEAD: &str = "time,source,channel,partition,offset,type,key,size,payload,payload_is,id\r\n";
/// Of [`HEAD`].
pub const COLUMNS: usize = 11;
/// Begins the last record of a table that leaves something out, or may. Who reads tables with comments passes over it; no
/// row of an event begins with `#`, because a cell that would is in quotes.
const COMPLETENESS: &str = "#weir.export.completeness";

/// What the table has of an event.
#[derive(Debug)]
pub struct Cells<'a> {
    pub time: Cow<'a, str>,
    pub source: &'a str,
    pub channel: &'a str,
    pub partition: i32,
    pub position: &'a str,
    pub event_type: &'a str,
    pub key: Option<&'a str>,
    pub size: u64,
    pub payload: Option<&'a RawValue>,
    pub payload_is: &'a str,
    pub id: &'a str,
}

/// Adds the row of an event.
///
/// # Errors
/// If its payload is no JSON.
pub fn row(out: &mut Vec<u8>, cells: &Cells<'_>) -> serde_json::Result<()> {
    let payload = match cells.payload {
        None => None,
        // A tab in a document stands between its parts, and would begin a cell to some.
        Some(json) if cells.payload_is == "json" && json.get().contains('\t') => {
            Some(Cow::Owned(json.get().replace('\t', " ")))
        }
        Some(json) if cells.payload_is == "json" => Some(Cow::Borrowed(json.get())),
        Some(text) => Some(Cow::Owned(serde_json::from_str::<String>(text.get())?)),
    };
    // A NUL ends a text for many a reader.
    let key = cells.key.map(|k| if k.contains('\0') { Cow::Owned(key_line(k.to_owned())) } else { Cow::Borrowed(k) });
    let (partition, size) = (cells.partition.to_string(), cells.size.to_string());
    let all: [_; COLUMNS] = [
        Some(&*cells.time),
        Some(cells.source),
        Some(cells.channel),
        Some(&*partition),
        Some(cells.position),
        Some(cells.event_type),
        key.as_deref(),
        Some(&*size),
        payload.as_deref(),
        Some(cells.payload_is),
        Some(cells.id),
    ];
    line(out, all);
    Ok(())
}

/// Adds the last record of a table of so many columns, three at least: what is missing or not known (`but`), and the `end`
/// of the export as JSON.
pub fn completeness(out: &mut Vec<u8>, but: &str, end: &str, columns: usize) {
    out.extend(COMPLETENESS.as_bytes());
    out.push(b',');
    let told = [Some(but), Some(end)].into_iter();
    line(out, told.chain(std::iter::repeat(None)).take(columns.max(3) - 1));
}

/// Adds a row; `None` is nothing at all.
pub fn line<'a>(out: &mut Vec<u8>, cells: impl IntoIterator<Item = Option<&'a str>>) {
    for (i, cell) in cells.into_iter().enumerate() {
        if i > 0 {
            out.push(b',');
        }
        if let Some(text) = cell {
            put(out, text);
        }
    }
    out.extend(b"\r\n");
}

/// Nothing is null, two quotes are an empty text. What a spreadsheet would take for a formula gets an apostrophe before it
/// (OWASP, CSV injection): at the beginning, and where one that separates by semicolons or tabs sees a cell begin. It does
/// not know our quotes: they don't stand where its own cells begin.
fn put(out: &mut Vec<u8>, text: &str) {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"_.:/#-".contains(&b);
    if !formula && !text.is_empty() && !text.starts_with('#') && text.bytes().all(plain) {
        return out.extend(text.as_bytes());
    }
    out.push(b'"');
    if formula {
        out.push(b'\'');
    }
    let mut begins = false;
    for byte in text.bytes() {
        if begins && b"=+-@".contains(&byte) {
            out.push(b'\'');
        }
        // Quotes and spaces before a formula leave it one to some.
        begins = matches!(byte, b';' | b'\t' | b'\r' | b'\n') || (begins && matches!(byte, b'"' | b' '));
        if byte == b'"' {
            out.push(b'"');
        }
        out.push(byte);
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(text: &str) -> String {
        let mut out = Vec::new();
        put(&mut out, text);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn formulas_are_no_formulas_and_quotes_are_doubled() {
        for (text, want) in [
            ("ord-4711", "ord-4711"),
            ("", "\"\""),
            ("a,b", "\"a,b\""),
            ("say \"hi\"\r\n", "\"say \"\"hi\"\"\r\n\""),
            ("=1+1", "\"'=1+1\""),
            ("+1", "\"'+1\""),
            ("-1", "\"'-1\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("\t=1", "\"'\t'=1\""),
            ("\r=1", "\"'\r'=1\""),
            ("a;=1", "\"a;'=1\""),
            ("a;-b-c", "\"a;'-b-c\""),
            ("a; \"@x\"", "\"a; \"\"'@x\"\"\""),
            ("{\"a\":\"b;+1\"}", "\"{\"\"a\"\":\"\"b;'+1\"\"}\""),
            ("[1,-2]", "\"[1,-2]\""),
            ("a;b=c", "\"a;b=c\""),
            ("#a", "\"#a\""),
            ("a#", "a#"),
            ("Straße", "\"Straße\""),
        ] {
            assert_eq!(written(text), want);
        }
    }

    proptest! {
        #[test]
        fn a_cell_reads_back(text in any::<String>()) {
            let cell = written(&text);
            let read = match cell.strip_prefix('"').and_then(|c| c.strip_suffix('"')) {
                Some(quoted) => quoted.replace("\"\"", "\""),
                None => cell.clone(),
            };
            let without = |text: &str| text.replace('\'', "");
            prop_assert_eq!(without(&read), without(&text));
            if !text.contains([';', '\t', '\r', '\n']) {
                let guarded = text.starts_with(['=', '+', '-', '@']);
                prop_assert_eq!(&read, &if guarded { format!("'{text}") } else { text.clone() });
            }
            prop_assert!(cell.starts_with('"') || !cell.contains([',', '\r', '\n', '"']));
        }
    }

    proptest! {
        #[test]
        fn no_cell_begins_with_a_formula_however_a_line_is_taken_apart(text in "[a=+@\\-;,\t\r\n\" ']{0,12}") {
            let cell = written(&text);
            for (n, part) in cell.split([';', '\t', '\r', '\n']).enumerate() {
                // The cell's own beginning is no formula behind a quote or a space of its text.
                if n == 0 && text.starts_with(['"', ' ']) {
                    continue;
                }
                let part = part.trim_start_matches(['"', ' ']);
                prop_assert!(!part.starts_with(['=', '+', '-', '@']), "{cell:?}");
            }
        }
    }

    #[test]
    fn a_row_has_as_many_cells_as_the_head() {
        let json = RawValue::from_string("[1,\t-2,\"=x\"]".into()).unwrap();
        let text = RawValue::from_string("\"=cmd|' /C calc'!A0\"".into()).unwrap();
        let cells = Cells {
            time: "2026-11-22T13:20:00.000000Z".into(),
            source: "shop",
            channel: "order.placed",
            partition: 0,
            position: "4711",
            event_type: "order.placed",
            key: Some("a\0b"),
            size: 12,
            payload: Some(&json),
            payload_is: "json",
            id: "12-4711",
        };
        let mut out = Vec::new();
        row(&mut out, &cells).unwrap();
        row(&mut out, &Cells { key: None, payload: Some(&text), payload_is: "text", ..cells }).unwrap();
        completeness(&mut out, "2 gaps; more.", "{\"complete\":false}", COLUMNS);
        completeness(&mut out, "=a", "{}", 1);
        let out = String::from_utf8(out).unwrap();
        let lines: Vec<_> = out.split("\r\n").collect();
        let first = "2026-11-22T13:20:00.000000Z,shop,order.placed,0,4711,order.placed,";
        assert_eq!(lines[0], format!("{first}hex:610062,12,\"[1, -2,\"\"=x\"\"]\",json,12-4711"));
        assert_eq!(lines[1], format!("{first},12,\"'=cmd|' /C calc'!A0\",text,12-4711"));
        let end = "#weir.export.completeness,\"2 gaps; more.\",\"{\"\"complete\"\":false}\",,,,,,,,";
        assert_eq!((lines[2], lines[3]), (end, "#weir.export.completeness,\"'=a\",\"{}\""));
        assert_eq!((lines.len(), HEAD.split(',').count(), end.split(',').count()), (5, COLUMNS, COLUMNS));
    }
}
