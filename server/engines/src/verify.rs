//! Is what is stored what the broker has? A small sample is read again beside the taps, all the time.

mod now;

pub use now::OnDemand;

use crate::{EnginePorts, NotRead, Readers, lease::under_lease};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use std::{collections::HashSet, sync::Arc, time::Duration};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use weir_broker::{RangeLimits, Record};
use weir_domain::{
    Clock, PartitionId, Position, StoreError,
    access::SystemView,
    events::{KeyHash, RawEvent},
    verify::{Candidate, Compared, LONGEST_STRETCH, ReadAt, Verifying, compare},
};

/// Between two rounds, each of a few partitions.
const EVERY: Duration = Duration::from_secs(30);
const OF_A_ROUND: u32 = 32;
/// Positions from the end on: who compared some of them has compared the newest.
const NEWEST: i64 = 50;
/// One stretch in the background.
const STRETCH: RangeLimits = RangeLimits { bytes: 128 << 10, records: 250, within: Duration::from_secs(10) };
/// Of what was captured of a partition in a day, a hundredth may be read again; of a quiet one so much all the same.
const PART: u64 = 100;
const LEAST: u64 = 64 << 10;

/// Reads a stretch again and compares it.
#[derive(Clone)]
pub struct Verifier {
    pub readers: Arc<Readers>,
    pub store: Arc<dyn Verifying>,
    pub clock: Arc<dyn Clock>,
    pub system: SystemView,
    /// How the store makes numbers of keys.
    pub key_hash: fn(&[u8]) -> KeyHash,
}

impl Verifier {
    /// Compares `from..to` as far as the limits reach, and keeps what came of it.
    ///
    /// # Errors
    /// The store's. That nothing could be read is an answer.
    pub async fn stretch(
        &self,
        of: &Candidate,
        (from, to): (Position, Position),
        limits: RangeLimits,
        in_background: bool,
    ) -> Result<Result<Compared, NotRead>, StoreError> {
        let to = to.min(of.next).min(Position(from.0.saturating_add(LONGEST_STRETCH)));
        let read = match self.readers.read(&of.at, (from, to), limits).await? {
            Ok(read) => read,
            Err(why) => return Ok(Err(why)),
        };
        if read.ended.is_some() {
            let what = format!("{} was deleted, made again or cut at the broker.", of.at.channel);
            return Ok(Err(NotRead::new(what, "Its taps will notice it.")));
        }
        // What lies behind a limit is not compared.
        let to = read.next.min(to);
        let records: Vec<ReadAt> = read.records.into_iter().filter(|r| r.position < to).map(read_at).collect();
        let bytes_of = records.iter().map(|r| r.position).collect();
        let stored = self.store.stretch(&self.system, of.partition, (from, to), &bytes_of).await?;
        let found = compare(&stored, &records, self.key_hash);
        let done = Compared {
            partition: of.partition,
            from,
            to,
            compared: found.compared,
            gone: found.gone,
            differences: found.differences,
            read_bytes: read.broker_bytes,
            newest: to.0.saturating_add(NEWEST) >= of.next.0,
            in_background,
            at: self.clock.now(),
        };
        self.store.compared(&done).await?;
        if let Some(first) = done.differences.first() {
            tracing::error!(
                source = of.at.source_name,
                channel = of.at.channel,
                partition = of.at.number,
                position = first.position.0,
                kind = first.kind.as_str(),
                differences = done.differences.len(),
                "what is stored is not what the broker has"
            );
        }
        Ok(Ok(done))
    }
}

pub(crate) fn read_at(record: Record) -> ReadAt {
    let raw = RawEvent { key: record.key, headers: record.headers, payload: record.payload };
    ReadAt { position: record.position, time_kind: record.time_kind, broker_ms: record.broker_ms, raw }
}

/// How much may be read of a partition now.
fn allowance(of: &Candidate) -> u64 {
    (of.captured_bytes / PART).max(LEAST).saturating_sub(of.read_bytes)
}

/// Round after round, in one process at a time.
pub async fn run(verifier: Verifier, ports: EnginePorts, stop: CancellationToken) {
    let mut rng = StdRng::seed_from_u64(ports.seed.rotate_left(17));
    let seed = rng.random();
    under_lease("verify", &ports, &mut rng, &stop, |token| {
        let (verifier, mut rng) = (&verifier, StdRng::seed_from_u64(seed));
        async move {
            let verifying = async {
                let mut after = BEFORE_ALL;
                loop {
                    match round(verifier, &mut rng, after).await {
                        Ok(next) => after = next,
                        Err(error) => {
                            tracing::debug!(%error, "nothing could be compared with the brokers; tried again");
                        }
                    }
                    sleep(EVERY).await;
                }
            };
            token.run_until_cancelled(verifying).await;
        }
    })
    .await;
}

const BEFORE_ALL: PartitionId = PartitionId(i64::MIN);

/// Of each of the next partitions that may be read the newest, and something from anywhere. Behind which one to go on.
async fn round(verifier: &Verifier, rng: &mut StdRng, after: PartitionId) -> Result<PartitionId, StoreError> {
    let now = verifier.clock.now();
    let mut away = HashSet::new();
    let candidates = verifier.store.candidates(&verifier.system, now, after, OF_A_ROUND).await?;
    let full = candidates.len() >= OF_A_ROUND as usize;
    let next = candidates.last().filter(|_| full).map_or(BEFORE_ALL, |last| last.partition);
    for of in candidates {
        let may = allowance(&of);
        if away.contains(&of.at.source) || may == 0 {
            continue;
        }
        // Halved: each of the two is counted when it is done, and a batch may be larger than what is asked of it.
        let bytes = usize::try_from(may / 2).unwrap_or(usize::MAX).min(STRETCH.bytes);
        let limits = RangeLimits { bytes, ..STRETCH };
        let records = i64::try_from(limits.records).unwrap_or(i64::MAX);
        let anywhere = Position(rng.random_range(of.first.0..of.next.0));
        let newest = Position((of.next.0 - NEWEST).max(of.first.0));
        for (from, to) in [(newest, of.next), (anywhere, Position(anywhere.0.saturating_add(records)))] {
            if let Err(why) = verifier.stretch(&of, (from, to), limits, true).await? {
                tracing::debug!(source = of.at.source_name, channel = of.at.channel, why.what, "could not be compared");
                away.insert(of.at.source);
                break;
            }
        }
    }
    Ok(next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use weir_domain::{
        ChannelId, SourceId,
        capture::{AtBroker, Incarnation},
    };

    proptest! {
        /// Never more than a hundredth of a busy partition's day.
        #[test]
        fn a_hundredth_or_a_little(captured in 0u64..1 << 50, read in 0u64..1 << 40) {
            let at = AtBroker {
                source: SourceId(1),
                source_name: String::new(),
                of_file: true,
                capture: "full".into(),
                stands_still: false,
                channel_off: None,
                channel: String::new(),
                number: 0,
                incarnation: Incarnation(Vec::new()),
            };
            let of = Candidate {
                partition: PartitionId(1),
                channel: ChannelId(1),
                at,
                first: Position(0),
                next: Position(1),
                captured_bytes: captured,
                read_bytes: read,
                verified: None,
            };
            let may = allowance(&of);
            prop_assert!(may == 0 || read + may <= (captured / PART).max(LEAST));
        }
    }
}
