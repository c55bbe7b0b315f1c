//! What every match of a query fulfils, for a store that can tell from an index where no match is. Conditions are
//! necessary, never sufficient: what they let through is judged by the [`super::Matcher`].

use super::{
    Expr, NameField, Node, NumberField, Op, Path, Query, Step, Text,
    condition::{Condition, KeyTest, TextTest, Within},
    decimal::Decimal,
    text::folded,
    value_test::ValueTest,
    words::{split, whole_words},
};

/// See [`Query::bounds`].
#[derive(Debug, Clone)]
pub struct Bounds {
    pub need: Need,
    pub ranges: Ranges,
}

/// A formula over atoms without negation: a store that can't judge an atom takes it for true.
#[derive(Debug, Clone, PartialEq)]
pub enum Need {
    Always,
    Never,
    All(Vec<Need>),
    Any(Vec<Need>),
    Atom(Atom),
}

#[derive(Debug, Clone, PartialEq)]
pub enum Atom {
    /// The key is exactly this.
    Key(Vec<u8>),
    /// A name of the catalog is such a one.
    Name(NameTest),
    /// Key, headers or payload have this word, in lower case ([`super::word_hash`]).
    Word(String),
    /// Key, headers or payload have a number with an exponent ([`super::EXPONENT`]).
    Exponent,
    /// Key, headers or payload have these letters in a row, in any case; at least three (for trigrams).
    Letters(String),
    /// The payload has a number, or a text that is one, which stands so to this one (for zone maps).
    Number { path: Path, op: Op, than: String },
}

/// What a name must be, to be asked of the catalog's names rather than of each event.
#[derive(Debug, Clone, PartialEq)]
pub struct NameTest {
    pub field: NameField,
    test: TextTest,
    not: bool,
}

impl NameTest {
    pub fn holds(&self, name: &str) -> bool {
        let (test, none) = ValueTest::of(self.test.clone());
        let name = name.as_bytes();
        (test.of_text(name) && none.is_none_or(|none| !none.of_text(name))) != self.not
    }
}

/// From the first to the last, both included; empty where the first is above the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    pub first: i64,
    pub last: i64,
}

impl Range {
    const ALL: Self = Self { first: i64::MIN, last: i64::MAX };

    pub const fn contains(self, n: i64) -> bool {
        self.first <= n && n <= self.last
    }
    pub const fn is_empty(self) -> bool {
        self.first > self.last
    }
    fn both(self, other: Self) -> Self {
        Self { first: self.first.max(other.first), last: self.last.min(other.last) }
    }
    fn around(self, other: Self) -> Self {
        Self { first: self.first.min(other.first), last: self.last.max(other.last) }
    }
    /// What a condition leaves, or what remains without it.
    fn of(within: Within, not: bool) -> Self {
        let outside = within.outside != not;
        match (outside, within.first, within.last) {
            (false, first, last) => Self { first, last },
            (true, first, last) if first > last => Self::ALL,
            (true, i64::MIN, i64::MAX) => Self { first: 1, last: 0 },
            (true, i64::MIN, last) => Self { first: last + 1, last: i64::MAX },
            (true, first, i64::MAX) => Self { first: i64::MIN, last: first - 1 },
            (true, ..) => Self::ALL,
        }
    }
}

/// Times in microseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ranges {
    pub partition: Range,
    pub offset: Range,
    pub size: Range,
    pub time: Range,
    pub captured: Range,
}

impl Ranges {
    const ALL: Self =
        Self { partition: Range::ALL, offset: Range::ALL, size: Range::ALL, time: Range::ALL, captured: Range::ALL };

    fn only(field: NumberField, range: Range) -> Self {
        let mut all = Self::ALL;
        *match field {
            NumberField::Partition => &mut all.partition,
            NumberField::Offset => &mut all.offset,
            NumberField::Size => &mut all.size,
            NumberField::Time => &mut all.time,
            NumberField::Captured => &mut all.captured,
        } = range;
        all
    }
    fn each(self, other: Self, join: fn(Range, Range) -> Range) -> Self {
        Self {
            partition: join(self.partition, other.partition),
            offset: join(self.offset, other.offset),
            size: join(self.size, other.size),
            time: join(self.time, other.time),
            captured: join(self.captured, other.captured),
        }
    }
    fn is_empty(&self) -> bool {
        [self.partition, self.offset, self.size, self.time, self.captured].into_iter().any(Range::is_empty)
    }
}

impl Need {
    /// Can there be a match, as far as `known` can tell? It answers `true` for what it does not know.
    pub fn may_hold(&self, known: &mut impl FnMut(&Atom) -> bool) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::All(needs) => needs.iter().all(|n| n.may_hold(known)),
            Self::Any(needs) => needs.iter().any(|n| n.may_hold(known)),
            Self::Atom(atom) => known(atom),
        }
    }

    fn all(needs: impl IntoIterator<Item = Self>) -> Self {
        let mut flat = Vec::new();
        for need in needs {
            match need {
                Self::Always => {}
                Self::Never => return Self::Never,
                Self::All(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        Self::tidy(flat, Self::Always, Self::All)
    }

    fn any(needs: impl IntoIterator<Item = Self>) -> Self {
        let mut flat = Vec::new();
        for need in needs {
            match need {
                Self::Never => {}
                Self::Always => return Self::Always,
                Self::Any(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        Self::tidy(flat, Self::Never, Self::Any)
    }

    fn tidy(needs: Vec<Self>, none: Self, join: fn(Vec<Self>) -> Self) -> Self {
        let mut once: Vec<Self> = Vec::with_capacity(needs.len());
        for need in needs {
            // Long lists are no longer worth comparing each with each.
            if once.len() > 64 || !once.contains(&need) {
                once.push(need);
            }
        }
        match once.pop() {
            None => none,
            Some(only) if once.is_empty() => only,
            Some(last) => {
                once.push(last);
                join(once)
            }
        }
    }
}

impl Query {
    /// What every match fulfils.
    pub fn bounds(&self) -> Bounds {
        self.root.as_ref().map_or(Bounds::ALL, |root| Bounds::of(root, false))
    }
}

impl Bounds {
    const ALL: Self = Self { need: Need::Always, ranges: Ranges::ALL };

    fn is_never(&self) -> bool {
        self.need == Need::Never || self.ranges.is_empty()
    }

    /// `not`: of what does not match.
    fn of(node: &Node, not: bool) -> Self {
        match (&node.expr, not) {
            (Expr::Not(inner), not) => Self::of(inner, !not),
            (Expr::And(nodes), false) | (Expr::Or(nodes), true) => {
                let all: Vec<_> = nodes.iter().map(|n| Self::of(n, not)).collect();
                let ranges = all.iter().fold(Ranges::ALL, |r, b| r.each(b.ranges, Range::both));
                let need = if ranges.is_empty() { Need::Never } else { Need::all(all.into_iter().map(|b| b.need)) };
                Self { need, ranges }
            }
            (Expr::Or(nodes), false) | (Expr::And(nodes), true) => {
                let some: Vec<_> = nodes.iter().map(|n| Self::of(n, not)).filter(|b| !b.is_never()).collect();
                let around = some.iter().map(|b| b.ranges).reduce(|a, b| a.each(b, Range::around));
                Self { need: Need::any(some.into_iter().map(|b| b.need)), ranges: around.unwrap_or(Ranges::ALL) }
            }
            (Expr::Free(text), false) => Self { need: words(text), ..Self::ALL },
            (Expr::Free(_), true) | (Expr::Formula(_), _) => Self::ALL,
            (Expr::Compare(c), not) => match Condition::of(c) {
                Ok(condition) => Self::condition(condition, not),
                Err(_) if not => Self::ALL,
                Err(_) => Self { need: Need::Never, ..Self::ALL },
            },
        }
    }

    fn condition(condition: Condition, not: bool) -> Self {
        let need = match condition {
            Condition::Number(field, within) => {
                return Self { ranges: Ranges::only(field, Range::of(within, not)), ..Self::ALL };
            }
            Condition::Name(field, test) => Need::Atom(Atom::Name(NameTest { field, test, not })),
            // What is not there is not told by an index of what is.
            _ if not => Need::Always,
            Condition::Payload | Condition::Key(KeyTest::There | KeyTest::IsNot(_)) => Need::Always,
            Condition::Key(KeyTest::Is(bytes)) => Need::Atom(Atom::Key(bytes)),
            Condition::Key(KeyTest::Like(pattern)) => words(&Text::Bare(pattern)),
            Condition::Header(name, test) => Need::all([all_words(&name), value(test, false)]),
            Condition::Path(path, test) => {
                let names =
                    path.0.iter().filter_map(|s| if let Step::Member(n) = s { Some(all_words(n)) } else { None });
                let zone = match &test {
                    TextTest::Order(op, than, Some(_)) => {
                        Need::Atom(Atom::Number { path: path.clone(), op: *op, than: than.clone() })
                    }
                    _ => Need::Always,
                };
                Need::all(names.chain([zone, value(test, true)]))
            }
        };
        Self { need, ..Self::ALL }
    }
}

fn value(test: TextTest, may_be_number: bool) -> Need {
    match test {
        TextTest::There | TextTest::NotEqual(..) | TextTest::Order(..) => Need::Always,
        TextTest::Like(pattern) => words(&Text::Bare(pattern)),
        TextTest::Same(text, Some(number)) | TextTest::Equal(text, Some(number)) if may_be_number => {
            Need::any([all_words(&text), number_words(&number), Need::Atom(Atom::Exponent)])
        }
        TextTest::Same(text, _) | TextTest::Equal(text, _) => all_words(&text),
    }
}

/// A number that is equal begins with the same digits before its point, unless it has an exponent.
fn number_words(number: &Decimal) -> Need {
    number.whole_part().map_or(Need::Always, |digits| Need::Atom(Atom::Word(digits)))
}

fn all_words(text: &str) -> Need {
    Need::all(whole_words(text).into_iter().map(|w| Need::Atom(Atom::Word(w))))
}

/// Words that end at a wildcard may go on: of those only the letters are certain.
fn words(text: &Text) -> Need {
    let parts = text.parts();
    let last = parts.len() - 1;
    Need::all(parts.iter().enumerate().flat_map(|(i, part)| {
        let whole = split(part).filter(move |(_, begins, ends)| (i == 0 || !begins) && (i == last || !ends));
        let letters = last > 0 && part.chars().count() >= 3;
        whole
            .map(|(word, ..)| Need::Atom(Atom::Word(folded(word))))
            .chain(letters.then(|| Need::Atom(Atom::Letters(folded(part)))))
            .collect::<Vec<_>>()
    }))
}
