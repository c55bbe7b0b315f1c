//! MessagePack (<https://github.com/msgpack/msgpack/blob/master/spec.md>).
//!
//! Names in maps that are no text are written as one. The extension −1 is a time; others are `{"@ext": type, "@data": "hex:…"}`.
//! A text that is no UTF-8 (the format once had one type for both) is shown as bytes.

use crate::{
    Broken,
    cursor::{Cursor, Values},
    json::{Json, hexed},
};
use chrono::{DateTime, SecondsFormat};

/// The type of extension that is a time.
const TIME: i8 = -1;

pub(crate) fn read(bytes: &[u8]) -> Result<Values, Broken> {
    let mut reader = Reader { at: Cursor::new(bytes), json: Json::default() };
    reader.value(0)?;
    reader.at.end(reader.json.finish())
}

struct Reader<'a> {
    at: Cursor<'a>,
    json: Json,
}

impl Reader<'_> {
    fn value(&mut self, depth: u16) -> Result<(), Broken> {
        let first = self.at.byte()?;
        match first {
            0x00..=0x7f => self.json.bare(first),
            0x80..=0x8f => self.map(u64::from(first & 0x0f), depth),
            0x90..=0x9f => self.list(u64::from(first & 0x0f), depth),
            0xa0..=0xbf => self.text(u64::from(first & 0x1f)),
            0xc0 => self.json.bare("null"),
            0xc2 => self.json.bare(false),
            0xc3 => self.json.bare(true),
            0xc4..=0xc6 => {
                let length = self.unsigned(first - 0xc4)?;
                let bytes = self.at.take(self.at.length(length)?)?;
                self.json.bytes(bytes)
            }
            0xc7..=0xc9 => {
                let length = self.unsigned(first - 0xc7)?;
                self.extension(length)
            }
            0xca => {
                let value = f32::from_be_bytes(self.at.array()?);
                self.json.single(value)
            }
            0xcb => {
                let value = f64::from_be_bytes(self.at.array()?);
                self.json.double(value)
            }
            0xcc..=0xcf => {
                let value = self.unsigned(first - 0xcc)?;
                self.json.bare(value)
            }
            0xd0..=0xd3 => {
                let value = self.signed(first - 0xd0)?;
                self.json.bare(value)
            }
            0xd4..=0xd8 => self.extension(1 << (first - 0xd4)),
            0xd9..=0xdb => {
                let length = self.unsigned(first - 0xd9)?;
                self.text(length)
            }
            0xdc | 0xdd => {
                let items = self.unsigned(first - 0xdc + 1)?;
                self.list(items, depth)
            }
            0xde | 0xdf => {
                let members = self.unsigned(first - 0xde + 1)?;
                self.map(members, depth)
            }
            0xe0..=0xff => self.json.bare(first.cast_signed()),
            0xc1 => Err(self.at.fail("0xc1 stands before no value")),
        }
    }

    /// Of 1, 2, 4 or 8 bytes: `power` is 0 to 3.
    fn unsigned(&mut self, power: u8) -> Result<u64, Broken> {
        self.at.unsigned(1 << power)
    }

    fn signed(&mut self, power: u8) -> Result<i64, Broken> {
        let unused = 64 - (8 << power);
        Ok((self.unsigned(power)? << unused).cast_signed() >> unused)
    }

    fn text(&mut self, length: u64) -> Result<(), Broken> {
        let bytes = self.at.take(self.at.length(length)?)?;
        match self.at.text(bytes) {
            Some(text) => self.json.text(text),
            None => self.json.bytes(bytes),
        }
    }

    fn list(&mut self, items: u64, depth: u16) -> Result<(), Broken> {
        let deeper = self.at.deeper(depth)?;
        self.json.open('[')?;
        // Each takes a byte, at least.
        for _ in 0..self.at.length(items)? {
            self.value(deeper)?;
        }
        self.json.close(']');
        Ok(())
    }

    fn map(&mut self, members: u64, depth: u16) -> Result<(), Broken> {
        let deeper = self.at.deeper(depth)?;
        self.json.open('{')?;
        for _ in 0..self.at.length(members)? {
            let name = self.name()?;
            self.json.name(&name)?;
            self.value(deeper)?;
        }
        self.json.close('}');
        Ok(())
    }

    fn name(&mut self) -> Result<String, Broken> {
        let first = self.at.byte()?;
        let length = match first {
            0x00..=0x7f => return Ok(first.to_string()),
            0xe0..=0xff => return Ok(first.cast_signed().to_string()),
            0xc0 => return Ok("null".to_owned()),
            0xc2 => return Ok("false".to_owned()),
            0xc3 => return Ok("true".to_owned()),
            0xca => return Ok(format!("{:?}", f32::from_be_bytes(self.at.array()?))),
            0xcb => return Ok(format!("{:?}", f64::from_be_bytes(self.at.array()?))),
            0xcc..=0xcf => return Ok(self.unsigned(first - 0xcc)?.to_string()),
            0xd0..=0xd3 => return Ok(self.signed(first - 0xd0)?.to_string()),
            0xc4..=0xc6 => {
                let length = self.unsigned(first - 0xc4)?;
                return Ok(hexed(self.at.take(self.at.length(length)?)?));
            }
            0xa0..=0xbf => u64::from(first & 0x1f),
            0xd9..=0xdb => self.unsigned(first - 0xd9)?,
            _ => return Err(self.at.fail("a name in a map is a list, a map or an extension")),
        };
        let bytes = self.at.take(self.at.length(length)?)?;
        Ok(self.at.text(bytes).map_or_else(|| hexed(bytes), str::to_owned))
    }

    fn extension(&mut self, length: u64) -> Result<(), Broken> {
        let kind = self.at.byte()?.cast_signed();
        let data = self.at.take(self.at.length(length)?)?;
        if kind == TIME
            && let Some(time) = time(data)
        {
            return self.json.text(&time);
        }
        self.json.open('{')?;
        self.json.name("@ext")?;
        self.json.bare(kind)?;
        self.json.name("@data")?;
        self.json.bytes(data)?;
        self.json.close('}');
        Ok(())
    }
}

/// Seconds; nanoseconds in the upper 30 bits and seconds in the lower 34; or nanoseconds and then seconds.
fn time(data: &[u8]) -> Option<String> {
    let (seconds, nanoseconds) = match data.len() {
        4 => (i64::from(u32::from_be_bytes(data.try_into().ok()?)), 0),
        8 => {
            let both = u64::from_be_bytes(data.try_into().ok()?);
            ((both & 0x3_ffff_ffff).cast_signed(), u32::try_from(both >> 34).ok()?)
        }
        12 => {
            let (nanoseconds, seconds) = data.split_at_checked(4)?;
            (i64::from_be_bytes(seconds.try_into().ok()?), u32::from_be_bytes(nanoseconds.try_into().ok()?))
        }
        _ => return None,
    };
    Some(DateTime::from_timestamp(seconds, nanoseconds)?.to_rfc3339_opts(SecondsFormat::AutoSi, true))
}

#[cfg(test)]
mod tests;
