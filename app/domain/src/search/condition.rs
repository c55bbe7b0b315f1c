//! What a comparison asks, once its value has been read as what its field holds.

use super::{Comparison, Field, Op, Path, Pattern, Text, decimal::Decimal, fields, times};
use crate::events::HEX_MARK;

#[derive(Debug, Clone)]
pub(super) enum Condition {
    Name(NameField, TextTest),
    Number(NumberField, Within),
    Key(KeyTest),
    Header(String, TextTest),
    /// There is a payload: it is no tombstone.
    Payload,
    Path(Path, TextTest),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameField {
    Type,
    Channel,
    Source,
    Environment,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberField {
    Partition,
    Offset,
    Size,
    /// Microseconds since 1970.
    Time,
    Captured,
}

/// From the first to the last, both included; or everything but those.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Within {
    pub(super) first: i64,
    pub(super) last: i64,
    pub(super) outside: bool,
}

impl Within {
    pub(super) const fn holds(self, n: i64) -> bool {
        (self.first <= n && n <= self.last) != self.outside
    }
    fn new(op: Op, first: i64, last: i64) -> Self {
        let (min, max) = (i64::MIN, i64::MAX);
        let none = Self { first: max, last: min, outside: false };
        let range = |first, last| Self { first, last, outside: false };
        match op {
            Op::Matches | Op::Equal => range(first, last),
            Op::NotEqual => Self { outside: true, ..range(first, last) },
            Op::Above => last.checked_add(1).map_or(none, |n| range(n, max)),
            Op::AtLeast => range(first, max),
            Op::Below => first.checked_sub(1).map_or(none, |n| range(min, n)),
            Op::AtMost => range(min, last),
        }
    }
}

/// Keys are identities: bytes, in their own case.
#[derive(Debug, Clone)]
pub(super) enum KeyTest {
    There,
    Is(Vec<u8>),
    /// There is a key, and it is another one.
    IsNot(Vec<u8>),
    Like(Pattern),
}

/// What a text, or a value of a payload, must be. See the table of the module.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum TextTest {
    There,
    /// `:` without wildcards: case is no matter; numbers by value.
    Same(String, Option<Decimal>),
    /// `:` with wildcards.
    Like(Pattern),
    /// `=`: case matters; numbers by value.
    Equal(String, Option<Decimal>),
    /// There is a value, and none that is equal.
    NotEqual(String, Option<Decimal>),
    /// Numbers by value, else texts letter by letter.
    Order(Op, String, Option<Decimal>),
}

/// Why a comparison can't be asked.
#[derive(Debug)]
pub(super) struct Problem {
    /// The operator is at fault, not the value.
    pub(super) of_op: bool,
    pub(super) expected: String,
    pub(super) what_to_do: Option<String>,
    pub(super) write: Option<String>,
}

fn bad_value(expected: impl Into<String>) -> Problem {
    Problem { of_op: false, expected: expected.into(), what_to_do: None, write: None }
}

fn bad_op(expected: impl Into<String>, write: &str) -> Problem {
    Problem { of_op: true, expected: expected.into(), what_to_do: None, write: Some(write.to_owned()) }
}

impl Condition {
    pub(super) fn of(c: &Comparison) -> Result<Self, Problem> {
        if c.op != Op::Matches && c.value.literal().is_none() {
            return Err(Problem {
                what_to_do: Some(format!(
                    "Only `:` takes wildcards; a `*` that is meant as such stands in quotes, after `{}`.",
                    c.op.as_str()
                )),
                ..bad_value("a value without `*`")
            });
        }
        let ordered = matches!(c.op, Op::Above | Op::AtLeast | Op::Below | Op::AtMost);
        let name = |field| match ordered {
            true => Err(bad_op(format!("`:`, `=` or `!=`: a {} has no order", fields::name(&c.field)), ":")),
            false => Ok(Self::Name(field, text_test(c))),
        };
        match &c.field {
            Field::Type => name(NameField::Type),
            Field::Channel => name(NameField::Channel),
            Field::Source => name(NameField::Source),
            Field::Environment => name(NameField::Environment),
            Field::Key if ordered => Err(bad_op("`:`, `=` or `!=`: a key has no order", ":")),
            Field::Key => Ok(Self::Key(key_test(c))),
            Field::Header(header) => Ok(Self::Header(header.clone(), text_test(c))),
            Field::Payload if c.op == Op::Matches && c.value.is_any() => Ok(Self::Payload),
            Field::Payload => Err(Problem {
                what_to_do: Some("A field of it is compared by its path, as in payload.amount>900; a text that stands anywhere is looked for without a field.".into()),
                ..bad_value("`*` after `payload:`")
            }),
            Field::Path(path) => Ok(Self::Path(path.clone(), text_test(c))),
            Field::Partition => number(c, NumberField::Partition),
            Field::Offset => number(c, NumberField::Offset),
            Field::Size => number(c, NumberField::Size),
            Field::Time => number(c, NumberField::Time),
            Field::Captured => number(c, NumberField::Captured),
        }
    }
}

fn number(c: &Comparison, field: NumberField) -> Result<Condition, Problem> {
    if c.value.is_any() {
        // Every event has them.
        return Ok(Condition::Number(field, Within::new(Op::Matches, i64::MIN, i64::MAX)));
    }
    let text = c.value.literal();
    let read = match field {
        NumberField::Time | NumberField::Captured => text.and_then(times::span),
        NumberField::Size => text.and_then(bytes).map(|n| (n, n)),
        NumberField::Partition | NumberField::Offset => text.and_then(|t| t.parse().ok()).map(|n: i64| (n, n)),
    };
    let Some((first, last)) = read else {
        return Err(match field {
            NumberField::Time | NumberField::Captured => Problem {
                what_to_do: Some(
                    "Times are UTC unless they say otherwise; what is counted from now belongs into the range picker."
                        .into(),
                ),
                ..bad_value("a time such as 2026-11-22, 2026-11-22T14:30 or 2026-11-22T14:30:05.250+01:00")
            },
            NumberField::Size => bad_value("a number of bytes such as 512, 10KB or 1.5MiB"),
            NumberField::Partition | NumberField::Offset => bad_value("a whole number"),
        });
    };
    Ok(Condition::Number(field, Within::new(c.op, first, last)))
}

/// `512`, `10KB` (1,000 each), `1.5MiB` (1,024 each).
fn bytes(text: &str) -> Option<i64> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    let unit: i128 = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kb" => 1000,
        "m" | "mb" => 1_000_000,
        "g" | "gb" => 1_000_000_000,
        "kib" => 1 << 10,
        "mib" => 1 << 20,
        "gib" => 1 << 30,
        _ => return None,
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if fraction.len() > 9 || (digits.contains('.') && fraction.is_empty()) {
        return None;
    }
    let scale = 10_i128.pow(u32::try_from(fraction.len()).ok()?);
    let all: i128 = format!("{whole}{fraction}").parse().ok()?;
    let total = all.checked_mul(unit)?;
    if whole.is_empty() || total % scale != 0 {
        return None;
    }
    i64::try_from(total / scale).ok()
}

/// The whole key that a comparison names.
pub(super) fn key_of(c: &Comparison) -> Option<Vec<u8>> {
    match key_test(c) {
        KeyTest::Is(bytes) | KeyTest::IsNot(bytes) => Some(bytes),
        KeyTest::There | KeyTest::Like(_) => None,
    }
}

fn key_test(c: &Comparison) -> KeyTest {
    let Some(text) = c.value.literal() else {
        return match &c.value {
            Text::Bare(p) if !p.is_any() => KeyTest::Like(p.clone()),
            _ => KeyTest::There,
        };
    };
    let bytes = from_hex(text).unwrap_or_else(|| text.as_bytes().to_vec());
    if c.op == Op::NotEqual { KeyTest::IsNot(bytes) } else { KeyTest::Is(bytes) }
}

/// Keys that are no text are written `hex:…`, as lists show them.
fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.strip_prefix(HEX_MARK)?.as_bytes();
    let digit = |b: u8| char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok());
    let (pairs, rest) = digits.as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs.iter().map(|[a, b]| Some(digit(*a)? << 4 | digit(*b)?)).collect()
}

fn text_test(c: &Comparison) -> TextTest {
    let (text, number) = match &c.value {
        Text::Bare(p) if p.is_any() => return TextTest::There,
        Text::Bare(p) => match p.literal() {
            Some(text) => (text.to_owned(), Decimal::parse(text)),
            None => return TextTest::Like(p.clone()),
        },
        Text::Quoted(text) => (text.clone(), None),
    };
    match c.op {
        Op::Matches => TextTest::Same(text, number),
        Op::Equal => TextTest::Equal(text, number),
        Op::NotEqual => TextTest::NotEqual(text, number),
        op => TextTest::Order(op, text, number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        for (text, want) in [
            ("512", Some(512)),
            ("0", Some(0)),
            ("10KB", Some(10_000)),
            ("1.5MiB", Some(1_572_864)),
            ("2g", Some(2_000_000_000)),
            ("0.0001kb", None),
            ("1.kb", None),
            (".5kb", None),
            ("kb", None),
            ("-1", None),
            ("1.2.3", None),
            ("99999999999999999999", None),
            ("99999999999999999999999999999999999999gb", None),
        ] {
            assert_eq!(bytes(text), want, "{text}");
        }
    }

    #[test]
    fn bounds_at_the_ends_of_what_there_is() {
        assert!(!Within::new(Op::Above, i64::MAX, i64::MAX).holds(i64::MAX));
        assert!(!Within::new(Op::Below, i64::MIN, i64::MIN).holds(i64::MIN));
        assert!(Within::new(Op::AtLeast, i64::MAX, i64::MAX).holds(i64::MAX));
        assert!(Within::new(Op::NotEqual, 3, 5).holds(6) && !Within::new(Op::NotEqual, 3, 5).holds(4));
    }

    #[test]
    fn hex_as_the_lists_write_it() {
        assert_eq!(from_hex("hex:00fF"), Some(vec![0, 255]));
        assert_eq!(from_hex("hex:"), Some(vec![]));
        for text in ["hex:0", "hex:+f", "hex:zz", "hex:é", "00ff"] {
            assert_eq!(from_hex(text), None, "{text}");
        }
    }
}
