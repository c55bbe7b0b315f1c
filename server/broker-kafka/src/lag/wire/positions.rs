//! Positions of many groups, all their topics (OffsetFetch v8, KIP-709).

use super::{Read, Reader, no_tags, put_count, put_text, put_varint, too_long};
use bytes::{BufMut, BytesMut};
use krafka::{KrafkaError, error::ErrorCode};

/// With it come many groups in one request; topics are still named.
pub(in crate::lag) const VERSION: i16 = 8;
const FLEXIBLE: i16 = 6;
const WITH_STABLE: i16 = 7;

#[derive(Debug, Clone, PartialEq)]
pub(in crate::lag) struct Answer<'a> {
    pub throttle_ms: i32,
    pub groups: Vec<Group<'a>>,
}

#[derive(Debug, Clone, PartialEq)]
pub(in crate::lag) struct Group<'a> {
    pub name: &'a str,
    pub topics: Vec<Topic<'a>>,
    pub error: ErrorCode,
}

#[derive(Debug, Clone, PartialEq)]
pub(in crate::lag) struct Topic<'a> {
    pub name: &'a str,
    pub partitions: Vec<Partition>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::lag) struct Partition {
    pub number: i32,
    /// Negative: not committed.
    pub next: i64,
    pub leader_epoch: i32,
    pub error: ErrorCode,
}

/// `stable`: a position that an open transaction moves is answered with an error instead.
pub(in crate::lag) fn encode(groups: &[&str], stable: bool, buffer: &mut BytesMut) -> Result<(), KrafkaError> {
    put_count(buffer, groups.len())?;
    for group in groups {
        put_text(buffer, group)?;
        // Null: all of its topics.
        put_varint(buffer, 0);
        no_tags(buffer);
    }
    buffer.put_u8(u8::from(stable));
    no_tags(buffer);
    Ok(())
}

/// One group, all its topics, as before [`VERSION`] (from 2 on). krafka knows the answer, and keeps the question to itself.
pub(in crate::lag) fn encode_one(
    version: i16,
    group: &str,
    stable: bool,
    buffer: &mut BytesMut,
) -> Result<(), KrafkaError> {
    if version < FLEXIBLE {
        buffer.put_i16(i16::try_from(group.len()).map_err(|_| too_long())?);
        buffer.put_slice(group.as_bytes());
        buffer.put_i32(-1);
        return Ok(());
    }
    put_text(buffer, group)?;
    put_varint(buffer, 0);
    if version >= WITH_STABLE {
        buffer.put_u8(u8::from(stable));
    }
    no_tags(buffer);
    Ok(())
}

pub(in crate::lag) fn decode(bytes: &[u8]) -> Read<Answer<'_>> {
    let mut reader = Reader::new(bytes);
    let throttle_ms = reader.i32()?;
    let count = reader.count(5)?;
    let mut groups = Vec::with_capacity(count);
    for _ in 0..count {
        groups.push(group(&mut reader)?);
    }
    reader.tags()?;
    Ok(Answer { throttle_ms, groups })
}

fn group<'a>(reader: &mut Reader<'a>) -> Read<Group<'a>> {
    let name = reader.text()?;
    let count = reader.count(3)?;
    let mut topics = Vec::with_capacity(count);
    for _ in 0..count {
        topics.push(topic(reader)?);
    }
    let error = reader.code()?;
    reader.tags()?;
    Ok(Group { name, topics, error })
}

fn topic<'a>(reader: &mut Reader<'a>) -> Read<Topic<'a>> {
    let name = reader.text()?;
    let count = reader.count(20)?;
    let mut partitions = Vec::with_capacity(count);
    for _ in 0..count {
        let (number, next, leader_epoch) = (reader.i32()?, reader.i64()?, reader.i32()?);
        // What a consumer wrote beside its position.
        reader.nullable_text()?;
        let error = reader.code()?;
        reader.tags()?;
        partitions.push(Partition { number, next, leader_epoch, error });
    }
    reader.tags()?;
    Ok(Topic { name, partitions })
}

#[cfg(test)]
mod tests {
    use super::*;
    use krafka::__private::protocol::{OffsetFetchResponse, VersionedDecode as _};
    use proptest::{collection::vec, prelude::*};

    type Rows = Vec<(String, Vec<(i32, i64, i32, Option<String>, i16)>)>;

    fn answer(throttle: i32, groups: &[(String, Rows, i16)]) -> BytesMut {
        let mut buffer = BytesMut::new();
        buffer.put_i32(throttle);
        put_count(&mut buffer, groups.len()).unwrap();
        for (name, topics, error) in groups {
            put_text(&mut buffer, name).unwrap();
            put_count(&mut buffer, topics.len()).unwrap();
            for (topic, partitions) in topics {
                put_text(&mut buffer, topic).unwrap();
                put_count(&mut buffer, partitions.len()).unwrap();
                for (number, next, epoch, beside, error) in partitions {
                    buffer.put_i32(*number);
                    buffer.put_i64(*next);
                    buffer.put_i32(*epoch);
                    match beside {
                        Some(text) => put_text(&mut buffer, text).unwrap(),
                        None => put_varint(&mut buffer, 0),
                    }
                    buffer.put_i16(*error);
                    no_tags(&mut buffer);
                }
                no_tags(&mut buffer);
            }
            buffer.put_i16(*error);
            no_tags(&mut buffer);
        }
        no_tags(&mut buffer);
        buffer
    }

    #[test]
    fn a_request_asks_for_all_topics_of_each_group() {
        let mut buffer = BytesMut::new();
        encode(&["a", "bc"], true, &mut buffer).unwrap();
        assert_eq!(&buffer[..], [3, 2, b'a', 0, 0, 3, b'b', b'c', 0, 0, 1, 0]);
        let one = |version| {
            let mut buffer = BytesMut::new();
            encode_one(version, "bc", true, &mut buffer).unwrap();
            buffer.to_vec()
        };
        assert_eq!(one(5), [0, 2, b'b', b'c', 0xff, 0xff, 0xff, 0xff]);
        assert_eq!(one(6), [3, b'b', b'c', 0, 0]);
        assert_eq!(one(7), [3, b'b', b'c', 0, 1, 0]);
        assert!(encode(&[&"x".repeat(40_000)], false, &mut BytesMut::new()).is_err());
    }

    fn rows() -> impl Strategy<Value = Rows> {
        let partition = (any::<i32>(), any::<i64>(), any::<i32>(), proptest::option::of("\\PC{0,9}"), 0i16..120);
        vec(("[a-z.]{1,12}", vec(partition, 0..5)), 0..4)
    }

    proptest! {
        #[test]
        fn what_was_written_is_read(throttle: i32, groups in vec(("\\PC{0,20}", rows(), 0i16..120), 0..5)) {
            let bytes = answer(throttle, &groups);
            let read = decode(&bytes).unwrap();
            prop_assert_eq!(read.throttle_ms, throttle);
            prop_assert_eq!(read.groups.len(), groups.len());
            for (group, (name, topics, error)) in read.groups.iter().zip(&groups) {
                prop_assert_eq!((group.name, group.error), (name.as_str(), ErrorCode::from_i16(*error)));
                prop_assert_eq!(group.topics.len(), topics.len());
                for (topic, (name, partitions)) in group.topics.iter().zip(topics) {
                    prop_assert_eq!(topic.name, name);
                    let expected: Vec<_> = partitions.iter().map(|(number, next, leader_epoch, _, error)| Partition {
                        number: *number, next: *next, leader_epoch: *leader_epoch, error: ErrorCode::from_i16(*error),
                    }).collect();
                    prop_assert_eq!(&topic.partitions, &expected);
                }
            }
            // Another reader of the same format agrees on the first group.
            if let Some(first) = read.groups.first() {
                let other = OffsetFetchResponse::decode_versioned(VERSION, &mut bytes.clone().freeze()).unwrap();
                prop_assert_eq!(other.topics.len(), first.topics.len());
                prop_assert_eq!(other.error_code, first.error);
            }
        }

        #[test]
        fn a_cut_answer_is_refused(groups in vec(("[a-z]{1,9}", rows(), 0i16..9), 1..3), at in 0.0..1.0f64) {
            let bytes = answer(0, &groups);
            let cut = (bytes.len() as f64 * at) as usize;
            prop_assert!(decode(&bytes[..cut]).is_err());
        }

        #[test]
        fn whatever_comes_does_no_harm(bytes in vec(any::<u8>(), 0..400)) {
            let _ = decode(&bytes);
        }

        #[test]
        fn a_damaged_answer_does_no_harm(groups in vec(("[a-z]{1,9}", rows(), 0i16..9), 1..3), at: prop::sample::Index, to: u8) {
            let mut bytes = answer(0, &groups);
            let at = at.index(bytes.len());
            bytes[at] = to;
            let _ = decode(&bytes);
        }
    }
}
