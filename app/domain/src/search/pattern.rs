//! The quick way to match texts: what [`super::meaning`] says letter by letter, in linear time over bytes.

use super::{
    Pattern, Text,
    find::Finder,
    text::{folded, folded_bytes, in_a_word, word_at, word_before},
};

/// Literals with wildcards between them.
#[derive(Debug, Clone)]
struct Parts {
    finders: Vec<Finder>,
    /// Everything is ASCII or in its own case, so that bytes can be compared as they are.
    plain: bool,
}

impl Parts {
    fn new(parts: &[String], any_case: bool) -> Self {
        let plain = !any_case || parts.iter().all(|p| p.is_ascii());
        let finder = |p: &String| {
            let needle = if any_case { folded(p) } else { p.clone() };
            Finder::new(needle.as_bytes(), any_case && plain)
        };
        Self { finders: parts.iter().map(finder).collect(), plain }
    }

    fn on(&self, text: &[u8], f: impl FnOnce(&[u8]) -> bool) -> bool {
        // Letters beyond ASCII have no lower case that can be told byte by byte, and ASCII holds none.
        if self.plain { f(text) } else { !text.is_ascii() && f(&folded_bytes(text)) }
    }
}

/// A pattern that the whole of a text must fit; its wildcards stand for anything.
#[derive(Debug, Clone)]
pub(super) struct Whole(Parts);

impl Whole {
    pub(super) fn new(pattern: &Pattern, any_case: bool) -> Self {
        Self(Parts::new(pattern.parts(), any_case))
    }

    pub(super) fn fits(&self, text: &[u8]) -> bool {
        self.0.on(text, |text| {
            let [first, inner @ .., last] = self.0.finders.as_slice() else {
                return self.0.finders.first().is_some_and(|f| f.len() == text.len() && f.find(text, 0) == Some(0));
            };
            let Some(end) = text.len().checked_sub(last.len()).filter(|end| *end >= first.len()) else { return false };
            if first.find(&text[..first.len()], 0).is_none() || last.find(&text[end..], 0).is_none() {
                return false;
            }
            let (text, mut at) = (&text[..end], first.len());
            inner.iter().all(|f| match f.find(text, at) {
                Some(found) => {
                    at = found + f.len();
                    true
                }
                None => false,
            })
        })
    }
}

/// A word or phrase that stands somewhere in a text. Where it begins or ends with a letter or digit no further one
/// may follow, unless a wildcard does; a wildcard inside reaches over anything but white space and quotes.
#[derive(Debug, Clone)]
pub(super) struct Within {
    parts: Parts,
    /// A word begins (ends) with it: it must not go on before (after).
    begins: bool,
    ends: bool,
}

impl Within {
    pub(super) fn new(text: &Text) -> Self {
        let parts = text.parts();
        let begins = parts.first().and_then(|p| p.chars().next()).is_some_and(in_a_word);
        let ends = parts.last().and_then(|p| p.chars().next_back()).is_some_and(in_a_word);
        // An empty literal at an end only says that anything may stand there.
        let inner: Vec<_> = parts.iter().filter(|p| !p.is_empty()).cloned().collect();
        Self { parts: Parts::new(&inner, true), begins, ends }
    }

    pub(super) fn is_in(&self, text: &[u8]) -> bool {
        self.parts.on(text, |text| match self.parts.finders.as_slice() {
            [] => true,
            [only] => {
                let mut found = false;
                only.each(text, 0, |at| {
                    found = self.begins_at(text, at) && self.ends_at(text, at + only.len());
                    !found
                });
                found
            }
            [first, ..] => {
                // Each stretch without white space and quotes by itself; those without the first literal are passed.
                let mut from = 0;
                while let Some(at) = first.find(text, from) {
                    let end = text[at..].iter().position(|b| gap_ends(*b)).map_or(text.len(), |n| at + n);
                    if self.is_in_stretch(text, at, end) {
                        return true;
                    }
                    from = end.max(at + 1);
                }
                false
            }
        })
    }

    /// Between two places: the first literal as early as it can be, each next one likewise, the last one anywhere
    /// behind.
    fn is_in_stretch(&self, text: &[u8], from: usize, end: usize) -> bool {
        let [first, inner @ .., last] = self.parts.finders.as_slice() else { return false };
        let stretch = &text[..end];
        let mut start = None;
        first.each(stretch, from, |at| {
            start = self.begins_at(text, at).then_some(at);
            start.is_none()
        });
        let Some(mut at) = start.map(|at| at + first.len()) else { return false };
        for f in inner {
            match f.find(stretch, at) {
                Some(found) => at = found + f.len(),
                None => return false,
            }
        }
        let mut found = false;
        last.each(stretch, at, |at| {
            found = self.ends_at(text, at + last.len());
            !found
        });
        found
    }

    fn begins_at(&self, text: &[u8], at: usize) -> bool {
        !self.begins || !word_before(text, at)
    }

    fn ends_at(&self, text: &[u8], at: usize) -> bool {
        !self.ends || !word_at(text, at)
    }
}

fn gap_ends(b: u8) -> bool {
    b <= b' ' || b == b'"'
}
