//! Where the next page begins, as a text that clients keep and do not read.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use weir_domain::{EventId, PartitionId, Position, Timestamp, events::PageCursor};

use crate::http::v1::{kinds::INVALID, problem::Problem};

/// In front of three numbers of eight bytes: time, partition, position.
const VERSION: u8 = 1;

pub fn text(cursor: PageCursor) -> String {
    let mut bytes = vec![VERSION];
    for number in [cursor.time.0, cursor.id.partition.0, cursor.id.position.0] {
        bytes.extend(number.to_be_bytes());
    }
    URL_SAFE_NO_PAD.encode(bytes)
}

pub fn read(text: &str) -> Result<PageCursor, Problem> {
    parsed(text).ok_or_else(|| {
        Problem::new(
            INVALID,
            "The parameter \"cursor\" is none that this server gave.",
            "Pass on next of the answer before, or leave it out to begin with the newest event.",
        )
    })
}

pub fn parsed(text: &str) -> Option<PageCursor> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (&VERSION, rest) = bytes.split_first()? else { return None };
    let (numbers, []) = rest.as_chunks::<8>() else { return None };
    let [time, partition, position] = numbers else { return None };
    Some(PageCursor {
        time: Timestamp(i64::from_be_bytes(*time)),
        id: EventId {
            partition: PartitionId(i64::from_be_bytes(*partition)),
            position: Position(i64::from_be_bytes(*position)),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_comes_back_as_it_went(time: i64, partition: i64, position: i64) {
            let id = EventId { partition: PartitionId(partition), position: Position(position) };
            let cursor = PageCursor { time: Timestamp(time), id };
            prop_assert_eq!(parsed(&text(cursor)), Some(cursor));
        }

        #[test]
        fn nothing_breaks_the_reader(text in "[A-Za-z0-9_=+/-]{0,60}") {
            let _ = parsed(&text);
        }
    }

    #[test]
    fn strangers_are_refused() {
        for text in ["", "AQ", "x", "AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", &"A".repeat(1000)] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
