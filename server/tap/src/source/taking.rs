//! Partitions change hands: what a session takes up, and what it lets go of, as its membership says.

use super::{
    partitions::address_of,
    session::{Over, Session, State},
};
use crate::rate::of_taps;
use std::collections::HashSet;
use tokio::time::Instant;
use weir_broker::{Assignment, PartitionAddress, StartAt as BrokerStart};
use weir_domain::{
    PartitionId,
    capture::{Fence, Opened, Share},
};

impl Session<'_> {
    /// Takes up what is this tap's to read, and lets go of what is not any more.
    pub(super) async fn adopt(&mut self, state: &mut State) -> Result<(), Over> {
        let mine = self.member.mine(state.listed);
        let now = Instant::now();
        if let (Some(rate), Some(cap)) = (&mut state.rate, self.settings.catch_up_bytes_per_s) {
            rate.set(of_taps(cap) / u64::from(mine.members), now);
        }
        if (state.member, state.finds) != (mine.member, mine.finds) {
            (state.finds, state.finding, state.find_at) = (mine.finds, None, now);
            if !mine.finds {
                self.reporter.left_out(None);
            }
        }
        let same = state.member == mine.member;
        for (address, id) in state.parts.remove_unless(|id| same && mine.shares.contains_key(&id)) {
            self.let_go(state, address, id);
        }
        state.member = mine.member;
        let fresh = mine.listed > state.listed;
        let (Some(member), true) = (mine.member, fresh) else { return Ok(()) };
        state.listed = mine.listed;
        let mut new = Vec::new();
        for share in mine.shares.into_values().filter(|s| !state.parts.has(s, now)).collect::<Vec<_>>() {
            let (address, fence) = (address_of(&share), Fence::Reader { member, epoch: share.epoch });
            // Back before it was gone: still in hand.
            state.leaving.entry(address.clone()).or_default().retain(|id| *id != share.open.id);
            state.parts.put(address.clone(), share.open, fence, self.settings.start);
            new.push(address);
        }
        self.estimate(state, &new).await
    }

    /// No more to be read; others may once nothing of it is being stored.
    fn let_go(&self, state: &mut State, address: PartitionAddress, id: PartitionId) {
        self.reporter.forget(id);
        if state.storing.has(&address) {
            state.leaving.entry(address).or_default().push(id);
        } else {
            self.member.let_go(id);
        }
    }

    /// What a start before the end will read is shown before it is read.
    async fn estimate(&mut self, state: &mut State, new: &[PartitionAddress]) -> Result<(), Over> {
        if new.is_empty() {
            return Ok(());
        }
        let new: HashSet<_> = new.iter().collect();
        let back = |a: &Assignment| {
            matches!(a.start, BrokerStart::Earliest | BrokerStart::Time(_)) && new.contains(&a.address)
        };
        let assignments: Vec<_> = state.parts.assignments().into_iter().filter(back).collect();
        if assignments.is_empty() {
            return Ok(());
        }
        let broker = &self.ports.broker;
        match self.unless_ended(broker.estimate(&assignments)).await? {
            Ok(estimate) => {
                for assignment in &assignments {
                    if let Some(partition) = state.parts.get_mut(&assignment.address) {
                        partition.estimated = true;
                    }
                }
                if let Some(bytes) = estimate.bytes.filter(|b| *b > 0) {
                    state.bytes_to_read = Some(state.bytes_to_read.unwrap_or(0).saturating_add(bytes));
                }
                self.reporter.bytes_to_read(state.bytes_to_read);
            }
            Err(error) => tracing::debug!(source = self.settings.name, %error, "no estimate of the bytes to be read"),
        }
        Ok(())
    }

    /// Goes on with what follows, if its lease is ours.
    pub(super) fn reopened(&self, state: &mut State, address: PartitionAddress, opened: Opened) {
        let Some(before) = state.parts.remove(&address) else { return };
        self.reporter.forget(before.open.id);
        let (Some(member), Some(epoch)) = (state.member, opened.epoch) else {
            self.member.replaced(before.open.id, None);
            return self.member.look();
        };
        let share = Share { channel: address.channel.clone(), open: opened.open.clone(), epoch };
        self.member.replaced(before.open.id, Some(share));
        state.parts.put(address, opened.open, Fence::Reader { member, epoch }, self.settings.start);
    }
}
