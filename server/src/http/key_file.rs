//! What is known of a list of keys, as a file.

use bytes::Bytes;
use weir_domain::events::{KeyFound, KeysFound};

use super::{audit_export::json_lines, v1::rest::Key};

const HEAD: [&str; 9] =
    ["key", "found", "events", "last_time", "last_type", "channel", "source", "event_id", "by_hash"];

/// A line for each key (RFC 4180), safe to be opened by a spreadsheet.
pub fn csv(all: &KeysFound) -> Bytes {
    let mut out = String::new();
    line(&mut out, HEAD);
    for of in &all.keys {
        let key = of.key.as_str();
        match &of.found {
            None => line(&mut out, [key, "no", "0", "", "", "", "", "", ""]),
            Some(KeyFound { events, newest, by_hash }) => {
                let (events, time, id) = (events.to_string(), newest.time.rfc3339(), newest.id.to_string());
                let by_hash = if *by_hash { "yes" } else { "" };
                let (kind, channel, source) = (&newest.event_type, &newest.channel_name, &newest.source_name);
                line(&mut out, [key, "yes", &events, &time, kind, channel, source, &id, by_hash]);
            }
        }
    }
    out.into()
}

/// The lines of `weir keys --json`.
pub fn ndjson(all: KeysFound) -> serde_json::Result<Bytes> {
    json_lines(&all.keys.into_iter().map(Key::from).collect::<Vec<_>>())
}

fn line(out: &mut String, cells: [&str; 9]) {
    for (i, cell) in cells.into_iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        write(out, cell);
    }
    out.push_str("\r\n");
}

/// A spreadsheet takes a cell that begins so for a formula; with a quote before it it is text.
fn write(out: &mut String, cell: &str) {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\0']);
    if !formula && !cell.contains([',', '"', '\r', '\n', ';', '\t']) {
        return out.push_str(cell);
    }
    out.push('"');
    if formula {
        out.push('\'');
    }
    out.push_str(&cell.replace('"', "\"\""));
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use weir_domain::events::{KeyLine, KeysScanned};

    #[test]
    fn what_a_spreadsheet_could_carry_out_is_text() {
        let keys = ["=1+1", "a,b", "say \"hi\"", "-5", "ord-1"].map(|key| KeyLine { key: key.into(), found: None });
        let all = KeysFound { keys: keys.to_vec(), doubles: 0, scanned: KeysScanned::default(), hidden_channels: 0 };
        let text = String::from_utf8(csv(&all).to_vec()).unwrap();
        let firsts: Vec<_> = text.lines().skip(1).map(|l| l.split(",no,0,").next().unwrap()).collect();
        assert_eq!(firsts, ["\"'=1+1\"", "\"a,b\"", "\"say \"\"hi\"\"\"", "\"'-5\"", "ord-1"]);
        assert!(text.starts_with("key,found,events,") && text.ends_with("\r\n"));
        assert_eq!(ndjson(all).unwrap().split(|b| *b == b'\n').count(), 6);
    }
}
