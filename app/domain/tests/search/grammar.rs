//! The grammar by example: what is read, how it is written, what is refused and where.

use weir_domain::search::Query;

/// The canonical text shows how a query was read.
#[test]
fn is_read_as() {
    for (text, canonical) in [
        ("", ""),
        ("  ", ""),
        ("a b", "a b"),
        ("a AND b", "a b"),
        ("a b OR c d", "a b OR c d"),
        ("a (b OR c)", "a (b OR c)"),
        ("((a))", "a"),
        ("(a b) c", "a b c"),
        ("a OR (b OR c)", "a OR b OR c"),
        ("NOT a b", "NOT a b"),
        ("NOT (a b)", "NOT (a b)"),
        ("NOT NOT a", "NOT NOT a"),
        ("-a -(b c)", "NOT a NOT (b c)"),
        ("- a", "\"-\" a"),
        ("a-b", "a-b"),
        ("and or", "and or"),
        ("\"AND\" ANDROID", "\"AND\" ANDROID"),
        (
            "type:payment.failed data.amount>900 header.tenant:acme key:ord-4711 channel:orders.* offset:12",
            "type:payment.failed data.amount>900 header.tenant:acme key:ord-4711 channel:orders.* offset:12",
        ),
        ("data.amount  >=  900", "data.amount>=900"),
        ("data.amount != 900", "data.amount!=900"),
        ("data.items[0].sku:x", "data.items[0].sku:x"),
        ("data.items[].sku:x", "data.items[*].sku:x"),
        ("payload.data.x:1", "data.x:1"),
        ("payload.type:x", "payload.type:x"),
        ("\"type\":x", "payload.type:x"),
        ("payload[0].x:1", "payload[0].x:1"),
        ("payload:*", "payload:*"),
        ("type.name:x", "payload.type.name:x"),
        ("\"a b\".\"c\":x", "\"a b\".c:x"),
        ("\"2024\".1:x", "\"2024\".1:x"),
        ("@type:x $ref:y a-b:z é:q", "@type:x $ref:y a-b:z é:q"),
        ("header.ce-type.x:y", "header.ce-type.x:y"),
        ("header.\"x y\":z", "header.\"x y\":z"),
        ("data.x:*", "data.x:*"),
        ("data.x:**", "data.x:*"),
        ("data.x:\"*\"", "data.x:\"*\""),
        ("data.x:a\\*b", "data.x:a\\*b"),
        ("time>=2026-11-22T14:00:05Z", "time>=2026-11-22T14:00:05Z"),
        ("a\\:b \\(", "a\\:b \\("),
        ("\"say \\\"hi\\\" \\\\\"", "\"say \\\"hi\\\" \\\\\""),
        ("key:hex:00ff", "key:hex:00ff"),
        ("data.url:\"https://x\"", "data.url:\"https://x\""),
        ("data.n:-5", "data.n:-5"),
        ("hello! a,b;c", "hello! a,b;c"),
        ("\\| \"&&\" a|b", "\"|\" \"&&\" a|b"),
        ("(type:a)OR(type:b)", "type:a OR type:b"),
        ("\"orderId\":\"ord-1\"", "orderId:\"ord-1\""),
    ] {
        let query = Query::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
        assert_eq!(query.to_string(), canonical, "{text}");
        assert_eq!(Query::parse(canonical), Ok(query), "{text}");
    }
}

/// `‹` and `›` stand around what is at fault.
#[test]
fn is_refused_with_its_place() {
    for (marked, expected, write) in [
        ("data.amount>‹›", "a value after `>`", None),
        ("data.amount>‹)›", "a value after `>`", None),
        ("type:‹›", "a value right after `type:`", None),
        ("type:‹ ›payment", "a value right after `type:`", None),
        ("type:‹(›a OR b)", "one value", None),
        ("data.amount:‹[›1 TO 5]", "one value", None),
        ("data.amount‹==›900", "one operator", Some("=")),
        ("data.amount‹=>›900", "one operator", Some(">=")),
        ("size‹:>›1000", "one operator", Some(">")),
        ("size‹:>=›1000", "one operator", Some(">=")),
        ("data.x‹<>›5", "one operator", Some("!=")),
        ("(a b‹›", "`)`", Some(")")),
        ("a‹)›", "a word, a comparison or the end", Some("")),
        ("(‹)›", "a word or a comparison in the brackets", None),
        ("a OR ‹OR› b", "a word or a comparison before `OR`", None),
        ("‹AND› b", "a word or a comparison before `AND`", None),
        ("a AND ‹›", "a word or a comparison", None),
        ("a OR ‹›", "a word or a comparison", None),
        ("NOT ‹›", "a word or a comparison", None),
        ("NOT ‹)›", "a word or a comparison", None),
        ("\"abc‹›", "a closing `\"`", Some("\"")),
        ("é \"abc‹›", "a closing `\"`", Some("\"")),
        ("‹\"\"›", "some letters in the quotes", None),
        ("‹>›5", "a field before `>`", None),
        ("12‹:›30:05", "a field's name before `:`", Some("\\:")),
        ("da*ta‹:›x", "a field's name before `:`", Some("\\:")),
        ("a ‹&&› b", "a word or a comparison", Some("AND")),
        ("a ‹||› b", "a word or a comparison", Some("OR")),
        ("‹!›a", "a word or a comparison", Some("NOT ")),
        ("c:‹\\›dir", "`\\\\` for a backslash", Some("\\\\")),
        ("\"c:‹\\›dir\"", "`\\\\` for a backslash", Some("\\\\")),
        ("http:‹/›/x", "a value", None),
        ("a‹\"›b\"", "white space", None),
        ("\"a\"‹b›", "white space", None),
        ("f‹(›x)", "white space", None),
        ("‹header›:x", "a header with its name", Some("header.NAME")),
        ("‹header[0]›:x", "a header with its name", Some("header.NAME")),
        ("type‹>›a", "`:`, `=` or `!=`: a type has no order", Some(":")),
        ("key‹<›a", "`:`, `=` or `!=`: a key has no order", Some(":")),
        ("offset>‹1.5›", "a whole number", None),
        ("partition:‹a*›", "a whole number", None),
        ("size>‹10XB›", "a number of bytes", None),
        ("time>‹-2h›", "a time such as", None),
        ("payload:‹x›", "`*` after `payload:`", None),
        ("data.x=‹a*›", "a value without `*`", None),
        ("data.x!=‹*›", "a value without `*`", None),
        ("‹a\\ b*›", "a wildcard in a word without white space and quotes", None),
    ] {
        let (from, to) = (marked.find('‹').unwrap(), marked.find('›').unwrap() - '‹'.len_utf8());
        let text = marked.replace(['‹', '›'], "");
        let error = Query::parse(&text).expect_err(&text);
        assert_eq!((error.span.start, error.span.end), (from, to), "{text}: {error}");
        assert_eq!(error.character, text[..from].chars().count(), "{text}");
        assert!(error.expected.starts_with(expected), "{text}: {error}");
        assert_eq!(error.write.as_deref(), write, "{text}: {error}");
        // Written so, it is no longer refused here.
        if let Some(write) = write.filter(|w| !matches!(*w, "header.NAME")) {
            let mended = format!("{}{write}{}", &text[..from], &text[to..]);
            if let Err(again) = Query::parse(&mended) {
                assert!(again.span.start > from || again.expected != error.expected, "{text} -> {mended}: {again}");
            }
        }
    }
    let error = Query::parse("é data.amount>").unwrap_err();
    assert_eq!(error.to_string(), "At character 15: expected a value after `>`, found the end.");
}
