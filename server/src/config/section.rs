//! Reading a table of the file key by key, remembering what was asked for, where each value stands, and every mistake.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use toml_edit::{Item, TableLike};

use super::{
    mistake::{Mistake, Place},
    suggest::nearest,
    surroundings::{Surroundings, override_name},
};

/// A key: its name, what it wants, and how it looks when it is right.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    pub name: &'static str,
    pub expected: &'static str,
    pub example: &'static str,
}

/// A value and where it stands.
#[derive(Debug, Clone)]
pub struct Found<T> {
    pub value: T,
    pub place: Place,
}

impl<T> Found<T> {
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Found<U> {
        Found { value: f(self.value), place: self.place }
    }
}

/// One pass over one file.
pub struct Reading<'a> {
    text: &'a str,
    pub surroundings: &'a Surroundings,
    mistakes: RefCell<Vec<Mistake>>,
    /// Override variables that were looked for, and the variables that hold secrets.
    looked_for: RefCell<BTreeSet<String>>,
}

impl<'a> Reading<'a> {
    pub fn new(text: &'a str, surroundings: &'a Surroundings) -> Self {
        Self { text, surroundings, mistakes: RefCell::default(), looked_for: RefCell::default() }
    }
    pub fn report(&self, mistake: Mistake) {
        self.mistakes.borrow_mut().push(mistake);
    }
    pub fn line(&self, span: Option<Range<usize>>) -> Option<usize> {
        let before = self.text.get(..span?.start)?;
        Some(1 + before.bytes().filter(|b| *b == b'\n').count())
    }
    /// A variable that is no override, though its name may look like one.
    pub fn uses_variable(&self, name: &str) {
        self.looked_for.borrow_mut().insert(name.to_owned());
    }
    fn override_of(&self, path: &str) -> Option<Found<&'a str>> {
        let name = override_name(path);
        let value = self.surroundings.variables.get(&name).map(String::as_str);
        self.looked_for.borrow_mut().insert(name.clone());
        value.map(|value| Found { value, place: Place::Environment(name) })
    }
    /// Variables that begin with `WEIR_`, mean nothing, and are near to one that does, with that one.
    pub fn near_misses(&self) -> BTreeMap<String, String> {
        let known = self.looked_for.borrow();
        self.surroundings
            .variables
            .keys()
            .filter(|v| v.starts_with("WEIR_") && !known.contains(*v))
            .filter_map(|v| Some((v.clone(), nearest(v, known.iter().map(String::as_str))?.to_owned())))
            .collect()
    }
    /// In the order of the file, the environment's last.
    pub fn into_mistakes(self) -> Vec<Mistake> {
        let mut all = self.mistakes.into_inner();
        all.sort_by(|a, b| a.place.cmp(&b.place));
        all
    }
}

/// One table of the file, or one that could stand there.
pub struct Section<'a, 'r> {
    pub reading: &'r Reading<'a>,
    /// `sources.shop`; empty for the file itself.
    path: String,
    table: Option<&'r dyn TableLike>,
    /// Where it begins, for what is missing in it.
    line: usize,
    asked: RefCell<Vec<Key>>,
    /// Keys that are dealt with and never offered.
    refused: RefCell<Vec<&'static str>>,
}

impl<'a, 'r> Section<'a, 'r> {
    pub fn root(reading: &'r Reading<'a>, table: &'r dyn TableLike) -> Self {
        Self {
            reading,
            path: String::new(),
            table: Some(table),
            line: 1,
            asked: RefCell::default(),
            refused: RefCell::default(),
        }
    }

    pub fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }
    /// Where the section begins.
    pub fn place(&self) -> Place {
        Place::Line(self.line)
    }

    pub fn wrong(&self, key: &Key, place: &Place, what: impl Into<String>) {
        self.reading.report(Mistake {
            place: place.clone(),
            key: self.path_of(key.name),
            what: what.into(),
            expected: key.expected.to_owned(),
            example: key.example.to_owned(),
        });
    }
    /// The section's own name is no good.
    pub fn wrong_name(&self, key: &Key, name: &Found<String>) {
        self.reading.report(Mistake {
            place: name.place.clone(),
            key: self.path.clone(),
            what: "has a name that can't be used".to_owned(),
            expected: key.expected.to_owned(),
            example: key.example.to_owned(),
        });
    }
    pub fn missing(&self, key: &Key) {
        self.wrong(key, &self.place(), "is missing");
    }

    /// Makes a key known, so that it is offered even where it is not read.
    pub fn know(&self, key: &Key) {
        if !self.asked.borrow().iter().any(|k| k.name == key.name) {
            self.asked.borrow_mut().push(*key);
        }
    }

    /// A key that must not stand here whatever its value, which is not shown.
    pub fn refuse(&self, key: &Key, what: &str) {
        let Some((name, item)) = self.table.and_then(|t| t.get_key_value(key.name)) else { return };
        let line = self.reading.line(name.span().or_else(|| item.span())).unwrap_or(self.line);
        self.wrong(key, &Place::Line(line), what);
        self.refused.borrow_mut().push(key.name);
    }

    fn item(&self, key: &Key) -> Option<(&'r Item, Place)> {
        self.know(key);
        let (name, item) = self.table?.get_key_value(key.name)?;
        let line = self.reading.line(name.span().or_else(|| item.span())).unwrap_or(self.line);
        Some((item, Place::Line(line)))
    }
    fn is_no(&self, key: &Key, item: &Item, place: &Place) {
        self.wrong(key, place, format!("is {} {}", article(item.type_name()), item.type_name()));
    }

    /// Is it said at all, in the file or over it?
    pub fn has(&self, key: &Key) -> bool {
        self.table.is_some_and(|t| t.contains_key(key.name))
            || self.reading.override_of(&self.path_of(key.name)).is_some()
    }

    pub fn text(&self, key: &Key) -> Option<Found<String>> {
        let item = self.item(key);
        if let Some(over) = self.reading.override_of(&self.path_of(key.name)) {
            return Some(over.map(str::to_owned));
        }
        let (item, place) = item?;
        match item.as_str() {
            Some(value) => Some(Found { value: value.to_owned(), place }),
            None => {
                self.is_no(key, item, &place);
                None
            }
        }
    }

    /// Text, or a date and time as TOML writes one without quotes.
    pub fn text_or_time(&self, key: &Key) -> Option<Found<String>> {
        match self.table.and_then(|t| t.get(key.name)).and_then(Item::as_datetime) {
            Some(time) if self.reading.override_of(&self.path_of(key.name)).is_none() => {
                self.item(key).map(|(_, place)| Found { value: time.to_string(), place })
            }
            _ => self.text(key),
        }
    }

    pub fn needed_text(&self, key: &Key) -> Option<Found<String>> {
        let said = self.has(key);
        let found = self.text(key);
        if !said {
            self.missing(key);
        }
        found
    }

    pub fn flag(&self, key: &Key) -> Option<Found<bool>> {
        let item = self.item(key);
        if let Some(over) = self.reading.override_of(&self.path_of(key.name)) {
            let value = match over.value {
                "true" | "1" => true,
                "false" | "0" => false,
                other => {
                    self.wrong(key, &over.place, format!("is {other:?}"));
                    return None;
                }
            };
            return Some(over.map(|_| value));
        }
        let (item, place) = item?;
        let value = item.as_bool();
        if value.is_none() {
            self.is_no(key, item, &place);
        }
        value.map(|value| Found { value, place })
    }

    /// A whole number within `range`.
    pub fn number(&self, key: &Key, range: Range<u64>) -> Option<Found<u64>> {
        let item = self.item(key);
        let found = match self.reading.override_of(&self.path_of(key.name)) {
            Some(over) => match over.value.replace('_', "").parse::<i64>() {
                Ok(value) => Found { value, place: over.place },
                Err(_) => {
                    self.wrong(key, &over.place, format!("is {:?}", over.value));
                    return None;
                }
            },
            None => {
                let (item, place) = item?;
                let Some(value) = item.as_integer() else {
                    self.is_no(key, item, &place);
                    return None;
                };
                Found { value, place }
            }
        };
        match u64::try_from(found.value) {
            Ok(value) if range.contains(&value) => Some(Found { value, place: found.place }),
            _ => {
                self.wrong(key, &found.place, format!("is {}", found.value));
                None
            }
        }
    }

    /// A number from 0 to 1.
    pub fn share(&self, key: &Key) -> Option<Found<f64>> {
        let item = self.item(key);
        let found = match self.reading.override_of(&self.path_of(key.name)) {
            Some(over) => over.map(|text| text.parse().unwrap_or(f64::NAN)),
            None => {
                let (item, place) = item?;
                let value = item.as_float().or_else(|| item.as_integer().map(|n| n as f64));
                let Some(value) = value else {
                    self.is_no(key, item, &place);
                    return None;
                };
                Found { value, place }
            }
        };
        if !(0.0..=1.0).contains(&found.value) {
            self.wrong(key, &found.place, format!("is {}", found.value));
            return None;
        }
        Some(found)
    }

    /// A list of texts; in the environment separated by commas.
    pub fn texts(&self, key: &Key) -> Option<Vec<Found<String>>> {
        let item = self.item(key);
        if let Some(over) = self.reading.override_of(&self.path_of(key.name)) {
            let parts = over.value.split(',').map(str::trim).filter(|s| !s.is_empty());
            return Some(parts.map(|s| Found { value: s.to_owned(), place: over.place.clone() }).collect());
        }
        let (item, place) = item?;
        let Some(array) = item.as_array() else {
            self.is_no(key, item, &place);
            return None;
        };
        let mut values = Vec::new();
        for value in array {
            let place = self.reading.line(value.span()).map_or(place.clone(), Place::Line);
            match value.as_str() {
                Some(text) => values.push(Found { value: text.to_owned(), place }),
                None => self.wrong(key, &place, format!("holds {} {}", article(value.type_name()), value.type_name())),
            }
        }
        Some(values)
    }

    pub fn needed_texts(&self, key: &Key) -> Option<Vec<Found<String>>> {
        let said = self.has(key);
        let found = self.texts(key);
        match &found {
            Some(list) if list.is_empty() && said => {
                let place = self.item(key).map_or_else(|| self.place(), |(_, place)| place);
                self.wrong(key, &place, "is empty");
                None
            }
            _ => {
                if !said {
                    self.missing(key);
                }
                found
            }
        }
    }

    /// A table in this one; `None` if it is not there.
    pub fn child(&self, key: &Key) -> Option<Section<'a, 'r>> {
        let (item, place) = self.item(key)?;
        self.below(key, key.name, item, place)
    }
    /// A table in this one, empty if it is not there, so that the environment can speak for it.
    pub fn child_or_empty(&self, key: &Key) -> Section<'a, 'r> {
        self.child(key).unwrap_or_else(|| Section {
            reading: self.reading,
            path: self.path_of(key.name),
            table: None,
            line: self.line,
            asked: RefCell::default(),
            refused: RefCell::default(),
        })
    }
    /// The tables of a table, by the names people gave them.
    pub fn children(&self, key: &Key) -> Vec<(Found<String>, Section<'a, 'r>)> {
        let Some(child) = self.child(key) else { return Vec::new() };
        let Some(table) = child.table else { return Vec::new() };
        let mut all = Vec::new();
        for (name, item) in table.iter() {
            let span = table.key(name).and_then(toml_edit::Key::span).or_else(|| item.span());
            let place = Place::Line(self.reading.line(span).unwrap_or(child.line));
            if let Some(section) = child.below(key, name, item, place.clone()) {
                all.push((Found { value: name.to_owned(), place }, section));
            }
        }
        all
    }

    fn below(&self, key: &Key, name: &str, item: &'r Item, place: Place) -> Option<Section<'a, 'r>> {
        let Some(table) = item.as_table_like() else {
            let (path, kind) = (self.path_of(name), item.type_name());
            self.reading.report(Mistake {
                place,
                key: path,
                what: format!("is {} {kind}", article(kind)),
                expected: key.expected.to_owned(),
                example: key.example.to_owned(),
            });
            return None;
        };
        // A header's own line is where people look for what is missing below it.
        let line = match place {
            Place::Line(line) => line,
            Place::Environment(_) => self.line,
        };
        let path = self.path_of(name);
        Some(Section {
            reading: self.reading,
            path,
            table: Some(table),
            line,
            asked: RefCell::default(),
            refused: RefCell::default(),
        })
    }

    /// Call last: every key that nothing asked for is a mistake.
    pub fn end(self) {
        let Some(table) = self.table else { return };
        let asked = self.asked.borrow();
        for (name, item) in table.iter() {
            if asked.iter().any(|k| k.name == name) || self.refused.borrow().contains(&name) {
                continue;
            }
            let span = table.key(name).and_then(toml_edit::Key::span).or_else(|| item.span());
            let place = Place::Line(self.reading.line(span).unwrap_or(self.line));
            let near = nearest(name, asked.iter().map(|k| k.name)).and_then(|n| asked.iter().find(|k| k.name == n));
            let names: Vec<_> = asked.iter().map(|k| k.name).collect();
            let (what, example) = match near {
                Some(key) => (format!("is not a key; did you mean {:?}?", key.name), key.example.to_owned()),
                None => ("is not a key".to_owned(), asked.first().map_or("", |k| k.example).to_owned()),
            };
            let expected = format!("one of {}", names.join(", "));
            self.reading.report(Mistake { place, key: self.path_of(name), what, expected, example });
        }
    }
}

fn article(word: &str) -> &'static str {
    if word.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" }
}
