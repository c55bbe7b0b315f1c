//! The words of an event, as an index of signatures keeps them: hashes, each of a run of letters and digits in lower
//! case. What [`super::Bounds`] asks for is among them in every event that matches.

use super::{
    HeaderBytes,
    matcher::each_escaped,
    text::{fold, folded, in_a_word},
};

/// Stands for "a number with an exponent": it may be equal to one that is written with other digits.
pub const EXPONENT: u64 = 0x5eed_0e0e_0e0e_0e0e;

const SEED: u64 = 0x9e37_79b9_7f4a_7c15;
const ODD: u64 = 0xd6e8_feb8_6659_fd93;
/// Makes lower case of ASCII letters and leaves digits as they are.
const CASE: u64 = 0x2020_2020_2020_2020;

/// The hash of a word in any case. Stored in indexes: it never changes.
pub fn word_hash(word: &str) -> u64 {
    let word = folded(word);
    hash(word.as_bytes(), 0, word.len())
}

/// Of `text[from..end]`; letters beyond ASCII must be folded already.
fn hash(text: &[u8], from: usize, end: usize) -> u64 {
    let mix = |h: u64, eight: u64| {
        let h = (h ^ (eight | CASE)).wrapping_mul(ODD);
        h ^ (h >> 32)
    };
    let (mut h, mut at) = (SEED ^ (end - from) as u64, from);
    while at < end {
        let left = end - at;
        let eight = match text.get(at..).and_then(<[u8]>::first_chunk) {
            Some(eight) if left >= 8 => u64::from_le_bytes(*eight),
            // What follows the word is cut away.
            Some(eight) => u64::from_le_bytes(*eight) & ((1 << (8 * left)) - 1),
            None => text[at..end].iter().rev().fold(0, |n, b| n << 8 | u64::from(*b)),
        };
        h = mix(h, eight);
        at += 8;
    }
    h.wrapping_mul(ODD) ^ (h >> 29)
}

const HIGH: u64 = 0x8080_8080_8080_8080;

/// A high bit where a byte is an ASCII letter or digit.
const fn ascii_words(eight: u64) -> u64 {
    const fn each(b: u8) -> u64 {
        0x0101_0101_0101_0101 * b as u64
    }
    // A byte below 0x80 gets its high bit by adding what it lacks.
    let low = eight & !HIGH;
    let digits = (low + each(0x80 - b'0')) & !(low + each(0x80 - b'9' - 1));
    let lower = low | CASE;
    let letters = (lower + each(0x80 - b'a')) & !(lower + each(0x80 - b'z' - 1));
    (digits | letters) & !eight & HIGH
}

/// How many bytes from `at` on are ASCII letters and digits, or are none and ASCII.
fn run(text: &[u8], at: usize, words: bool) -> usize {
    let mut end = at;
    while let Some(eight) = text.get(end..).and_then(<[u8]>::first_chunk) {
        let eight = u64::from_le_bytes(*eight);
        let is = ascii_words(eight);
        let stops = if words { !is & HIGH } else { is | (eight & HIGH) };
        if stops != 0 {
            return end + (stops.trailing_zeros() / 8) as usize - at;
        }
        end += 8;
    }
    let rest = text.get(end..).unwrap_or_default();
    let stops = |b: &u8| if words { !b.is_ascii_alphanumeric() } else { b.is_ascii_alphanumeric() || !b.is_ascii() };
    end + rest.iter().position(stops).unwrap_or(rest.len()) - at
}

/// All words of an event's bytes, again and again as they come. Strings of JSON with escapes count as they are written
/// and as they are read.
pub fn event_words(key: Option<&[u8]>, headers: &[HeaderBytes<'_>], payload: Option<&[u8]>, f: &mut impl FnMut(u64)) {
    if let Some(key) = key {
        words(key, f);
    }
    for header in headers {
        words(header.name, f);
        if let Some(value) = header.value {
            words(value, f);
        }
    }
    if let Some(payload) = payload {
        words(payload, f);
        each_escaped(payload, |text| {
            words(text, f);
            true
        });
    }
}

/// The words of one text.
pub fn words(text: &[u8], f: &mut impl FnMut(u64)) {
    let mut at = 0;
    let mut letters = Vec::new();
    while let Some(b) = text.get(at) {
        if b.is_ascii() && !b.is_ascii_alphanumeric() {
            at += run(text, at, false);
            continue;
        }
        let end = at + run(text, at, true);
        if text.get(end).is_none_or(u8::is_ascii) {
            f(hash(text, at, end));
            if b.is_ascii_digit() && has_exponent(&text[..end], at) {
                f(EXPONENT);
            }
            at = end;
            continue;
        }
        // Letters beyond ASCII: one by one.
        letters.clear();
        loop {
            let (c, long) = char_at(text, at);
            at += long;
            match c.filter(|c| in_a_word(*c)) {
                Some(c) => letters.extend_from_slice(fold(c).encode_utf8(&mut [0; 4]).as_bytes()),
                None => break,
            }
        }
        if !letters.is_empty() {
            f(hash(&letters, 0, letters.len()));
        }
    }
}

/// The character at a place and its bytes; none, and one byte, where there is none.
fn char_at(text: &[u8], at: usize) -> (Option<char>, usize) {
    let head = text.get(at..(at + 4).min(text.len())).unwrap_or_default();
    let c = head.utf8_chunks().next().and_then(|c| c.valid().chars().next());
    (c, c.map_or(1, char::len_utf8))
}

/// May the word that begins at `from` be part of a number with an exponent? It is digits and one `e`, and before it
/// stands what can stand in or before a number.
fn has_exponent(text: &[u8], from: usize) -> bool {
    let word = &text[from..];
    let digits = |of: &[u8]| of.iter().position(|b| !b.is_ascii_digit()).unwrap_or(of.len());
    let e = digits(word);
    if !matches!(word.get(e), Some(b'e' | b'E')) || digits(&word[e + 1..]) != word.len() - e - 1 {
        return false;
    }
    let before = text[..from].iter().rev().find(|b| !b.is_ascii_digit() && !b"+-.".contains(b));
    before.is_none_or(|b| super::skip::ends_bare(*b))
}

/// What a text without wildcards asks for.
pub(super) fn whole_words(text: &str) -> Vec<String> {
    split(text).map(|(word, _, _)| folded(word)).collect()
}

/// The words of a text, and whether each reaches its begin and its end.
pub(super) fn split(text: &str) -> impl Iterator<Item = (&str, bool, bool)> {
    let mut from = 0;
    text.split(|c| !in_a_word(c)).filter_map(move |word| {
        let at = from;
        // Behind the word stands one character that is in none, or the end.
        let end = at + word.len();
        from = end + text[end..].chars().next().map_or(0, char::len_utf8);
        (!word.is_empty()).then_some((word, at == 0, end == text.len()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(text: &[u8]) -> Vec<u64> {
        let mut found = Vec::new();
        words(text, &mut |w| found.push(w));
        found
    }

    /// Indexes hold these: a change here would lose what is stored.
    #[test]
    fn hashes_stay() {
        assert_eq!(word_hash("payment"), word_hash("PAYMENT"));
        assert_eq!(
            [word_hash("payment"), word_hash("4711"), word_hash("Straße"), word_hash("0123456789abcdef01")],
            [0x8255_b9b1_65e3_2e97, 0x0afc_c792_0af8_2b89, 0x15d3_a504_b94a_edba, 0xe5e4_503f_06e3_967f]
        );
    }

    #[test]
    fn numbers_with_an_exponent_are_marked() {
        for (text, marked) in [
            (r#"{"a":9e2}"#, true),
            ("[-1.5E+3]", true),
            ("[1,2e-3]", true),
            (r#"{"a":900,"id":"7f9e2b","x":"a-9e2"}"#, false),
            (r#"{"id":"f81d4fae-7dec-11d0-a765-00e4c91e6bf6"}"#, false),
        ] {
            assert_eq!(of(text.as_bytes()).contains(&EXPONENT), marked, "{text}");
        }
    }

    proptest! {
        #[test]
        fn are_the_runs_of_letters_and_digits(bytes in prop_oneof!["\\PC{0,12}|[aAé1 .-]{0,24}".prop_map(String::into_bytes), prop::collection::vec(prop_oneof![any::<u8>(), Just(0xc3), Just(0xa9), Just(b'a')], 0..12)]) {
            let plain: Vec<_> = String::from_utf8_lossy(&bytes).split(|c| !in_a_word(c)).filter(|w| !w.is_empty()).map(word_hash).collect();
            let found: Vec<_> = of(&bytes).into_iter().filter(|w| *w != EXPONENT).collect();
            prop_assert_eq!(found, plain);
        }
    }
}
