//! Zones: between which numbers the values at each path of some payloads lie, so that a store need not open what holds
//! none that a query asks for ([`super::Atom::Number`]).
//!
//! What can't be told for certain is not told: where a payload is no regular JSON, or has more paths than are kept, a
//! number may be anywhere. Whatever [`super::Matcher`] takes for a number at a path lies within that path's zone; a test
//! sees to it.

use super::{Op, Path, Step, decimal::Literal, skip::string_end};

/// Paths kept of one block.
const MOST: usize = 32;
/// Places to look a path up, a power of two.
const PLACES: usize = 128;
/// Deepest container that is read.
const DEEPEST: usize = 48;
/// Bytes of a path in what is stored: its hash, least and greatest.
const EACH: usize = 12;
/// The first byte of what is stored: all paths are there, or only some.
const ALL: u8 = 1;
const SOME: u8 = 2;

/// The zones of events that are gathered one by one.
#[derive(Debug)]
pub struct Zones {
    zones: Vec<Zone>,
    /// Where a path's zone stands, plus 1.
    places: [u8; PLACES],
    /// There were more paths.
    more: bool,
    /// A payload could not be read for certain.
    unknown: bool,
}

#[derive(Debug, Clone, Copy)]
struct Zone {
    path: u32,
    least: f32,
    greatest: f32,
}

impl Default for Zones {
    fn default() -> Self {
        Self { zones: Vec::with_capacity(MOST), places: [0; PLACES], more: false, unknown: false }
    }
}

impl Zones {
    pub fn clear(&mut self) {
        self.zones.clear();
        self.places = [0; PLACES];
        (self.more, self.unknown) = (false, false);
    }

    /// Takes in the payload of one more event.
    pub fn add(&mut self, payload: &[u8]) {
        if !self.unknown && self.read(payload).is_none() {
            self.unknown = true;
        }
    }

    /// Takes in an event whose payload says that it is packed: what it reads as may hold any number.
    pub const fn add_packed(&mut self) {
        self.unknown = true;
    }

    /// Can anything be told?
    pub const fn known(&self) -> bool {
        !self.unknown
    }

    /// What is to be stored of them, if anything is known.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(1 + self.zones.len() * EACH);
        out.push(if self.more { SOME } else { ALL });
        for zone in &self.zones {
            out.extend_from_slice(&zone.path.to_le_bytes());
            out.extend_from_slice(&zone.least.to_le_bytes());
            out.extend_from_slice(&zone.greatest.to_le_bytes());
        }
    }

    /// `None`: it is no regular JSON, so what stands where can't be told.
    fn read(&mut self, payload: &[u8]) -> Option<()> {
        let json = payload.strip_prefix("\u{feff}".as_bytes()).unwrap_or(payload);
        let mut at = space_end(json, 0);
        if !matches!(json.get(at), Some(b'{' | b'[')) {
            // Text has no paths. What is packed, XML or binary may read as something that has.
            let text = json.first().is_none_or(|b| b.is_ascii() && *b != b'<') && json.get(at) != Some(&b'<');
            return (text && std::str::from_utf8(json).is_ok()).then_some(());
        }
        let mut open: [(u32, bool); DEEPEST] = [(0, false); DEEPEST];
        let (mut depth, mut path) = (0_usize, ROOT);
        loop {
            // A value begins here, at `path`.
            match *json.get(at)? {
                bracket @ (b'{' | b'[') => {
                    let object = bracket == b'{';
                    *open.get_mut(depth)? = (path, object);
                    depth += 1;
                    at = space_end(json, at + 1);
                    match *json.get(at)? {
                        b'}' if object => {}
                        b']' if !object => {}
                        _ if object => {
                            (path, at) = name(json, at, path)?;
                            continue;
                        }
                        _ => continue,
                    }
                }
                b'"' => {
                    let text = string_end(json, at + 1)?;
                    let (first, escapes) = (json.get(at + 1).copied().unwrap_or(b'"'), text.escapes);
                    if escapes && (first == b'\\' || first == b'-' || first.is_ascii_digit()) {
                        return None;
                    }
                    if first == b'-' || first.is_ascii_digit() {
                        self.put(path, &json[at + 1..text.end]);
                    }
                    at = text.end + 1;
                }
                b'-' | b'0'..=b'9' => {
                    let end = word_end(json, at)?;
                    self.put(path, &json[at..end]);
                    at = end;
                }
                b't' | b'f' | b'n' => at = word_end(json, at)?,
                _ => return None,
            }
            // Behind a value, or at the end of an empty container.
            loop {
                at = space_end(json, at);
                let (of, object) = depth.checked_sub(1).and_then(|d| open.get(d)).copied()?;
                match *json.get(at)? {
                    b',' => {
                        at = space_end(json, at + 1);
                        path = of;
                        if object {
                            (path, at) = name(json, at, of)?;
                        }
                        break;
                    }
                    b'}' if object => {}
                    b']' if !object => {}
                    _ => return None,
                }
                depth -= 1;
                if depth == 0 {
                    // What follows the outermost container is not read.
                    return Some(());
                }
                at += 1;
            }
        }
    }

    fn put(&mut self, path: u32, number: &[u8]) {
        let Some((least, greatest)) = around(number) else { return };
        let mut place = path as usize % PLACES;
        loop {
            match self.places[place] {
                0 => break,
                n => {
                    let zone = &mut self.zones[usize::from(n) - 1];
                    if zone.path == path {
                        zone.least = zone.least.min(least);
                        zone.greatest = zone.greatest.max(greatest);
                        return;
                    }
                }
            }
            place = (place + 1) % PLACES;
        }
        if self.zones.len() == MOST {
            self.more = true;
            return;
        }
        self.zones.push(Zone { path, least, greatest });
        self.places[place] = self.zones.len() as u8;
    }
}

/// May one of the payloads whose zones these are have a number at `path` that stands so to `than`?
pub fn may_hold(stored: &[u8], path: &Path, op: Op, than: &str) -> bool {
    let (Some((kind, zones)), Ok(than)) = (stored.split_first(), than.parse::<f64>()) else { return true };
    if !matches!(*kind, ALL | SOME) || !zones.len().is_multiple_of(EACH) {
        return true;
    }
    let mut hash = ROOT;
    for step in &path.0 {
        // Elements lie at the path of their array.
        if let Step::Member(name) = step {
            hash = below(hash, name.as_bytes());
        }
    }
    let number = |at: &[u8]| at.first_chunk().map(|b| f32::from_le_bytes(*b)).map(f64::from);
    let zone = zones.chunks_exact(EACH).find(|z| z.first_chunk() == Some(&hash.to_le_bytes()));
    let Some(zone) = zone else { return *kind == SOME };
    let (Some(least), Some(greatest)) = (number(&zone[4..]), number(&zone[8..])) else { return true };
    match op {
        Op::Above | Op::AtLeast => greatest >= than.next_down(),
        Op::Below | Op::AtMost => least <= than.next_up(),
        Op::Matches | Op::Equal => least <= than.next_up() && greatest >= than.next_down(),
        Op::NotEqual => true,
    }
}

const ROOT: u32 = 0x9e37_79b9;

/// The hash of a member's path. Stored: it never changes.
fn below(path: u32, name: &[u8]) -> u32 {
    const ODD: u64 = 0xd6e8_feb8_6659_fd93;
    let mut h = u64::from(path) << 32 ^ name.len() as u64;
    let (eights, rest) = name.as_chunks::<8>();
    for eight in eights {
        h = (h ^ u64::from_le_bytes(*eight)).wrapping_mul(ODD);
        h ^= h >> 32;
    }
    let last = rest.iter().rev().fold(0_u64, |n, b| n << 8 | u64::from(*b));
    h = (h ^ last).wrapping_mul(ODD);
    (h ^ (h >> 32)) as u32
}

/// At a member's name: the path of its value, and where that begins.
fn name(json: &[u8], at: usize, of: u32) -> Option<(u32, usize)> {
    if *json.get(at)? != b'"' {
        return None;
    }
    let name = string_end(json, at + 1)?;
    if name.escapes {
        return None;
    }
    let colon = space_end(json, name.end + 1);
    (*json.get(colon)? == b':').then(|| (below(of, &json[at + 1..name.end]), space_end(json, colon + 1)))
}

fn space_end(json: &[u8], mut at: usize) -> usize {
    while json.get(at).is_some_and(u8::is_ascii_whitespace) {
        at += 1;
    }
    at
}

/// Behind a value without quotes. `None`: it is cut off.
fn word_end(json: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        match json.get(at)? {
            b',' | b'}' | b']' => return Some(at),
            b if b.is_ascii_whitespace() => return Some(at),
            b'"' | b'{' | b'[' | b':' => return None,
            _ => at += 1,
        }
    }
}

/// Two numbers that the written one lies between; `None` if it is none.
fn around(text: &[u8]) -> Option<(f32, f32)> {
    let near = match plain(text) {
        Some(near) => near,
        None => {
            Literal::read(text)?;
            std::str::from_utf8(text).ok()?.parse().ok()?
        }
    };
    let near = near as f32;
    Some((near.next_down(), near.next_up()))
}

/// Digits and at most one point, few enough to be exact or next to it.
fn plain(text: &[u8]) -> Option<f64> {
    const TENS: [f64; 19] =
        [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18];
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        all => (false, all),
    };
    if digits.is_empty() || digits.len() > 19 {
        return None;
    }
    let (mut number, mut point) = (0_u64, None);
    for (i, b) in digits.iter().enumerate() {
        match b {
            b'0'..=b'9' => number = number.checked_mul(10)?.checked_add(u64::from(b - b'0'))?,
            b'.' if point.is_none() => point = Some(i),
            _ => return None,
        }
    }
    let places = point.map_or(0, |at| digits.len() - 1 - at);
    let value = number as f64 / TENS.get(places)?;
    Some(if negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::{Atom, Need, Query};

    fn zones(payloads: &[&str]) -> Option<Vec<u8>> {
        let mut zones = Zones::default();
        payloads.iter().for_each(|p| zones.add(p.as_bytes()));
        let mut stored = Vec::new();
        zones.write(&mut stored);
        zones.known().then_some(stored)
    }

    fn may(stored: &[u8], query: &str) -> bool {
        fn asked(need: &Need, stored: &[u8]) -> bool {
            need.may_hold(&mut |atom| match atom {
                Atom::Number { path, op, than } => may_hold(stored, path, *op, than),
                _ => true,
            })
        }
        asked(&Query::parse(query).unwrap().bounds().need, stored)
    }

    #[test]
    fn numbers_are_bounded_by_path() {
        let stored = zones(&[
            r#"{"data":{"amount":900.5,"items":[{"n":1},{"n":3}]},"s":"x"}"#,
            r#"{ "data" : { "amount" : "-2e1" , "b":[] , "c":{} , "d":null,"e":[[7,[8]],true] } }"#,
            "no json at all",
        ])
        .unwrap();
        for (query, want) in [
            ("data.amount>900", true),
            ("data.amount>900.4", true),
            ("data.amount>901", false),
            ("data.amount<-19", true),
            ("data.amount<-21", false),
            ("data.items.n>=3", true),
            ("data.items[0].n>3.1", false),
            ("data.e>7.9", true),
            ("data.e>9", false),
            ("data.nothing>0", false),
            ("s>0", false),
            ("amount>0", false),
        ] {
            assert_eq!(may(&stored, query), want, "{query}");
        }
    }

    #[test]
    fn what_is_not_certain_is_not_told() {
        for odd in [
            r#"{"a":1"#,
            r#"{"a":1,}"#,
            r#"{"a" 1}"#,
            r#"{"\u0061":1}"#,
            r#"{"a":"\u0031"}"#,
            r#"{a:1}"#,
            r#"[1}"#,
            r#"{"a":+1}"#,
            r#"{"a":1"b":2}"#,
            r#"{"a":1:2}"#,
        ] {
            assert_eq!(zones(&[r#"{"a":5}"#, odd]), None, "{odd}");
        }
        let deep = format!("{}1{}", "[".repeat(60), "]".repeat(60));
        assert_eq!(zones(&[&deep]), None);
        let many = format!("{{{}}}", (0..40).map(|n| format!("\"k{n}\":{n}")).collect::<Vec<_>>().join(","));
        let stored = zones(&[&many]).unwrap();
        assert!(may(&stored, "k39>5") && may(&stored, "zzz>5"), "what was not kept may be anything");
        assert!(!may(&stored, "k3>5") && may(&stored, "k3<5"));
        assert!(may(&[], "a>5") && may(&[9, 1], "a>5"), "of another format nothing is believed");
    }

    #[test]
    fn numbers_of_any_size_lie_within() {
        for text in
            ["0", "-0", "1e-400", "-1e-400", "1e400", "9007199254740993", "0.1", "123456789.123456789", "16777217"]
        {
            let stored = zones(&[&format!("{{\"a\":{text}}}")]).unwrap();
            for op in [">=", "<="] {
                assert!(may(&stored, &format!("a{op}{text}")), "{text} {op}");
            }
        }
        for odd in ["1.2.3", "01", "1e", "--1", "12abc"] {
            let _ = zones(&[&format!("{{\"a\":{odd}}}")]);
        }
    }
}
