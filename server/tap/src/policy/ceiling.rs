use weir_domain::capture::{CapturedEvent, Withheld, WithheldBy};

/// How much of each event a source's owner lets Weir keep (decision 14).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ceiling {
    /// Nothing is read.
    Off,
    /// Identity, times, type and sizes; neither key nor headers nor payload reach the store.
    Metadata,
    Full,
}

impl Ceiling {
    /// `None` for a word the configuration does not know; treat that as [`Ceiling::Off`].
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "off" => Some(Self::Off),
            "metadata" => Some(Self::Metadata),
            "full" => Some(Self::Full),
            _ => None,
        }
    }

    pub fn lower(self, event: CapturedEvent) -> CapturedEvent {
        if self == Self::Full {
            return event;
        }
        let withheld = Some(Withheld { size: event.raw_size(), tombstone: event.tombstone(), by: WithheldBy::Ceiling });
        CapturedEvent { key: None, headers: Vec::new(), payload: None, withheld, ..event }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use weir_domain::{
        Position,
        capture::{Header, HeaderType, TimeKind},
    };

    #[test]
    fn metadata_keeps_the_size_and_no_bytes() {
        let event = CapturedEvent {
            position: Position(1),
            time_kind: TimeKind::Create,
            broker_ms: Some(5),
            ce_time: None,
            event_type: "t".into(),
            key: Some(b"k1".to_vec()),
            headers: vec![Header { name: b"h".to_vec(), kind: HeaderType::Bytes, value: Some(b"v".to_vec()) }],
            payload: Some(b"12345".to_vec()),
            withheld: None,
            possible_duplicate: false,
        };
        assert_eq!(Ceiling::Full.lower(event.clone()), event);
        let low = Ceiling::Metadata.lower(event.clone());
        assert_eq!((low.key.as_ref(), low.headers.len(), low.payload.as_ref()), (None, 0, None));
        assert_eq!((low.raw_size(), low.tombstone()), (9, false));
        let tombstone = Ceiling::Metadata.lower(CapturedEvent { payload: None, ..event });
        assert_eq!((tombstone.raw_size(), tombstone.tombstone()), (4, true));
    }
}
