//! Bytes as text or hex, always bounded.

use weir_domain::events::{Capped, HEX_MARK, PayloadView, hex};

/// The longest run of whole characters in the first `limit` bytes; `None` if those are not UTF-8.
pub(super) fn head(bytes: &[u8], limit: usize) -> Option<&str> {
    let first = bytes.get(..limit).unwrap_or(bytes);
    match std::str::from_utf8(first) {
        Ok(text) => Some(text),
        // Incomplete only because it was cut there.
        Err(e) if e.error_len().is_none() && first.len() < bytes.len() => {
            std::str::from_utf8(first.get(..e.valid_up_to())?).ok()
        }
        Err(_) => None,
    }
}

/// A key as the filter would take it back: text, or `hex:…` for what is no text, and for a text
/// that would itself be read as hex.
pub(crate) fn key(bytes: &[u8], limit: usize) -> Capped {
    let total = bytes.len() as u64;
    match head(bytes, limit).filter(|_| std::str::from_utf8(bytes).is_ok_and(|t| !t.starts_with(HEX_MARK))) {
        Some(text) => Capped { text: text.to_owned(), total, cut: text.len() < bytes.len() },
        None => {
            let shown = bytes.get(..limit / 2).unwrap_or(bytes);
            Capped { text: format!("{HEX_MARK}{}", hex(shown)), total, cut: shown.len() < bytes.len() }
        }
    }
}

/// A header's name, and whether it is text.
pub(super) fn name(bytes: &[u8], limit: usize) -> (String, bool) {
    let (mut shown, is_text, cut) = match head(bytes, limit) {
        Some(text) => (text.to_owned(), true, text.len() < bytes.len()),
        None => {
            let first = bytes.get(..limit / 2).unwrap_or(bytes);
            (format!("{HEX_MARK}{}", hex(first)), false, first.len() < bytes.len())
        }
    };
    if cut {
        shown.push('…');
    }
    (shown, is_text)
}

/// A value: text as far as `limit` bytes, else hex of half as many.
pub(super) fn value(bytes: &[u8], limit: usize) -> PayloadView {
    let total = bytes.len() as u64;
    match head(bytes, limit).filter(|t| !t.contains('\0')) {
        Some(text) => PayloadView::Text { text: text.to_owned(), total, cut: text.len() < bytes.len() },
        None => {
            let first = bytes.get(..limit / 2).unwrap_or(bytes);
            PayloadView::Binary { hex: hex(first), total, cut: first.len() < bytes.len() }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use weir_domain::events::EventFilter;

    #[test]
    fn cuts_at_a_character_and_tells_text_from_bytes() {
        assert_eq!(head("aé".as_bytes(), 2), Some("a"));
        assert_eq!(head("aé".as_bytes(), 3), Some("aé"));
        assert_eq!(head(b"a\xff", 9), None);
        assert_eq!(head(b"a\xc3", 9), None, "ends inside a character without being cut");
        assert_eq!(key(b"\xff\x00", 64).text, "hex:ff00");
        assert_eq!(key(b"hex:00", 64).text, "hex:6865783a3030", "else the filter would look for one NUL");
        assert_eq!(key(b"", 64), Capped { text: String::new(), total: 0, cut: false });
        assert_eq!(name(b"n\xfe", 64), ("hex:6efe".into(), false));
    }

    proptest! {
        #[test]
        fn a_key_shown_whole_finds_itself(bytes in prop::collection::vec(any::<u8>(), 0..80), ascii in "(hex:)?[0-9a-f]{0,9}") {
            for bytes in [bytes, ascii.into_bytes()] {
                let shown = key(&bytes, 1024);
                prop_assert!(!shown.cut);
                let filter = EventFilter { key: Some(shown.text), ..EventFilter::default() };
                prop_assert_eq!(filter.key_bytes(), Some(bytes));
            }
        }

        #[test]
        fn bounds_hold(bytes in prop::collection::vec(any::<u8>(), 0..300), s in ".{0,80}", limit in 0usize..100) {
            for bytes in [&bytes[..], s.as_bytes()] {
                prop_assert!(key(bytes, limit).text.len() <= limit + 4);
                prop_assert!(name(bytes, limit).0.len() <= limit + 4 + '…'.len_utf8());
                let (len, total, cut) = match value(bytes, limit) {
                    PayloadView::Text { text, total, cut } => (text.len(), total, cut),
                    PayloadView::Binary { hex, total, cut } => (hex.len(), total, cut),
                };
                prop_assert!(len <= limit && total == bytes.len() as u64 && (cut || len >= bytes.len()));
            }
        }
    }
}
