//! Reads the JSON of answers, strictly as [`serde`] writes it for the same type: members stand in the order of the
//! struct's fields, all of them. Page and server are of one build, so anything else is a disagreement between them
//! and fails.
//!
//! Reading by place instead of by name is what makes it small: a general reader takes five times the code for each
//! type, and was a fifth of the bundle.

use serde::de::{self, DeserializeOwned, DeserializeSeed, Visitor};

/// The text is not what this build's server writes for the type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unreadable;

impl std::fmt::Display for Unreadable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("not the JSON that this build writes for the type")
    }
}

impl std::error::Error for Unreadable {}

impl de::Error for Unreadable {
    fn custom<T: std::fmt::Display>(_: T) -> Self {
        Self
    }
}

type Read<T> = Result<T, Unreadable>;

/// Reads a value and nothing after it.
pub(crate) fn from_str<T: DeserializeOwned>(text: &str) -> Read<T> {
    let mut reader = Reader { text, at: 0, depth: 0 };
    let value = T::deserialize(&mut reader)?;
    reader.space();
    if reader.at == text.len() { Ok(value) } else { Err(Unreadable) }
}

/// No type that travels is nested deeper.
const MAX_DEPTH: u8 = 64;

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: u8,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> u8 {
        self.text.as_bytes().get(self.at).copied().unwrap_or(0)
    }

    fn space(&mut self) {
        while matches!(self.peek(), b' ' | b'\n' | b'\r' | b'\t') {
            self.at += 1;
        }
    }

    /// Takes a piece of punctuation or a word if it is next.
    #[inline(never)]
    fn takes(&mut self, word: &str) -> bool {
        self.space();
        let is_next = self.text.as_bytes()[self.at..].starts_with(word.as_bytes());
        if is_next {
            self.at += word.len();
        }
        is_next
    }

    fn expect(&mut self, word: &str) -> Read<()> {
        if self.takes(word) { Ok(()) } else { Err(Unreadable) }
    }

    fn enter(&mut self, open: &str) -> Read<()> {
        self.expect(open)?;
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err(Unreadable) } else { Ok(()) }
    }

    fn leave(&mut self, close: &str) -> Read<()> {
        self.depth = self.depth.saturating_sub(1);
        self.expect(close)
    }

    /// The text of a number.
    fn number(&mut self) -> &'a str {
        self.space();
        let begin = self.at;
        while matches!(self.peek(), b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E') {
            self.at += 1;
        }
        &self.text[begin..self.at]
    }

    #[inline(never)]
    fn integer(&mut self) -> Read<i128> {
        let text = self.number();
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
        // 19 digits and one more hold every u64 and i64.
        if digits.is_empty() || digits.len() > 20 {
            return Err(Unreadable);
        }
        let mut value = 0;
        for digit in digits.bytes() {
            if !digit.is_ascii_digit() {
                return Err(Unreadable);
            }
            value = value * 10 + i128::from(digit - b'0');
        }
        Ok(sign * value)
    }

    #[inline(never)]
    fn real(&mut self) -> Read<f64> {
        let text = self.number();
        let value = real(text);
        if text.is_empty() || value.is_nan() { Err(Unreadable) } else { Ok(value) }
    }

    #[inline(never)]
    fn string(&mut self) -> Read<String> {
        self.expect("\"")?;
        let mut out = String::new();
        loop {
            let rest = &self.text[self.at..];
            // Both are ASCII, so the ends of the piece are ends of characters.
            let plain = rest.bytes().position(|b| b == b'"' || b == b'\\').ok_or(Unreadable)?;
            out.push_str(&rest[..plain]);
            self.at += plain + 1;
            if rest.as_bytes()[plain] == b'"' {
                return Ok(out);
            }
            let escaped = self.peek();
            self.at += 1;
            out.push(match escaped {
                b'"' | b'\\' | b'/' => char::from(escaped),
                b'b' => '\u{8}',
                b'f' => '\u{c}',
                b'n' => '\n',
                b'r' => '\r',
                b't' => '\t',
                // Written only for what is no printable ASCII: never one half of a pair.
                b'u' => {
                    let digits = self.text.get(self.at..self.at + 4).ok_or(Unreadable)?;
                    self.at += 4;
                    u32::from_str_radix(digits, 16).ok().and_then(char::from_u32).ok_or(Unreadable)?
                }
                _ => return Err(Unreadable),
            });
        }
    }
}

/// The browser's own reader: the one of Rust would bring its tables along.
#[cfg(target_arch = "wasm32")]
fn real(text: &str) -> f64 {
    js_sys::parse_float(text)
}

#[cfg(not(target_arch = "wasm32"))]
fn real(text: &str) -> f64 {
    text.parse().unwrap_or(f64::NAN)
}

macro_rules! integers {
    ($($method:ident $visit:ident $ty:ty),+ $(,)?) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
            visitor.$visit(<$ty>::try_from(self.integer()?).map_err(|_| Unreadable)?)
        })+
    };
}

impl<'de> de::Deserializer<'de> for &mut Reader<'_> {
    type Error = Unreadable;

    integers! {
        deserialize_i8 visit_i8 i8,
        deserialize_i16 visit_i16 i16,
        deserialize_i32 visit_i32 i32,
        deserialize_i64 visit_i64 i64,
        deserialize_u8 visit_u8 u8,
        deserialize_u16 visit_u16 u16,
        deserialize_u32 visit_u32 u32,
        deserialize_u64 visit_u64 u64,
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        let yes = self.takes("true");
        if !yes {
            self.expect("false")?;
        }
        visitor.visit_bool(yes)
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        visitor.visit_f64(self.real()?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        visitor.visit_string(self.string()?)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        visitor.visit_string(self.string()?)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        visitor.visit_str(&self.string()?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        if self.takes("null") { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        self.expect("null")?;
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Read<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        self.enter("[")?;
        let value = visitor.visit_seq(Items { reader: self, first: true, names: None })?;
        self.leave("]")?;
        Ok(value)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Read<V::Value> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(self, _: &'static str, _: usize, visitor: V) -> Read<V::Value> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Read<V::Value> {
        self.enter("{")?;
        let value = visitor.visit_seq(Items { reader: self, first: true, names: Some(fields) })?;
        self.leave("}")?;
        Ok(value)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Read<V::Value> {
        if !self.takes("{") {
            return visitor.visit_enum(Variant { reader: self, has_data: false });
        }
        let value = visitor.visit_enum(Variant { reader: self, has_data: true })?;
        self.expect("}")?;
        Ok(value)
    }

    /// Only for types that look at the data to learn what they are; none travels.
    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Read<V::Value> {
        Err(Unreadable)
    }

    serde::forward_to_deserialize_any! { char bytes byte_buf unit_struct map ignored_any }
}

/// The values of a list, or those of a struct's members by the names of its fields.
struct Items<'r, 'a> {
    reader: &'r mut Reader<'a>,
    first: bool,
    names: Option<&'static [&'static str]>,
}

impl Items<'_, '_> {
    /// Goes to the next value, if there is one.
    #[inline(never)]
    fn step(&mut self) -> Read<bool> {
        self.reader.space();
        if matches!(self.reader.peek(), b']' | b'}') {
            return Ok(false);
        }
        if !std::mem::take(&mut self.first) {
            self.reader.expect(",")?;
        }
        if let Some(names) = &mut self.names {
            let (name, rest) = names.split_first().ok_or(Unreadable)?;
            if self.reader.string()? != *name {
                return Err(Unreadable);
            }
            *names = rest;
            self.reader.expect(":")?;
        }
        Ok(true)
    }
}

impl<'de> de::SeqAccess<'de> for Items<'_, '_> {
    type Error = Unreadable;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Read<Option<T::Value>> {
        if self.step()? { seed.deserialize(&mut *self.reader).map(Some) } else { Ok(None) }
    }
}

struct Variant<'r, 'a> {
    reader: &'r mut Reader<'a>,
    has_data: bool,
}

impl<'de> de::EnumAccess<'de> for Variant<'_, '_> {
    type Error = Unreadable;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Read<(V::Value, Self)> {
        let variant = seed.deserialize(&mut *self.reader)?;
        if self.has_data {
            self.reader.expect(":")?;
        }
        Ok((variant, self))
    }
}

impl<'de> de::VariantAccess<'de> for Variant<'_, '_> {
    type Error = Unreadable;

    fn unit_variant(self) -> Read<()> {
        if self.has_data { Err(Unreadable) } else { Ok(()) }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Read<T::Value> {
        if self.has_data { seed.deserialize(self.reader) } else { Err(Unreadable) }
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Read<V::Value> {
        de::Deserializer::deserialize_seq(self.reader, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Read<V::Value> {
        de::Deserializer::deserialize_struct(self.reader, "", fields, visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::{Deserialize, Serialize};
    use weir_domain::{AppError, ErrorKind, access::Permission};

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    struct All {
        yes: bool,
        small: u8,
        whole: i64,
        most: u64,
        part: f64,
        none: Option<u32>,
        some: Option<String>,
        list: Vec<Kind>,
        pair: (u16, String),
        empty: Vec<u8>,
        unit: (),
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Kind {
        Plain,
        New(Wrapped),
        Tuple(i8, bool),
        Struct { depth_of: i32, kinds: Vec<Kind> },
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    struct Wrapped(String);

    fn all() -> All {
        let kinds = vec![
            Kind::Plain,
            Kind::New(Wrapped("\"\\\u{8}\u{c}\n\r\t\0/é😀\u{7f}\u{2028}".into())),
            Kind::Tuple(i8::MIN, false),
        ];
        All {
            yes: true,
            small: u8::MAX,
            whole: i64::MIN,
            most: u64::MAX,
            part: -1.5e-7,
            none: None,
            some: Some(String::new()),
            list: vec![kinds[0].clone(), Kind::Struct { depth_of: -7, kinds }],
            pair: (65_535, "null".into()),
            empty: Vec::new(),
            unit: (),
        }
    }

    #[test]
    fn reads_what_serde_writes() {
        let all = all();
        for text in [serde_json::to_string(&all).unwrap(), serde_json::to_string_pretty(&all).unwrap()] {
            assert_eq!(from_str::<All>(&text).unwrap(), all, "{text}");
        }
        let failure = AppError::new(ErrorKind::Outdated, "What happened.", "What to do.");
        assert_eq!(from_str(&serde_json::to_string(&failure).unwrap()), Ok(failure));
        let permissions = vec![Permission::SourcesSee, Permission::EventsKey];
        assert_eq!(from_str(&serde_json::to_string(&permissions).unwrap()), Ok(permissions));
    }

    #[test]
    fn what_another_build_would_write_is_refused() {
        let text = serde_json::to_string(&all()).unwrap();
        for (from, to) in [
            ("\"yes\":true,\"small\":255", "\"small\":255,\"yes\":true"),
            ("\"small\"", "\"tiny\""),
            ("\"small\":255,", ""),
            ("255", "256"),
            ("255", "25.5"),
            ("\"yes\":true", "\"yes\":true,\"more\":1"),
            ("\"unit\":null", "\"unit\":null,\"more\":1"),
            ("plain", "fancy"),
            (":true", ":truer"),
            ("-9223372036854775808", "-9223372036854775809"),
        ] {
            let other = text.replacen(from, to, 1);
            assert_ne!(other, text);
            assert_eq!(from_str::<All>(&other), Err(Unreadable), "{other}");
        }
        assert_eq!(from_str::<u8>("1 1"), Err(Unreadable));
    }

    #[test]
    fn no_cut_text_is_read_and_none_does_harm() {
        let text = serde_json::to_string(&all()).unwrap();
        for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
            assert_eq!(from_str::<All>(&text[..end]), Err(Unreadable), "cut at {end}");
        }
        assert_eq!(from_str::<Kind>(&"{\"struct\":{\"depth_of\":1,\"kinds\":[".repeat(50_000)), Err(Unreadable));
        for bad in ["\"\\", "\"\\u12", "\"\\ud800\"", "\"\\x\"", "\"é\\u00é\"", ""] {
            assert_eq!(from_str::<String>(bad), Err(Unreadable), "{bad:?}");
        }
    }
}
