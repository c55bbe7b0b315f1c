//! What is known of a list of keys, as a file.

use std::io;

use bytes::Bytes;
use weir_domain::events::{KeyFound, KeysFound};

use super::{export::json_lines, v1::rest::Key};
use crate::csv::line;

const HEAD: [&str; 9] =
    ["key", "found", "events", "last_time", "last_type", "channel", "source", "event_id", "by_hash"];

/// A line for each key (RFC 4180), safe to be opened by a spreadsheet.
pub fn csv(all: &KeysFound) -> Bytes {
    let mut out = Vec::new();
    line(&mut out, HEAD.map(Some));
    for of in &all.keys {
        let key = of.key.as_str();
        match &of.found {
            None if all.scanned.complete => {
                line(&mut out, [Some(key), Some("no"), Some("0"), None, None, None, None, None, None]);
            }
            // It may be there: time ran out before all was looked at.
            None => line(&mut out, [Some(key), Some("unknown"), None, None, None, None, None, None, None]),
            Some(KeyFound { events, newest, by_hash }) => {
                let (events, time, id) = (events.to_string(), newest.time.rfc3339(), newest.id.to_string());
                let by_hash = by_hash.then_some("yes");
                let (kind, channel, source) = (&*newest.event_type, &*newest.channel_name, &*newest.source_name);
                let known = [key, "yes", &events, &time, kind, channel, source, &id].map(Some);
                let [key, yes, events, time, kind, channel, source, id] = known;
                line(&mut out, [key, yes, events, time, kind, channel, source, id, by_hash]);
            }
        }
    }
    out.into()
}

/// The lines of `weir keys --json`.
pub fn ndjson(all: KeysFound) -> io::Result<Bytes> {
    json_lines(&all.keys.into_iter().map(Key::from).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use weir_domain::events::{KeyLine, KeysScanned};

    #[test]
    fn what_a_spreadsheet_could_carry_out_is_text() {
        let keys = ["=1+1", "a,b", "say \"hi\"", "-5", "ord-1"].map(|key| KeyLine { key: key.into(), found: None });
        let all = KeysFound {
            keys: keys.to_vec(),
            doubles: 0,
            scanned: KeysScanned { complete: true, ..KeysScanned::default() },
            hidden_channels: 0,
        };
        let text = String::from_utf8(csv(&all).to_vec()).unwrap();
        let firsts: Vec<_> = text.lines().skip(1).map(|l| l.split(",no,0,").next().unwrap()).collect();
        assert_eq!(firsts, ["\"'=1+1\"", "\"a,b\"", "\"say \"\"hi\"\"\"", "\"'-5\"", "ord-1"]);
        assert!(text.starts_with("key,found,events,") && text.ends_with("\r\n"));
        let cut_short = KeysFound { scanned: KeysScanned::default(), ..all.clone() };
        let text = String::from_utf8(csv(&cut_short).to_vec()).unwrap();
        assert!(
            text.lines().skip(1).all(|l| l.ends_with(",unknown,,,,,,,")),
            "what was not looked for may be there: {text}"
        );
        assert_eq!(ndjson(all).unwrap().split(|b| *b == b'\n').count(), 6);
    }
}
