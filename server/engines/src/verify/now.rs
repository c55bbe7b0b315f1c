//! Comparing while somebody waits for it: a part of it a call, and where the next goes on.

use super::Verifier;
use async_trait::async_trait;
use rand::RngExt as _;
use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};
use tokio::{sync::Semaphore, time::Instant};
use weir_broker::RangeLimits;
use weir_domain::{
    EventId, Position, StoreError,
    access::View,
    verify::{Candidate, Compared, LONGEST_STRETCH, Verified, VerifyNow, VerifyWanted, Verifying},
};

/// One call begins no stretch after this long, or beyond so many bytes of its broker.
const CALL: Duration = Duration::from_secs(8);
const BYTES: u64 = 32 << 20;
const STRETCH: RangeLimits = RangeLimits { bytes: 2 << 20, records: 2_000, within: Duration::from_secs(10) };
/// Of a sample, so many events stand together.
const TOGETHER: u32 = 50;
/// Calls at once.
const AT_ONCE: usize = 2;

/// For whoever asks, by whatever ways this process has.
pub struct OnDemand {
    store: Arc<dyn Verifying>,
    /// There once the database was reached.
    verifier: Arc<OnceLock<Verifier>>,
    places: Semaphore,
}

impl OnDemand {
    pub fn new(store: Arc<dyn Verifying>, verifier: Arc<OnceLock<Verifier>>) -> Self {
        Self { store, verifier, places: Semaphore::new(AT_ONCE) }
    }
}

#[async_trait]
impl VerifyNow for OnDemand {
    async fn verify(&self, view: &View, wanted: &VerifyWanted) -> Result<Verified, StoreError> {
        let Some(verifier) = self.verifier.get() else {
            return Err(StoreError::Unavailable("Weir has just been started".into()));
        };
        // Never closed.
        let _place = self.places.acquire().await.ok();
        let now = verifier.clock.now();
        let all = self.store.partitions(view, wanted.source, wanted.channel, now).await?;
        let partitions = u32::try_from(all.len()).unwrap_or(u32::MAX);
        let mut call = Call { verifier, begun: Instant::now(), told: Verified { partitions, ..Verified::default() } };
        let each = wanted.sample.map(|n| n.div_ceil(partitions.max(1)).max(1));
        let after = wanted.after;
        for (n, of) in all.iter().enumerate().filter(|(_, of)| after.is_none_or(|at| of.partition >= at.partition)) {
            let since = match wanted.since {
                Some(since) => self.store.position_at(view, of.partition, since).await?,
                None => Some(of.first),
            };
            // Nothing of it is that young.
            let Some(since) = since else { continue };
            let first = since.max(of.first);
            let begin = after.filter(|at| at.partition == of.partition).map_or(first, |at| at.position.max(first));
            let next = match each {
                Some(each) => call.sample(of, first, each).await?,
                None => call.whole(of, begin).await?,
            };
            if let Some(position) = next {
                call.told.next = Some(EventId { partition: of.partition, position });
                return Ok(call.told);
            }
            call.told.done += 1;
            if call.is_over()
                && let Some(next) = all.get(n + 1)
            {
                call.told.next = Some(EventId { partition: next.partition, position: next.first });
                return Ok(call.told);
            }
        }
        Ok(call.told)
    }
}

struct Call<'v> {
    verifier: &'v Verifier,
    begun: Instant,
    told: Verified,
}

impl Call<'_> {
    fn is_over(&self) -> bool {
        self.begun.elapsed() >= CALL || self.told.read_bytes >= BYTES
    }

    /// Everything from `begin` on; `Some`: it goes on there.
    async fn whole(&mut self, of: &Candidate, begin: Position) -> Result<Option<Position>, StoreError> {
        let mut from = begin;
        while from < of.next {
            if self.is_over() {
                return Ok(Some(from));
            }
            let to = Position(from.0.saturating_add(LONGEST_STRETCH));
            match self.compared(of, (from, to), STRETCH).await? {
                // What was read goes on behind it; a stretch that came to nothing would go on for ever.
                Some(done) if done.to > from => from = done.to,
                Some(_) => {
                    self.unread(of, "The broker does not come as far as what is stored.".into());
                    return Ok(None);
                }
                None => return Ok(None),
            }
        }
        Ok(None)
    }

    /// About `each` events from random places; all of it, where there are no more.
    async fn sample(&mut self, of: &Candidate, first: Position, each: u32) -> Result<Option<Position>, StoreError> {
        if of.next.0.saturating_sub(first.0) <= i64::from(each) {
            return self.whole(of, first).await;
        }
        let mut left = each;
        while left > 0 && !self.is_over() {
            let together = left.min(TOGETHER);
            let from = Position(rand::rng().random_range(first.0..of.next.0));
            let to = Position(from.0.saturating_add(i64::from(together)));
            let limits = RangeLimits { records: together as usize, ..STRETCH };
            if self.compared(of, (from, to), limits).await?.is_none() {
                return Ok(None);
            }
            left -= together;
        }
        Ok(None)
    }

    /// `None`: it could not be read, which is told.
    async fn compared(
        &mut self,
        of: &Candidate,
        range: (Position, Position),
        limits: RangeLimits,
    ) -> Result<Option<Compared>, StoreError> {
        match self.verifier.stretch(of, range, limits, false).await? {
            Ok(done) => {
                let told = &mut self.told;
                told.compared += done.compared;
                told.gone += done.gone;
                told.read_bytes += done.read_bytes;
                told.differences += done.differences.len() as u64;
                let room = Verified::MOST.saturating_sub(told.latest.len());
                told.latest.extend(done.differences.iter().take(room).map(|d| (of.clone(), *d)));
                Ok(Some(done))
            }
            Err(why) => {
                self.unread(of, format!("{} {}", why.what, why.what_to_do));
                Ok(None)
            }
        }
    }

    fn unread(&mut self, of: &Candidate, why: String) {
        if self.told.unread.len() < Verified::MOST {
            self.told.unread.push((of.at.channel.clone(), of.at.number, why));
        }
    }
}
