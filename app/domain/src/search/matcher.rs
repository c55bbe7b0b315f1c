//! A query made ready to be asked of many events, each once and as little of it as will do.

use super::{
    Decoded, Expr, Formula, HeaderBytes, NameField, Node, NumberField, Query, Searched, Verdict,
    condition::{self, Condition, KeyTest},
    event::{all, any},
    paths::Paths,
    pattern::{Whole, Within},
    scan::{Room, scan},
    skip::string_end,
    text::{folded, same_folded, unescaped},
    value_test::ValueTest,
};

/// Agrees with [`Query::judge_plainly`] on every event.
#[derive(Debug)]
pub struct Matcher {
    root: Judge,
    paths: Paths,
    /// Free words and phrases.
    frees: usize,
}

/// What judging needs room for; one per thread that judges, kept from event to event.
#[derive(Debug, Default)]
pub struct Scratch {
    room: Room,
    told: Told,
}

/// What was found out about an event.
#[derive(Debug, Default)]
struct Told {
    /// About free words.
    frees: Vec<Option<Verdict>>,
    /// A formula could not tell.
    unjudged: bool,
}

impl Scratch {
    /// The last event could not be judged, though all that was asked of it is there: a formula failed on it.
    pub const fn unjudged(&self) -> bool {
        self.told.unjudged
    }
}

/// What is known of the tests of paths.
#[derive(Debug, Clone, Copy)]
enum Known<'a> {
    Nothing,
    /// Those that could hold; the others do not.
    Maybe(&'a [bool]),
    Hits(&'a [bool]),
}

#[derive(Debug)]
enum Judge {
    Always(Verdict),
    All(Vec<Judge>),
    Any(Vec<Judge>),
    Not(Box<Judge>),
    Name(NameField, ValueTest, Option<ValueTest>),
    Number(NumberField, condition::Within),
    Key(Key),
    /// Its folded name.
    Header(String, ValueTest, Option<ValueTest>),
    Payload,
    /// The test that a value must meet, and the one that none may.
    Path(usize, Option<usize>),
    /// Its number, to be found out once.
    Free(usize, Within),
    Formula(Formula),
}

#[derive(Debug)]
enum Key {
    There,
    Is(Vec<u8>),
    IsNot(Vec<u8>),
    Like(Whole),
}

impl Matcher {
    pub fn new(query: &Query) -> Self {
        let mut made = Self { root: Judge::Always(Verdict::Yes), paths: Paths::default(), frees: 0 };
        if let Some(root) = &query.root {
            made.root = made.judge_of(root);
        }
        made
    }

    pub fn judge(&self, event: &Searched<'_>, scratch: &mut Scratch) -> Verdict {
        let Scratch { room, told } = scratch;
        told.unjudged = false;
        told.frees.clear();
        told.frees.resize(self.frees, None);
        let verdict = self.verdict(event, room, told);
        told.unjudged &= verdict == Verdict::Unknown;
        verdict
    }

    fn verdict(&self, event: &Searched<'_>, room: &mut Room, told: &mut Told) -> Verdict {
        // What can be told without its paths often decides.
        let first = self.root.ask(event, Known::Nothing, told);
        let Some(payload) = event.payload.shown().filter(|_| first == Verdict::Unknown && !self.paths.tests.is_empty())
        else {
            return first;
        };
        let payload = match event.decoded {
            Decoded::As(bytes) => bytes,
            Decoded::AsSent => payload.unwrap_or_default(),
            Decoded::Not => {
                told.unjudged = true;
                return first;
            }
        };
        let last = self.paths.guess(payload, &mut room.maybe);
        let second = self.root.ask(event, Known::Maybe(&room.maybe), told);
        if second != Verdict::Unknown {
            return second;
        }
        scan(&self.paths, payload, last, room);
        self.root.ask(event, Known::Hits(&room.hits), told)
    }

    fn judge_of(&mut self, node: &Node) -> Judge {
        match &node.expr {
            Expr::And(nodes) => Judge::All(self.cheapest_first(nodes)),
            Expr::Or(nodes) => Judge::Any(self.cheapest_first(nodes)),
            Expr::Not(inner) => Judge::Not(Box::new(self.judge_of(inner))),
            Expr::Free(text) if text.is_any() => Judge::Always(Verdict::Yes),
            Expr::Free(text) => {
                self.frees += 1;
                Judge::Free(self.frees - 1, Within::new(text))
            }
            Expr::Formula(formula) => Judge::Formula(formula.clone()),
            Expr::Compare(c) => {
                Condition::of(c).map_or(Judge::Always(Verdict::No), |c| Judge::condition(c, &mut self.paths))
            }
        }
    }

    fn cheapest_first(&mut self, nodes: &[Node]) -> Vec<Judge> {
        let mut judges: Vec<_> = nodes.iter().map(|n| self.judge_of(n)).collect();
        judges.sort_by_key(Judge::cost);
        judges
    }
}

impl Judge {
    fn condition(condition: Condition, paths: &mut Paths) -> Self {
        match condition {
            Condition::Name(field, test) => {
                let (test, none) = ValueTest::of(test);
                Self::Name(field, test, none)
            }
            Condition::Number(field, within) => Self::Number(field, within),
            Condition::Key(test) => Self::Key(match test {
                KeyTest::There => Key::There,
                KeyTest::Is(bytes) => Key::Is(bytes),
                KeyTest::IsNot(bytes) => Key::IsNot(bytes),
                KeyTest::Like(pattern) => Key::Like(Whole::new(&pattern, false)),
            }),
            Condition::Header(name, test) => {
                let (test, none) = ValueTest::of(test);
                Self::Header(folded(&name), test, none)
            }
            Condition::Payload => Self::Payload,
            Condition::Path(path, test) => {
                let (test, none) = ValueTest::of(test);
                Self::Path(paths.add(&path, test), none.map(|none| paths.add(&path, none)))
            }
        }
    }

    fn cost(&self) -> u32 {
        match self {
            Self::Always(_) | Self::Number(..) | Self::Payload => 0,
            Self::Name(..) | Self::Key(_) => 1,
            Self::Header(..) => 2,
            Self::Free(..) => 3,
            Self::Path(..) => 4,
            Self::Formula(_) => 5,
            Self::Not(inner) => inner.cost(),
            Self::All(of) | Self::Any(of) => of.iter().map(Self::cost).max().unwrap_or(0),
        }
    }

    fn ask(&self, event: &Searched<'_>, known: Known<'_>, found: &mut Told) -> Verdict {
        let told = |shown: Option<bool>| shown.map_or(Verdict::Unknown, Verdict::of);
        let is = |tests: &[bool], i: usize| tests.get(i).copied().unwrap_or(false);
        match self {
            Self::Always(verdict) => *verdict,
            Self::All(judges) => all(judges.iter().map(|j| j.ask(event, known, found))),
            Self::Any(judges) => any(judges.iter().map(|j| j.ask(event, known, found))),
            Self::Not(inner) => inner.ask(event, known, found).not(),
            Self::Name(field, test, none) => {
                let name = event.name(*field).as_bytes();
                Verdict::of(test.of_text(name) && none.as_ref().is_none_or(|none| !none.of_text(name)))
            }
            Self::Number(field, within) => Verdict::of(within.holds(event.number(*field))),
            Self::Key(key) => told(event.key.shown().map(|shown| shown.is_some_and(|bytes| key.holds(bytes)))),
            Self::Header(name, test, none) => told(event.headers.shown().map(|headers| {
                header_holds(headers, name, test) && none.as_ref().is_none_or(|none| !header_holds(headers, name, none))
            })),
            Self::Payload => told(event.payload.shown().map(|p| p.is_some())),
            Self::Path(test, none) => match known {
                Known::Maybe(maybe) if !is(maybe, *test) => Verdict::No,
                Known::Nothing | Known::Maybe(_) => Verdict::Unknown,
                Known::Hits(hits) => Verdict::of(is(hits, *test) && none.is_none_or(|none| !is(hits, none))),
            },
            Self::Formula(formula) => formula.judge(event).unwrap_or_else(|| {
                found.unjudged = true;
                Verdict::Unknown
            }),
            Self::Free(i, within) => match found.frees.get(*i).copied().flatten() {
                Some(verdict) => verdict,
                None => {
                    let verdict = free(within, event);
                    let there = event.payload.shown().is_some();
                    found.unjudged |= verdict == Verdict::Unknown && there && event.decoded == Decoded::Not;
                    if let Some(slot) = found.frees.get_mut(*i) {
                        *slot = Some(verdict);
                    }
                    verdict
                }
            },
        }
    }
}

impl Key {
    fn holds(&self, key: &[u8]) -> bool {
        match self {
            Self::There => true,
            Self::Is(bytes) => key == bytes,
            Self::IsNot(bytes) => key != bytes,
            Self::Like(pattern) => pattern.fits(key),
        }
    }
}

fn header_holds(headers: &[HeaderBytes<'_>], name: &str, test: &ValueTest) -> bool {
    let holds = |h: &HeaderBytes<'_>| h.value.map_or_else(|| test.of_what_is_there(), |value| test.of_text(value));
    headers.iter().any(|h| same_folded(h.name, name) && holds(h))
}

fn free(within: &Within, event: &Searched<'_>) -> Verdict {
    let told = |shown: Option<bool>| shown.map_or(Verdict::Unknown, Verdict::of);
    let header = |h: &HeaderBytes<'_>| within.is_in(h.name) || h.value.is_some_and(|v| within.is_in(v));
    let key = told(event.key.shown().map(|key| key.is_some_and(|key| within.is_in(key))));
    if key == Verdict::Yes {
        return key;
    }
    let headers = told(event.headers.shown().map(|headers| headers.iter().any(header)));
    if headers == Verdict::Yes {
        return headers;
    }
    let is_in = |p: &[u8]| within.is_in(p) || in_strings(within, p);
    let payload = match (event.payload.shown(), event.decoded) {
        (Some(Some(sent)), _) if is_in(sent) => Verdict::Yes,
        (Some(_), Decoded::As(bytes)) => Verdict::of(is_in(bytes)),
        (Some(_), Decoded::AsSent) => Verdict::No,
        (Some(_), Decoded::Not) | (None, _) => Verdict::Unknown,
    };
    any([key, headers, payload].into_iter())
}

/// Strings of JSON with escapes are looked into once more with those read.
fn in_strings(within: &Within, payload: &[u8]) -> bool {
    let mut found = false;
    each_escaped(payload, |text| {
        found = within.is_in(text);
        !found
    });
    found
}

/// What the strings with escapes say, as long as `f` says `true`. A last one that is cut off counts as far as it goes.
pub(super) fn each_escaped(payload: &[u8], mut f: impl FnMut(&[u8]) -> bool) {
    if !super::find::has_backslash(payload, false) || !looks_like_json(payload) {
        return;
    }
    let mut at = 0;
    while let Some(quote) = payload[at..].iter().position(|b| *b == b'"') {
        let from = at + quote + 1;
        let passed = string_end(payload, from);
        let end = passed.map_or(payload.len(), |s| s.end);
        if passed.is_none_or(|s| s.escapes) && !f(&unescaped(&payload[from..end])) {
            return;
        }
        at = (end + 1).min(payload.len());
    }
}

fn looks_like_json(payload: &[u8]) -> bool {
    let payload = payload.strip_prefix("\u{feff}".as_bytes()).unwrap_or(payload);
    matches!(payload.trim_ascii_start().first(), Some(b'{' | b'['))
}
