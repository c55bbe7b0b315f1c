//! Coordinators of many groups (FindCoordinator v4, KIP-699).

use super::{Read, Reader, no_tags, put_count, put_text};
use bytes::{BufMut, BytesMut};
use krafka::{KrafkaError, error::ErrorCode};

pub(in crate::lag) const VERSION: i16 = 4;
const GROUP: i8 = 0;

#[derive(Debug, Clone, PartialEq)]
pub(in crate::lag) struct Found<'a> {
    pub group: &'a str,
    pub broker: i32,
    pub host: &'a str,
    pub port: i32,
    pub error: ErrorCode,
}

pub(in crate::lag) fn encode(groups: &[&str], buffer: &mut BytesMut) -> Result<(), KrafkaError> {
    buffer.put_i8(GROUP);
    put_count(buffer, groups.len())?;
    for group in groups {
        put_text(buffer, group)?;
    }
    no_tags(buffer);
    Ok(())
}

pub(in crate::lag) fn decode(bytes: &[u8]) -> Read<Vec<Found<'_>>> {
    let mut reader = Reader::new(bytes);
    let _throttle_ms = reader.i32()?;
    let count = reader.count(14)?;
    let mut found = Vec::with_capacity(count);
    for _ in 0..count {
        let (group, broker, host, port) = (reader.text()?, reader.i32()?, reader.text()?, reader.i32()?);
        let error = reader.code()?;
        reader.nullable_text()?;
        reader.tags()?;
        found.push(Found { group, broker, host, port, error });
    }
    reader.tags()?;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use krafka::__private::protocol::{FindCoordinatorResponse, VersionedDecode as _};
    use proptest::{collection::vec, prelude::*};

    type Row = (String, i32, String, i32, i16, Option<String>);

    fn answer(found: &[Row]) -> BytesMut {
        let mut buffer = BytesMut::new();
        buffer.put_i32(0);
        put_count(&mut buffer, found.len()).unwrap();
        for (group, broker, host, port, error, why) in found {
            put_text(&mut buffer, group).unwrap();
            buffer.put_i32(*broker);
            put_text(&mut buffer, host).unwrap();
            buffer.put_i32(*port);
            buffer.put_i16(*error);
            match why {
                Some(why) => put_text(&mut buffer, why).unwrap(),
                None => buffer.put_u8(0),
            }
            no_tags(&mut buffer);
        }
        no_tags(&mut buffer);
        buffer
    }

    #[test]
    fn a_request_names_every_group() {
        let mut buffer = BytesMut::new();
        encode(&["a", "bc"], &mut buffer).unwrap();
        assert_eq!(&buffer[..], [0, 3, 2, b'a', 3, b'b', b'c', 0]);
    }

    proptest! {
        #[test]
        fn what_was_written_is_read(found in vec(("\\PC{0,9}", any::<i32>(), "[a-z.]{0,9}", any::<i32>(), 0i16..120, proptest::option::of("[a-z ]{0,9}")), 0..6)) {
            let bytes = answer(&found);
            let read = decode(&bytes).unwrap();
            prop_assert_eq!(read.len(), found.len());
            for (read, (group, broker, host, port, error, _)) in read.iter().zip(&found) {
                let error = ErrorCode::from_i16(*error);
                prop_assert_eq!(read, &Found { group, broker: *broker, host, port: *port, error });
            }
            if let Some(first) = read.first() {
                let other = FindCoordinatorResponse::decode_versioned(VERSION, &mut bytes.clone().freeze()).unwrap();
                prop_assert_eq!((other.node_id, other.host.as_str(), other.error_code), (first.broker, first.host, first.error));
            }
        }

        #[test]
        fn whatever_comes_does_no_harm(bytes in vec(any::<u8>(), 0..300)) {
            let _ = decode(&bytes);
        }
    }
}
