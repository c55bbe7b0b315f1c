use super::MemoryStore;
use async_trait::async_trait;
use std::time::Duration;
use tokio::time::Instant;
use weir_domain::{
    StoreError, Timestamp,
    access::SystemView,
    capture::{BudgetPlan, GivenUpPayloads, Indexed, Lease, Leases, Maintained, Maintenance, Planned},
    changes::Observer,
};

fn ends(ttl_ms: u32) -> Instant {
    Instant::now() + Duration::from_millis(ttl_ms.into())
}

#[async_trait]
impl Leases for MemoryStore {
    async fn acquire(&self, name: &str, holder: &str, ttl_ms: u32) -> Result<Option<Lease>, StoreError> {
        let mut state = self.look()?;
        let before = state.leases.get(name);
        if before.is_some_and(|(lease, ends)| *ends > Instant::now() && lease.holder != holder) {
            return Ok(None);
        }
        let epoch = before.map_or(1, |(lease, _)| lease.epoch + 1);
        let lease = Lease { name: name.to_owned(), holder: holder.to_owned(), epoch, expires: Timestamp::EPOCH };
        state.leases.insert(name.to_owned(), (lease.clone(), ends(ttl_ms)));
        Ok(Some(lease))
    }

    async fn renew(&self, lease: &Lease, ttl_ms: u32) -> Result<bool, StoreError> {
        let mut state = self.look()?;
        let Some((held, until)) = state.leases.get_mut(&lease.name) else { return Ok(false) };
        // One that ran out and that nobody took is still its holder's.
        let mine = held.epoch == lease.epoch && held.holder == lease.holder;
        if mine {
            *until = ends(ttl_ms);
        }
        Ok(mine)
    }

    async fn release(&self, lease: &Lease) -> Result<(), StoreError> {
        let mut state = self.look()?;
        if let Some((_, until)) = state.leases.get_mut(&lease.name).filter(|(held, _)| held.epoch == lease.epoch) {
            *until = Instant::now();
        }
        Ok(())
    }
}

#[async_trait]
impl Maintenance for MemoryStore {
    async fn ensure_buckets(&self, _: Timestamp) -> Result<Maintained, StoreError> {
        self.look()?.maintained += 1;
        Ok(Maintained::default())
    }

    async fn index(&self, _: Timestamp) -> Result<Indexed, StoreError> {
        Ok(Indexed::default())
    }
    async fn retire_buckets(&self, _: Timestamp) -> Result<Maintained, StoreError> {
        drop(self.look()?);
        Ok(Maintained::default())
    }

    async fn give_up_payloads(&self, _: Timestamp) -> Result<GivenUpPayloads, StoreError> {
        drop(self.look()?);
        Ok(GivenUpPayloads::default())
    }

    async fn forget_events(&self, _: Timestamp) -> Result<Maintained, StoreError> {
        Ok(Maintained::default())
    }

    async fn plan_budget(&self, _: Timestamp) -> Result<BudgetPlan, StoreError> {
        Ok(BudgetPlan::default())
    }

    async fn take_budget_step(&self, _: &BudgetPlan, _: &Planned, _: Timestamp) -> Result<GivenUpPayloads, StoreError> {
        Ok(GivenUpPayloads::default())
    }

    async fn make_room(&self, _: Timestamp) -> Result<(), StoreError> {
        Ok(())
    }
}

/// There is no feed here: what changed is the store's to tell.
#[async_trait]
impl Observer for MemoryStore {
    async fn observe(&self, _: &SystemView, _: Timestamp) -> Result<u32, StoreError> {
        Ok(0)
    }
}
