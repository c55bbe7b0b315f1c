use super::{
    Op,
    condition::TextTest,
    decimal::Decimal,
    meaning::in_order,
    pattern::Whole,
    text::{folded, same_folded},
};
use std::cmp::Ordering;

/// What one value is asked, ready to be asked of many.
#[derive(Debug, Clone)]
pub(super) enum ValueTest {
    There,
    Same(String, Option<Decimal>),
    Equal(String, Option<Decimal>),
    Like(Whole),
    Order(Op, String, Option<Decimal>),
}

impl ValueTest {
    /// The test, and the one that must hold of no value.
    pub(super) fn of(test: TextTest) -> (Self, Option<Self>) {
        match test {
            TextTest::There => (Self::There, None),
            TextTest::Same(text, number) => (Self::Same(folded(&text), number), None),
            TextTest::Equal(text, number) => (Self::Equal(text, number), None),
            TextTest::NotEqual(text, number) => (Self::There, Some(Self::Equal(text, number))),
            TextTest::Like(pattern) => (Self::Like(Whole::new(&pattern, true)), None),
            TextTest::Order(op, text, number) => (Self::Order(op, text, number), None),
        }
    }

    /// Of a container or a null header: only that it is there.
    pub(super) const fn of_what_is_there(&self) -> bool {
        matches!(self, Self::There)
    }

    /// Of a text, its escapes read.
    pub(super) fn of_text(&self, text: &[u8]) -> bool {
        match self {
            Self::There => true,
            Self::Same(folded, _) => same_folded(text, folded),
            Self::Equal(exact, _) => text == exact.as_bytes(),
            Self::Like(pattern) => pattern.fits(text),
            Self::Order(op, exact, number) => match number {
                Some(number) => ordered(*op, number, text),
                None => in_order(*op, text.cmp(exact.as_bytes())),
            },
        }
    }

    /// Of a number, `true`, `false`, `null` or what stands there instead.
    pub(super) fn of_bare(&self, bare: &[u8]) -> bool {
        let is = |number: &Option<Decimal>| number.as_ref().is_some_and(|n| n.order_of(bare) == Some(Ordering::Equal));
        match self {
            Self::There => true,
            Self::Same(folded, number) => same_folded(bare, folded) || is(number),
            Self::Equal(exact, number) => bare == exact.as_bytes() || is(number),
            Self::Like(pattern) => pattern.fits(bare),
            Self::Order(op, _, number) => number.as_ref().is_some_and(|n| ordered(*op, n, bare)),
        }
    }
}

fn ordered(op: Op, number: &Decimal, literal: &[u8]) -> bool {
    // Most texts are no number: their first letter tells.
    literal.first().is_some_and(|b| b.is_ascii_digit() || *b == b'-')
        && number.order_of(literal).is_some_and(|order| in_order(op, order))
}
