//! What expressions count with. Whatever an event holds is borrowed from it.

use std::{borrow::Cow, rc::Rc};
use weir_domain::search::{HeaderBytes, Tree};

#[derive(Debug, Clone)]
pub(crate) enum Value<'a> {
    Null,
    Bool(bool),
    Int(i64),
    UInt(u64),
    Double(f64),
    Text(Cow<'a, str>),
    Bytes(Cow<'a, [u8]>),
    /// Microseconds since 1970.
    Time(i64),
    /// Microseconds.
    Duration(i64),
    Type(&'static str),
    List(Rc<Vec<Value<'a>>>),
    Map(Rc<Vec<(Value<'a>, Value<'a>)>>),
    /// Of a payload.
    Array(&'a [(u32, Tree)]),
    Object(&'a [(Vec<u8>, Tree)]),
    Headers(&'a [HeaderBytes<'a>]),
}

impl<'a> Value<'a> {
    pub(crate) const fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null_type",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::UInt(_) => "uint",
            Self::Double(_) => "double",
            Self::Text(_) => "string",
            Self::Bytes(_) => "bytes",
            Self::Time(_) => "google.protobuf.Timestamp",
            Self::Duration(_) => "google.protobuf.Duration",
            Self::Type(_) => "type",
            Self::List(_) | Self::Array(_) => "list",
            Self::Map(_) | Self::Object(_) | Self::Headers(_) => "map",
        }
    }

    pub(crate) fn of_tree(tree: &'a Tree) -> Self {
        match tree {
            Tree::Text(text) => Self::Text(String::from_utf8_lossy(text)),
            Tree::Bare(word) => bare(word),
            Tree::Array(elements) => Self::Array(elements),
            Tree::Object(members) => Self::Object(members),
        }
    }

    /// Text where it is some.
    pub(crate) fn of_bytes(bytes: &'a [u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::Text(Cow::Borrowed(text)),
            Err(_) => Self::Bytes(Cow::Borrowed(bytes)),
        }
    }

    /// Of what has one: letters, bytes, elements, members, names of headers.
    pub(crate) fn len(&self) -> Option<usize> {
        match self {
            Self::Text(text) => Some(text.chars().count()),
            Self::Bytes(bytes) => Some(bytes.len()),
            Self::List(list) => Some(list.len()),
            Self::Array(elements) => Some(elements.len()),
            Self::Map(entries) => Some(entries.len()),
            Self::Object(_) | Self::Headers(_) => Some(self.keys()?.len()),
            _ => None,
        }
    }

    /// What it costs to go over it.
    pub(crate) fn weight(&self) -> usize {
        match self {
            Self::Text(text) => text.len() >> 6,
            Self::Bytes(bytes) => bytes.len() >> 6,
            Self::List(list) => list.len(),
            Self::Array(elements) => elements.len(),
            Self::Map(entries) => entries.len(),
            Self::Object(members) => members.len(),
            Self::Headers(headers) => headers.len(),
            _ => 0,
        }
    }

    /// The keys of a map, each once, in their order.
    pub(crate) fn keys(&self) -> Option<Vec<Value<'a>>> {
        match self {
            Self::Map(entries) => Some(entries.iter().map(|(key, _)| key.clone()).collect()),
            Self::Object(members) => {
                let mut met = std::collections::HashSet::new();
                let names = members.iter().map(|(name, _)| name.as_slice()).filter(|name| met.insert(*name));
                Some(names.map(|name| Self::Text(String::from_utf8_lossy(name))).collect())
            }
            Self::Headers(headers) => {
                let mut met = std::collections::HashSet::new();
                let names = headers.iter().map(|h| h.name).filter(|name| met.insert(name.to_ascii_lowercase()));
                Some(names.map(|name| Self::Text(String::from_utf8_lossy(name))).collect())
            }
            _ => None,
        }
    }

    /// The member of this name. Where an object has a name more than once, the last one counts; of a header all values.
    pub(crate) fn member(&self, name: &str) -> Option<Value<'a>> {
        match self {
            Self::Map(entries) => {
                let is = |key: &Value<'_>| matches!(key, Value::Text(text) if text == name);
                entries.iter().find(|(key, _)| is(key)).map(|(_, value)| value.clone())
            }
            Self::Object(members) => {
                members.iter().rev().find(|(n, _)| n == name.as_bytes()).map(|(_, tree)| Self::of_tree(tree))
            }
            Self::Headers(headers) => {
                let value = |h: &HeaderBytes<'a>| h.value.map_or(Self::Null, Self::of_bytes);
                let named = headers.iter().filter(|h| h.name.eq_ignore_ascii_case(name.as_bytes()));
                let mut values: Vec<_> = named.map(value).collect();
                match values.len() {
                    0 | 1 => values.pop(),
                    _ => Some(Self::List(Rc::new(values))),
                }
            }
            _ => None,
        }
    }

    /// The element at a place of a list.
    pub(crate) fn element(&self, at: usize) -> Option<Value<'a>> {
        match self {
            Self::List(list) => list.get(at).cloned(),
            Self::Array(elements) => elements.get(at).map(|(_, tree)| Self::of_tree(tree)),
            _ => None,
        }
    }

    pub(crate) const fn is_list(&self) -> bool {
        matches!(self, Self::List(_) | Self::Array(_))
    }

    pub(crate) const fn is_map(&self) -> bool {
        matches!(self, Self::Map(_) | Self::Object(_) | Self::Headers(_))
    }
}

/// A number, a word of JSON, or what stands there instead.
fn bare(word: &[u8]) -> Value<'_> {
    match word {
        b"true" => return Value::Bool(true),
        b"false" => return Value::Bool(false),
        b"null" => return Value::Null,
        _ => {}
    }
    let text = String::from_utf8_lossy(word);
    let numeric = text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b))
        && text.contains(|c: char| c.is_ascii_digit());
    if numeric {
        if let Ok(n) = text.parse() {
            return Value::Int(n);
        }
        if let Ok(n) = text.parse() {
            return Value::UInt(n);
        }
        if let Ok(n) = text.parse() {
            return Value::Double(n);
        }
    }
    Value::Text(text)
}
