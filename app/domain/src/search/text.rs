//! Letters: which are the same, and where words end. Works on any bytes; what is no UTF-8 counts as U+FFFD.

use std::borrow::Cow;

/// Letters are compared in lower case, each by itself: no language's rules, and no letter becomes two. What is not
/// ASCII stays so (the Kelvin sign is no `k`), which lets ASCII be compared byte by byte.
pub(super) fn fold(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_lowercase();
    }
    let mut lower = c.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(one), None) if !one.is_ascii() => one,
        _ => c,
    }
}

/// Words are runs of these.
pub(super) fn in_a_word(c: char) -> bool {
    c.is_alphanumeric()
}

/// What a wildcard in a free word does not reach over.
pub(super) fn ends_a_gap(c: char) -> bool {
    c <= ' ' || c == '"'
}

pub(super) fn folded(text: &str) -> String {
    text.chars().map(fold).collect()
}

/// The bytes' text in lower case; ASCII as it is, for it can be compared without.
pub(super) fn folded_bytes(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut buffer = [0; 4];
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            out.extend_from_slice(fold(c).encode_utf8(&mut buffer).as_bytes());
        }
        if !chunk.invalid().is_empty() {
            out.extend_from_slice("\u{fffd}".as_bytes());
        }
    }
    out
}

/// Are the bytes, folded, this text, which is?
pub(super) fn same_folded(bytes: &[u8], folded: &str) -> bool {
    if bytes.len() == folded.len() && bytes.eq_ignore_ascii_case(folded.as_bytes()) {
        return true;
    }
    if bytes.is_ascii() || folded.is_ascii() {
        return false;
    }
    folded_bytes(bytes) == folded.as_bytes()
}

/// Is there a letter or digit right before `at`?
pub(super) fn word_before(bytes: &[u8], at: usize) -> bool {
    let before = &bytes[..at];
    match before.last() {
        None => false,
        Some(b) if b.is_ascii() => b.is_ascii_alphanumeric(),
        Some(_) => {
            // At most three bytes of a character follow its first.
            let tail = &before[before.len().saturating_sub(4)..];
            (2..=tail.len())
                .find_map(|n| std::str::from_utf8(&tail[tail.len() - n..]).ok())
                .and_then(|t| t.chars().next_back())
                .is_some_and(in_a_word)
        }
    }
}

/// Is there one right at `at`?
pub(super) fn word_at(bytes: &[u8], at: usize) -> bool {
    let after = &bytes[at..];
    match after.first() {
        None => false,
        Some(b) if b.is_ascii() => b.is_ascii_alphanumeric(),
        Some(_) => {
            let head = &after[..after.len().min(4)];
            head.utf8_chunks().next().and_then(|c| c.valid().chars().next()).is_some_and(in_a_word)
        }
    }
}

/// What stands between the quotes of a JSON string, its escapes read. Forgiving: a lone surrogate is U+FFFD, and an
/// escape that JSON does not know stays as it is written.
pub(super) fn unescaped(raw: &[u8]) -> Cow<'_, [u8]> {
    if !raw.contains(&b'\\') {
        return Cow::Borrowed(raw);
    }
    let (mut out, mut at) = (Vec::with_capacity(raw.len()), 0);
    while let Some(b) = raw.get(at) {
        at += 1;
        if *b != b'\\' {
            out.push(*b);
            continue;
        }
        let next = raw.get(at).copied();
        at += 1;
        match next {
            Some(c @ (b'"' | b'\\' | b'/')) => out.push(c),
            Some(b'b') => out.push(8),
            Some(b'f') => out.push(12),
            Some(b'n') => out.push(b'\n'),
            Some(b'r') => out.push(b'\r'),
            Some(b't') => out.push(b'\t'),
            Some(b'u') => match unit(raw, at) {
                Some(high) => {
                    at += 4;
                    let low = raw[at..].starts_with(b"\\u").then(|| unit(raw, at + 2)).flatten();
                    let pair = low.filter(|l| (0xd800..0xdc00).contains(&high) && (0xdc00..0xe000).contains(l));
                    let c = match pair {
                        Some(low) => {
                            at += 6;
                            0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00)
                        }
                        None => high,
                    };
                    let c = char::from_u32(c).unwrap_or('\u{fffd}');
                    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                }
                None => out.extend_from_slice(b"\\u"),
            },
            Some(c) => out.extend_from_slice(&[b'\\', c]),
            None => out.push(b'\\'),
        }
    }
    Cow::Owned(out)
}

fn unit(raw: &[u8], at: usize) -> Option<u32> {
    raw.get(at..at + 4)?.iter().try_fold(0, |n, b| Some(n * 16 + char::from(*b).to_digit(16)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Words of a folded text are the folded words of the text, and ASCII is met by ASCII alone.
    #[test]
    fn folding_keeps_words_apart() {
        for c in (0..=0x10_ffff).filter_map(char::from_u32) {
            assert_eq!(in_a_word(c), in_a_word(fold(c)), "{c:?}");
            assert_eq!(c.is_ascii(), fold(c).is_ascii(), "{c:?}");
            assert_eq!(fold(c), fold(fold(c)), "{c:?}");
            assert_eq!(ends_a_gap(c), ends_a_gap(fold(c)), "{c:?}");
        }
    }

    #[test]
    fn escapes() {
        for (raw, want) in [
            (r"a\u0062\n\/", "ab\n/".as_bytes()),
            (r"\ud83d\ude00\ud83dx\ude00", "😀\u{fffd}x\u{fffd}".as_bytes()),
            (r"\ud83d\u0041", "\u{fffd}A".as_bytes()),
            (r"\q\u12", br"\q\u12".as_slice()),
            ("\\", b"\\"),
            (r"\u", br"\u"),
        ] {
            assert_eq!(unescaped(raw.as_bytes()), want, "{raw}");
        }
    }

    proptest! {
        #[test]
        fn reads_what_serde_json_writes(s in "\\PC{0,20}|[\\x00-\\x7f]{0,10}") {
            let json = serde_json::to_string(&s).unwrap();
            prop_assert_eq!(&*unescaped(&json.as_bytes()[1..json.len() - 1]), s.as_bytes());
        }

        #[test]
        fn neighbours_are_those_of_the_lossy_text(bytes in prop::collection::vec(prop_oneof![any::<u8>(), Just(0xc3), Just(0xa9), Just(b'a')], 0..12)) {
            for at in 0..=bytes.len() {
                // Where a character or a wrong sequence is cut, neither half is a letter of its own.
                let (a, z) = (String::from_utf8_lossy(&bytes[..at]), String::from_utf8_lossy(&bytes[at..]));
                prop_assert_eq!(word_before(&bytes, at), a.chars().next_back().is_some_and(in_a_word));
                prop_assert_eq!(word_at(&bytes, at), z.chars().next().is_some_and(in_a_word));
            }
        }
    }
}
