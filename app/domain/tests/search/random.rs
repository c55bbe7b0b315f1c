//! Random queries and events from one small vocabulary, so that they often meet.

use proptest::prelude::*;
use weir_domain::{
    Timestamp,
    search::{
        Comparison, Decoded, Expr, Field, HeaderBytes, Node, Op, Part, Path, Pattern, Query, Searched, Span, Step, Text,
    },
};

/// Name and value.
pub type Header = (Vec<u8>, Option<Vec<u8>>);

/// An event that owns its bytes.
#[derive(Debug, Clone)]
pub struct Event {
    pub event_type: String,
    pub channel: String,
    pub partition: i32,
    pub offset: i64,
    pub size: u64,
    pub time: i64,
    pub key: Part<Option<Vec<u8>>>,
    pub headers: Part<Vec<Header>>,
    pub payload: Part<Option<Vec<u8>>>,
}

fn part<'a, T, U>(part: &'a Part<T>, f: impl FnOnce(&'a T) -> U) -> Part<U> {
    match part {
        Part::Shown(t) => Part::Shown(f(t)),
        Part::Masked => Part::Masked,
        Part::Absent => Part::Absent,
    }
}

impl Event {
    pub fn with<R>(&self, f: impl FnOnce(&Searched<'_>) -> R) -> R {
        let headers = part(&self.headers, |h| {
            h.iter().map(|(name, value)| HeaderBytes { name, value: value.as_deref() }).collect::<Vec<_>>()
        });
        f(&Searched {
            event_type: &self.event_type,
            channel: &self.channel,
            source: "Shop",
            environment: "production",
            partition: self.partition,
            offset: self.offset,
            size: self.size,
            time: Timestamp(self.time),
            captured_at: Timestamp(self.time.saturating_add(1_000_000)),
            key: part(&self.key, |k| k.as_deref()),
            headers: part(&headers, |h| h.as_slice()),
            payload: part(&self.payload, |p| p.as_deref()),
            decoded: Decoded::AsSent,
        })
    }
}

/// 2026-11-22T14:30:05Z.
const NOON: i64 = 1_795_357_805_000_000;

const WORDS: &[&str] = &[
    "pay", "Pay", "PAYMENT", "failed", "ord-4711", "ord-47", "4711", "é", "É", "caf", "café", "Straße", "ß", "a", "b",
    "aa", "x y", "null", "true", "-", "--", "47", "\u{212a}", "k", "İ", "ς", "Σ", "日本", "\u{fffd}", "a.b", "\"q\"",
    "\\", "*", "(", "a:b", "hex:61", "TO", "AND", "or", "\n", "tab\tbed",
];

const NUMBERS: &[&str] = &[
    "0",
    "-0",
    "900",
    "900.0",
    "9e2",
    "900.50",
    "-5",
    "12.5",
    "1.25e1",
    "4711",
    "4711.0",
    "9007199254740993",
    "9007199254740992",
    "1e400",
    "0.1",
    "1E-3",
    "01",
    "47",
    "-47",
    "NaN",
    "99999999999999999999999",
];

const NAMES: &[&str] = &[
    "a", "b", "data", "amount", "items", "sku", "type", "x y", "é", "payload", "a\"b", "2024", "", "order-id", "Amount",
];

fn one(of: &'static [&'static str]) -> impl Strategy<Value = String> + Clone {
    prop::sample::select(of).prop_map(str::to_owned)
}

fn word() -> impl Strategy<Value = String> + Clone {
    prop_oneof![
        6 => one(WORDS),
        2 => one(NUMBERS),
        1 => (one(WORDS), prop::sample::select(vec!["", " ", ".", "-", "_", ","]), one(WORDS)).prop_map(|(a, s, b)| format!("{a}{s}{b}")),
        1 => "\\PC{1,4}",
    ]
}

fn pattern(gaps: bool) -> impl Strategy<Value = Pattern> + Clone {
    let plain = word().prop_map(|w| Pattern::new([w]));
    let piece = prop_oneof![2 => "[aAp4]?", 2 => word(), 1 => Just("o".to_owned()), 1 => Just("é".to_owned())];
    let starred = prop::collection::vec(piece, 2..5).prop_map(move |pieces| {
        // A free word with wildcards holds no white space and no quote.
        Pattern::new(
            pieces
                .into_iter()
                .map(|p| if gaps { p.replace(|c: char| c.is_whitespace() || c <= ' ' || c == '"', "") } else { p }),
        )
    });
    prop_oneof![3 => plain, 2 => starred, 1 => Just(Pattern::new([String::new(), String::new()]))]
}

fn text(gaps: bool) -> impl Strategy<Value = Text> + Clone {
    let bare = pattern(gaps).prop_map(|p| match p.literal() {
        Some(word) => Text::word(word),
        None => Text::Bare(p),
    });
    prop_oneof![3 => bare, 1 => word().prop_map(Text::Quoted)]
}

fn step() -> impl Strategy<Value = Step> + Clone {
    prop_oneof![
        8 => one(NAMES).prop_map(Step::Member),
        1 => (0u32..3).prop_map(Step::Element),
        1 => Just(Step::Elements),
    ]
}

pub fn path() -> impl Strategy<Value = Path> + Clone {
    let known = prop::sample::select(vec![
        vec!["a"],
        vec!["a", "b"],
        vec!["data", "amount"],
        vec!["amount"],
        vec!["data", "items", "sku"],
        vec!["items"],
    ])
    .prop_map(|names| Path(names.into_iter().map(|n| Step::Member(n.to_owned())).collect()));
    prop_oneof![2 => known, 2 => prop::collection::vec(step(), 1..4).prop_map(Path)]
}

fn plain_value() -> impl Strategy<Value = Text> + Clone {
    prop_oneof![3 => one(NUMBERS).prop_map(|n| Text::word(&n)), 1 => word().prop_map(|w| Text::word(&w)), 1 => word().prop_map(Text::Quoted)]
}

fn comparison() -> impl Strategy<Value = Comparison> + Clone {
    let order = prop::sample::select(vec![Op::Equal, Op::NotEqual, Op::Above, Op::AtLeast, Op::Below, Op::AtMost]);
    let same = prop::sample::select(vec![Op::Equal, Op::NotEqual]);
    let valued = prop_oneof![
        3 => path().prop_map(Field::Path),
        1 => prop_oneof![one(&["tenant", "a.b", "Trace-Id", "x y"]), word()].prop_map(Field::Header),
    ];
    let named = prop::sample::select(vec![Field::Type, Field::Channel, Field::Source, Field::Environment, Field::Key]);
    let any_op = prop_oneof![Just(Op::Matches), order.clone()];
    let time = prop::sample::select(vec![
        "2026",
        "2026-11-22",
        "2026-11-22T14:30",
        "2026-11-22 14:30:05.000001",
        "2026-11-22T15:30+01:00",
    ]);
    let whole =
        prop_oneof![(-3i64..8).prop_map(|n| n.to_string()), Just(i64::MAX.to_string()), Just(i64::MIN.to_string())];
    let (any_op_2, any_op_3) = (any_op.clone(), any_op.clone());
    prop_oneof![
        4 => (valued.clone(), text(false)).prop_map(|(f, v)| (f, Op::Matches, v)),
        3 => (valued, order, plain_value()).prop_map(|(f, o, v)| (f, o, v)),
        2 => (named.clone(), text(false)).prop_map(|(f, v)| (f, Op::Matches, v)),
        1 => (named, same, plain_value()).prop_map(|(f, o, v)| (f, o, v)),
        1 => (prop::sample::select(vec![Field::Partition, Field::Offset]), any_op, whole).prop_map(|(f, o, v)| (f, o, Text::word(&v))),
        1 => (any_op_2, prop::sample::select(vec!["0", "100", "0.1KB", "1KiB"])).prop_map(|(o, v)| (Field::Size, o, Text::word(v))),
        1 => (prop::sample::select(vec![Field::Time, Field::Captured]), any_op_3, time).prop_map(|(f, o, v)| (f, o, Text::word(v))),
        1 => Just((Field::Payload, Op::Matches, Text::Bare(Pattern::new([String::new(), String::new()])))),
    ]
    .prop_map(|(field, op, value)| Comparison {
        field,
        field_span: Span::default(),
        op,
        op_span: Span::default(),
        value,
        value_span: Span::default(),
    })
}

pub fn query() -> impl Strategy<Value = Query> {
    let leaf = prop_oneof![
        2 => text(true).prop_filter("a phrase of nothing", |t| t.literal() != Some("")).prop_map(Expr::Free),
        3 => comparison().prop_map(Expr::Compare),
    ]
    .prop_map(Node::of);
    let node = leaf.prop_recursive(4, 12, 3, |inner| {
        prop_oneof![
            2 => prop::collection::vec(inner.clone(), 1..4).prop_map(Node::all),
            2 => prop::collection::vec(inner.clone(), 1..4).prop_map(Node::any),
            1 => inner.prop_map(|n| Node::of(Expr::Not(Box::new(n)))),
        ]
    });
    prop::option::weighted(0.98, node).prop_map(|root| Query { root })
}

/// A string as some writer would write it: escapes where they must be, and where they need not.
fn json_string(text: &str, escape: u8) -> String {
    let mut out = String::from("\"");
    for (i, c) in text.chars().enumerate() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' if escape > 0 => out.push_str("\\t"),
            c if escape > 0 && (i + usize::from(escape)) % 3 == 0 => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    out.push_str(&format!("\\u{unit:04x}"));
                }
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn json() -> impl Strategy<Value = String> {
    let escape = prop_oneof![4 => Just(0u8), 1 => 1u8..4];
    let string = (word(), escape.clone()).prop_map(|(w, e)| json_string(&w, e));
    let leaf = prop_oneof![3 => string, 3 => one(NUMBERS), 1 => one(&["true", "false", "null", "[]", "{}"])];
    let space = one(&["", "", "", " ", "\n  "]);
    let name = (one(NAMES), escape).prop_map(|(n, e)| json_string(&n, e));
    leaf.prop_recursive(5, 24, 4, move |inner| {
        let (space, name) = (space.clone(), name.clone());
        prop_oneof![
            (prop::collection::vec(inner.clone(), 0..4), space.clone())
                .prop_map(|(all, s)| format!("[{}]", all.join(&format!("{s},{s}")))),
            (prop::collection::vec((name, inner), 0..4), space).prop_map(|(all, s)| {
                let members: Vec<_> = all.into_iter().map(|(n, v)| format!("{n}{s}:{s}{v}")).collect();
                format!("{{{s}{}}}", members.join(","))
            }),
        ]
    })
}

/// A document with paths that queries know.
fn document() -> impl Strategy<Value = String> {
    (json(), json(), json(), prop::collection::vec(json(), 0..3)).prop_map(|(a, amount, sku, more)| {
        let more: Vec<_> = more.into_iter().map(|m| format!(",\"a\":{m}")).collect();
        format!(r#"{{"a":{a},"data":{{"amount":{amount},"items":[{{"sku":{sku}}},{{"sku":{a}}}]}}{}}}"#, more.concat())
    })
}

fn payload() -> impl Strategy<Value = Vec<u8>> {
    let whole = prop_oneof![3 => document(), 2 => json()].prop_map(String::into_bytes);
    let junk = prop_oneof![prop::sample::select(br#"{}[],:"\ a0"#.to_vec()), any::<u8>()];
    // Cut, changed or doubled in a few places.
    let broken = (whole.clone(), prop::collection::vec((any::<prop::sample::Index>(), 0u8..4, junk), 1..4)).prop_map(
        |(mut bytes, cuts)| {
            for (at, how, junk) in cuts {
                let at = at.index(bytes.len() + 1);
                match how {
                    0 => bytes.truncate(at),
                    1 => bytes.insert(at, junk),
                    2 if at < bytes.len() => bytes[at] = junk,
                    _ if at < bytes.len() => drop(bytes.remove(at)),
                    _ => {}
                }
            }
            bytes
        },
    );
    let lines = prop::collection::vec(word(), 0..5).prop_map(|w| w.join(" ").into_bytes());
    let marked = whole.clone().prop_map(|b| [&b"\xef\xbb\xbf "[..], &b].concat());
    prop_oneof![6 => whole, 4 => broken, 1 => lines, 1 => marked, 1 => prop::collection::vec(any::<u8>(), 0..40)]
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![4 => word().prop_map(String::into_bytes), 1 => prop::collection::vec(any::<u8>(), 0..6)]
}

fn seen<T: std::fmt::Debug + Clone + 'static>(of: impl Strategy<Value = T> + 'static) -> BoxedStrategy<Part<T>> {
    prop_oneof![12 => of.prop_map(Part::Shown), 1 => Just(Part::Masked), 1 => Just(Part::Absent)].boxed()
}

pub fn event() -> impl Strategy<Value = Event> {
    let name = prop_oneof![one(&["tenant", "Tenant", "a.b", "trace-id"]).prop_map(String::into_bytes), bytes()];
    let headers = prop::collection::vec((name, prop::option::weighted(0.9, bytes())), 0..3);
    let place = (-3i32..8, prop_oneof![-3i64..8, Just(i64::MAX), Just(i64::MIN)], 0u64..1200);
    let time = prop_oneof![
        (-3i64..3).prop_map(|n| NOON + n),
        (-400i64..400).prop_map(|h| NOON + h * 3_600_000_000),
        any::<i64>()
    ];
    let names =
        (prop_oneof![one(&["payment.failed", "Payment", "ord-4711"]), word()], one(&["orders.eu", "orders", "Pay"]));
    (
        names,
        place,
        time,
        seen(prop::option::weighted(0.9, bytes())),
        seen(headers),
        seen(prop::option::weighted(0.95, payload())),
    )
        .prop_map(|((event_type, channel), (partition, offset, size), time, key, headers, payload)| Event {
            event_type,
            channel,
            partition,
            offset,
            size,
            time,
            key,
            headers,
            payload,
        })
}
