//! What both can say means the same in CEL and in the query language, over random events: parts that are not stored
//! included.

use proptest::prelude::*;
use weir_cel::read;
use weir_domain::{
    Timestamp,
    search::{HeaderBytes, Matcher, Part, Query, Scratch, Searched},
};

/// The same condition in both languages.
#[derive(Debug, Clone)]
struct Both {
    query: String,
    cel: String,
}

fn both(query: impl Into<String>, cel: impl Into<String>) -> Both {
    Both { query: query.into(), cel: cel.into() }
}

const WORDS: &[&str] = &["a", "b", "ab", "A", "Straße", "x y", "it's", "\\", "-"];
const NUMBERS: &[&str] = &["0", "1", "1.0", "-1", "2.5", "1e2", "100", "-0.5", "7", "10"];

fn word() -> impl Strategy<Value = &'static str> {
    prop::sample::select(WORDS)
}

fn number() -> impl Strategy<Value = &'static str> {
    prop::sample::select(NUMBERS)
}

fn in_query(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn in_cel(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

fn order() -> impl Strategy<Value = (&'static str, &'static str)> {
    prop::sample::select(&[("=", "=="), ("!=", "!="), (">", ">"), (">=", ">="), ("<", "<"), ("<=", "<=")][..])
}

fn leaf() -> impl Strategy<Value = Both> {
    let name = prop::sample::select(&["type", "channel", "source"][..]);
    prop_oneof![
        (name, word(), any::<bool>()).prop_map(|(name, w, not)| {
            let (q, c) = if not { ("!=", "!=") } else { ("=", "==") };
            both(format!("{name}{q}{}", in_query(w)), format!("{name} {c} {}", in_cel(w)))
        }),
        word().prop_map(|w| both(format!("key={}", in_query(w)), format!("key == {}", in_cel(w)))),
        word().prop_map(|w| {
            both(format!("header.h={}", in_query(w)), format!("has(headers.h) && headers.h == {}", in_cel(w)))
        }),
        Just(both("header.h:*", "has(headers.h)")),
        Just(both("data.n:*", "has(data.n)")),
        (order(), number())
            .prop_map(|((q, c), n)| { both(format!("data.n{q}{n}"), format!("has(data.n) && data.n {c} {n}")) }),
        (order(), word()).prop_map(|((q, c), w)| {
            both(format!("data.t{q}{}", in_query(w)), format!("has(data.t) && data.t {c} {}", in_cel(w)))
        }),
        number().prop_map(|n| both(format!("data.l={n}"), format!("has(data.l) && data.l.exists(x, x == {n})"))),
        number()
            .prop_map(|n| both(format!("data.l>{n}"), format!("has(data.l) && size(data.l.filter(x, x > {n})) > 0"))),
        any::<bool>().prop_map(|b| both(format!("data.b:{b}"), format!("has(data.b) && data.b == {b}"))),
        (order(), 0_i64..4).prop_map(|((q, c), n)| both(format!("partition{q}{n}"), format!("partition {c} {n}"))),
        (order(), 0_i64..4).prop_map(|((q, c), n)| both(format!("offset{q}{n}"), format!("offset {c} {n}"))),
        (order(), 0_i64..4).prop_map(|((q, c), n)| both(format!("size{q}{n}"), format!("size {c} {n}"))),
        (order(), 0_i64..4).prop_map(|((q, c), n)| {
            both(
                format!("time{q}1970-01-01T00:00:0{n}.000000Z"),
                format!("time {c} timestamp('1970-01-01T00:00:0{n}Z')"),
            )
        }),
    ]
}

fn condition() -> impl Strategy<Value = Both> {
    leaf().prop_recursive(4, 12, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone())
                .prop_map(|(a, b)| both(format!("({} {})", a.query, b.query), format!("(({}) && ({}))", a.cel, b.cel))),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| {
                both(format!("({} OR {})", a.query, b.query), format!("(({}) || ({}))", a.cel, b.cel))
            }),
            inner.prop_map(|a| both(format!("NOT {}", a.query), format!("!({})", a.cel))),
        ]
    })
}

#[derive(Debug, Clone)]
struct Event {
    names: [&'static str; 3],
    key: Option<Option<&'static str>>,
    header: Option<Option<&'static str>>,
    payload: Option<String>,
    numbers: [i64; 4],
}

fn payload() -> impl Strategy<Value = String> {
    let member = |name: &'static str, value: BoxedStrategy<String>| {
        prop::option::of(value).prop_map(move |v| v.map(|v| format!("\"{name}\":{v}")))
    };
    (
        member("n", number().prop_map(str::to_owned).boxed()),
        member("t", word().prop_map(in_query).boxed()),
        member("l", prop::collection::vec(number(), 0..4).prop_map(|l| format!("[{}]", l.join(","))).boxed()),
        member("b", any::<bool>().prop_map(|b| b.to_string()).boxed()),
    )
        .prop_map(|(n, t, l, b)| {
            let members: Vec<_> = [n, t, l, b].into_iter().flatten().collect();
            format!("{{\"data\":{{{}}}}}", members.join(","))
        })
}

fn event() -> impl Strategy<Value = Event> {
    (
        [word(), word(), word()],
        prop::option::weighted(0.9, prop::option::of(word())),
        prop::option::weighted(0.9, prop::option::of(word())),
        prop::option::weighted(0.9, payload()),
        [0_i64..4, 0_i64..4, 0_i64..4, 0_i64..4],
    )
        .prop_map(|(names, key, header, payload, numbers)| Event { names, key, header, payload, numbers })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, ..ProptestConfig::default() })]

    #[test]
    fn both_languages_agree(condition in condition(), events in prop::collection::vec(event(), 4)) {
        let query = Query::parse(&condition.query).map_err(|e| TestCaseError::fail(format!("{}\n{e}", condition.query)))?;
        let text = format!("cel: {}", condition.cel);
        let cel = read(&text).map_err(|e| TestCaseError::fail(format!("{text}\n{e}")))?;
        prop_assert_eq!(query.names(), cel.names());
        let (matcher, mut scratch) = (Matcher::new(&cel), Scratch::default());
        for e in &events {
            let headers: Vec<_> = e.header.flatten().map(|v| HeaderBytes { name: b"h", value: Some(v.as_bytes()) }).into_iter().collect();
            let searched = Searched {
                event_type: e.names[0],
                channel: e.names[1],
                source: e.names[2],
                partition: i32::try_from(e.numbers[0]).unwrap(),
                offset: e.numbers[1],
                size: u64::try_from(e.numbers[2]).unwrap(),
                time: Timestamp(e.numbers[3] * 1_000_000),
                ..Searched::of_bytes(
                    e.key.map_or(Part::Absent, |k| Part::Shown(k.map(str::as_bytes))),
                    e.header.map_or(Part::Absent, |_| Part::Shown(headers.as_slice())),
                    e.payload.as_ref().map_or(Part::Absent, |p| Part::Shown(Some(p.as_bytes()))),
                )
            };
            let verdict = matcher.judge(&searched, &mut scratch);
            prop_assert_eq!(query.judge_plainly(&searched), verdict, "{}\n{}\n{:?}", condition.query, text, e);
            prop_assert!(!scratch.unjudged(), "{}", text);
        }
    }

    /// Whatever is typed is answered, and what is read again is the same.
    #[test]
    fn any_text_is_answered(text in "[a-c .()\\[\\]{}!&|<>=+*/%?:,'\"0-9\\\\é-]{0,60}") {
        let text = format!("cel:{text}");
        if let Ok(query) = read(&text) {
            let event = Searched::of_bytes(Part::Shown(None), Part::Shown(&[]), Part::Shown(Some(b"{\"a\":1,\"b\":[1],\"c\":\"x\"}")));
            Matcher::new(&query).judge(&event, &mut Scratch::default());
            prop_assert!(query.formula().is_some());
        }
    }
}
