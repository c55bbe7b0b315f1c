//! Finding bytes in bytes, in time linear in both whatever they are: two of the needle's bytes are compared at many
//! places at once, and where too many places pass that (a needle of `aaaab` in `aaaa…`) the search goes on by the
//! needle's own prefixes (Knuth, Morris, Pratt 1977).

/// Places looked at in one go; compilers make vector instructions of it.
const LANES: usize = 32;

#[derive(Debug, Clone)]
pub(super) struct Finder {
    /// Folded where case is no matter.
    needle: Vec<u8>,
    any_case: bool,
    /// `borders[i]`: length of the longest prefix that is also a suffix of the first `i + 1` bytes.
    borders: Vec<usize>,
    pair: Pair,
}

/// The two bytes of a needle that events have least of, and where they stand in it.
#[derive(Debug, Clone, Copy)]
struct Pair {
    bytes: [u8; 2],
    at: [usize; 2],
    /// The bit that tells upper from lower case, where it is no matter.
    case: [u8; 2],
}

impl Pair {
    fn of(needle: &[u8], any_case: bool) -> Self {
        let mut order: Vec<_> = (0..needle.len()).collect();
        order.sort_by_key(|i| commonness(needle[*i]));
        let at = [order.first().copied().unwrap_or(0), order.get(1).or(order.first()).copied().unwrap_or(0)];
        let bytes = at.map(|i| needle.get(i).copied().unwrap_or(0));
        Self { bytes, at, case: bytes.map(|b| if any_case && b.is_ascii_lowercase() { 0x20 } else { 0 }) }
    }

    /// Of `LANES` places from `at` on: a bit for each where both bytes stand. `None`: the text is too short for that.
    fn candidates(&self, hay: &[u8], at: usize) -> Option<u32> {
        let [x, y] = [lane(hay, at + self.at[0])?, lane(hay, at + self.at[1])?];
        let [[a, b], [i, j]] = [self.bytes, self.case];
        let hits = x.iter().zip(y).fold(0, |any, (x, y)| any | (u8::from(x | i == a) & u8::from(y | j == b)));
        if hits == 0 {
            return Some(0);
        }
        let ((x, _), (y, _)) = (x.as_chunks::<8>(), y.as_chunks::<8>());
        let mut bits = 0;
        for (n, (x, y)) in x.iter().zip(y).enumerate() {
            let (x, y) = (u64::from_le_bytes(*x) | each(i), u64::from_le_bytes(*y) | each(j));
            let both = (x ^ each(a)) | (y ^ each(b));
            // A high bit where a byte is 0, exactly; then those bits side by side.
            let zeros = !(((both & !HIGH) + !HIGH) | both | !HIGH);
            bits |= ((zeros >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56 & 0xff) << (8 * n);
        }
        u32::try_from(bits).ok()
    }

    fn passes(&self, hay: &[u8], at: usize) -> bool {
        (0..2).all(|n| hay[at + self.at[n]] | self.case[n] == self.bytes[n])
    }
}

const HIGH: u64 = 0x8080_8080_8080_8080;

const fn each(b: u8) -> u64 {
    0x0101_0101_0101_0101 * b as u64
}

/// How common a byte is in JSON of business events, roughly: quotes and digits, then letters of hex and of English.
fn commonness(b: u8) -> usize {
    const COMMON: &[u8] = b"\"0123456789,:eabcdftionsr.-lu_phmgy {}[]wvkxjzq/+";
    COMMON.iter().position(|c| *c == b.to_ascii_lowercase()).map_or(0, |i| COMMON.len() - i)
}

impl Finder {
    /// `any_case` folds ASCII in what is searched; the needle is given folded.
    pub(super) fn new(needle: &[u8], any_case: bool) -> Self {
        let (mut borders, mut k) = (vec![0; needle.len()], 0);
        for i in 1..needle.len() {
            while k > 0 && needle[i] != needle[k] {
                k = borders[k - 1];
            }
            k += usize::from(needle[i] == needle[k]);
            borders[i] = k;
        }
        Self { needle: needle.to_vec(), any_case, borders, pair: Pair::of(needle, any_case) }
    }

    pub(super) fn len(&self) -> usize {
        self.needle.len()
    }

    pub(super) fn find(&self, hay: &[u8], from: usize) -> Option<usize> {
        let mut found = None;
        self.each(hay, from, |at| {
            found = Some(at);
            false
        });
        found
    }

    /// Calls `f` with each place, overlapping ones too, as long as it says `true`.
    pub(super) fn each(&self, hay: &[u8], from: usize, mut f: impl FnMut(usize) -> bool) {
        let n = self.needle.len();
        let Some(end) = (hay.len() + 1).checked_sub(n) else { return };
        if n == 0 {
            // Nothing is everywhere.
            let _ = (from..end).all(f);
            return;
        }
        // Bytes compared for nothing, as many as were passed for free.
        let (mut at, mut wasted) = (from, 0);
        while at < end {
            let lanes = LANES.min(end - at);
            let bits = match self.pair.candidates(hay, at) {
                Some(bits) => bits,
                None => (0..lanes).fold(0, |bits, i| bits | u32::from(self.pair.passes(hay, at + i)) << i),
            };
            let mut left = bits;
            while left != 0 {
                let place = at + left.trailing_zeros() as usize;
                left &= left - 1;
                if place >= end {
                    break;
                }
                let same = self.same(&hay[place..place + n]);
                if same == n && !f(place) {
                    return;
                }
                wasted += same;
            }
            at += lanes;
            if wasted > 8 * (at - from) + 1024 {
                return self.by_prefixes(hay, at, f);
            }
        }
    }

    /// How many bytes agree.
    fn same(&self, hay: &[u8]) -> usize {
        let fold = |b: u8| if self.any_case { b.to_ascii_lowercase() } else { b };
        self.needle.iter().zip(hay).take_while(|(n, h)| **n == fold(**h)).count()
    }

    /// Only places from `from` on are told.
    fn by_prefixes(&self, hay: &[u8], from: usize, mut f: impl FnMut(usize) -> bool) {
        let mut k = 0;
        for (i, b) in hay.iter().enumerate().skip(from) {
            let b = if self.any_case { b.to_ascii_lowercase() } else { *b };
            while k > 0 && (k == self.needle.len() || self.needle[k] != b) {
                k = self.borders[k - 1];
            }
            k += usize::from(self.needle[k] == b);
            if k == self.needle.len() && !f(i + 1 - k) {
                return;
            }
        }
    }
}

fn lane(hay: &[u8], at: usize) -> Option<&[u8; LANES]> {
    hay.get(at..)?.first_chunk()
}

/// Is there a backslash, before a `u` if only that matters?
pub(super) fn has_backslash(hay: &[u8], before_u: bool) -> bool {
    let is = |b: &u8, next: &u8| u8::from(*b == b'\\') & u8::from(!before_u || *next == b'u');
    let mut at = 0;
    while let (Some(x), Some(y)) = (lane(hay, at), lane(hay, at + 1)) {
        if x.iter().zip(y).fold(0, |any, (b, next)| any | is(b, next)) != 0 {
            return true;
        }
        at += LANES;
    }
    let rest = hay.get(at..).unwrap_or_default();
    rest.iter().zip(rest.iter().skip(1).chain(b" ")).any(|(b, next)| is(b, next) != 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn plainly(hay: &[u8], needle: &[u8], any_case: bool, from: usize) -> Vec<usize> {
        let hay: Vec<_> = hay.iter().map(|b| if any_case { b.to_ascii_lowercase() } else { *b }).collect();
        (from..=hay.len()).filter(|at| hay[*at..].starts_with(needle)).collect()
    }

    fn all(finder: &Finder, hay: &[u8], from: usize) -> Vec<usize> {
        let mut found = Vec::new();
        finder.each(hay, from, |at| {
            found.push(at);
            true
        });
        found
    }

    proptest! {
        #[test]
        fn finds_every_place(hay in "[aAb]{0,120}|[a-dA-D@`\\[{]{0,80}", needle in "[ab]{0,5}|[a-c`{]{1,3}", any_case: bool, from in 0usize..8) {
            let (hay, needle) = (hay.as_bytes(), needle.as_bytes());
            let from = from.min(hay.len());
            let finder = Finder::new(needle, any_case);
            prop_assert_eq!(all(&finder, hay, from), plainly(hay, needle, any_case, from));
            prop_assert_eq!(finder.find(hay, from), plainly(hay, needle, any_case, from).first().copied());
        }

        #[test]
        fn finds_backslashes(hay in "[ab]{0,70}(\\\\[u1]?)?[au]{0,40}") {
            prop_assert_eq!(has_backslash(hay.as_bytes(), false), hay.contains('\\'));
            prop_assert_eq!(has_backslash(hay.as_bytes(), true), hay.contains("\\u"));
        }
    }

    /// Many places that nearly fit: the second way takes over and misses none.
    #[test]
    fn hostile_repetitions_stay_linear() {
        let hay = vec![b'a'; 1_000_000];
        let needle = [&[b'a'; 2000][..], b"b", &[b'a'; 2000]].concat();
        assert_eq!(Finder::new(&needle, true).find(&hay, 0), None);
        let needle = vec![b'a'; 4000];
        assert_eq!(all(&Finder::new(&needle, true), &hay, 3).len(), 1_000_000 - 4000 + 1 - 3);
    }
}
