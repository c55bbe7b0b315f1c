//! Queries made to hurt, and events made to hurt queries.

use crate::meaning::searched;
use weir_domain::search::{DEEPEST, LONGEST, MOST_TERMS, MOST_WILDCARDS, Matcher, Query, Scratch, Verdict};

/// Each is refused with the place where it goes too far, which is as far as it is read.
#[test]
fn hostile_shapes_are_refused_at_once() {
    let error = |text: &str| Query::parse(text).expect_err("too much");
    for open in ["(", "NOT ", "NOT (", "-("] {
        let e = error(&open.repeat(10_000));
        assert!(e.span.start <= open.len() * (DEEPEST + 1), "{e}");
        assert!(e.expected.contains("64 deep"), "{e}");
    }
    let e = error(&format!("{}a{}", "(".repeat(10_000), ")".repeat(10_000)));
    assert_eq!(e.character, DEEPEST);
    let e = error(&"a".repeat(1_000_000));
    assert_eq!(e.span.start, LONGEST);
    assert!(e.to_string().len() < 200, "{e}");
    assert_eq!(error(&"é".repeat(1_000_000)).span.start, LONGEST);
    assert!(error(&"a ".repeat(2_000)).expected.contains(&MOST_TERMS.to_string()));
    assert!(error(&"a:b OR ".repeat(2_000)).expected.contains(&MOST_TERMS.to_string()));
    assert!(error(&"*a".repeat(1_000)).expected.contains(&MOST_WILDCARDS.to_string()));
    assert!(error(&format!("x:{}", "a".repeat(5_000))).expected.contains("4096"));
    assert!(error(&format!("{}:1", vec!["a"; 40].join("."))).expected.contains("32 steps"));
    assert!(error(&format!("\"{}", "\\\"".repeat(20_000))).expected.contains("closing"));
    assert!(error(&"[".repeat(30_000)).expected.contains("4096"));
    assert!(error(&format!("a{}:1", "[0]".repeat(10_000))).expected.contains("32 steps"));
    assert!(error(&"a.".repeat(30_000)).expected.contains("4096"));
    assert!(Query::parse(&format!("{}a{}", "(".repeat(DEEPEST), ")".repeat(DEEPEST))).is_ok());
}

/// What takes other engines for ever: that this ends is the test.
#[test]
fn catastrophic_patterns_stay_linear() {
    let megabyte = "a".repeat(1_000_000);
    let json = format!("{{\"x\":\"{megabyte}\"}}");
    for (text, payload, matches) in [
        (format!("x:{}b", "a*".repeat(16)), &json, false),
        (format!("x:{}", "a*".repeat(16)), &json, true),
        (format!("{}b", "a*".repeat(16)), &json, false),
        (format!("{}b", "a*".repeat(16)), &megabyte, false),
        (format!("*{}b*", "a".repeat(4_000)), &megabyte, false),
        (format!("{}b", "aé*".repeat(16)), &json, false),
        ("\"b\"".to_owned(), &megabyte, false),
    ] {
        let query = Query::parse(&text).unwrap();
        let event = searched(Some(payload.as_bytes()), &[]);
        assert_eq!(Matcher::new(&query).judge(&event, &mut Scratch::default()), Verdict::of(matches), "{text}");
    }
    let deep = "[".repeat(1_000_000);
    let query = Query::parse("x:1 OR payload[0][0]:*").unwrap();
    assert!(Matcher::new(&query).judge(&searched(Some(deep.as_bytes()), &[]), &mut Scratch::default()).is_match());
    assert!(query.judge_plainly(&searched(Some(deep.as_bytes()), &[])).is_match());
}
