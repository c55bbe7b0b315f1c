//! One walk over a payload, from its beginning to the last place that can matter: no tree is built, and what no path
//! leads to is passed over. Reads by the rules of [`super::tree`].

use super::{
    paths::Paths,
    skip::{Passed, container_end, ends_bare, string_end},
    text::unescaped,
    tree::DEEPEST,
    value_test::ValueTest,
};
use std::{borrow::Cow, ops::Range};

/// What a walk needs room for; kept from event to event.
#[derive(Debug, Default)]
pub(super) struct Room {
    /// Per test of [`Paths`]: it could hold.
    pub(super) maybe: Vec<bool>,
    /// Likewise: it does.
    pub(super) hits: Vec<bool>,
    places: Vec<Place>,
}

/// Where in the paths a value stands.
#[derive(Debug, Clone, Copy)]
struct Place {
    node: usize,
    /// Reached by looking through an array: an index in brackets means the outer one, not a nested array.
    through: bool,
}

struct Walk<'a> {
    paths: &'a Paths,
    payload: &'a [u8],
    at: usize,
    last: usize,
    room: &'a mut Room,
    /// Tests that no value has met.
    left: usize,
    /// Arrays around `at` whose elements are asked themselves.
    open: usize,
}

/// Leaves in `room.hits` what holds.
/// Behind `last` nothing can matter.
pub(super) fn scan(paths: &Paths, payload: &[u8], last: usize, room: &mut Room) {
    room.hits.clear();
    room.hits.resize(paths.tests.len(), false);
    room.places.clear();
    let start = if payload.starts_with("\u{feff}".as_bytes()) { 3 } else { 0 };
    let mut walk = Walk { paths, payload, at: start, last, left: paths.tests.len(), room, open: 0 };
    walk.space();
    if matches!(walk.peek(), Some(b'{' | b'[')) {
        walk.room.places.push(Place { node: 0, through: false });
        // `None` is the end of the walk, not a failure.
        let _ = walk.container(0..1, 1);
    }
}

impl Walk<'_> {
    fn peek(&self) -> Option<u8> {
        self.payload.get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t' | b'\x0c')) {
            self.at += 1;
        }
    }

    /// At an opening bracket; goes behind the closing one. `None`: nothing further can matter.
    fn container(&mut self, places: Range<usize>, depth: usize) -> Option<()> {
        let object = self.peek()? == b'{';
        self.at += 1;
        if depth > DEEPEST {
            self.at = container_end(self.payload, self.at)?;
            return Some(());
        }
        let done = if object { self.object(places, depth) } else { self.array(places, depth) };
        done?;
        self.at += 1;
        Some(())
    }

    fn object(&mut self, places: Range<usize>, depth: usize) -> Option<()> {
        let top = places.end;
        // The places of the value that comes next lie above `top`, if a name led to it.
        loop {
            self.space();
            match self.peek()? {
                b'}' | b']' => {
                    self.room.places.truncate(top);
                    return Some(());
                }
                b',' => {
                    self.room.places.truncate(top);
                    self.at += 1;
                }
                b':' => self.at += 1,
                b'"' => {
                    if self.room.places.len() == top && self.at > self.last && self.open == 0 {
                        return None;
                    }
                    let from = self.at + 1;
                    let passed = string_end(self.payload, from)?;
                    self.at = passed.end + 1;
                    self.space();
                    if self.peek() == Some(b':') {
                        self.at += 1;
                        self.room.places.truncate(top);
                        self.name(&places, from, passed);
                    } else {
                        self.text(top, from, passed)?;
                        self.room.places.truncate(top);
                    }
                }
                _ => self.value(top, depth)?,
            }
        }
    }

    fn array(&mut self, places: Range<usize>, depth: usize) -> Option<()> {
        let top = places.end;
        let asked = self.room.places[places.clone()].iter().any(|p| {
            let node = &self.paths.nodes[p.node];
            if p.through { !node.tests.is_empty() } else { node.open }
        });
        self.open += usize::from(asked);
        let mut index = 0_u32;
        self.elements(&places, index);
        loop {
            self.space();
            if self.at > self.last && self.open == 0 {
                return None;
            }
            match self.peek()? {
                b'}' | b']' => {
                    self.open -= usize::from(asked);
                    self.room.places.truncate(top);
                    return Some(());
                }
                b',' => {
                    self.at += 1;
                    index = index.saturating_add(1);
                    self.elements(&places, index);
                }
                b':' => self.at += 1,
                b'"' => {
                    let from = self.at + 1;
                    let passed = string_end(self.payload, from)?;
                    self.at = passed.end + 1;
                    self.text(top, from, passed)?;
                }
                _ => self.one_value(top, depth)?,
            }
        }
    }

    /// The places that a name leads to go above those of its object.
    fn name(&mut self, places: &Range<usize>, from: usize, passed: Passed) {
        let raw = &self.payload[from..passed.end];
        let name = if passed.escapes { unescaped(raw) } else { Cow::Borrowed(raw) };
        for i in places.clone() {
            let node = self.room.places[i].node;
            for (wanted, next) in &self.paths.nodes[node].members {
                if **wanted == *name {
                    self.room.places.push(Place { node: *next, through: false });
                }
            }
        }
    }

    /// The places of an array's element, likewise.
    fn elements(&mut self, places: &Range<usize>, index: u32) {
        self.room.places.truncate(places.end);
        for i in places.clone() {
            let Place { node, through } = self.room.places[i];
            let me = &self.paths.nodes[node];
            if !me.members.is_empty() || !me.tests.is_empty() {
                self.room.places.push(Place { node, through: true });
            }
            if !through {
                let here = me.elements.iter().filter(|(n, _)| *n == index).map(|(_, next)| *next);
                for node in here.chain(me.every) {
                    self.room.places.push(Place { node, through: false });
                }
            }
        }
    }

    fn text(&mut self, top: usize, from: usize, passed: Passed) -> Option<()> {
        if self.room.places.len() == top {
            return Some(());
        }
        match passed.escapes {
            true => self.ask(top, |t, text| t.of_text(&unescaped(text)), from..passed.end),
            false => self.ask(top, ValueTest::of_text, from..passed.end),
        }
    }

    fn value(&mut self, top: usize, depth: usize) -> Option<()> {
        self.one_value(top, depth)?;
        self.room.places.truncate(top);
        Some(())
    }

    /// A container or a value without quotes.
    fn one_value(&mut self, top: usize, depth: usize) -> Option<()> {
        let from = self.at;
        if matches!(self.peek()?, b'{' | b'[') {
            let places = top..self.room.places.len();
            if places.is_empty() {
                self.at = container_end(self.payload, from + 1)?;
                return Some(());
            }
            self.ask(top, |t, _| t.of_what_is_there(), from..from)?;
            return self.container(places, depth + 1);
        }
        let long = self.payload[from..].iter().position(|b| ends_bare(*b))?;
        self.at = from + long;
        self.ask(top, ValueTest::of_bare, from..from + long)
    }

    /// Asks a value all that the places above `top` want to know. `None`: every test is met.
    fn ask(&mut self, top: usize, holds: impl Fn(&ValueTest, &[u8]) -> bool, value: Range<usize>) -> Option<()> {
        let value = &self.payload[value];
        for i in top..self.room.places.len() {
            for test in &self.paths.nodes[self.room.places[i].node].tests {
                if !self.room.hits[*test] && holds(&self.paths.tests[*test], value) {
                    self.room.hits[*test] = true;
                    self.left -= 1;
                }
            }
        }
        (self.left > 0).then_some(())
    }
}
