//! The paths of a query, merged by their beginnings, so that one walk over a payload serves them all.

use super::{
    Path, Step,
    find::{Finder, has_backslash},
    skip::{ends_bare, string_end},
    text::unescaped,
    value_test::ValueTest,
};

#[derive(Debug, Default)]
pub(super) struct Paths {
    pub(super) nodes: Vec<PathNode>,
    pub(super) tests: Vec<ValueTest>,
    needles: Vec<Needle>,
    /// A path without a name may lead to any byte.
    nameless: bool,
    /// A name has what JSON may write with a backslash and without `u`.
    escapes: bool,
}

/// The last name of some paths, in its quotes.
#[derive(Debug)]
struct Needle {
    name: String,
    finder: Finder,
    /// Tests of the value behind the name, and of what lies further in it.
    direct: Vec<usize>,
    indirect: Vec<usize>,
}

/// What is looked for below a place that a path leads to.
#[derive(Debug, Default)]
pub(super) struct PathNode {
    pub(super) members: Vec<(Box<[u8]>, usize)>,
    pub(super) elements: Vec<(u32, usize)>,
    pub(super) every: Option<usize>,
    /// Asked of the value itself, and of the elements where it is an array.
    pub(super) tests: Vec<usize>,
    /// A test is reached without any further name.
    pub(super) open: bool,
}

impl Paths {
    /// Where the test's answer will be found.
    pub(super) fn add(&mut self, path: &Path, test: ValueTest) -> usize {
        if self.nodes.is_empty() {
            self.nodes.push(PathNode::default());
        }
        let mut way = vec![0];
        for step in &path.0 {
            let at = way.last().copied().unwrap_or_default();
            let next = self.nodes[at].next(step).unwrap_or_else(|| {
                self.nodes.push(PathNode::default());
                let next = self.nodes.len() - 1;
                self.nodes[at].grow(step, next);
                next
            });
            way.push(next);
        }
        let named = path.0.iter().rposition(|s| matches!(s, Step::Member(_)));
        // Behind the last name every place is open.
        for node in way.iter().skip(named.map_or(0, |i| i + 1)) {
            self.nodes[*node].open = true;
        }
        let test_at = self.tests.len();
        self.tests.push(test);
        if let Some(node) = way.last() {
            self.nodes[*node].tests.push(test_at);
        }
        match named.and_then(|i| path.0.get(i)) {
            Some(Step::Member(name)) => self.needle(name, named == Some(path.0.len() - 1), test_at),
            _ => self.nameless = true,
        }
        test_at
    }

    fn needle(&mut self, name: &str, direct: bool, test: usize) {
        self.escapes |= name.contains(|c: char| c.is_control() || matches!(c, '"' | '\\' | '/'));
        let at = self.needles.iter().position(|n| n.name == name).unwrap_or_else(|| {
            let finder = Finder::new(format!("\"{name}\"").as_bytes(), false);
            self.needles.push(Needle { name: name.to_owned(), finder, direct: Vec::new(), indirect: Vec::new() });
            self.needles.len() - 1
        });
        let needle = &mut self.needles[at];
        if direct { needle.direct.push(test) } else { needle.indirect.push(test) }
    }

    /// Looks at the last names of the paths wherever they stand, and leaves in `maybe` the tests that could hold: for
    /// most events none does, and their structure is never read. Tells the last place that can matter.
    pub(super) fn guess(&self, payload: &[u8], maybe: &mut Vec<bool>) -> usize {
        maybe.clear();
        // Escapes can hide a name.
        let hidden = self.nameless || has_backslash(payload, !self.escapes);
        maybe.resize(self.tests.len(), hidden);
        if hidden {
            return payload.len();
        }
        let mut last = 0;
        for needle in &self.needles {
            needle.finder.each(payload, 0, |at| {
                last = last.max(at);
                let behind = at + needle.finder.len();
                needle.indirect.iter().for_each(|test| maybe[*test] = true);
                for test in &needle.direct {
                    maybe[*test] = maybe[*test] || could_hold(&self.tests[*test], payload, behind);
                }
                true
            });
        }
        last
    }
}

/// Could the test hold of the value behind a name that ends at `at`? Where in doubt, it could.
fn could_hold(test: &ValueTest, payload: &[u8], at: usize) -> bool {
    let rest = payload.get(at..).unwrap_or_default().trim_ascii_start();
    let Some(rest) = rest.strip_prefix(b":") else { return false };
    let mut rest = rest.trim_ascii_start();
    while let Some(more) = rest.strip_prefix(b":") {
        rest = more.trim_ascii_start();
    }
    match rest.first() {
        // Cut off, or no value.
        None | Some(b',' | b'}' | b']') => false,
        Some(b'[') => true,
        Some(b'{') => test.of_what_is_there(),
        Some(b'"') => match string_end(rest, 1) {
            None => false,
            Some(s) if s.escapes => test.of_text(&unescaped(&rest[1..s.end])),
            Some(s) => test.of_text(&rest[1..s.end]),
        },
        Some(_) => rest.iter().position(|b| ends_bare(*b)).is_some_and(|end| test.of_bare(&rest[..end])),
    }
}

impl PathNode {
    fn next(&self, step: &Step) -> Option<usize> {
        match step {
            Step::Member(name) => self.members.iter().find(|(n, _)| **n == *name.as_bytes()).map(|(_, next)| *next),
            Step::Element(i) => self.elements.iter().find(|(n, _)| n == i).map(|(_, next)| *next),
            Step::Elements => self.every,
        }
    }

    fn grow(&mut self, step: &Step, next: usize) {
        match step {
            Step::Member(name) => self.members.push((name.as_bytes().into(), next)),
            Step::Element(i) => self.elements.push((*i, next)),
            Step::Elements => self.every = Some(next),
        }
    }
}
