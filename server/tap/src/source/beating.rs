//! The task behind a membership: one beat after the other, and what follows from each.

use super::{
    member::{Shared, State, TTL_MS},
    settings::Ports,
};
use rand::{rngs::StdRng, seq::IndexedRandom};
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, timeout};
use weir_domain::{
    SourceId, StoreError,
    capture::{Beat, MemberId, Plan},
};

/// Between beats.
const BEAT: Duration = Duration::from_millis(TTL_MS as u64 / 3);
/// The same while partitions are to change hands.
const SOON: Duration = Duration::from_millis(300);
/// Beats further apart than this don't follow each other: this process, or the database, was away.
const UNBROKEN: Duration = Duration::from_millis(TTL_MS as u64 * 3 / 4);
/// After that, the others get this long to beat before they are taken for dead: they were cut off with us.
const BEFORE_BURYING: Duration = Duration::from_millis(TTL_MS as u64 / 2);

pub(super) struct Beating {
    shared: Arc<Shared>,
    ports: Ports,
    source: SourceId,
    rng: StdRng,
    /// When it beat last, and since when without a break.
    beaten: Option<Instant>,
    unbroken: Instant,
}

impl Beating {
    pub fn new(shared: Arc<Shared>, ports: &Ports, source: SourceId, rng: StdRng) -> Self {
        Self { shared, ports: ports.clone(), source, rng, beaten: None, unbroken: Instant::now() }
    }

    pub async fn run(mut self) {
        loop {
            let wait = match self.round().await {
                Ok(wait) => wait,
                Err(error) => {
                    // While the database is away nobody can take anything either: the reading finds out by itself.
                    tracing::debug!(source = %self.source, %error, "no beat; tried again");
                    BEAT
                }
            };
            let _ = timeout(wait, self.shared.wake.notified()).await;
        }
    }

    /// One beat and what follows from it; how long until the next.
    async fn round(&mut self) -> Result<Duration, StoreError> {
        let (wanted, member, giving) = {
            let state = self.shared.lock();
            (state.wanted, state.member, u32::try_from(state.giving.len()).unwrap_or(u32::MAX))
        };
        match (wanted, member) {
            (false, None) => Ok(Duration::from_secs(3600)),
            (false, Some(member)) => self.leave(member).await,
            (true, None) => self.join().await,
            (true, Some(member)) => self.beat(member, giving).await,
        }
    }

    async fn join(&mut self) -> Result<Duration, StoreError> {
        let member = self.ports.shares.join(self.source, &self.ports.holder, TTL_MS).await?;
        (self.beaten, self.unbroken) = (Some(Instant::now()), Instant::now());
        tracing::info!(source = %self.source, member = member.0, "joined those who read this source");
        self.shared.lock().member = Some(member);
        Ok(Duration::ZERO)
    }

    async fn leave(&mut self, member: MemberId) -> Result<Duration, StoreError> {
        self.ports.shares.leave(member).await?;
        tracing::info!(source = %self.source, member = member.0, "left those who read this source");
        self.lost();
        Ok(Duration::ZERO)
    }

    fn lost(&self) {
        self.shared.lock().forget();
        self.shared.news.send_replace(());
    }

    async fn beat(&mut self, member: MemberId, giving: u32) -> Result<Duration, StoreError> {
        let now = Instant::now();
        if self.beaten.is_none_or(|at| now - at > UNBROKEN) {
            self.unbroken = now;
        }
        let bury = now - self.unbroken >= BEFORE_BURYING;
        let Some(beat) = self.ports.shares.beat(self.source, member, TTL_MS, bury).await? else {
            tracing::warn!(source = %self.source, member = member.0, "was taken for dead: joining anew");
            self.lost();
            return Ok(Duration::ZERO);
        };
        self.beaten = Some(Instant::now());
        let plan = Plan::of(&beat, member, giving);
        let taken = if plan.take > 0 { self.ports.shares.take(self.source, member, plan.take).await? } else { 0 };
        self.note(&beat, member);
        let (differs, edits) = {
            let mut state = self.shared.lock();
            let differs = state.held.len() != beat.held as usize || taken > 0;
            (std::mem::take(&mut state.look) || differs, state.edits)
        };
        if differs && let Err(error) = self.list(member, edits).await {
            self.shared.lock().look = true;
            return Err(error);
        }
        if plan.give > 0 {
            self.choose(plan.give as usize);
        }
        self.release(member).await?;
        let waits = !plan.settled || !self.shared.lock().giving.is_empty();
        Ok(if waits { SOON } else { BEAT })
    }

    fn note(&self, beat: &Beat, member: MemberId) {
        let mut state = self.shared.lock();
        let (finds, members) = (beat.members.first() == Some(&member), u32::try_from(beat.members.len()).unwrap_or(1));
        if (state.finds, state.members) != (finds, members) {
            (state.finds, state.members) = (finds, members);
            self.shared.news.send_replace(());
        }
    }

    async fn list(&self, member: MemberId, edits: u64) -> Result<(), StoreError> {
        let shares = self.ports.shares.shares(&self.ports.system, self.source, member).await?;
        let mut state = self.shared.lock();
        if state.edits != edits {
            state.look = true;
            self.shared.wake.notify_one();
            return Ok(());
        }
        state.held = shares.into_iter().map(|s| (s.open.id, s)).collect();
        state.listed += 1;
        let State { held, giving, .. } = &mut *state;
        giving.retain(|id| held.contains_key(id));
        self.shared.news.send_replace(());
        Ok(())
    }

    fn choose(&mut self, count: usize) {
        let mut state = self.shared.lock();
        let kept: Vec<_> = state.held.keys().filter(|id| !state.giving.contains(id)).copied().collect();
        let chosen: Vec<_> = kept.sample(&mut self.rng, count).copied().collect();
        tracing::info!(source = %self.source, count = chosen.len(), "giving partitions up to other processes");
        state.giving.extend(chosen);
        self.shared.news.send_replace(());
    }

    /// Gives up what nothing is in hand of any more.
    async fn release(&self, member: MemberId) -> Result<(), StoreError> {
        let done: Vec<_> = {
            let state = self.shared.lock();
            state.giving.iter().filter(|id| !state.in_hand.contains(id)).copied().collect()
        };
        if done.is_empty() {
            return Ok(());
        }
        self.ports.shares.give_up(member, &done).await?;
        let mut state = self.shared.lock();
        for id in done {
            state.held.remove(&id);
            state.giving.remove(&id);
        }
        Ok(())
    }
}
