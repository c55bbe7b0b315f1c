use weir_domain::{
    PartitionId,
    capture::{CaptureMode, CapturedEvent, SampledBy, Withheld},
};

/// What the policy of its channel leaves of an event that the ceiling let through.
pub fn keep(mode: CaptureMode, partition: PartitionId, event: CapturedEvent) -> CapturedEvent {
    if mode == CaptureMode::Full || event.withheld.is_some() {
        return event;
    }
    let of = SampledBy { root_key: None, key: event.key.as_deref(), partition, position: event.position };
    let Some(by) = mode.withholds(&of) else { return event };
    let withheld = Some(Withheld { size: event.raw_size(), tombstone: event.tombstone(), by });
    CapturedEvent { key: None, headers: Vec::new(), payload: None, withheld, ..event }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Ceiling;
    use weir_domain::{
        Position,
        capture::{TimeKind, WithheldBy},
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
        let keep = |mode, event| keep(mode, PartitionId(1), event);
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
        let under = keep(CaptureMode::Metadata, Ceiling::Metadata.lower(event("k")));
        assert_eq!(under.withheld.map(|w| w.by), Some(WithheldBy::Ceiling));
    }
}
