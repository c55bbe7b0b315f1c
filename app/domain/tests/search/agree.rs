//! Campaigns over random queries and events. The short form runs with the tests, the whole one is `soak_search`;
//! `WEIR_SEARCH_CASES` says how many cases, and `WEIR_SEARCH_SEED` runs one again.

use crate::random::{Event, event, query};
use proptest::{
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use std::{fmt::Debug, hash::BuildHasher};
use weir_domain::search::{Matcher, Part, Query, Scratch, Verdict};

pub const SHORT: u32 = 400;
const WHOLE: u32 = 20_000;

fn number<T: std::str::FromStr>(name: &str) -> Option<T> {
    std::env::var(name).ok()?.parse().ok()
}

/// Runs a property over as many cases as asked for; tells the seed first.
pub fn campaign<T: Debug>(cases: u32, of: impl Strategy<Value = T>, property: impl Fn(T) -> Result<(), TestCaseError>) {
    let cases = number("WEIR_SEARCH_CASES").unwrap_or(cases);
    let seed: u64 = number("WEIR_SEARCH_SEED")
        .unwrap_or_else(|| std::collections::hash_map::RandomState::new().hash_one("a new seed for each run"));
    println!("{cases} cases, WEIR_SEARCH_SEED={seed}");
    let bytes: Vec<_> = seed.to_le_bytes().into_iter().cycle().take(32).collect();
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    if let Err(e) = runner.run(&of, property) {
        panic!("WEIR_SEARCH_SEED={seed}: {e}");
    }
}

#[test]
fn what_is_printed_is_read_as_the_same_query() {
    printing(SHORT);
}

fn printing(cases: u32) {
    campaign(cases, query(), |query| {
        let text = query.to_string();
        let read = Query::parse(&text).map_err(|e| TestCaseError::fail(format!("{text}\n{e}")))?;
        prop_assert_eq!(&read, &query, "{}", text);
        prop_assert_eq!(read.to_string(), text);
        Ok(())
    });
}

#[test]
fn any_text_is_a_query_or_an_error_with_a_place() {
    reading(SHORT);
}

fn reading(cases: u32) {
    let text =
        prop_oneof!["\\PC{0,24}", r#"(AND|OR|NOT|type|data\.a|[a-z]{1,3}|[ :=!<>()"*\\.\[\]0-9-]|>=|!=|é| ){0,16}"#];
    campaign(cases, text, |text| {
        match Query::parse(&text) {
            Ok(query) => {
                let printed = query.to_string();
                prop_assert_eq!(Query::parse(&printed), Ok(query), "{} {}", text, printed);
            }
            Err(e) => {
                prop_assert!(text.get(e.span.start..e.span.end).is_some(), "{} {:?}", text, e);
                prop_assert_eq!(text[..e.span.start].chars().count(), e.character);
                prop_assert_eq!(text[e.span.start..e.span.end].chars().count(), e.characters);
                prop_assert!(!e.expected.is_empty());
            }
        }
        Ok(())
    });
}

#[test]
fn the_quick_way_agrees_with_the_plain_one() {
    agreeing(SHORT);
}

fn agreeing(cases: u32) {
    let met = std::cell::Cell::new([0_u32; 3]);
    campaign(cases, (query(), prop::collection::vec(event(), 1..4)), |(query, events)| {
        let (matcher, mut scratch) = (Matcher::new(&query), Scratch::default());
        let relaxed = query.relaxed();
        for event in events {
            let (plain, quick) = event.with(|e| (query.judge_plainly(e), matcher.judge(e, &mut scratch)));
            let less = event.with(|e| relaxed.judge_plainly(e));
            prop_assert!(!plain.is_match() || less.is_match(), "{} and not {}\n{}", query, relaxed, told(&event));
            prop_assert!(!relaxed.asks_beside(), "{}", relaxed);
            let mut counts = met.get();
            counts[plain as usize] += 1;
            met.set(counts);
            prop_assert_eq!(quick, plain, "{}\n{}", query, told(&event));
        }
        Ok(())
    });
    let [no, unknown, yes] = met.get();
    println!("no {no}, unknown {unknown}, yes {yes}");
    assert!(yes * 20 > no && no * 20 > yes, "the campaign is blind: no {no}, unknown {unknown}, yes {yes}");
}

/// Whoever sees less finds no more, and never what they would not find if they saw all.
#[test]
fn what_is_masked_neither_matches_nor_tells() {
    masking(SHORT);
}

fn masking(cases: u32) {
    campaign(cases, (query(), event(), 1u8..8), |(query, event, masks)| {
        let mut masked = event.clone();
        let needs = query.needs();
        if masks & 1 > 0 {
            masked.key = Part::Masked;
        }
        if masks & 2 > 0 {
            masked.headers = Part::Masked;
        }
        if masks & 4 > 0 {
            masked.payload = Part::Masked;
        }
        let judge = |e: &Event| e.with(|e| query.judge_plainly(e));
        let (all, less) = (judge(&event), judge(&masked));
        prop_assert!(less == Verdict::Unknown || less == all, "{}: {:?} {:?}", query, all, less);
        let asked =
            (needs.key && masks & 1 > 0) || (needs.headers && masks & 2 > 0) || (needs.payload && masks & 4 > 0);
        prop_assert!(asked || less == all, "{} needs {:?}", query, needs);
        Ok(())
    });
}

#[test]
#[ignore = "soak: run by make soak"]
fn soak_search() {
    printing(WHOLE);
    reading(WHOLE);
    agreeing(WHOLE);
    masking(WHOLE);
    crate::bounds::leaving_out(WHOLE);
}

pub fn told(event: &Event) -> String {
    let payload = match &event.payload {
        Part::Shown(Some(p)) => String::from_utf8_lossy(p).into_owned(),
        other => format!("{other:?}"),
    };
    format!("{event:?}\npayload {payload}")
}
