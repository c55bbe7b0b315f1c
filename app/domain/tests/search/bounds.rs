//! What a store may leave out: never an event that matches.

use crate::{
    agree::{SHORT, campaign, told},
    random::{Event, event, query},
};
use proptest::prelude::*;
use std::collections::HashSet;
use weir_domain::search::{
    Atom, EXPONENT, HeaderBytes, NameField, Need, Part, Query, Zones, event_words, may_hold, word_hash,
};

fn shown<T: Clone>(part: &Part<T>) -> Option<T> {
    match part {
        Part::Shown(part) => Some(part.clone()),
        Part::Masked | Part::Absent => None,
    }
}

/// All that an index could know of one event.
struct Known {
    words: HashSet<u64>,
    /// Every text, in lower case.
    texts: Vec<String>,
    zones: Option<Vec<u8>>,
}

impl Known {
    fn of(event: &Event) -> Self {
        let key = shown(&event.key).flatten();
        let headers = shown(&event.headers).unwrap_or_default();
        let payload = shown(&event.payload).flatten();
        let parts: Vec<_> = headers.iter().map(|(name, value)| HeaderBytes { name, value: value.as_deref() }).collect();
        let mut words = HashSet::new();
        event_words(key.as_deref(), &parts, payload.as_deref(), &mut |w| {
            words.insert(w);
        });
        let lower = |bytes: &[u8]| {
            String::from_utf8_lossy(bytes)
                .chars()
                .map(|c| {
                    let mut lower = c.to_lowercase();
                    match (lower.next(), lower.next()) {
                        (Some(one), None) if c.is_ascii() == one.is_ascii() => one,
                        _ => c,
                    }
                })
                .collect::<String>()
        };
        let mut texts: Vec<_> = key.iter().chain(&payload).map(|b| lower(b)).collect();
        texts.extend(headers.iter().flat_map(|(n, v)| [Some(n), v.as_ref()]).flatten().map(|b| lower(b)));
        // Escapes hide letters: what they are is read by a parser that knows nothing of this one.
        if let Some(json) = payload.as_deref().map(String::from_utf8_lossy) {
            texts.extend(escaped_strings(&json).into_iter().map(|s| lower(s.as_bytes())));
        }
        let mut zones = Zones::default();
        zones.add(payload.as_deref().unwrap_or_default());
        let mut stored = Vec::new();
        zones.write(&mut stored);
        Self { words, texts, zones: zones.known().then_some(stored) }
    }

    fn has(&self, atom: &Atom, event: &Event) -> bool {
        match atom {
            Atom::Key(key) => shown(&event.key).flatten().as_ref() == Some(key),
            Atom::Name(name) => name.holds(match name.field {
                NameField::Type => &event.event_type,
                NameField::Channel => &event.channel,
                NameField::Source => "Shop",
                NameField::Environment => "production",
            }),
            Atom::Word(word) => self.words.contains(&word_hash(word)),
            Atom::Exponent => self.words.contains(&EXPONENT),
            Atom::Letters(letters) => self.texts.iter().any(|t| t.contains(letters.as_str())),
            Atom::Number { path, op, than } => self.zones.as_ref().is_none_or(|z| may_hold(z, path, *op, than)),
        }
    }
}

/// Whatever stands between two quotes, read as JSON where it can be.
fn escaped_strings(json: &str) -> Vec<String> {
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some(quote) = json[at..].find('"') {
        let from = at + quote;
        let mut end = from + 1;
        let bytes = json.as_bytes();
        while end < bytes.len() && bytes[end] != b'"' {
            end += if bytes[end] == b'\\' { 2 } else { 1 };
        }
        let end = json.ceil_char_boundary((end + 1).min(json.len()));
        let raw = &json[from..end];
        match serde_json::from_str(raw) {
            Ok(text) => found.push(text),
            // Broken: only the escapes that stand for one letter each matter to these words.
            Err(_) => found.push(read_loosely(raw)),
        }
        at = end;
    }
    found
}

fn read_loosely(raw: &str) -> String {
    let (mut out, mut rest) = (String::new(), raw.trim_matches('"'));
    while let Some(c) = rest.chars().next() {
        let unit =
            rest.strip_prefix("\\u").and_then(|r| u32::from_str_radix(r.get(..4)?, 16).ok()).and_then(char::from_u32);
        if let Some(c) = unit {
            out.push(c);
            rest = &rest[6..];
        } else if c == '\\' && matches!(rest.as_bytes().get(1), Some(b'"' | b'\\' | b'/')) {
            out.push(char::from(rest.as_bytes()[1]));
            rest = &rest[2..];
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    out
}

#[test]
fn no_match_is_left_out() {
    leaving_out(SHORT);
}

pub fn leaving_out(cases: u32) {
    let met = std::cell::Cell::new([0_u32; 3]);
    campaign(cases, (query(), prop::collection::vec(event(), 1..4)), |(query, events)| {
        let bounds = query.bounds();
        for event in events {
            let known = Known::of(&event);
            let r = bounds.ranges;
            let within = r.partition.contains(event.partition.into())
                && r.offset.contains(event.offset)
                && r.size.contains(i64::try_from(event.size).unwrap())
                && r.time.contains(event.time)
                && r.captured.contains(event.time.saturating_add(1_000_000));
            let may = within && bounds.need.may_hold(&mut |atom| known.has(atom, &event));
            let matches = event.with(|e| query.judge_plainly(e)).is_match();
            prop_assert!(may || !matches, "{}\n{:#?}\n{}", query, bounds, told(&event));
            let [mut left_out, mut all, mut matched] = met.get();
            left_out += u32::from(!may);
            all += 1;
            matched += u32::from(matches);
            met.set([left_out, all, matched]);
        }
        Ok(())
    });
    let [left_out, all, matched] = met.get();
    println!("{all} events, {matched} match, {left_out} left out");
    assert!(
        left_out * 5 > all && matched * 20 > all,
        "the campaign is blind: {all} events, {matched} match, {left_out} left out"
    );
}

/// Is this a condition that the query's matches are known to fulfil?
fn needs(query: &str) -> String {
    fn write(need: &Need) -> String {
        let list =
            |all: &[Need], between: &str| format!("({})", all.iter().map(write).collect::<Vec<_>>().join(between));
        match need {
            Need::Always => "always".into(),
            Need::Never => "never".into(),
            Need::All(all) => list(all, " & "),
            Need::Any(any) => list(any, " | "),
            Need::Atom(Atom::Key(key)) => format!("key {}", String::from_utf8_lossy(key)),
            Need::Atom(Atom::Name(name)) => format!("{:?}", name.field).to_lowercase(),
            Need::Atom(Atom::Word(word)) => word.clone(),
            Need::Atom(Atom::Exponent) => "exponent".into(),
            Need::Atom(Atom::Letters(letters)) => format!("…{letters}…"),
            Need::Atom(Atom::Number { path, op, than }) => format!("{path}{}{than}", op.as_str()),
        }
    }
    write(&Query::parse(query).unwrap().bounds().need)
}

#[test]
fn finds_what_an_index_can_answer() {
    for (query, want) in [
        ("", "always"),
        ("key:ord-4711", "key ord-4711"),
        ("key=ord-4711 type:payment.*", "(key ord-4711 & type)"),
        ("key:ord-47*", "(ord & …ord-47…)"),
        ("NOT key:a", "always"),
        ("NOT type:a", "type"),
        ("ord-4711", "(ord & 4711)"),
        ("\"Card declined\"", "(card & declined)"),
        ("Pay*failed", "(…pay… & …failed…)"),
        ("a OR b", "(a | b)"),
        ("a OR NOT b", "always"),
        ("NOT (a OR NOT b)", "b"),
        ("data.orderId:ord-4711", "(data & orderid & ord & 4711)"),
        ("data.amount:900.50", "(data & amount & ((900 & 50) | 900 | exponent))"),
        ("data.amount>900", "(data & amount & data.amount>900)"),
        ("data.paid!=true", "(data & paid)"),
        ("header.tenant:acme", "(tenant & acme)"),
        ("(type:a x) OR (type:a y)", "((type & x) | (type & y))"),
        ("offset>5 offset<5", "never"),
        ("(offset>5 offset<5) OR b", "b"),
    ] {
        assert_eq!(needs(query), want, "{query}");
    }
}

#[test]
fn ranges_are_those_of_the_query() {
    let offsets = |query: &str| {
        let r = Query::parse(query).unwrap().bounds().ranges.offset;
        (r.first, r.last)
    };
    for (query, want) in [
        ("offset>=5 offset<10", (5, 9)),
        ("offset:7", (7, 7)),
        ("NOT offset<5", (5, i64::MAX)),
        ("offset:3 OR offset:9", (3, 9)),
        ("offset:3 OR x", (i64::MIN, i64::MAX)),
        ("NOT (offset<5 OR offset>9)", (5, 9)),
        ("offset!=5", (i64::MIN, i64::MAX)),
        ("offset>9223372036854775806", (i64::MAX, i64::MAX)),
    ] {
        assert_eq!(offsets(query), want, "{query}");
    }
    let time = Query::parse("time:2026-11-22").unwrap().bounds().ranges.time;
    assert_eq!(time.last - time.first, 86_400_000_000 - 1);
}
