use crate::{LinkId, Timestamp, searches::EventsAddress};

/// A link lasts until nobody has opened it for so many days.
pub const LINK_DAYS: i64 = 400;
/// As many as one person may have made; whatever of them was made before is given again.
pub const MOST_LINKS: u32 = 1000;

/// Letters of a link that are not mistaken for one another, as in Bitcoin's addresses.
const LETTERS: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
/// 58^12 is some 70 bits: who guesses a million a second finds none of a million links in a year.
const LENGTH: usize = 12;

/// The question that a short link stands for: an address of the Events page whose ends of time do not move. Whoever opens
/// it finds what they may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchLink {
    pub id: LinkId,
    pub address: EventsAddress,
    pub made: Timestamp,
}

/// An id made of random bits.
pub fn link_id(mut random: u128) -> LinkId {
    let mut letters = String::with_capacity(LENGTH);
    for _ in 0..LENGTH {
        let at = usize::try_from(random % 58).unwrap_or(0);
        letters.push(char::from(LETTERS[at]));
        random /= 58;
    }
    LinkId(letters)
}

impl LinkId {
    /// What could be the id of a link.
    pub fn parse(text: &str) -> Option<Self> {
        let is_one = text.len() == LENGTH && text.bytes().all(|b| LETTERS.contains(&b));
        is_one.then(|| Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_short_and_told_from_what_is_none() {
        for random in [0, 1, u128::MAX, 0x0123_4567_89ab_cdef_0123_4567_89ab_cdef] {
            let id = link_id(random);
            assert_eq!(LinkId::parse(&id.0), Some(id));
        }
        assert_ne!(link_id(1), link_id(2));
        for none in ["", "11111111111", "1111111111111", "11111111111O", "1111 1111111", "11111111111é"] {
            assert_eq!(LinkId::parse(none), None, "{none}");
        }
    }
}
