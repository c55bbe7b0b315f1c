//! What expressions mean, by example: the table of the reference.

#![expect(clippy::panic, reason = "a test ends at its first surprise")]

use weir_cel::read;
use weir_domain::{
    Timestamp,
    search::{Decoded, HeaderBytes, Matcher, Part, Scratch, Searched, Verdict},
};

const PAYLOAD: &str = r#"{
    "specversion": "1.0", "type": "Order", "paid": true, "gone": null, "n": 3, "half": 3.5, "big": 9007199254740993,
    "huge": 18446744073709551615, "dup": 1, "dup": 2, "at": "2026-11-22T14:30:05Z",
    "data": {"amount": 900.50, "count": 7, "note": "Card DECLINED by bank", "name": "Stra\u00dfe", "tags": ["a", "b"],
        "items": [{"sku": "HB-1", "qty": 2}, {"sku": "HB-2", "qty": 5}], "a.b": 1}
}"#;

const HEADERS: &[HeaderBytes<'_>] = &[
    HeaderBytes { name: b"Tenant", value: Some(b"acme") },
    HeaderBytes { name: b"retries", value: Some(b"4") },
    HeaderBytes { name: b"trace", value: Some(b"1") },
    HeaderBytes { name: b"trace", value: Some(b"2") },
    HeaderBytes { name: b"none", value: None },
];

fn event(payload: Option<&str>) -> Searched<'_> {
    Searched {
        event_type: "payment.failed",
        channel: "orders.eu",
        source: "Shop",
        environment: "production",
        partition: 3,
        offset: 4711,
        size: 640,
        time: Timestamp(1_795_357_805_000_000),
        captured_at: Timestamp(1_795_357_806_500_000),
        ..Searched::of_bytes(
            Part::Shown(Some(b"ord-4711")),
            Part::Shown(HEADERS),
            Part::Shown(payload.map(str::as_bytes)),
        )
    }
}

/// The verdict, and whether the event could not be judged. A query's plain reading says the same.
fn judge(text: &str, event: &Searched<'_>) -> (Verdict, bool) {
    let query = read(text).unwrap_or_else(|e| panic!("{text}: {e}"));
    let mut scratch = Scratch::default();
    let verdict = Matcher::new(&query).judge(event, &mut scratch);
    assert_eq!(query.judge_plainly(event), verdict, "{text}");
    (verdict, scratch.unjudged())
}

#[test]
fn means() {
    let event = event(Some(PAYLOAD));
    for (text, matches) in [
        ("cel: type == 'payment.failed'", true),
        ("  cel:event.type == 'payment.failed' && data.amount > 900 && size(headers) > 2", true),
        ("cel: type.startsWith('payment.') && channel.endsWith('.eu') && source.contains('ho')", true),
        (
            "cel: environment == 'production' && partition == 3 && offset == 4711 && position == 4711 && size < 641",
            true,
        ),
        ("cel: key == 'ord-4711' && key in ['a', 'ord-4711']", true),
        ("cel: key.matches('^ord-[0-9]+$') && !key.matches('^[0-9]+$')", true),
        ("cel: headers.tenant == 'acme' && headers['TENANT'] == 'acme' && int(headers.retries) > 3", true),
        ("cel: headers.trace == ['1', '2'] && headers.none == null && 'tenant' in headers && !('x' in headers)", true),
        ("cel: headers.exists(h, h == 'retries') && size(headers) == 4", true),
        ("cel: has(headers.tenant) && !has(headers.nobody)", true),
        // Numbers by value, whatever they are written like.
        ("cel: n == 3 && n == 3.0 && n < half && half > 3 && data.amount == 900.5 && n != half", true),
        ("cel: big == 9007199254740993 && big > 9007199254740992.0 && huge == 18446744073709551615u", true),
        ("cel: n + half == 6.5 && half * 2 == 7.0 && data.count % 2 == 1 && data.count / 2 == 3 && -n == -3", true),
        ("cel: paid && gone == null && payload.type == 'Order' && dup == 2", true),
        ("cel: data.name == 'Straße' && data.note.lowerAscii().contains('declined') && data['a.b'] == 1", true),
        ("cel: has(data.amount) && !has(data.missing) && !has(payload.missing)", true),
        (
            "cel: data.items.exists(i, i.qty > 4) && data.items.all(i, i.sku.startsWith('HB')) && !data.items.all(i, i.qty > 4)",
            true,
        ),
        ("cel: data.items.map(i, i.qty) == [2, 5] && data.items.filter(i, i.qty > 4)[0].sku == 'HB-2'", true),
        ("cel: data.items.exists_one(i, i.qty == 2) && data.items[1].qty == 5 && size(data.items) == 2", true),
        (
            "cel: data.tags + ['c'] == ['a', 'b', 'c'] && 'b' in data.tags && data.tags.map(t, t + '!') == ['a!', 'b!']",
            true,
        ),
        ("cel: data.items.map(i, i.qty > 4, i.sku) == ['HB-2']", true),
        ("cel: data.exists(name, name == 'note') && 'note' in data", true),
        ("cel: {'a': 1, 'b': 2}[data.tags[1]] == 2 && {'a': n} == {'a': 3.0}", true),
        (
            "cel: time == timestamp('2026-11-22T14:30:05Z') && timestamp(at) == time && captured - time == duration('1.5s')",
            true,
        ),
        (
            "cel: time.getFullYear() == 2026 && time.getMonth() == 10 && time.getHours() == 14 && time.getHours('+01:00') == 15",
            true,
        ),
        ("cel: time > timestamp('2026-11-22T00:00:00Z') + duration('14h') && time.getDayOfWeek() == 0", true),
        ("cel: type(n) == int && type(half) == double && type(data) == map && type(gone) == null_type", true),
        ("cel: (n > 2 ? 'many' : 'few') == 'many' && string(n) == '3' && double('1.5') == 1.5 && bool('true')", true),
        ("cel: size('Straße') == 6 && ' x '.trim() == 'x' && 'a'.upperAscii() == 'A' && b'ab' == bytes('ab')", true),
        ("cel: 'a' < 'b' && false < true && [1, 2] != [2, 1] && 1 != '1' && null != 0", true),
        ("cel: true", true),
        ("cel: false || n > 5", false),
        ("cel: type == 'other'", false),
        ("cel: 0.0 / 0.0 < 1.0", false),
        // What decides does so beside what fails.
        ("cel: nothing > 1 || n == 3", true),
        ("cel: n == 4 && nothing > 1", false),
        ("cel: nothing > 1 && n == 4", false),
        ("cel: data.items.exists(i, i.sku == 'HB-2' || i.missing > 1)", true),
        ("cel: [1, 'a', 3].exists(x, x > 2)", true),
        ("cel: [3, 'a', 1].all(x, x > 2)", false),
    ] {
        assert_eq!(judge(text, &event), (Verdict::of(matches), false), "{text}");
    }
}

#[test]
fn what_fails_matches_nothing_and_is_told() {
    let of = event(Some(PAYLOAD));
    for text in [
        "cel: nothing > 1",
        "cel: data.missing == 1",
        "cel: !(data.missing == 1)",
        "cel: data.note > 5",
        "cel: data.amount",
        "cel: n / 0 == 1",
        "cel: 9223372036854775807 + n > 0",
        "cel: data.items[7].qty == 1",
        "cel: headers.nobody == 'x'",
        "cel: int(data.note) > 1",
        "cel: timestamp(data.note) > time",
        "cel: has(data.missing.deeper)",
        "cel: nothing > 1 || n == 4",
        "cel: data.items.all(i, i.missing > 1)",
        "cel: paid + 1 == 2",
        "cel: size(n) == 1",
    ] {
        assert_eq!(judge(text, &of), (Verdict::Unknown, true), "{text}");
    }
    // A tombstone and a text have no members.
    assert_eq!(judge("cel: payload == null", &event(None)), (Verdict::Yes, false));
    assert_eq!(judge("cel: data.amount > 1", &event(None)), (Verdict::Unknown, true));
    assert_eq!(judge("cel: payload.startsWith('plain')", &event(Some("plain text"))), (Verdict::Yes, false));
}

/// What is not stored is no fault of the expression, and says nothing about the event.
#[test]
fn what_is_not_there_leaves_it_unknown() {
    let bare = Searched { key: Part::Absent, payload: Part::Absent, headers: Part::Absent, ..event(None) };
    for (text, verdict) in [
        ("cel: data.amount > 1", Verdict::Unknown),
        ("cel: !(key == 'a')", Verdict::Unknown),
        ("cel: size(headers) > 1 || type == 'payment.failed'", Verdict::Yes),
        ("cel: data.amount > 1 && type == 'x'", Verdict::No),
        ("cel: data.amount > 1 || 1 / 0 == 1", Verdict::Unknown),
    ] {
        assert_eq!(judge(text, &bare), (verdict, false), "{text}");
    }
}

#[test]
fn a_broken_payload_counts_as_far_as_it_goes() {
    let cut = event(Some(r#"{"data":{"amount":950,"note":"cut he"#));
    assert_eq!(judge("cel: data.amount > 900", &cut), (Verdict::Yes, false));
    let unpacked = Searched { decoded: Decoded::As(br#"{"data":{"amount":950}}"#), ..event(Some("\u{1f}packed")) };
    assert_eq!(judge("cel: data.amount > 900", &unpacked), (Verdict::Yes, false));
    let locked = Searched { decoded: Decoded::Not, ..event(Some("\u{1f}packed")) };
    assert_eq!(judge("cel: data.amount > 900", &locked), (Verdict::Unknown, true));
    assert_eq!(judge("cel: type == 'payment.failed'", &locked), (Verdict::Yes, false));
}
