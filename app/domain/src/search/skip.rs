//! Over the parts of a payload that nobody asked for, eight bytes at a time.

const LOW: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// A high bit where a byte of `word` is 0. Above the first such byte there may be others; the lowest is exact.
const fn zeros(word: u64) -> u64 {
    word.wrapping_sub(LOW) & !word & HIGH
}

const fn each(b: u8) -> u64 {
    LOW * b as u64
}

fn word(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().map(|c| u64::from_le_bytes(*c))
}

/// A string that was passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Passed {
    /// The place of the closing quote.
    pub(super) end: usize,
    pub(super) escapes: bool,
}

/// Over the string that begins at `at`, behind its quote. `None`: cut off.
pub(super) fn string_end(bytes: &[u8], mut at: usize) -> Option<Passed> {
    let mut escapes = false;
    loop {
        while let Some(w) = word(bytes, at) {
            let hits = zeros(w ^ each(b'"')) | zeros(w ^ each(b'\\'));
            if hits != 0 {
                at += (hits.trailing_zeros() / 8) as usize;
                break;
            }
            at += 8;
        }
        match bytes.get(at)? {
            b'"' => return Some(Passed { end: at, escapes }),
            b'\\' => {
                escapes = true;
                at += 2;
            }
            _ => at += 1,
        }
    }
}

/// Behind the container whose opening bracket stands before `at`. `None`: cut off.
pub(super) fn container_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    let mut open = 1_usize;
    loop {
        while let Some(w) = word(bytes, at) {
            // `[` and `]` are `{` and `}` without one bit.
            let brackets = w | each(0x20);
            let hits = zeros(w ^ each(b'"')) | zeros(brackets ^ each(b'{')) | zeros(brackets ^ each(b'}'));
            if hits != 0 {
                at += (hits.trailing_zeros() / 8) as usize;
                break;
            }
            at += 8;
        }
        let b = *bytes.get(at)?;
        at += 1;
        match b {
            b'"' => at = string_end(bytes, at)?.end + 1,
            b'{' | b'[' => open += 1,
            b'}' | b']' => {
                open -= 1;
                if open == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
}

/// Does a value without quotes end before this byte?
pub(super) const fn ends_bare(b: u8) -> bool {
    ENDS[b as usize]
}

const ENDS: [bool; 256] = {
    let mut table = [false; 256];
    let ends = b"\"{}[],: \t\n\r\x0c";
    let mut i = 0;
    while i < ends.len() {
        table[ends[i] as usize] = true;
        i += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn plain_string(bytes: &[u8], mut at: usize) -> Option<usize> {
        loop {
            match bytes.get(at)? {
                b'"' => return Some(at),
                b'\\' => at += 2,
                _ => at += 1,
            }
        }
    }

    fn plain_container(bytes: &[u8], mut at: usize) -> Option<usize> {
        let mut open = 1;
        while open > 0 {
            match bytes.get(at)? {
                b'"' => at = plain_string(bytes, at + 1)?,
                b'{' | b'[' => open += 1,
                b'}' | b']' => open -= 1,
                _ => {}
            }
            at += 1;
        }
        Some(at)
    }

    proptest! {
        #[test]
        fn agrees_with_byte_by_byte(text in r#"([\[\]{}"\\:,;#!]|abc|a{7,9}|é| ){0,40}"#, at in 0usize..9) {
            let bytes = text.as_bytes();
            let at = at.min(bytes.len());
            prop_assert_eq!(string_end(bytes, at).map(|s| s.end), plain_string(bytes, at));
            prop_assert!(string_end(bytes, at).is_none_or(|s| s.escapes == bytes[at..s.end].contains(&b'\\')));
            prop_assert_eq!(container_end(bytes, at), plain_container(bytes, at));
        }
    }
}
