//! What a query means, told as plainly as can be: letter by letter, over a whole tree. Nothing here is quick; what is
//! ([`super::Matcher`]) is tested against it.

use super::{
    Decoded, Expr, HeaderBytes, Node, Op, Query, Searched, Step, Text, Verdict,
    condition::{Condition, KeyTest, TextTest},
    decimal::Decimal,
    event::{all, any},
    text::{ends_a_gap, fold, in_a_word, unescaped},
    tree::{self, Value},
};
use std::cmp::Ordering;

impl Query {
    /// Does the event match? The reference that [`super::Matcher`] agrees with.
    pub fn judge_plainly(&self, event: &Searched<'_>) -> Verdict {
        self.root.as_ref().map_or(Verdict::Yes, |root| judge(root, event))
    }
}

fn judge(node: &Node, event: &Searched<'_>) -> Verdict {
    match &node.expr {
        Expr::And(nodes) => all(nodes.iter().map(|n| judge(n, event))),
        Expr::Or(nodes) => any(nodes.iter().map(|n| judge(n, event))),
        Expr::Not(inner) => judge(inner, event).not(),
        Expr::Free(text) => anywhere(text, event),
        Expr::Formula(formula) => formula.judge(event).unwrap_or(Verdict::Unknown),
        // What can't be asked matches nothing; the parser refuses it.
        Expr::Compare(c) => Condition::of(c).map_or(Verdict::No, |c| compare(&c, event)),
    }
}

fn compare(condition: &Condition, event: &Searched<'_>) -> Verdict {
    let told = |shown: Option<bool>| shown.map_or(Verdict::Unknown, Verdict::of);
    match condition {
        Condition::Name(field, test) => {
            Verdict::of(holds(test, &[Value::Text(event.name(*field).as_bytes().to_vec())]))
        }
        Condition::Number(field, within) => Verdict::of(within.holds(event.number(*field))),
        Condition::Key(test) => told(event.key.shown().map(|key| key.is_some_and(|key| key_holds(test, key)))),
        Condition::Header(name, test) => told(event.headers.shown().map(|headers| holds(test, &header(name, headers)))),
        Condition::Payload => told(event.payload.shown().map(|p| p.is_some())),
        Condition::Path(..) if event.decoded == Decoded::Not => Verdict::Unknown,
        Condition::Path(path, test) => told(event.payload.shown().map(|payload| {
            let root = match event.decoded {
                Decoded::As(bytes) => tree::read(bytes),
                _ => payload.and_then(tree::read),
            };
            let mut found = Vec::new();
            if let Some(root) = &root {
                walk(root, &path.0, &mut found);
            }
            holds(test, &found.into_iter().cloned().collect::<Vec<_>>())
        })),
    }
}

fn key_holds(test: &KeyTest, key: &[u8]) -> bool {
    match test {
        KeyTest::There => true,
        KeyTest::Is(bytes) => key == bytes,
        KeyTest::IsNot(bytes) => key != bytes,
        KeyTest::Like(pattern) => {
            let parts: Vec<_> = pattern.parts().iter().map(|p| p.bytes().collect()).collect();
            fits(&parts, key)
        }
    }
}

/// The values of the headers of that name; a null one is there and holds nothing.
fn header(name: &str, headers: &[HeaderBytes<'_>]) -> Vec<Value> {
    let wanted = letters(name.as_bytes());
    let value = |h: &HeaderBytes<'_>| h.value.map_or(Value::Array(Vec::new()), |v| Value::Text(v.to_vec()));
    headers.iter().filter(|h| letters(h.name) == wanted).map(value).collect()
}

/// Every value that a path leads to.
pub(super) fn walk<'v>(value: &'v Value, path: &[Step], found: &mut Vec<&'v Value>) {
    match (path.first(), value) {
        (None, Value::Array(elements)) => {
            found.push(value);
            elements.iter().for_each(|(_, e)| walk(e, &[], found));
        }
        (None, _) => found.push(value),
        (Some(Step::Member(name)), Value::Object(members)) => {
            members.iter().filter(|(n, _)| n == name.as_bytes()).for_each(|(_, v)| walk(v, &path[1..], found));
        }
        (Some(Step::Member(_)), Value::Array(elements)) => elements.iter().for_each(|(_, e)| walk(e, path, found)),
        (Some(Step::Element(n)), Value::Array(elements)) => {
            elements.iter().filter(|(i, _)| i == n).for_each(|(_, e)| walk(e, &path[1..], found));
        }
        (Some(Step::Elements), Value::Array(elements)) => {
            elements.iter().for_each(|(_, e)| walk(e, &path[1..], found));
        }
        _ => {}
    }
}

fn holds(test: &TextTest, values: &[Value]) -> bool {
    match test {
        TextTest::There => !values.is_empty(),
        TextTest::NotEqual(text, number) => !values.is_empty() && !values.iter().any(|v| equal(text, number, v)),
        TextTest::Equal(text, number) => values.iter().any(|v| equal(text, number, v)),
        TextTest::Same(text, number) => values
            .iter()
            .any(|v| equal(text, number, v) || v.letters().is_some_and(|v| letters(v) == letters(text.as_bytes()))),
        TextTest::Like(pattern) => {
            values.iter().any(|v| v.letters().is_some_and(|v| fits(&parts(pattern.parts()), &letters(v))))
        }
        TextTest::Order(op, text, number) => values.iter().any(|v| {
            let order = match (number, v) {
                (Some(number), Value::Text(t) | Value::Bare(t)) => number.order_of(t),
                (None, Value::Text(t)) => Some(t.as_slice().cmp(text.as_bytes())),
                _ => None,
            };
            order.is_some_and(|order| in_order(*op, order))
        }),
    }
}

/// The same letters, or both numbers of the same value; a text of an event is no number here.
fn equal(text: &str, number: &Option<Decimal>, value: &Value) -> bool {
    value.letters() == Some(text.as_bytes())
        || matches!((number, value), (Some(n), Value::Bare(b)) if n.order_of(b) == Some(Ordering::Equal))
}

pub(super) fn in_order(op: Op, order: Ordering) -> bool {
    match op {
        Op::Above => order.is_gt(),
        Op::AtLeast => order.is_ge(),
        Op::Below => order.is_lt(),
        Op::AtMost => order.is_le(),
        Op::Matches | Op::Equal => order.is_eq(),
        Op::NotEqual => order.is_ne(),
    }
}

fn letters(bytes: &[u8]) -> Vec<char> {
    String::from_utf8_lossy(bytes).chars().map(fold).collect()
}

fn parts(parts: &[String]) -> Vec<Vec<char>> {
    parts.iter().map(|p| letters(p.as_bytes())).collect()
}

/// Does the whole text fit? `reach[i]`: what was read of the pattern can end at `i`.
fn fits<T: PartialEq + Copy>(parts: &[Vec<T>], text: &[T]) -> bool {
    let mut reach = vec![false; text.len() + 1];
    reach[0] = true;
    for (i, part) in parts.iter().enumerate() {
        if i > 0 {
            let first = reach.iter().position(|r| *r).unwrap_or(reach.len());
            reach.iter_mut().skip(first).for_each(|r| *r = true);
        }
        reach = after(part, text, &reach);
    }
    reach[text.len()]
}

fn after<T: PartialEq>(part: &[T], text: &[T], reach: &[bool]) -> Vec<bool> {
    (0..=text.len())
        .map(|end| end.checked_sub(part.len()).is_some_and(|at| reach[at] && text[at..end] == *part))
        .collect()
}

/// A word or phrase somewhere in what can be seen.
fn anywhere(free: &Text, event: &Searched<'_>) -> Verdict {
    if free.is_any() {
        return Verdict::Yes;
    }
    let parts = parts(free.parts());
    let is_in = |bytes: &[u8]| stands_in(&parts, &letters(bytes));
    let told = |shown: Option<bool>| shown.map_or(Verdict::Unknown, Verdict::of);
    let header = |h: &HeaderBytes<'_>| is_in(h.name) || h.value.is_some_and(is_in);
    let payload = |p: &[u8]| is_in(p) || tree::strings(p).iter().any(|s| s.contains(&b'\\') && is_in(&unescaped(s)));
    let sent = told(event.payload.shown().map(|p| p.is_some_and(payload)));
    let read = match event.decoded {
        Decoded::As(bytes) if sent != Verdict::Unknown => any([sent, Verdict::of(payload(bytes))].into_iter()),
        Decoded::Not if sent == Verdict::No => Verdict::Unknown,
        _ => sent,
    };
    any([
        told(event.key.shown().map(|key| key.is_some_and(is_in))),
        told(event.headers.shown().map(|headers| headers.iter().any(header))),
        read,
    ]
    .into_iter())
}

fn stands_in(parts: &[Vec<char>], text: &[char]) -> bool {
    let word = |at: usize| text.get(at).is_some_and(|c| in_a_word(*c));
    let begins = parts.first().and_then(|p| p.first()).is_some_and(|c| in_a_word(*c));
    let ends = parts.last().and_then(|p| p.last()).is_some_and(|c| in_a_word(*c));
    let mut reach: Vec<_> = (0..=text.len()).map(|at| !(begins && at > 0 && word(at - 1))).collect();
    for (i, part) in parts.iter().enumerate() {
        // A wildcard at an end only lets the word go on, which it is then not asked for.
        if i > 0 && !(i == 1 && parts[0].is_empty()) {
            for at in 1..reach.len() {
                reach[at] |= reach[at - 1] && !ends_a_gap(text[at - 1]);
            }
        }
        reach = after(part, text, &reach);
    }
    reach.iter().enumerate().any(|(at, reached)| *reached && !(ends && word(at)))
}

impl Value {
    /// What it is written with; `None` for what holds others.
    pub(super) fn letters(&self) -> Option<&[u8]> {
        match self {
            Self::Text(t) | Self::Bare(t) => Some(t),
            Self::Object(_) | Self::Array(_) => None,
        }
    }
}
