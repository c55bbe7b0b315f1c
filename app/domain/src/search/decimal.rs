//! Numbers compared by value, digit by digit: no binary fraction comes between, so `900` is `900.0`, and integers
//! that a double can't hold differ.

use std::cmp::Ordering;

/// Digits of an exponent that a query may write: with more it is a text.
const EXPONENT_DIGITS: usize = 9;
/// Beyond every exponent that a query may write.
const HUGE: i64 = 1 << 40;

/// A JSON number (RFC 8259) as it is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Literal<'a> {
    negative: bool,
    whole: &'a [u8],
    fraction: &'a [u8],
    exponent: i64,
}

/// A number of the query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Decimal(String);

impl Decimal {
    /// `None`: not written as JSON writes a number, or with an exponent of more than nine digits.
    pub(super) fn parse(text: &str) -> Option<Self> {
        Literal::read(text.as_bytes())?;
        let exponent = text.split(['e', 'E']).nth(1).unwrap_or_default();
        (exponent.trim_start_matches(['+', '-']).len() <= EXPONENT_DIGITS).then(|| Self(text.to_owned()))
    }

    /// How the number written as `other` stands to this one; `None` where that is no number.
    pub(super) fn order_of(&self, other: &[u8]) -> Option<Ordering> {
        let mine = Literal::read(self.0.as_bytes())?;
        Some(Literal::read(other)?.compare(&mine))
    }

    /// The digits before the point where the number is written out; `None` where that would be long.
    pub(super) fn whole_part(&self) -> Option<String> {
        let me = Literal::read(self.0.as_bytes())?;
        let Some(magnitude) = me.magnitude().filter(|m| *m > 0) else { return Some("0".to_owned()) };
        let digits = usize::try_from(magnitude).ok().filter(|n| *n <= 40)?;
        Some(me.digits().chain(std::iter::repeat(b'0')).take(digits).map(char::from).collect())
    }
}

impl<'a> Literal<'a> {
    pub(super) fn read(text: &'a [u8]) -> Option<Self> {
        let negative = text.first() == Some(&b'-');
        let rest = text.get(usize::from(negative)..)?;
        let (whole, rest) = rest.split_at(run(rest));
        if whole.is_empty() || (whole.len() > 1 && whole[0] == b'0') {
            return None;
        }
        let (fraction, rest) = match rest.strip_prefix(b".") {
            Some(rest) => rest.split_at_checked(run(rest)).filter(|(digits, _)| !digits.is_empty())?,
            None => (&rest[..0], rest),
        };
        let exponent = match rest {
            [] => 0,
            [b'e' | b'E', rest @ ..] => exponent(rest)?,
            _ => return None,
        };
        Some(Self { negative, whole, fraction, exponent })
    }

    /// Without leading zeros.
    fn digits(&self) -> impl Iterator<Item = u8> + use<'a> {
        self.whole.iter().chain(self.fraction).copied().skip_while(|d| *d == b'0')
    }

    /// Where the point stands behind the first digit that is not 0; `None` for zero.
    fn magnitude(&self) -> Option<i64> {
        let zeros = self.whole.iter().chain(self.fraction).position(|d| *d != b'0')?;
        Some(self.exponent.saturating_add(self.whole.len() as i64 - zeros as i64))
    }

    pub(super) fn compare(&self, other: &Self) -> Ordering {
        let (mine, its) = match (self.magnitude(), other.magnitude()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return if other.negative { Ordering::Greater } else { Ordering::Less },
            (Some(_), None) => return if self.negative { Ordering::Less } else { Ordering::Greater },
            (Some(mine), Some(its)) => (mine, its),
        };
        if self.negative != other.negative {
            return if self.negative { Ordering::Less } else { Ordering::Greater };
        }
        let size = mine.cmp(&its).then_with(|| digit_by_digit(self.digits(), other.digits()));
        if self.negative { size.reverse() } else { size }
    }
}

fn digit_by_digit(mut a: impl Iterator<Item = u8>, mut b: impl Iterator<Item = u8>) -> Ordering {
    loop {
        match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (x, y) => match x.unwrap_or(b'0').cmp(&y.unwrap_or(b'0')) {
                Ordering::Equal => {}
                unequal => return unequal,
            },
        }
    }
}

fn run(text: &[u8]) -> usize {
    text.iter().position(|b| !b.is_ascii_digit()).unwrap_or(text.len())
}

/// Clamped to what is beyond any query.
fn exponent(text: &[u8]) -> Option<i64> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    if digits.is_empty() || run(digits) != digits.len() {
        return None;
    }
    let size = digits.iter().fold(0_i64, |n, d| (n * 10 + i64::from(d - b'0')).min(HUGE));
    Some(if negative { -size } else { size })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn by_value_and_not_by_letter() {
        for (a, b, want) in [
            ("900", "900.0", Ordering::Equal),
            ("9e2", "900.000", Ordering::Equal),
            ("-0", "0.0e7", Ordering::Equal),
            ("9007199254740993", "9007199254740992", Ordering::Greater),
            ("0.1", "0.10000000000000000001", Ordering::Less),
            ("-2", "-10", Ordering::Greater),
            ("-1", "0", Ordering::Less),
            ("0", "-1e-400", Ordering::Greater),
            ("1e400", "1e401", Ordering::Less),
            ("1e-99999999999999999999", "0", Ordering::Greater),
            ("1e99999999999999999999", "9e999999999", Ordering::Greater),
            ("0.05", "0.1", Ordering::Less),
            ("10", "9.99", Ordering::Greater),
        ] {
            assert_eq!(Decimal::parse(b).unwrap().order_of(a.as_bytes()), Some(want), "{a} {b}");
        }
        for no in ["", "-", "01", "1.", ".5", "+1", "1e", "1e+", "0x1", "1_000", "NaN", " 1", "1e1234567890"] {
            assert_eq!(Decimal::parse(no), None, "{no:?}");
        }
    }

    #[test]
    fn the_whole_part_is_written_out() {
        for (text, want) in
            [("4711", "4711"), ("12.5", "12"), ("0.5", "0"), ("1.25e1", "12"), ("-9e2", "900"), ("0e9", "0")]
        {
            assert_eq!(Decimal::parse(text).unwrap().whole_part().as_deref(), Some(want), "{text}");
        }
        assert_eq!(Decimal::parse("1e300").unwrap().whole_part(), None);
    }

    proptest! {
        /// Whole numbers of hundredths, written in several ways, stand as the numbers do.
        #[test]
        fn agrees_with_integers(a in -1_000_000_000_000_000_000i64..1_000_000_000_000_000_000, b in prop_oneof![Just(None), (-200i64..200).prop_map(Some)], zeros in 0usize..4, shift in 0i64..30) {
            let b = b.map_or(a / 7 * 7, |d| a + d);
            let plain = |n: i64| format!("{}{}.{:02}{}", if n < 0 { "-" } else { "" }, n.unsigned_abs() / 100, n.unsigned_abs() % 100, "0".repeat(zeros));
            let shifted = |n: i64| format!("{n}{}e{}", "0".repeat(usize::try_from(shift).unwrap()), -2 - shift);
            let shifted = |n: i64| if n == 0 { "0e5".to_owned() } else { shifted(n) };
            for (x, y) in [(plain(a), plain(b)), (plain(a), shifted(b)), (shifted(a), plain(b))] {
                prop_assert_eq!(Decimal::parse(&y).unwrap().order_of(x.as_bytes()), Some(a.cmp(&b)), "{} {}", x, y);
            }
        }

        #[test]
        fn is_a_number_where_json_says_so(s in "[-+]?[0-9]{0,3}(\\.[0-9]{0,2})?([eE][-+]?[0-9]{0,2})?") {
            let json = serde_json::from_str::<serde::de::IgnoredAny>(&s).is_ok();
            prop_assert_eq!(Literal::read(s.as_bytes()).is_some(), json);
        }
    }
}
