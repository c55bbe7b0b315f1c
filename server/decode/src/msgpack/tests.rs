use super::*;
use crate::cursor::tests::json_values;
use proptest::prelude::*;
use serde_json::Value;

fn json(bytes: &[u8]) -> String {
    String::from_utf8(read(bytes).unwrap().json).unwrap()
}

/// By the shortest form, as writers do.
pub(crate) fn written(value: &Value, out: &mut Vec<u8>) {
    let counted = |n: usize, small: u8, most: usize, codes: [u8; 3], out: &mut Vec<u8>| match n {
        n if n <= most => out.push(small | n as u8),
        n if n <= 0xff && codes[0] != 0 => out.extend([codes[0], n as u8]),
        n if n <= 0xffff => {
            out.push(codes[1]);
            out.extend((n as u16).to_be_bytes());
        }
        n => {
            out.push(codes[2]);
            out.extend((n as u32).to_be_bytes());
        }
    };
    let text = |text: &str, out: &mut Vec<u8>| {
        counted(text.len(), 0xa0, 31, [0xd9, 0xda, 0xdb], out);
        out.extend(text.as_bytes());
    };
    match value {
        Value::Null => out.push(0xc0),
        Value::Bool(value) => out.push(0xc2 | u8::from(*value)),
        Value::String(value) => text(value, out),
        Value::Array(items) => {
            counted(items.len(), 0x90, 15, [0, 0xdc, 0xdd], out);
            items.iter().for_each(|item| written(item, out));
        }
        Value::Object(members) => {
            counted(members.len(), 0x80, 15, [0, 0xde, 0xdf], out);
            for (name, member) in members {
                text(name, out);
                written(member, out);
            }
        }
        Value::Number(number) => match (number.as_u64(), number.as_i64()) {
            (Some(n @ 0..=0x7f), _) => out.push(n as u8),
            (Some(n @ 0..=0xff), _) => out.extend([0xcc, n as u8]),
            (Some(n @ 0..=0xffff), _) => out.extend([&[0xcd][..], &(n as u16).to_be_bytes()].concat()),
            (Some(n @ 0..=0xffff_ffff), _) => out.extend([&[0xce][..], &(n as u32).to_be_bytes()].concat()),
            (Some(n), _) => out.extend([&[0xcf][..], &n.to_be_bytes()].concat()),
            (_, Some(n @ -32..)) => out.push((n as i8).cast_unsigned()),
            (_, Some(n @ -0x80..)) => out.extend([0xd0, (n as i8).cast_unsigned()]),
            (_, Some(n @ -0x8000..)) => out.extend([&[0xd1][..], &(n as i16).to_be_bytes()].concat()),
            (_, Some(n @ -0x8000_0000..)) => out.extend([&[0xd2][..], &(n as i32).to_be_bytes()].concat()),
            (_, Some(n)) => out.extend([&[0xd3][..], &n.to_be_bytes()].concat()),
            _ => out.extend([&[0xcb][..], &number.as_f64().unwrap().to_be_bytes()].concat()),
        },
    }
}

#[test]
fn what_json_does_not_know() {
    for (bytes, want) in [
        // The example of msgpack.org.
        (&b"\x82\xa7compact\xc3\xa6schema\x00"[..], r#"{"compact":true,"schema":0}"#),
        (b"\xd6\xff\x00\x00\x00\x01", r#""1970-01-01T00:00:01Z""#),
        (b"\xd7\xff\x00\x00\x00\x04\x00\x00\x00\x02", r#""1970-01-01T00:00:02.000000001Z""#),
        (b"\xc7\x0c\xff\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff", r#""1969-12-31T23:59:59Z""#),
        (b"\xd4\x05\xaa", r#"{"@ext":5,"@data":"hex:aa"}"#),
        (b"\xd6\xff\xff", ""),
        (b"\xc4\x02\x00\xff", r#""hex:00ff""#),
        (b"\xa1\xff", r#""hex:ff""#),
        (b"\xca\x3d\xcc\xcc\xcd", "0.1"),
        (b"\xcb\x7f\xf8\x00\x00\x00\x00\x00\x00", r#""NaN""#),
        (b"\x83\x01\x02\xff\xc0\xc4\x01\x09\xc2", r#"{"1":2,"-1":null,"hex:09":false}"#),
    ] {
        match want {
            "" => assert!(read(bytes).is_err(), "{bytes:02x?}"),
            want => assert_eq!(json(bytes), want, "{bytes:02x?}"),
        }
    }
}

#[test]
fn it_says_where_it_breaks() {
    for (bytes, want) in [
        (&b""[..], "byte 1: the payload ends inside a value"),
        (b"\xc1", "byte 2: 0xc1 stands before no value"),
        (b"\xa5abc", "byte 2: the payload ends inside a value"),
        (b"\x01\x02", "byte 2: nothing may follow the value"),
        (b"\xdf\xff\xff\xff\xff\x01", "byte 6: the payload ends inside a value"),
        (b"\x81\x90\x01", "byte 3: a name in a map is a list, a map or an extension"),
    ] {
        assert_eq!(read(bytes).unwrap_err().to_string(), want, "{bytes:02x?}");
    }
    let bomb = vec![0x91; 1_000_000];
    assert_eq!(read(&bomb).unwrap_err().to_string(), "byte 66: nested more than 64 deep");
}

#[test]
fn short_bytes_are_not_taken_for_it() {
    for bytes in [&b"\x80"[..], b"\x90", b"\x01", b"\x92\x01\x02", b"\xa1a", b"\x91\xa1\xff", b"\x82\x01\x02\x03\x04"] {
        assert!(!read(bytes).unwrap().likely, "{bytes:02x?}");
    }
    assert!(read(b"\x81\xa1a\x01").unwrap().likely);
}

proptest! {
    #[test]
    fn what_was_written_is_read(value in json_values()) {
        let mut bytes = Vec::new();
        written(&value, &mut bytes);
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
