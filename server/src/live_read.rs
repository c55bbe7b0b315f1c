//! Events read from their broker for somebody who asks, by whatever ways this process has.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use async_trait::async_trait;
use weir_broker::{RangeLimits, RangeRead};
use weir_domain::{
    EventId, PartitionId, Position, StoreError,
    access::View,
    capture::{Beside as _, GapReason},
    events::{BrokerLimits, BrokerRecord, BrokerStretch, LiveRead, LiveReads, LiveRecord, RawEvent},
};
use weir_engines::Readers;
use weir_store::Store;
use weir_tap::identify::Identify;

/// One event; a larger one is read all the same, alone, as far as the broker's connector goes.
const LIMITS: RangeLimits = RangeLimits { bytes: 8 << 20, records: 1, within: Duration::from_secs(10) };

pub struct LiveReader {
    pub store: Store,
    /// There once the database was reached.
    pub readers: Arc<OnceLock<Arc<Readers>>>,
}

#[async_trait]
impl LiveReads for LiveReader {
    async fn one(&self, view: &View, id: EventId) -> Result<LiveRead, StoreError> {
        let not_read = |what: &str, what_to_do: &str| LiveRead::NotRead {
            what: what.to_owned(),
            what_to_do: what_to_do.to_owned(),
        };
        let Some(readers) = self.readers.get() else {
            return Ok(not_read("Weir has just been started.", "Try again in a moment."));
        };
        let Some(at) = self.store.at_broker(view, id.partition).await? else {
            return Ok(not_read("Its partition is not known any more.", "Reload the page."));
        };
        let Some(behind) = id.position.0.checked_add(1) else { return Ok(LiveRead::Compacted) };
        Ok(match readers.read(&at, (id.position, Position(behind)), LIMITS).await? {
            Ok(read) => found(read, id.position),
            Err(why) => LiveRead::NotRead { what: why.what, what_to_do: why.what_to_do },
        })
    }

    async fn stretch(
        &self,
        view: &View,
        partition: PartitionId,
        range: (Position, Position),
        limits: BrokerLimits,
    ) -> Result<BrokerStretch, StoreError> {
        let not_read = |what: &str, what_to_do: &str| BrokerStretch::NotRead {
            what: what.to_owned(),
            what_to_do: what_to_do.to_owned(),
        };
        let Some(readers) = self.readers.get() else {
            return Ok(not_read("Weir has just been started.", "Try again in a moment."));
        };
        let Some(at) = self.store.at_broker(view, partition).await? else {
            return Ok(not_read("Its partition is not known any more.", "Reload the page."));
        };
        let identify = match readers.identify(&at).await? {
            Ok(identify) => identify,
            Err(why) => return Ok(not_read(&why.what, &why.what_to_do)),
        };
        let limits = RangeLimits {
            bytes: usize::try_from(limits.bytes).unwrap_or(usize::MAX).min(AT_ONCE),
            records: limits.events as usize,
            within: Duration::from_secs(limits.seconds.into()),
        };
        Ok(match readers.read(&at, range, limits).await? {
            Ok(read) => stretch(read, &at.channel, &identify),
            Err(why) if why.for_now => BrokerStretch::NotYet { what: why.what, what_to_do: why.what_to_do },
            Err(why) => BrokerStretch::NotRead { what: why.what, what_to_do: why.what_to_do },
        })
    }
}

fn stretch(read: RangeRead, channel: &str, identify: &Identify) -> BrokerStretch {
    match &read.ended {
        None => {}
        Some(ended) if ended.reason == GapReason::Truncated => return BrokerStretch::Beyond,
        Some(_) => return BrokerStretch::Replaced,
    }
    let left_out = read.gaps.iter().filter(|gap| gap.reason == GapReason::CaptureLimit);
    let left_out = left_out.map(|gap| format!("Offset {} can't be unpacked: {}.", gap.from, gap.detail)).collect();
    let records = read.records.into_iter().map(|record| BrokerRecord {
        position: record.position,
        event_type: identify.identify(channel, &record.headers, record.payload.as_deref()).event_type,
        record: LiveRecord {
            time_kind: record.time_kind,
            broker_ms: record.broker_ms,
            raw: RawEvent { key: record.key, headers: record.headers, payload: record.payload },
        },
    });
    BrokerStretch::Read {
        records: records.collect(),
        next: read.next,
        start: read.start,
        end: read.end,
        left_out,
        bytes: read.broker_bytes,
    }
}

/// What one read of a stretch holds at once, at most.
const AT_ONCE: usize = 4 << 20;

/// What a read of this position alone says of it.
fn found(read: RangeRead, at: Position) -> LiveRead {
    if read.ended.is_some() {
        return LiveRead::Replaced;
    }
    if let Some(record) = read.records.into_iter().find(|r| r.position == at) {
        let raw = RawEvent { key: record.key, headers: record.headers, payload: record.payload };
        return LiveRead::Found(LiveRecord { time_kind: record.time_kind, broker_ms: record.broker_ms, raw });
    }
    let lost = read.gaps.into_iter().find(|gap| gap.from <= at && gap.to.is_none_or(|to| at < to));
    match lost {
        Some(gap) if gap.reason == GapReason::CaptureLimit => LiveRead::NotRead {
            what: format!("It can't be unpacked: {}.", gap.detail),
            what_to_do: "Read it with a client of the broker.".into(),
        },
        Some(gap) => LiveRead::Gone { starts: gap.to.or(read.start) },
        None if read.next > at => LiveRead::Compacted,
        None => LiveRead::NotRead {
            what: "The broker did not come as far as this position in time.".into(),
            what_to_do: "Try again.".into(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use weir_broker::{Ended, PartitionAddress, Record};
    use weir_domain::capture::{Gap, TimeKind};

    fn read() -> RangeRead {
        RangeRead {
            records: Vec::new(),
            next: Position(8),
            start: Some(Position(0)),
            end: Some(Position(20)),
            gaps: Vec::new(),
            ended: None,
            broker_bytes: 10,
        }
    }

    fn gap(reason: GapReason) -> Gap {
        Gap { from: Position(7), to: Some(Position(12)), reason, detail: "too large".into() }
    }

    #[test]
    fn each_outcome_is_told_from_the_others() {
        let record = Record {
            position: Position(7),
            time_kind: TimeKind::Create,
            broker_ms: Some(1),
            key: None,
            headers: Vec::new(),
            payload: Some(b"x".to_vec()),
        };
        assert!(matches!(found(RangeRead { records: vec![record], ..read() }, Position(7)), LiveRead::Found(_)));
        assert_eq!(found(read(), Position(7)), LiveRead::Compacted);
        let gone = found(RangeRead { gaps: vec![gap(GapReason::RetentionTrimmed)], ..read() }, Position(7));
        assert_eq!(gone, LiveRead::Gone { starts: Some(Position(12)) });
        let too_large = found(RangeRead { gaps: vec![gap(GapReason::CaptureLimit)], ..read() }, Position(7));
        assert!(matches!(too_large, LiveRead::NotRead { what, .. } if what.contains("too large")));
        assert!(matches!(found(RangeRead { next: Position(7), ..read() }, Position(7)), LiveRead::NotRead { .. }));
        let ended = Ended {
            address: PartitionAddress { channel: "c".into(), number: 0 },
            reason: GapReason::Recreated,
            gap: gap(GapReason::Recreated),
            successor: None,
        };
        assert_eq!(found(RangeRead { ended: Some(ended), ..read() }, Position(7)), LiveRead::Replaced);
    }
}
