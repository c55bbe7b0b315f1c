//! How far every tail of a stream has come, as a token that the browser keeps: bounded, opaque, and trusted with
//! nothing (positions of what the session may not see are ignored where they are read).
//!
//! Version, then per topic: its name, and its positions as differences in ascending order of partition; or a mark that
//! they are too many to keep.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderMap, HeaderName};
use weir_domain::{PartitionId, Position, events::Positions};

use super::asked::Asked;

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
const VERSION: u8 = 1;
/// Of the token's text. Both a header and an address must hold it.
const LONGEST: usize = 4096;
const MOST_BYTES: usize = LONGEST / 4 * 3;
const KEPT: u8 = 0;
const TOO_MANY: u8 = 1;

/// What a client brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resume {
    /// Nothing: everything begins now.
    Fresh,
    /// Something that can't be read: an older server's token, most likely.
    Unreadable,
    Token(BTreeMap<String, Option<Positions>>),
}

/// The browser's own header is newer than what the page put into the address.
pub fn given(headers: &HeaderMap, last: Option<&str>) -> Resume {
    let header = headers.get(LAST_EVENT_ID).map(|v| v.to_str().unwrap_or("?"));
    match header.or(last) {
        None | Some("") => Resume::Fresh,
        Some(text) => decode(text).map_or(Resume::Unreadable, Resume::Token),
    }
}

impl Resume {
    /// Where a topic goes on, and whether something was missed that can't be told any more.
    pub fn of(&self, topic: &str) -> (Option<Positions>, bool) {
        match self {
            Self::Fresh => (None, false),
            Self::Unreadable => (None, true),
            Self::Token(topics) => match topics.get(topic) {
                Some(Some(positions)) => (Some(positions.clone()), false),
                Some(None) => (None, true),
                None => (None, false),
            },
        }
    }
}

/// The token as it grows.
#[derive(Debug, Clone, Default)]
pub struct Token(BTreeMap<String, Positions>);

impl Token {
    /// Begins with what is still asked for, so that a topic without news keeps its place.
    pub fn continuing(resume: &Resume, asked: &Asked) -> Self {
        let kept = asked.topics.iter().filter_map(|t| Some((t.name.clone(), resume.of(&t.name).0?)));
        Self(kept.collect())
    }

    /// Of one topic that stands at these positions.
    pub fn at(topic: &str, positions: Positions) -> Self {
        Self(BTreeMap::from([(topic.to_owned(), positions)]))
    }

    pub fn reached(&mut self, topic: String, positions: Positions) {
        self.0.insert(topic, positions);
    }

    pub fn text(&self) -> String {
        let mut out = vec![VERSION];
        for (topic, positions) in &self.0 {
            let mut entry = Vec::new();
            // A name is at most 17 bytes.
            entry.push(u8::try_from(topic.len()).unwrap_or(0));
            entry.extend(topic.bytes());
            let head = entry.clone();
            entry.push(KEPT);
            write(&mut entry, i128::try_from(positions.0.len()).unwrap_or(0));
            let mut sorted = positions.0.clone();
            sorted.sort_unstable();
            let mut before = 0;
            for (PartitionId(partition), Position(position)) in sorted {
                write(&mut entry, i128::from(partition) - before);
                write(&mut entry, i128::from(position));
                before = i128::from(partition);
            }
            // Room for the names of those that follow is little, and taken from the next one's positions.
            if out.len() + entry.len() > MOST_BYTES - 20 * self.0.len() {
                entry = head;
                entry.push(TOO_MANY);
            }
            out.extend(entry);
        }
        URL_SAFE_NO_PAD.encode(out)
    }
}

fn decode(text: &str) -> Option<BTreeMap<String, Option<Positions>>> {
    if text.len() > LONGEST {
        return None;
    }
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (&VERSION, mut rest) = bytes.split_first()? else { return None };
    let mut topics = BTreeMap::new();
    while let Some((&length, after)) = rest.split_first() {
        let (name, after) = after.split_at_checked(usize::from(length))?;
        let name = String::from_utf8(name.to_vec()).ok()?;
        let (&mark, after) = after.split_first()?;
        rest = after;
        let positions = match mark {
            TOO_MANY => None,
            KEPT => {
                let count = usize::try_from(read(&mut rest)?).ok()?;
                let mut positions = Vec::new();
                let mut before = 0;
                for _ in 0..count {
                    before += read(&mut rest)?;
                    let position = i64::try_from(read(&mut rest)?).ok()?;
                    positions.push((PartitionId(i64::try_from(before).ok()?), Position(position)));
                }
                Some(Positions(positions))
            }
            _ => return None,
        };
        topics.insert(name, positions);
    }
    Some(topics)
}

/// Seven bits a byte, the sign in the lowest bit (zigzag).
fn write(out: &mut Vec<u8>, n: i128) {
    let mut n = (n << 1) ^ (n >> 127);
    loop {
        let low = u8::try_from(n & 0x7f).unwrap_or(0);
        n >>= 7;
        if n == 0 {
            return out.push(low);
        }
        out.push(low | 0x80);
    }
}

fn read(rest: &mut &[u8]) -> Option<i128> {
    let mut n = 0_i128;
    for shift in (0..70).step_by(7) {
        let (&byte, after) = rest.split_first()?;
        *rest = after;
        n |= i128::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some((n >> 1) ^ -(n & 1));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn positions(all: &[(i64, i64)]) -> Positions {
        Positions(all.iter().map(|(p, n)| (PartitionId(*p), Position(*n))).collect())
    }

    fn resumed(token: &Token) -> Resume {
        let mut headers = HeaderMap::new();
        headers.insert(LAST_EVENT_ID, token.text().parse().unwrap());
        given(&headers, Some("the address is older"))
    }

    proptest! {
        #[test]
        fn a_token_brings_back_what_it_was_made_of(
            all in proptest::collection::btree_map(any::<i64>(), any::<i64>(), 0..50)
        ) {
            let all: Vec<_> = all.into_iter().collect();
            let mut token = Token::default();
            token.reached("tail7".into(), positions(&all));
            token.reached("tail8".into(), positions(&[]));
            let resume = resumed(&token);
            prop_assert_eq!(resume.of("tail7"), (Some(positions(&all)), false));
            prop_assert_eq!(resume.of("tail8"), (Some(positions(&[])), false));
            prop_assert_eq!(resume.of("tail9"), (None, false));
        }

        #[test]
        fn nothing_breaks_the_reader(text in "[A-Za-z0-9_-]{0,200}") {
            let _ = given(&HeaderMap::new(), Some(&text));
        }
    }

    #[test]
    fn too_many_partitions_are_said_to_be_too_many() {
        let many: Vec<_> = (0..5000).map(|p| (p * 7, 1_000_000_000 + p)).collect();
        let mut token = Token::default();
        token.reached("tail1".into(), positions(&many));
        token.reached("tail2".into(), positions(&[(1, 2)]));
        assert!(token.text().len() <= LONGEST);
        let resume = resumed(&token);
        assert_eq!(resume.of("tail1"), (None, true));
        assert_eq!(resume.of("tail2"), (Some(positions(&[(1, 2)])), false));
        for n in 0..16 {
            token.reached(format!("tail{n}"), positions(&many[..n * 40]));
        }
        assert!(token.text().len() <= LONGEST);
        assert!(matches!(resumed(&token), Resume::Token(_)));
    }

    #[test]
    fn strangers_are_unreadable_and_nothing_is_fresh() {
        assert_eq!(given(&HeaderMap::new(), None), Resume::Fresh);
        for text in ["?", "AA", "AQ*", "AQVhYg", &"A".repeat(5000)] {
            assert_eq!(given(&HeaderMap::new(), Some(text)), Resume::Unreadable, "{text}");
        }
        assert_eq!(Resume::Unreadable.of("tail"), (None, true));
    }

    #[test]
    fn a_topic_without_news_keeps_its_place() {
        let mut token = Token::default();
        token.reached("tail1".into(), positions(&[(1, 5)]));
        token.reached("tail2".into(), positions(&[(2, 6)]));
        let asked = Asked::parse("topics=tail2,tail3").unwrap();
        let goes_on = Token::continuing(&resumed(&token), &asked);
        assert_eq!(resumed(&goes_on).of("tail2"), (Some(positions(&[(2, 6)])), false));
        assert_eq!(resumed(&goes_on).of("tail1"), (None, false), "nobody asks for it any more");
    }
}
