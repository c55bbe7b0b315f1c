//! A place in binary values, and what MessagePack and CBOR have in common.

use crate::{Broken, DEEPEST};

const ENDS: &str = "the payload ends inside a value";

/// Values as JSON, and how sure it is that they were meant so.
#[derive(Debug)]
pub(crate) struct Values {
    pub(crate) json: Vec<u8>,
    /// It is one list or map that has a text in it, and no text that is no UTF-8.
    pub(crate) likely: bool,
}

pub(crate) struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Texts met, and whether one of them was none.
    pub(crate) texts: usize,
    pub(crate) odd: bool,
}

impl<'a> Cursor<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, texts: 0, odd: false }
    }

    pub(crate) const fn fail(&self, what: &'static str) -> Broken {
        Broken::at(self.at, what)
    }

    pub(crate) fn left(&self) -> usize {
        self.bytes.len().saturating_sub(self.at)
    }

    pub(crate) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    pub(crate) fn byte(&mut self) -> Result<u8, Broken> {
        let byte = self.peek().ok_or_else(|| self.fail(ENDS))?;
        self.at += 1;
        Ok(byte)
    }

    pub(crate) fn take(&mut self, length: usize) -> Result<&'a [u8], Broken> {
        let end = self.at.checked_add(length);
        let taken = end.and_then(|end| self.bytes.get(self.at..end)).ok_or_else(|| self.fail(ENDS))?;
        self.at += length;
        Ok(taken)
    }

    /// The next `N` bytes, the first one highest.
    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], Broken> {
        let at = self.at;
        <[u8; N]>::try_from(self.take(N)?).map_err(|_| Broken::at(at, ENDS))
    }

    /// An unsigned number of 1, 2, 4 or 8 bytes.
    pub(crate) fn unsigned(&mut self, bytes: usize) -> Result<u64, Broken> {
        Ok(self.take(bytes)?.iter().fold(0, |number, byte| (number << 8) | u64::from(*byte)))
    }

    /// A length that is followed by so many bytes.
    pub(crate) fn length(&self, length: u64) -> Result<usize, Broken> {
        usize::try_from(length).ok().filter(|l| *l <= self.left()).ok_or_else(|| self.fail(ENDS))
    }

    pub(crate) fn deeper(&self, depth: u16) -> Result<u16, Broken> {
        if depth < DEEPEST { Ok(depth + 1) } else { Err(self.fail("nested more than 64 deep")) }
    }

    /// What is said to be a text; `None` if it is not UTF-8.
    pub(crate) fn text(&mut self, bytes: &'a [u8]) -> Option<&'a str> {
        let text = std::str::from_utf8(bytes).ok();
        match text {
            Some(text) => self.texts += usize::from(!text.is_empty()),
            None => self.odd = true,
        }
        text
    }

    /// Nothing follows the value `json`.
    pub(crate) fn end(self, json: Vec<u8>) -> Result<Values, Broken> {
        if self.left() > 0 {
            return Err(self.fail("nothing may follow the value"));
        }
        let likely = matches!(json.first(), Some(b'{' | b'[')) && self.texts > 0 && !self.odd;
        Ok(Values { json, likely })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    /// Values that every format can hold. Floats are exact in few digits: how they are read back is not the matter.
    pub(crate) fn json_values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            any::<u64>().prop_map(Into::into),
            any::<i8>().prop_map(Into::into),
            any::<i16>().prop_map(|n| Value::from(f64::from(n) / 8.0)),
            ".{0,40}".prop_map(Into::into),
        ];
        leaf.prop_recursive(4, 64, 20, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..20).prop_map(Value::Array),
                prop::collection::vec((".{0,5}", inner), 0..20)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }
}
