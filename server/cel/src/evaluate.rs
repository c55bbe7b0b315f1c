//! Judging one event, step by step and in bounded many.

use crate::{
    functions,
    node::{Field, Loop, Node, Step},
    operators::{at, binary},
    value::Value,
};
use std::{borrow::Cow, cell::OnceCell, rc::Rc};
use weir_domain::search::{Decoded, Part, Searched, Tree, read_tree};

/// Steps of one event, at most: each value that is made is one, and what goes over much counts for more.
pub const MOST_STEPS: u64 = 100_000;
/// And of all events that one call judges.
pub const MOST_STEPS_IN_ALL: u64 = 50_000_000;

/// Why there is no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stop {
    /// There is none: a member that is not there, kinds that don't go together, a number out of range.
    Failed,
    /// It stands in a part that is not stored.
    Absent,
    TooMuch,
}

/// The event's payload, once it is asked for.
#[derive(Debug, Default)]
pub(crate) struct Payload(OnceCell<Option<Tree>>);

pub(crate) struct Frame<'a> {
    event: &'a Searched<'a>,
    payload: &'a Payload,
    /// Of open macros. That one failed is kept: `exists` may yet hold for another element.
    locals: Vec<Result<Value<'a>, Stop>>,
    steps: u64,
    /// What reading the payload cost; it is no step of the expression's.
    reading: u64,
}

impl<'a> Frame<'a> {
    pub(crate) fn new(event: &'a Searched<'a>, payload: &'a Payload) -> Self {
        Self { event, payload, locals: Vec::new(), steps: 0, reading: 0 }
    }

    pub(crate) const fn cost(&self) -> u64 {
        self.steps + self.reading
    }

    pub(crate) fn pays(&mut self, steps: usize) -> Result<(), Stop> {
        self.steps += steps as u64;
        if self.steps > MOST_STEPS { Err(Stop::TooMuch) } else { Ok(()) }
    }

    pub(crate) fn value(&mut self, node: &'a Node) -> Result<Value<'a>, Stop> {
        self.pays(1)?;
        Ok(match node {
            Node::Null => Value::Null,
            Node::Bool(b) => Value::Bool(*b),
            Node::Int(n) => Value::Int(*n),
            Node::UInt(n) => Value::UInt(*n),
            Node::Double(n) => Value::Double(*n),
            Node::Text(text) => Value::Text(Cow::Borrowed(text)),
            Node::Bytes(bytes) => Value::Bytes(Cow::Borrowed(bytes)),
            Node::Type(name) => Value::Type(name),
            Node::Local(slot) => {
                let value = self.locals.get(*slot).cloned().ok_or(Stop::Failed)??;
                self.pays(if matches!(value, Value::Text(_) | Value::Bytes(_)) { value.weight() } else { 0 })?;
                value
            }
            Node::Field(field) => self.field(*field)?,
            Node::Member(name) => {
                let payload = self.field(Field::Payload)?;
                self.select(&payload, name)?.ok_or(Stop::Failed)?
            }
            Node::Select(of, name) => {
                let of = self.value(of)?;
                self.select(&of, name)?.ok_or(Stop::Failed)?
            }
            Node::Has(of, name) => {
                let of = self.value(of)?;
                Value::Bool(self.select(&of, name)?.is_some())
            }
            Node::Index(both) => {
                let [of, key] = &**both;
                let (of, key) = (self.value(of)?, self.value(key)?);
                at(self, &of, &key)?.ok_or(Stop::Failed)?
            }
            Node::List(nodes) => {
                let list = nodes.iter().map(|n| self.value(n)).collect::<Result<Vec<_>, _>>()?;
                Value::List(Rc::new(list))
            }
            Node::Map(entries) => {
                let entries = entries.iter().map(|(k, v)| Ok((self.value(k)?, self.value(v)?)));
                Value::Map(Rc::new(entries.collect::<Result<Vec<_>, Stop>>()?))
            }
            Node::All(nodes) => Value::Bool(self.decided(nodes, false)?),
            Node::Any(nodes) => Value::Bool(self.decided(nodes, true)?),
            Node::Not(inner) => Value::Bool(!self.bool(inner)?),
            Node::NotFalse(inner) => match self.value(inner) {
                Err(Stop::TooMuch) => return Err(Stop::TooMuch),
                value => Value::Bool(!matches!(value, Ok(Value::Bool(false)))),
            },
            Node::Negate(inner) => match self.value(inner)? {
                Value::Int(n) => Value::Int(n.checked_neg().ok_or(Stop::Failed)?),
                Value::Double(n) => Value::Double(-n),
                Value::Duration(n) => Value::Duration(n.checked_neg().ok_or(Stop::Failed)?),
                _ => return Err(Stop::Failed),
            },
            Node::If(all) => {
                let [condition, then, otherwise] = &**all;
                let chosen = if self.bool(condition)? { then } else { otherwise };
                self.value(chosen)?
            }
            Node::Binary(op, both) => {
                let [a, b] = &**both;
                let (a, b) = (self.value(a)?, self.value(b)?);
                binary(self, *op, a, b)?
            }
            Node::Call(function, arguments) => {
                let arguments = arguments.iter().map(|n| self.value(n)).collect::<Result<Vec<_>, _>>()?;
                functions::call(self, *function, &arguments)?
            }
            Node::Matches(text, pattern) => match self.value(text)? {
                Value::Text(text) => {
                    // A pattern goes over each letter, some of them more than once.
                    self.pays(text.len() >> 4)?;
                    Value::Bool(pattern.is_match(&text))
                }
                _ => return Err(Stop::Failed),
            },
            Node::Loop(of) => self.go_over(of)?,
        })
    }

    fn bool(&mut self, node: &'a Node) -> Result<bool, Stop> {
        match self.value(node)? {
            Value::Bool(b) => Ok(b),
            _ => Err(Stop::Failed),
        }
    }

    /// `&&` and `||`: one that decides does so wherever it stands, whatever fails beside it.
    fn decided(&mut self, nodes: &'a [Node], by: bool) -> Result<bool, Stop> {
        let mut failed = None;
        for node in nodes {
            match self.bool(node) {
                Ok(b) if b == by => return Ok(by),
                Ok(_) => {}
                Err(Stop::TooMuch) => return Err(Stop::TooMuch),
                // That it is not stored says more than that it can't be told.
                Err(stop) => failed = failed.filter(|s| *s == Stop::Absent).or(Some(stop)),
            }
        }
        failed.map_or(Ok(!by), Err)
    }

    fn select(&mut self, of: &Value<'a>, name: &str) -> Result<Option<Value<'a>>, Stop> {
        if !of.is_map() {
            return Err(Stop::Failed);
        }
        self.pays(of.weight() >> 3)?;
        Ok(of.member(name))
    }

    fn go_over(&mut self, of: &'a Loop) -> Result<Value<'a>, Stop> {
        let over = self.value(&of.over)?;
        let keys = over.keys();
        let len = keys.as_ref().map(Vec::len).or(over.is_list().then(|| over.len()).flatten()).ok_or(Stop::Failed)?;
        let init = self.value(&of.init)?;
        self.locals.truncate(of.at);
        self.locals.push(Ok(init));
        self.locals.push(Ok(Value::Null));
        for i in 0..len {
            let element = match &keys {
                Some(keys) => keys.get(i).cloned(),
                None => over.element(i),
            };
            self.put(of.at + 1, Ok(element.ok_or(Stop::Failed)?));
            if !self.bool(&of.while_true)? {
                break;
            }
            match &of.step {
                Step::Becomes(node) => match self.value(node) {
                    Err(Stop::TooMuch) => return Err(Stop::TooMuch),
                    next => self.put(of.at, next),
                },
                Step::Append(condition, node) => {
                    if let Some(condition) = condition
                        && !self.bool(condition)?
                    {
                        continue;
                    }
                    let next = self.value(node)?;
                    match self.locals.get_mut(of.at) {
                        Some(Ok(Value::List(list))) => Rc::make_mut(list).push(next),
                        _ => return Err(Stop::Failed),
                    }
                }
            }
        }
        let result = self.value(&of.result);
        self.locals.truncate(of.at);
        result
    }

    fn put(&mut self, slot: usize, value: Result<Value<'a>, Stop>) {
        if let Some(place) = self.locals.get_mut(slot) {
            *place = value;
        }
    }

    fn field(&mut self, field: Field) -> Result<Value<'a>, Stop> {
        fn there<T: Copy>(part: &Part<T>) -> Result<T, Stop> {
            part.shown().ok_or(Stop::Absent)
        }
        let event = self.event;
        let text = |text: &'a str| Value::Text(Cow::Borrowed(text));
        Ok(match field {
            Field::Type => text(event.event_type),
            Field::Channel => text(event.channel),
            Field::Source => text(event.source),
            Field::Environment => text(event.environment),
            Field::Time => Value::Time(event.time.0),
            Field::Captured => Value::Time(event.captured_at.0),
            Field::Partition => Value::Int(event.partition.into()),
            Field::Offset => Value::Int(event.offset),
            Field::Size => Value::Int(i64::try_from(event.size).unwrap_or(i64::MAX)),
            Field::Key => there(&event.key)?.map_or(Value::Null, Value::of_bytes),
            Field::Headers => Value::Headers(there(&event.headers)?),
            Field::Payload => match there(&event.payload)? {
                None => Value::Null,
                Some(bytes) => {
                    let bytes = match event.decoded {
                        Decoded::As(bytes) => bytes,
                        Decoded::AsSent => bytes,
                        Decoded::Not => return Err(Stop::Failed),
                    };
                    let reading = &mut self.reading;
                    let tree = self.payload.0.get_or_init(|| {
                        *reading += bytes.len() as u64 >> 3;
                        read_tree(bytes)
                    });
                    tree.as_ref().map_or_else(|| Value::of_bytes(bytes), Value::of_tree)
                }
            },
        })
    }
}
