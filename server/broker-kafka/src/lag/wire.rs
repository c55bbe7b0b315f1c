//! Requests that krafka has no words for: many groups in one (KIP-709, KIP-699). Answers are outside data: every length is
//! held against what is left, and nothing is reserved on a promise.

pub(super) mod coordinators;
pub(super) mod positions;

use bytes::{BufMut, BytesMut};
use krafka::{KrafkaError, ProtocolErrorKind, error::ErrorCode};

/// Bytes that are not what they should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("broken answer: {0}")]
pub(super) struct Broken(&'static str);

impl From<Broken> for KrafkaError {
    fn from(broken: Broken) -> Self {
        Self::protocol_kind(ProtocolErrorKind::Malformed, broken.to_string())
    }
}

type Read<T> = Result<T, Broken>;

/// Takes values off the front of an answer in a flexible version (KIP-482).
#[derive(Debug, Clone, Copy)]
struct Reader<'a> {
    left: &'a [u8],
}

impl<'a> Reader<'a> {
    fn new(left: &'a [u8]) -> Self {
        Self { left }
    }

    fn bytes(&mut self, length: usize) -> Read<&'a [u8]> {
        let (taken, left) = self.left.split_at_checked(length).ok_or(Broken("it ends too early"))?;
        self.left = left;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Read<[u8; N]> {
        let (taken, left) = self.left.split_first_chunk::<N>().ok_or(Broken("it ends too early"))?;
        self.left = left;
        Ok(*taken)
    }

    fn i16(&mut self) -> Read<i16> {
        self.array().map(i16::from_be_bytes)
    }

    fn i32(&mut self) -> Read<i32> {
        self.array().map(i32::from_be_bytes)
    }

    fn i64(&mut self) -> Read<i64> {
        self.array().map(i64::from_be_bytes)
    }

    fn code(&mut self) -> Read<ErrorCode> {
        self.i16().map(ErrorCode::from_i16)
    }

    fn varint(&mut self) -> Read<u32> {
        let mut value = 0u32;
        for shift in [0, 7, 14, 21, 28] {
            let [byte] = self.array()?;
            let bits = u32::from(byte & 0x7f);
            if shift == 28 && bits > 0x0f {
                break;
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Broken("a number is too large"))
    }

    fn length(&mut self) -> Read<usize> {
        usize::try_from(self.varint()?).map_err(|_| Broken("a number is too large"))
    }

    /// `None` for null.
    fn nullable_text(&mut self) -> Read<Option<&'a str>> {
        let Some(length) = self.length()?.checked_sub(1) else { return Ok(None) };
        std::str::from_utf8(self.bytes(length)?).map(Some).map_err(|_| Broken("a text is not UTF-8"))
    }

    fn text(&mut self) -> Read<&'a str> {
        self.nullable_text()?.ok_or(Broken("a text is missing"))
    }

    /// How many elements follow, of at least `smallest` bytes each.
    fn count(&mut self, smallest: usize) -> Read<usize> {
        let count = self.length()?.checked_sub(1).ok_or(Broken("a list is missing"))?;
        if count.checked_mul(smallest).is_none_or(|bytes| bytes > self.left.len()) {
            return Err(Broken("a list is longer than the answer"));
        }
        Ok(count)
    }

    /// Passes over tagged fields.
    fn tags(&mut self) -> Read<()> {
        for _ in 0..self.varint()? {
            self.varint()?;
            let length = self.length()?;
            self.bytes(length)?;
        }
        Ok(())
    }
}

fn put_varint(buffer: &mut BytesMut, mut value: u32) {
    while value >= 0x80 {
        // The lowest seven bits, and that more follow.
        buffer.put_u8((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    buffer.put_u8(value as u8);
}

fn put_count(buffer: &mut BytesMut, count: usize) -> Result<(), KrafkaError> {
    let wire = u32::try_from(count).ok().and_then(|count| count.checked_add(1));
    put_varint(buffer, wire.ok_or_else(too_long)?);
    Ok(())
}

fn put_text(buffer: &mut BytesMut, text: &str) -> Result<(), KrafkaError> {
    if i16::try_from(text.len()).is_err() {
        return Err(too_long());
    }
    put_count(buffer, text.len())?;
    buffer.put_slice(text.as_bytes());
    Ok(())
}

fn no_tags(buffer: &mut BytesMut) {
    buffer.put_u8(0);
}

fn too_long() -> KrafkaError {
    KrafkaError::protocol_kind(ProtocolErrorKind::InvalidLength, "a name or a list is too long for a request")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn tagged_fields_are_passed_over_and_lengths_held_against_what_is_left() {
        let mut reader = Reader::new(&[2, 0, 1, 9, 5, 2, 7, 7, 0, 42]);
        reader.tags().unwrap();
        reader.tags().unwrap();
        assert_eq!(reader.left, [42]);
        assert_eq!(Reader::new(&[3, 1, 2]).count(2), Err(Broken("a list is longer than the answer")));
        assert_eq!(Reader::new(&[2, 1, 2]).count(2), Ok(1));
        assert_eq!(Reader::new(&[0]).count(1), Err(Broken("a list is missing")));
        assert_eq!(
            Reader::new(&[0xff, 0xff, 0xff, 0xff, 0x0f]).count(1),
            Err(Broken("a list is longer than the answer"))
        );
        assert_eq!(Reader::new(&[0xff, 0xff, 0xff, 0xff, 0x1f]).varint(), Err(Broken("a number is too large")));
        assert_eq!(Reader::new(&[0]).nullable_text(), Ok(None));
        assert_eq!(Reader::new(&[3, 0xff, 0xfe]).text(), Err(Broken("a text is not UTF-8")));
        assert_eq!(Reader::new(&[3, b'a']).text(), Err(Broken("it ends too early")));
    }

    proptest! {
        #[test]
        fn numbers_and_texts_survive(number: u32, text in "\\PC{0,80}") {
            let mut buffer = BytesMut::new();
            put_varint(&mut buffer, number);
            put_text(&mut buffer, &text).unwrap();
            let mut reader = Reader::new(&buffer);
            prop_assert_eq!(reader.varint(), Ok(number));
            prop_assert_eq!(reader.text(), Ok(text.as_str()));
            prop_assert!(reader.left.is_empty());
        }
    }
}
