use super::*;
use crate::{
    hints::tests::hints,
    packing::tests::{ALL, packed},
};
use proptest::prelude::*;

const MSGPACK: &[u8] = b"\x81\xa5order\x81\xa2id\x2a";
const CBOR: &[u8] = b"\xa1\x65order\xa1\x62id\x18\x2a";
const JSON: &[u8] = br#"{"order":{"id":42}}"#;

fn told<'a>(payload: &'a [u8], headers: &[(&str, &str)]) -> Reading<'a> {
    read(payload, &hints(headers), 100)
}

/// How it was read, names and texts of the tree, the problem.
fn got(payload: &[u8], headers: &[(&str, &str)]) -> (String, Vec<String>, String) {
    let reading = told(payload, headers);
    let tree = reading.tree.iter().map(|n| format!("{}={}", n.name.as_deref().unwrap_or_default(), n.text));
    (reading.how(), tree.collect(), reading.problem.clone().unwrap_or_default())
}

#[test]
fn every_format_reads_as_the_same_paths() {
    for (payload, how) in
        [(JSON, "JSON"), (MSGPACK, "MessagePack"), (CBOR, "CBOR"), (b"<order><id>42</id></order>", "XML")]
    {
        for outer in ALL {
            let headers: &[_] = if outer == Packing::SnappyBlock { &[("content-encoding", "snappy")] } else { &[] };
            let (got_how, tree, problem) = got(&packed(outer, payload), headers);
            assert_eq!(got_how, format!("{}, then {how}", outer.name()), "{problem}");
            let tree: Vec<_> = tree.into_iter().filter(|line| line != "=").collect();
            assert_eq!((tree, problem.as_str()), (vec!["order=".to_owned(), "id=42".to_owned()], ""));
        }
        assert_eq!(got(payload, &[]).0, how);
    }
    let twice = packed(Packing::Zstd, &packed(Packing::Gzip, JSON));
    assert_eq!(got(&twice, &[]).0, "zstd, then gzip, then JSON");
}

#[test]
fn text_bytes_and_nothing() {
    for (payload, how) in [
        (&b""[..], "Empty"),
        (b"just words", "Text"),
        (b"< 3", "Text"),
        (b"42", "JSON"),
        (b"\x00\xff", "Bytes"),
        (b"\x80", "Bytes"),
        (b"\x92\x01\x02", "Bytes"),
    ] {
        let (got_how, _, problem) = got(payload, &[]);
        assert_eq!((got_how.as_str(), problem.as_str()), (how, ""), "{payload:02x?}");
    }
    let inner = |bytes: &[u8]| got(&packed(Packing::Gzip, bytes), &[]).0;
    assert_eq!(inner(b"just words"), "gzip, then text");
    assert_eq!(inner(b"\x00\xff"), "gzip, then bytes");
    assert_eq!(inner(b""), "gzip, then nothing");
}

#[test]
fn what_a_person_copies_is_text() {
    assert_eq!(told(MSGPACK, &[]).text(), JSON);
    assert!(!told(MSGPACK, &[]).is_as_sent());
    let zipped = packed(Packing::Gzip, b"<a>1</a>");
    assert_eq!(told(&zipped, &[]).text(), b"<a>1</a>");
    assert!(!told(&zipped, &[]).is_as_sent());
    assert!(told(b"<a>1</a>", &[]).is_as_sent());
}

#[test]
fn headers_decide_what_bytes_leave_open() {
    let cbor = ("content-type", "application/cbor");
    assert_eq!(got(b"\x82\x01\x02", &[]).0, "Bytes");
    assert_eq!(got(b"\x82\x01\x02", &[cbor]), ("CBOR".into(), vec!["=".into(), "=1".into(), "=2".into()], "".into()));
    assert_eq!(got(b"\x82\x01\x02", &[("content-type", "application/msgpack")]).0, "Bytes");
    assert_eq!(got(b"\xc0", &[("content-type", "application/msgpack")]).0, "MessagePack");
}

#[test]
fn wrong_hints_are_told_and_do_no_harm() {
    let problem = |payload: &[u8], name, value| {
        let (how, _, problem) = got(payload, &[(name, value)]);
        (how, problem)
    };
    let (how, why) = problem(JSON, "content-type", "application/cbor");
    assert_eq!(
        (how.as_str(), why.starts_with("Its content-type says CBOR, and it is something else: byte ")),
        ("JSON", true),
        "{why}"
    );
    assert_eq!(
        problem(b"words", "content-type", "application/json"),
        (
            "Text".into(),
            "Its content-type says JSON, and it is something else: line 1, column 1: expected a value.".into()
        )
    );
    assert_eq!(
        problem(JSON, "content-encoding", "gzip"),
        ("JSON".into(), "Its content-encoding says gzip, and it does not begin so.".into())
    );
    assert_eq!(
        problem(b"\x0b\x02\x80\xff", "content-encoding", "br"),
        ("Bytes".into(), "Its content-encoding says brotli, which Weir does not unpack.".into())
    );
    let (how, why) = problem(JSON, "content-encoding", "snappy");
    assert_eq!(
        (how.as_str(), why.starts_with("Its content-encoding says snappy and is left packed: ")),
        ("JSON", true)
    );
    assert_eq!(problem(&packed(Packing::Zstd, JSON), "content-encoding", "gzip").0, "zstd, then JSON");
}

#[test]
fn what_fails_says_why_and_stays_as_it_was_sent() {
    let zipped = packed(Packing::Gzip, JSON);
    let cut = &zipped[..zipped.len() - 4];
    assert_eq!(
        got(cut, &[]),
        ("Bytes".into(), vec![], "It begins like gzip and is left packed: it ends too early.".into())
    );
    let thrice = ALL[..3].iter().fold(JSON.to_vec(), |bytes, packing| packed(*packing, &bytes));
    assert_eq!(
        got(&thrice, &[]),
        (
            "snappy, then zstd, then bytes".into(),
            vec![],
            "It is packed more than twice: the rest is left packed.".into()
        )
    );
    let bomb = packed(Packing::Zstd, &vec![b' '; 20_000_000]);
    assert_eq!(
        got(&bomb, &[]).2,
        "It begins like zstd and is left packed: it would unpack to more than 200 times its size."
    );
    assert_eq!(got(b"{\"a\" 1}", &[]).2, "It looks like JSON and is not: line 1, column 6: expected `:`.");
    assert_eq!(
        got(b"<a><b></a>", &[]),
        (
            "Text".into(),
            vec![],
            "It looks like XML and is not: line 1, column 9: this ends another element than the one that is open."
                .into()
        )
    );
    assert_eq!(got(b"[\"caf\xe9\"]", &[]).2, "Byte 6 is not UTF-8; such bytes are shown as \u{fffd}.");
    let large = vec![b'['; LARGEST + 1];
    assert_eq!(got(&large, &[]), ("Text".into(), vec![], "It is larger than 16 MB and is not decoded.".into()));
}

proptest! {
    #[test]
    fn whatever_comes_is_read_within_bounds(
        bytes in prop::collection::vec(any::<u8>(), 0..2000),
        media in "(application/(json|xml|cbor|msgpack))?",
        encoding in "((gzip|zstd|snappy|br)(, )?){0,3}",
        layers in prop::collection::vec(0usize..5, 0..4),
    ) {
        let payload = layers.iter().fold(bytes, |bytes, which| packed(ALL[*which], &bytes));
        let reading = told(&payload, &[("content-type", &media), ("content-encoding", &encoding)]);
        prop_assert!(reading.packed.len() <= MOST_LAYERS && reading.tree.len() <= 100);
        if reading.is_as_sent() {
            prop_assert_eq!(reading.text(), &payload[..]);
        }
    }

    #[test]
    fn text_stays_what_it_is(text in "\\PC{0,200}") {
        let reading = told(text.as_bytes(), &[]);
        prop_assert!(reading.is_as_sent() && reading.text() == text.as_bytes());
    }
}
