use weir_domain::{
    PartitionId,
    capture::{CapturedEvent, Keeping, SampledBy, Withheld, WithheldBy},
};

/// What the policy of its channel, and the room there is, leave of an event that the ceiling let through.
pub fn keep(keeping: Keeping, partition: PartitionId, event: CapturedEvent) -> CapturedEvent {
    if keeping.all() || event.withheld.is_some() {
        return event;
    }
    let of = SampledBy { root_key: None, key: event.key.as_deref(), partition, position: event.position };
    let Some(by) = keeping.withholds(&of) else { return event };
    // Without its key nobody would ever know what it erases; a payload it has none.
    if by == WithheldBy::Budget && keeping.erase_on_tombstone && event.key.is_some() && event.tombstone() {
        return event;
    }
    let withheld = Some(Withheld { size: event.raw_size(), tombstone: event.tombstone(), by });
    CapturedEvent { key: None, headers: Vec::new(), payload: None, withheld, ..event }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Ceiling;
    use weir_domain::{
        Position,
        capture::{CaptureMode, TimeKind},
    };

    fn event(key: &str) -> CapturedEvent {
        CapturedEvent {
            position: Position(1),
            time_kind: TimeKind::Create,
            broker_ms: Some(5),
            ce_time: None,
            event_type: "t".into(),
            key: Some(key.into()),
            headers: Vec::new(),
            payload: Some(b"12345".to_vec()),
            withheld: None,
            possible_duplicate: false,
        }
    }

    #[test]
    fn each_reason_is_told_and_the_size_stays() {
        let keep = |mode: CaptureMode, event| keep(mode.into(), PartitionId(1), event);
        assert_eq!(keep(CaptureMode::Full, event("k")), event("k"));
        let low = keep(CaptureMode::Metadata, event("k"));
        assert_eq!((low.raw_size(), low.payload.is_none(), low.tombstone()), (6, true, false));
        assert_eq!(low.withheld.map(|w| w.by), Some(WithheldBy::ChannelPolicy));
        let sample = CaptureMode::Sampled { per_mille: 500 };
        let all: Vec<_> = (0..100).map(|n| keep(sample, event(&format!("k{n}")))).collect();
        let out = all.iter().filter(|e| e.withheld.is_some_and(|w| w.by == WithheldBy::Sample)).count();
        let kept = all.iter().filter(|e| e.withheld.is_none() && e.payload.is_some()).count();
        assert_eq!(out + kept, 100);
        assert!((20..80).contains(&kept), "{kept}");
        // What the source's owner does not allow stays the reason.
        let full = Keeping { over_budget: true, ..CaptureMode::Full.into() };
        let full = super::keep(full, PartitionId(1), event("k"));
        assert_eq!((full.withheld.map(|w| w.by), full.payload), (Some(WithheldBy::Budget), None));
        // A tombstone that erases is kept, and nothing else.
        let erasing = Keeping { over_budget: true, erase_on_tombstone: true, ..CaptureMode::Full.into() };
        let tombstone = |key: Option<&str>| CapturedEvent { payload: None, key: key.map(Into::into), ..event("") };
        let by = |keeping, event| super::keep(keeping, PartitionId(1), event).withheld.map(|w| w.by);
        assert_eq!(super::keep(erasing, PartitionId(1), tombstone(Some("k"))), tombstone(Some("k")));
        assert_eq!(by(erasing, tombstone(None)), Some(WithheldBy::Budget));
        assert_eq!(by(erasing, event("k")), Some(WithheldBy::Budget));
        assert_eq!(
            by(Keeping { erase_on_tombstone: false, ..erasing }, tombstone(Some("k"))),
            Some(WithheldBy::Budget)
        );
        let under = keep(CaptureMode::Metadata, Ceiling::Metadata.lower(event("k")));
        assert_eq!(under.withheld.map(|w| w.by), Some(WithheldBy::Ceiling));
    }
}
