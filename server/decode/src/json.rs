//! The values of other formats, written as a JSON text.
//!
//! What JSON has no word for is a text: bytes as `hex:…` (the first [`MOST_HEX`] of them), `NaN`, `Infinity`,
//! `-Infinity`. Integers keep all their digits.

use crate::Broken;
use std::fmt::Write as _;
use weir_domain::events::{HEX_MARK, hex};

/// Larger is nothing to look at, and six times what may be read (a NUL is six characters).
const LARGEST: usize = 32 * 1024 * 1024;
/// Bytes that are written of a value that is bytes.
const MOST_HEX: usize = 2048;

#[derive(Default)]
pub(crate) struct Json {
    out: String,
}

impl Json {
    pub(crate) fn finish(self) -> Vec<u8> {
        self.out.into_bytes()
    }

    /// The comma before a value or a name, where one is due; all that is written passes here.
    fn item(&mut self) -> Result<(), Broken> {
        if self.out.len() > LARGEST {
            return Err(Broken::Whole("written as JSON it is larger than 32 MB"));
        }
        if !matches!(self.out.as_bytes().last(), None | Some(b'{' | b'[' | b':')) {
            self.out.push(',');
        }
        Ok(())
    }

    pub(crate) fn open(&mut self, bracket: char) -> Result<(), Broken> {
        self.item()?;
        self.out.push(bracket);
        Ok(())
    }

    pub(crate) fn close(&mut self, bracket: char) {
        self.out.push(bracket);
    }

    pub(crate) fn name(&mut self, name: &str) -> Result<(), Broken> {
        self.text(name)?;
        self.out.push(':');
        Ok(())
    }

    /// A number, `true`, `false` or `null`.
    pub(crate) fn bare(&mut self, value: impl std::fmt::Display) -> Result<(), Broken> {
        self.item()?;
        // Writing to a string can't fail.
        let _ = write!(self.out, "{value}");
        Ok(())
    }

    pub(crate) fn text(&mut self, text: &str) -> Result<(), Broken> {
        self.item()?;
        self.out.push('"');
        let mut rest = text;
        while let Some(at) = rest.find(|c: char| matches!(c, '"' | '\\' | '\0'..='\u{1f}')) {
            let (plain, from) = rest.split_at(at);
            self.out.push_str(plain);
            let mut chars = from.chars();
            match chars.next() {
                Some(c @ ('"' | '\\')) => self.out.extend(['\\', c]),
                Some('\n') => self.out.push_str("\\n"),
                Some('\r') => self.out.push_str("\\r"),
                Some('\t') => self.out.push_str("\\t"),
                Some(c) => {
                    let _ = write!(self.out, "\\u{:04x}", u32::from(c));
                }
                None => {}
            }
            rest = chars.as_str();
        }
        self.out.push_str(rest);
        self.out.push('"');
        Ok(())
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> Result<(), Broken> {
        self.text(&hexed(bytes))
    }

    pub(crate) fn single(&mut self, value: f32) -> Result<(), Broken> {
        if value.is_finite() { self.bare(format_args!("{value:?}")) } else { self.double(value.into()) }
    }

    /// The shortest digits that are this number and no other.
    pub(crate) fn double(&mut self, value: f64) -> Result<(), Broken> {
        match value {
            _ if value.is_finite() => self.bare(format_args!("{value:?}")),
            _ if value.is_nan() => self.text("NaN"),
            _ if value > 0.0 => self.text("Infinity"),
            _ => self.text("-Infinity"),
        }
    }
}

/// Bytes as a text, cut.
pub(crate) fn hexed(bytes: &[u8]) -> String {
    match bytes.get(..MOST_HEX) {
        Some(first) if first.len() < bytes.len() => format!("{HEX_MARK}{}…", hex(first)),
        _ => format!("{HEX_MARK}{}", hex(bytes)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn commas_stand_between_and_nowhere_else() {
        let mut json = Json::default();
        json.open('{').unwrap();
        json.name("a:{[").unwrap();
        json.open('[').unwrap();
        for value in ["[", "{", ":"] {
            json.text(value).unwrap();
        }
        json.open('{').unwrap();
        json.close('}');
        json.close(']');
        json.name("b").unwrap();
        json.bare(u64::MAX).unwrap();
        json.close('}');
        assert_eq!(String::from_utf8(json.finish()).unwrap(), r#"{"a:{[":["[","{",":",{}],"b":18446744073709551615}"#);
    }

    #[test]
    fn what_json_has_no_word_for_is_a_text() {
        let written = |value: f64| {
            let mut json = Json::default();
            json.double(value).unwrap();
            String::from_utf8(json.finish()).unwrap()
        };
        let got = [0.1, 1.0, -0.0, 1e300, f64::NAN, f64::INFINITY, f64::NEG_INFINITY].map(written);
        assert_eq!(got, ["0.1", "1.0", "-0.0", "1e300", "\"NaN\"", "\"Infinity\"", "\"-Infinity\""]);
        assert_eq!(hexed(&[0, 255]), "hex:00ff");
        assert_eq!(hexed(&[7; 3000]).len(), 4 + 2 * MOST_HEX + '…'.len_utf8());
    }

    #[test]
    fn it_stays_bounded() {
        let mut json = Json::default();
        json.open('[').unwrap();
        let long = "\0".repeat(1024 * 1024);
        let refused = (0..100).position(|_| json.text(&long).is_err());
        assert_eq!(refused, Some(6));
    }

    proptest! {
        #[test]
        fn any_text_comes_back(text in any::<String>()) {
            let mut json = Json::default();
            json.text(&text).unwrap();
            prop_assert_eq!(serde_json::from_slice::<String>(&json.finish()).unwrap(), text);
        }

        #[test]
        fn any_number_comes_back(value in any::<f64>(), small in any::<f32>()) {
            let mut json = Json::default();
            json.double(value).unwrap();
            json.single(small).unwrap();
            let text = String::from_utf8(json.finish()).unwrap();
            let (double, single) = text.split_once(',').unwrap();
            prop_assert!(double.trim_matches('"').parse::<f64>().unwrap() == value || value.is_nan());
            prop_assert!(single.trim_matches('"').parse::<f32>().unwrap() == small || small.is_nan());
        }
    }
}
