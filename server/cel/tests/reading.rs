//! What is no expression is told where it stands; what is too large, at once; what would take long, cut off.

use std::{fmt::Write as _, time::Instant};
use weir_cel::{CALLABLE, FIELDS, LONGEST, Written, read};
use weir_domain::search::{Matcher, Needs, Part, Query, Scratch, Searched, Verdict};

#[test]
fn mistakes_are_told_where_they_stand() {
    for (text, at, found, expected) in [
        ("cel:", 5, "", "an expression"),
        ("cel: ", 6, "", "an expression"),
        ("cel: a &&", 10, "", "a value"),
        ("cel: a = 3", 8, "= ", "`==`"),
        ("cel: a & b", 8, "& ", "`&&`"),
        ("cel: a == 'x", 11, "'x", "a text that ends"),
        ("cel: (a", 8, "", "`)`"),
        ("cel: a)", 7, ")", "an operator or the end"),
        ("cel: a b", 8, "b", "an operator or the end"),
        ("cel: é == 1", 6, "é", "a name, a number"),
        ("cel: 1 +* 2", 9, "*", "a value"),
        ("cel: x.all(1, true)", 0, "", "a name for each element"),
        ("cel: has(a)", 0, "", "a member in has"),
        ("cel: a > 99999999999999999999", 0, "", "a whole number"),
        ("cel: foo(a)", 0, "", "a function that is known, not `foo`"),
        ("cel: type.size", 0, "", ""),
        ("cel: contains(type, 'a')", 0, "", "a text before it"),
        ("cel: type.startsWith()", 0, "", "a text before it"),
        ("cel: type.int()", 0, "", "one value in its brackets"),
        ("cel: type.matches(key)", 0, "", "a pattern in quotes"),
        ("cel: type.matches('(')", 0, "", "a pattern (RE2)"),
        ("cel: type.matches('(?=a)b')", 0, "", "a pattern (RE2)"),
        ("cel: type.matches('(a{1000}){1000}')", 0, "", "a pattern (RE2)"),
        ("cel: event.nothing == 1", 0, "", "a field of the event: type"),
        ("cel: event == 1", 0, "", "a field of the event"),
        ("cel: 'a'", 6, "'a'", "a condition"),
        ("cel: 1", 6, "1", "a condition"),
        ("cel: Event{a: 1} == 1", 0, "", "no message"),
        ("cel: a.map(w, a.map(x, a.map(y, a.map(z, z)))) == []", 0, "", "no further macro"),
    ] {
        let read = read(text);
        if expected.is_empty() {
            assert!(read.is_ok(), "{text}");
            continue;
        }
        let error = read.expect_err(text);
        assert!(error.expected.contains(expected), "{text}: {error}");
        if at > 0 {
            assert_eq!((error.character + 1, error.found.trim_end()), (at, found.trim_end()), "{text}: {error}");
        }
        assert!(error.span.end <= text.len() && text.is_char_boundary(error.span.start), "{text}");
    }
    let words = read("cel: a > 1 AND b > 1").unwrap_err().to_string();
    assert!(words.contains("expected an operator or the end, found `AND`. CEL writes &&"), "{words}");
}

#[test]
fn without_its_mark_it_is_a_query() {
    assert_eq!(read("data.amount>900"), Query::parse("data.amount>900"));
    assert_eq!(read("payload.cel:x"), Query::parse("payload.cel:x"));
    assert_eq!(read("cel: n > 1").unwrap(), read("cel: n > 1").unwrap());
    assert_eq!(read(" cel: n > 1").unwrap().to_string(), "cel: n > 1");
}

#[test]
fn what_it_reads_is_known() {
    let needs = |text: &str| read(text).unwrap().names();
    for (text, key, headers, payload) in [
        ("cel: type == 'a' && size > 3 && time > captured && partition + offset > 1", false, false, false),
        ("cel: key == 'a'", true, false, false),
        ("cel: event.key == 'a' || true", true, false, false),
        ("cel: 'x' in headers", false, true, false),
        ("cel: size(headers) > 1", false, true, false),
        ("cel: data.amount > 1", false, false, true),
        ("cel: event.payload == null", false, false, true),
        ("cel: [1].exists(x, x == key)", true, false, false),
        // Names of macros hide others, inside them only.
        ("cel: [1].exists(key, key == 1)", false, false, false),
        ("cel: [1].exists(x, x == 1) && x", false, false, true),
        ("cel: (type == 'a' ? key : headers.a) == data.x", true, true, true),
    ] {
        assert_eq!(needs(text), Needs { key, headers, payload }, "{text}");
    }
    // What every match has narrows the search.
    let narrowed = read("cel: type == 'a' && 'k' == key && (channel == 'c' || n > 1)").unwrap().to_string();
    assert_eq!(narrowed, r#"type="a" key="k" cel: type == 'a' && 'k' == key && (channel == 'c' || n > 1)"#);
    assert_eq!(read("cel: key == 'a' || key in ['b', 'c'] || n > 1").unwrap().keys(), [b"a", b"b", b"c"]);
}

fn took(text: &str) -> (bool, std::time::Duration) {
    let begun = Instant::now();
    (read(text).is_err(), begun.elapsed())
}

/// Each in well under a second, without a word of the stack; a machine under load may take some more.
#[test]
fn hostile_shapes_are_refused_at_once() {
    let of = |begin: &str, more: &str, times: usize, end: &str| format!("cel: {begin}{}{end}", more.repeat(times));
    for text in [
        of("", "(", 10_000, "a"),
        of("", "(", 1_500, ""),
        of("", "[", 1_500, ""),
        of("", "{1:", 1_000, ""),
        of("a", ".b", 1_500, " == 1"),
        of("a", " + b", 900, " == 1"),
        of("a", " ? b : c", 400, ""),
        of("a", "[0]", 1_000, " == 1"),
        of("'", "\\'", 40_000, ""),
        of("", "\"'(", 1_300, ""),
        of("a.all(x, ", "a.all(x, ", 200, ""),
        of("size(", "size(", 31, "a"),
        of("", "\n", 4_000, "("),
        of("", "a", 1 << 20, ""),
    ] {
        let (refused, took) = took(&text);
        assert!(refused, "{}", &text[..60]);
        assert!(took.as_secs() < 10, "{took:?} for {}", &text[..60]);
    }
    // Signs that cancel one another are none.
    assert!(read(&of("", "!", 3_000, "a")).is_ok());
    // What is long and flat is judged.
    let mut flat = String::from("cel: n == 0");
    for i in 0..200 {
        let _ = write!(flat, " || n == {i}");
    }
    assert!(flat.len() < LONGEST && read(&flat).is_ok());
}

fn of_payload(payload: &str) -> Searched<'_> {
    Searched::of_bytes(Part::Shown(None), Part::Shown(&[]), Part::Shown(Some(payload.as_bytes())))
}

/// What multiplies is cut off: the event is told as not judged, and where that goes on, the search is ended in words.
#[test]
fn what_takes_too_many_steps_is_cut_off() {
    let numbers: Vec<String> = (0..2_000).map(|n| n.to_string()).collect();
    let payload = format!(r#"{{"l":[{}],"t":"{}"}}"#, numbers.join(","), "x".repeat(60_000));
    let event = of_payload(&payload);
    for text in [
        "cel: l.all(x, l.all(y, l.all(z, x + y + z >= 0)))",
        "cel: size(l.map(x, l.map(y, l))) == 1",
        "cel: size(l.map(x, l + l)) == 1",
        "cel: l.map(x, t + t).exists(x, x == t)",
        "cel: l.exists(x, t.contains('y'))",
        "cel: l.exists(x, t.matches('(x+x+)+y'))",
        "cel: t + t + t == t",
        "cel: l.exists(x, l == l.map(y, y + 1))",
    ] {
        let query = read(text).unwrap();
        let (matcher, mut scratch) = (Matcher::new(&query), Scratch::default());
        assert_eq!(matcher.judge(&event, &mut scratch), Verdict::Unknown, "{text}");
        assert!(scratch.unjudged(), "{text}");
    }
    let query = read("cel: l.all(x, l.all(y, x + y >= 0))").unwrap();
    let (matcher, mut scratch) = (Matcher::new(&query), Scratch::default());
    let formula = query.formula().unwrap();
    let mut judged = 0;
    while formula.given_up().is_none() {
        matcher.judge(&event, &mut scratch);
        judged += 1;
        assert!(judged < 10_000, "it is ended");
    }
    assert!(formula.given_up().unwrap().contains("takes too long"));
    // From then on nothing is judged: it costs nothing more.
    assert_eq!(matcher.judge(&event, &mut scratch), Verdict::Unknown);
}

/// Names that are offered to whoever writes an expression are known in one, written as they are said to be.
#[test]
fn what_is_offered_can_be_used() {
    for of in CALLABLE {
        let read = read(&format!("cel: {}", of.example));
        assert!(read.is_ok(), "{}: {:?}", of.example, read.err());
        let call = format!("{}(", of.name);
        let at = of.example.find(&call).unwrap_or_else(|| panic!("{} in {}", of.name, of.example));
        let dot = of.example[..at].ends_with('.');
        assert_eq!(dot, of.written == Written::Behind, "{}", of.example);
    }
    for (name, _) in FIELDS.iter().filter(|(name, _)| *name != "event") {
        for written in [format!("cel: {name} == null"), format!("cel: event.{name} == null")] {
            assert!(read(&written).is_ok(), "{written}");
        }
    }
}
