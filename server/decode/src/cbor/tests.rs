use super::*;
use crate::cursor::tests::json_values;
use proptest::prelude::*;
use serde_json::Value;

fn json(bytes: &[u8]) -> String {
    String::from_utf8(read(bytes).unwrap().json).unwrap()
}

fn head(major: u8, argument: u64, out: &mut Vec<u8>) {
    let major = major << 5;
    match argument {
        n @ 0..=23 => out.push(major | n as u8),
        n @ 0..=0xff => out.extend([major | 24, n as u8]),
        n @ 0..=0xffff => out.extend([&[major | 25][..], &(n as u16).to_be_bytes()].concat()),
        n @ 0..=0xffff_ffff => out.extend([&[major | 26][..], &(n as u32).to_be_bytes()].concat()),
        n => out.extend([&[major | 27][..], &n.to_be_bytes()].concat()),
    }
}

/// `chunks`: lists, maps and texts without a length.
fn written(value: &Value, chunks: bool, out: &mut Vec<u8>) {
    let text = |text: &str, out: &mut Vec<u8>| {
        if !chunks {
            head(TEXT, text.len() as u64, out);
            out.extend(text.as_bytes());
            return;
        }
        out.push(0x7f);
        for c in text.chars() {
            head(TEXT, c.len_utf8() as u64, out);
            out.extend(c.encode_utf8(&mut [0; 4]).as_bytes());
        }
        out.push(BREAK);
    };
    let open = |major: u8, n: usize, out: &mut Vec<u8>| match chunks {
        true => out.push(major << 5 | 31),
        false => head(major, n as u64, out),
    };
    match value {
        Value::Null => out.push(0xf6),
        Value::Bool(value) => out.push(0xf4 | u8::from(*value)),
        Value::String(value) => text(value, out),
        Value::Array(items) => {
            open(LIST, items.len(), out);
            items.iter().for_each(|item| written(item, chunks, out));
            out.extend(chunks.then_some(BREAK));
        }
        Value::Object(members) => {
            open(MAP, members.len(), out);
            for (name, member) in members {
                text(name, out);
                written(member, chunks, out);
            }
            out.extend(chunks.then_some(BREAK));
        }
        Value::Number(number) => match (number.as_u64(), number.as_i64()) {
            (Some(n), _) => head(UNSIGNED, n, out),
            (_, Some(n)) => head(NEGATIVE, (-1 - n).cast_unsigned(), out),
            _ => out.extend([&[0xfb][..], &number.as_f64().unwrap().to_be_bytes()].concat()),
        },
    }
}

#[test]
fn the_examples_of_the_rfc() {
    // RFC 8949, appendix A, as far as JSON differs or it is easily got wrong.
    for (bytes, want) in [
        (&b"\x1b\xff\xff\xff\xff\xff\xff\xff\xff"[..], "18446744073709551615"),
        (b"\x3b\xff\xff\xff\xff\xff\xff\xff\xff", "-18446744073709551616"),
        (b"\xc2\x49\x01\x00\x00\x00\x00\x00\x00\x00\x00", "18446744073709551616"),
        (b"\xc3\x49\x01\x00\x00\x00\x00\x00\x00\x00\x00", "-18446744073709551617"),
        (b"\x20", "-1"),
        (b"\x38\x63", "-100"),
        (b"\xf9\x3e\x00", "1.5"),
        (b"\xf9\x7c\x00", r#""Infinity""#),
        (b"\xfa\x47\xc3\x50\x00", "100000.0"),
        (b"\xfb\xc0\x10\x66\x66\x66\x66\x66\x66", "-4.1"),
        (b"\xf7", "null"),
        (b"\xf0", r#""simple(16)""#),
        (
            b"\xc0\x74\x32\x30\x31\x33\x2d\x30\x33\x2d\x32\x31\x54\x32\x30\x3a\x30\x34\x3a\x30\x30\x5a",
            r#""2013-03-21T20:04:00Z""#,
        ),
        (b"\xc1\x1a\x51\x4b\x67\xb0", "1363896240"),
        (b"\xd8\x18\x45\x64\x49\x45\x54\x46", r#""hex:6449455446""#),
        (b"\x44\x01\x02\x03\x04", r#""hex:01020304""#),
        (b"\xa2\x01\x02\x03\x04", r#"{"1":2,"3":4}"#),
        (b"\x5f\x42\x01\x02\x43\x03\x04\x05\xff", r#""hex:0102030405""#),
        (b"\x7f\x65strea\x64ming\xff", r#""streaming""#),
        (b"\x9f\x01\x82\x02\x03\x9f\x04\x05\xff\xff", "[1,[2,3],[4,5]]"),
        (b"\xbf\x63Fun\xf5\x63Amt\x21\xff", r#"{"Fun":true,"Amt":-2}"#),
        (b"\xd9\xd9\xf7\xa1\x61a\x01", r#"{"a":1}"#),
        (b"\xa2\xf5\x01\xc1\x41\x07\x02", r#"{"true":1,"hex:07":2}"#),
    ] {
        assert_eq!(json(bytes), want, "{bytes:02x?}");
    }
    assert_eq!(digits(&[], false), "0");
    assert_eq!(digits(&[0xff, 0xff], true), "-65536");
}

#[test]
fn it_says_where_it_breaks() {
    for (bytes, want) in [
        (&b""[..], "byte 1: the payload ends inside a value"),
        (b"\xff", "byte 2: a break stands where a value should be"),
        (b"\x1f", "byte 2: no value begins so"),
        (b"\x81", "byte 2: the payload ends inside a value"),
        (b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff", "byte 10: the payload ends inside a value"),
        (b"\x01\x02", "byte 2: nothing may follow the value"),
        (b"\x7f\x41a\xff", "byte 3: a string in chunks has something else in it"),
        (b"\xa1\x80\x01", "byte 3: a name in a map is a list or a map"),
        (b"\xbf\x61a\xff", "byte 5: a break stands where a value should be"),
    ] {
        assert_eq!(read(bytes).unwrap_err().to_string(), want, "{bytes:02x?}");
    }
    for deep in [0x81, 0x9f, 0xbf, 0xc1, 0xa1] {
        assert!(read(&vec![deep; 1_000_000]).is_err(), "{deep:02x}");
    }
}

proptest! {
    #[test]
    fn what_was_written_is_read(value in json_values(), chunks in any::<bool>()) {
        let mut bytes = Vec::new();
        written(&value, chunks, &mut bytes);
        prop_assert_eq!(serde_json::from_slice::<Value>(&read(&bytes).unwrap().json).unwrap(), value);
        for end in 0..bytes.len() {
            prop_assert!(read(&bytes[..end]).is_err());
        }
    }

    #[test]
    fn whatever_comes_it_writes_json_or_says_why_not(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(values) = read(&bytes) {
            weir_domain::events::json_tree(&values.json, usize::MAX).unwrap();
        }
    }
}
