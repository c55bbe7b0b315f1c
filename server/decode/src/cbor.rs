//! CBOR (RFC 8949), as its section 6.1 makes JSON of it: tags are left out but for large integers, which keep their
//! digits; `undefined` is `null`. Bytes are `hex:…`, as everywhere here. Names in maps that are no text are written as
//! one; a simple value without a meaning is `simple(n)`.

use crate::{
    Broken,
    cursor::{Cursor, Values},
    half::half,
    json::{Json, hexed},
};
use std::borrow::Cow;

const UNSIGNED: u8 = 0;
const NEGATIVE: u8 = 1;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const LIST: u8 = 4;
const MAP: u8 = 5;
const TAG: u8 = 6;

/// Ends what has no length.
const BREAK: u8 = 0xff;
/// Integers of so many bytes are written in digits, larger ones as bytes.
const LARGEST_INTEGER: usize = 64;

pub(crate) fn read(bytes: &[u8]) -> Result<Values, Broken> {
    let mut reader = Reader { at: Cursor::new(bytes), json: Json::default() };
    reader.value(0)?;
    reader.at.end(reader.json.finish())
}

struct Reader<'a> {
    at: Cursor<'a>,
    json: Json,
}

/// The first byte of a value and what belongs to it.
struct Head {
    major: u8,
    /// The lower five bits: 24 to 27 say how long the argument is.
    minor: u8,
    /// `None`: no length is given, a break ends it.
    argument: Option<u64>,
}

impl<'a> Reader<'a> {
    fn head(&mut self) -> Result<Head, Broken> {
        let first = self.at.byte()?;
        let (major, minor) = (first >> 5, first & 0x1f);
        let argument = match minor {
            0..=23 => Some(u64::from(minor)),
            24..=27 => Some(self.at.unsigned(1 << (minor - 24))?),
            31 if (BYTES..=MAP).contains(&major) => None,
            31 if first == BREAK => return Err(self.at.fail("a break stands where a value should be")),
            _ => return Err(self.at.fail("no value begins so")),
        };
        Ok(Head { major, minor, argument })
    }

    fn value(&mut self, depth: u16) -> Result<(), Broken> {
        let head = self.head()?;
        match head.major {
            UNSIGNED | NEGATIVE => self.json.bare(integer(&head)),
            BYTES => {
                let bytes = self.string(&head)?;
                self.json.bytes(&bytes)
            }
            TEXT => match self.text(&head)? {
                Ok(text) => self.json.text(&text),
                Err(bytes) => self.json.bytes(&bytes),
            },
            LIST => self.list(&head, depth),
            MAP => self.map(&head, depth),
            TAG => self.tagged(head.argument, depth),
            _ => match (head.minor, head.argument.unwrap_or_default()) {
                (25, bits) => self.json.single(half(bits as u16)),
                (26, bits) => self.json.single(f32::from_bits(bits as u32)),
                (27, bits) => self.json.double(f64::from_bits(bits)),
                (_, 20) => self.json.bare(false),
                (_, 21) => self.json.bare(true),
                (_, 22 | 23) => self.json.bare("null"),
                (_, other) => self.json.text(&format!("simple({other})")),
            },
        }
    }

    /// Is the next value there, or has the list or map ended?
    fn goes_on(&mut self, left: &mut Option<u64>) -> Result<bool, Broken> {
        match left {
            Some(0) => Ok(false),
            Some(left) => {
                *left -= 1;
                Ok(true)
            }
            None if self.at.peek() == Some(BREAK) => {
                self.at.byte()?;
                Ok(false)
            }
            None => Ok(true),
        }
    }

    /// What is announced: each value takes a byte, at least.
    fn announced(&self, head: &Head) -> Result<Option<u64>, Broken> {
        if let Some(length) = head.argument {
            self.at.length(length)?;
        }
        Ok(head.argument)
    }

    fn list(&mut self, head: &Head, depth: u16) -> Result<(), Broken> {
        let (deeper, mut left) = (self.at.deeper(depth)?, self.announced(head)?);
        self.json.open('[')?;
        while self.goes_on(&mut left)? {
            self.value(deeper)?;
        }
        self.json.close(']');
        Ok(())
    }

    fn map(&mut self, head: &Head, depth: u16) -> Result<(), Broken> {
        let (deeper, mut left) = (self.at.deeper(depth)?, self.announced(head)?);
        self.json.open('{')?;
        while self.goes_on(&mut left)? {
            let name = self.name(deeper)?;
            self.json.name(&name)?;
            self.value(deeper)?;
        }
        self.json.close('}');
        Ok(())
    }

    fn name(&mut self, depth: u16) -> Result<Cow<'a, str>, Broken> {
        let head = self.head()?;
        let name = match head.major {
            UNSIGNED | NEGATIVE => integer(&head).to_string(),
            BYTES => hexed(&self.string(&head)?),
            TEXT => match self.text(&head)? {
                Ok(text) => return Ok(text),
                Err(bytes) => hexed(&bytes),
            },
            TAG => {
                let deeper = self.at.deeper(depth)?;
                return self.name(deeper);
            }
            LIST | MAP => return Err(self.at.fail("a name in a map is a list or a map")),
            _ => match (head.minor, head.argument.unwrap_or_default()) {
                (25, bits) => format!("{:?}", half(bits as u16)),
                (26, bits) => format!("{:?}", f32::from_bits(bits as u32)),
                (27, bits) => format!("{:?}", f64::from_bits(bits)),
                (_, 20) => "false".to_owned(),
                (_, 21) => "true".to_owned(),
                (_, 22) => "null".to_owned(),
                (_, 23) => "undefined".to_owned(),
                (_, other) => format!("simple({other})"),
            },
        };
        Ok(Cow::Owned(name))
    }

    fn tagged(&mut self, tag: Option<u64>, depth: u16) -> Result<(), Broken> {
        let deeper = self.at.deeper(depth)?;
        if !matches!(tag, Some(2 | 3)) || self.at.peek().is_none_or(|first| first >> 5 != BYTES) {
            return self.value(deeper);
        }
        let head = self.head()?;
        let bytes = self.string(&head)?;
        let first = bytes.iter().position(|b| *b != 0).unwrap_or(bytes.len());
        match bytes.get(first..) {
            Some(bytes) if bytes.len() <= LARGEST_INTEGER => self.json.bare(digits(bytes, tag == Some(3))),
            _ => self.json.bytes(&bytes),
        }
    }

    /// The bytes of a text or byte string, which may come in chunks.
    fn string(&mut self, head: &Head) -> Result<Cow<'a, [u8]>, Broken> {
        if let Some(length) = head.argument {
            return Ok(Cow::Borrowed(self.at.take(self.at.length(length)?)?));
        }
        let mut all = Vec::new();
        while self.goes_on(&mut None)? {
            let chunk = self.head()?;
            match chunk.argument {
                Some(length) if chunk.major == head.major => {
                    all.extend_from_slice(self.at.take(self.at.length(length)?)?);
                }
                _ => return Err(self.at.fail("a string in chunks has something else in it")),
            }
        }
        Ok(Cow::Owned(all))
    }

    /// A text, or its bytes where they are none.
    fn text(&mut self, head: &Head) -> Result<Result<Cow<'a, str>, Cow<'a, [u8]>>, Broken> {
        Ok(match self.string(head)? {
            Cow::Borrowed(bytes) => self.at.text(bytes).map(Cow::Borrowed).ok_or(Cow::Borrowed(bytes)),
            Cow::Owned(bytes) => match String::from_utf8(bytes) {
                Ok(text) => {
                    self.at.texts += usize::from(!text.is_empty());
                    Ok(Cow::Owned(text))
                }
                Err(e) => {
                    self.at.odd = true;
                    Err(Cow::Owned(e.into_bytes()))
                }
            },
        })
    }
}

fn integer(head: &Head) -> i128 {
    let argument = i128::from(head.argument.unwrap_or_default());
    if head.major == NEGATIVE { -1 - argument } else { argument }
}

/// A large integer in decimal digits; a negative one is −1 minus the number (RFC 8949, 3.4.3).
fn digits(bytes: &[u8], negative: bool) -> String {
    let mut number = bytes.to_vec();
    if negative {
        number.insert(0, 0);
        for byte in number.iter_mut().rev() {
            let over;
            (*byte, over) = byte.overflowing_add(1);
            if !over {
                break;
            }
        }
    }
    let mut out = Vec::new();
    while number.iter().any(|b| *b != 0) {
        let rest = number.iter_mut().fold(0u16, |rest, byte| {
            let part = (rest << 8) | u16::from(*byte);
            *byte = (part / 10) as u8;
            part % 10
        });
        out.push(b'0' + rest as u8);
    }
    if out.is_empty() {
        out.push(b'0');
    }
    if negative {
        out.push(b'-');
    }
    out.iter().rev().map(|digit| char::from(*digit)).collect()
}

#[cfg(test)]
mod tests;
