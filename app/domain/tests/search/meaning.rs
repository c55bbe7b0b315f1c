//! What queries mean, by example: the table of the reference.

use weir_domain::{
    Timestamp,
    search::{Decoded, HeaderBytes, Matcher, Part, Query, Scratch, Searched, Verdict},
};

pub fn searched<'a>(payload: Option<&'a [u8]>, headers: &'a [HeaderBytes<'a>]) -> Searched<'a> {
    Searched {
        event_type: "payment.failed",
        channel: "orders.eu",
        source: "Shop",
        environment: "production",
        partition: 3,
        offset: 4711,
        size: 640,
        time: Timestamp(1_795_357_805_000_000),
        captured_at: Timestamp(1_795_357_806_000_000),
        key: Part::Shown(Some(b"ord-4711")),
        headers: Part::Shown(headers),
        payload: Part::Shown(payload),
        decoded: Decoded::AsSent,
    }
}

/// The table of the reference.
#[test]
fn means() {
    let payload = r#"{
        "specversion": "1.0", "type": "Order", "paid": true, "gone": null, "n": "0900", "code": "900",
        "data": {"amount": 900.00, "big": 9007199254740993, "total": "12.50", "at": "2026-11-22T14:30:05Z",
            "note": "Card DECLINED by bank", "name": "Stra\u00dfe", "empty": [], "nested": [[1, 2], [3]],
            "items": [{"sku": "HB-1", "qty": 2}, {"sku": "HB-2", "qty": 5}], "a.b": 1},
        "dup": 1, "dup": 2
    }"#;
    let headers = [
        HeaderBytes { name: b"Tenant", value: Some(b"acme") },
        HeaderBytes { name: b"retries", value: Some(b"4") },
        HeaderBytes { name: b"none", value: None },
    ];
    let event = searched(Some(payload.as_bytes()), &headers);
    for (text, matches) in [
        ("", true),
        ("*", true),
        // Words: whole ones, in any case, anywhere.
        ("declined", true),
        ("decline", false),
        ("declin*", true),
        ("*clined", true),
        ("\"card declined\"", true),
        ("\"declined card\"", false),
        ("ord-4711", true),
        ("ord", true),
        ("or", false),
        ("ord*11", true),
        ("acme tenant", true),
        ("straße", true),
        ("STRASSE", false),
        ("Card*bank", false),
        // The event's own fields.
        ("type:payment.failed", true),
        ("type:PAYMENT.*", true),
        ("type=PAYMENT.failed", false),
        ("channel:orders.* source:shop environment:production", true),
        ("key:ord-4711", true),
        ("key:ORD-4711", false),
        ("key:ord-*", true),
        ("key:hex:6f72642d34373131", true),
        ("partition:3 offset>=4711 offset<4712 size<1KB", true),
        ("time:2026-11-22 time>2026-11-22T14:29 captured:2026-11-22T14:30:06", true),
        ("header.tenant:ACME header.TENANT=acme", true),
        ("header.tenant=ACME", false),
        ("header.retries>3 header.retries<10", true),
        ("header.none:*", true),
        ("header.none:null", false),
        ("header.other:*", false),
        // Paths.
        ("data.amount:900", true),
        ("data.amount=900.0", true),
        ("data.amount>=9e2 data.amount<=900", true),
        ("data.amount>900", false),
        ("data.amount:\"900\"", false),
        ("data.amount:\"900.00\"", true),
        ("data.big:9007199254740993", true),
        ("data.big:9007199254740992", false),
        ("data.total>12", true),
        ("data.total:12.5", false),
        ("data.at>=2026-11-22 data.at<2026-11-23", true),
        ("n:0900", true),
        ("n:900", false),
        ("code:900", true),
        ("code:900.0", false),
        ("code>\"8\"", true),
        ("data.amount>\"8\"", false),
        ("paid:true", true),
        ("paid=TRUE", false),
        ("gone:null gone:*", true),
        ("missing:null", false),
        ("NOT missing:*", true),
        ("data.items.sku:hb-2", true),
        ("data.items[0].sku:HB-2", false),
        ("data.items[1].sku:HB-2", true),
        ("data.items[*].qty>4", true),
        ("data.items[9]:*", false),
        ("data.empty:*", true),
        ("data.empty[0]:*", false),
        ("data.nested:3", true),
        ("data.nested[0]:2", true),
        ("data.nested[0]:3", false),
        ("data.nested[1][0]:3", true),
        ("data.\"a.b\":1", true),
        ("data.a.b:1", false),
        ("Data.amount:900", false),
        ("dup:1 dup:2", true),
        ("dup!=1", false),
        ("dup!=3", true),
        ("missing!=3", false),
        ("NOT missing=3", true),
        ("payload.type:order", true),
        ("payload:*", true),
        // Together.
        ("type:nothing OR data.amount:900 declined", true),
        ("(type:nothing OR data.amount:900) nothing", false),
        ("-nothing -type:order", true),
    ] {
        let query = Query::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
        assert_eq!(query.judge_plainly(&event), Verdict::of(matches), "{text}");
        assert_eq!(Matcher::new(&query).judge(&event, &mut Scratch::default()), Verdict::of(matches), "{text}");
    }
}

#[test]
fn what_is_masked_is_unknown_and_told_beforehand() {
    let mut event = searched(Some(br#"{"a":1}"#), &[]);
    event.payload = Part::Masked;
    for (text, verdict) in [
        ("a:1", Verdict::Unknown),
        ("NOT a:1", Verdict::Unknown),
        ("a:1 OR type:payment.failed", Verdict::Yes),
        ("a:1 type:nothing", Verdict::No),
        ("ord-4711", Verdict::Yes),
        ("nothing", Verdict::Unknown),
        ("NOT nothing", Verdict::Unknown),
    ] {
        let query = Query::parse(text).unwrap();
        assert_eq!(query.judge_plainly(&event), verdict, "{text}");
        assert_eq!(Matcher::new(&query).judge(&event, &mut Scratch::default()), verdict, "{text}");
    }
    for (text, key, headers, payload) in [
        ("type:x offset>5", false, false, false),
        ("key:x", true, false, false),
        ("NOT (header.a:* OR type:x)", false, true, false),
        ("a.b>5 OR payload:*", false, false, true),
        ("word", true, true, true),
        ("*", false, false, false),
    ] {
        let needs = Query::parse(text).unwrap().needs();
        assert_eq!((needs.key, needs.headers, needs.payload), (key, headers, payload), "{text}");
        // Free words are refused to nobody: they look into what may be seen.
        let named = Query::parse(text).unwrap().names();
        assert_eq!(named.permissions().count(), if text == "word" { 0 } else { needs.permissions().count() }, "{text}");
    }
}
