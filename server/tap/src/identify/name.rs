//! Names learnt from messages: anybody may send anything, so they are cut and cleaned before they become names.

/// Longest event type kept, in bytes.
pub const MAX_BYTES: usize = 256;

/// Cut to [`MAX_BYTES`] at a character's end; control characters (NUL, which PostgreSQL's text refuses,
/// among them) become U+FFFD. `None` if nothing is left.
pub fn bounded(text: &str) -> Option<String> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let mut name = String::with_capacity(text.len().min(MAX_BYTES));
    for c in text.chars() {
        let c = if c.is_control() { char::REPLACEMENT_CHARACTER } else { c };
        if name.len() + c.len_utf8() > MAX_BYTES {
            break;
        }
        name.push(c);
    }
    Some(name)
}

/// The same from bytes that need not be UTF-8; looks at no more of them than can matter.
pub fn from_bytes(bytes: &[u8]) -> Option<String> {
    // Leading blanks are cut off, so look a little further than the name may be long.
    let head = &bytes[..bytes.len().min(2 * MAX_BYTES)];
    bounded(&String::from_utf8_lossy(head))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn hostile_names() {
        assert_eq!(bounded("order.placed"), Some("order.placed".into()));
        assert_eq!(bounded("  \t"), None);
        assert_eq!(bounded("a\0b\nc"), Some("a\u{fffd}b\u{fffd}c".into()));
        assert_eq!(from_bytes(b"\xff\xfe"), Some("\u{fffd}\u{fffd}".into()));
        assert_eq!(bounded(&"ä".repeat(300)).map(|n| n.len()), Some(256));
    }

    proptest! {
        #[test]
        fn a_name_is_short_clean_and_not_empty(bytes: Vec<u8>) {
            if let Some(name) = from_bytes(&bytes) {
                prop_assert!(!name.is_empty() && name.len() <= MAX_BYTES);
                prop_assert!(!name.chars().any(char::is_control));
            }
        }
    }
}
