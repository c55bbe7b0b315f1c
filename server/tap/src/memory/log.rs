use super::{Fault, MemoryStore};
use async_trait::async_trait;
use tokio::time::Instant;
use weir_domain::{
    PartitionId, StoreError,
    capture::{AppendOutcome, CaptureBatch, CapturedEvent, EventLog},
};

impl MemoryStore {
    fn commit(&self, batch: &CaptureBatch) -> Result<AppendOutcome, StoreError> {
        let mut state = self.look()?;
        let fault = state.faults.pop_front();
        match fault {
            Some(Fault::NotStored) => return Err(StoreError::Unavailable("the connection broke".into())),
            Some(Fault::Refused) => return Err(StoreError::Internal("that can't be stored".into())),
            #[expect(clippy::panic, reason = "what a test asked for")]
            Some(Fault::Panic) => {
                drop(state);
                panic!("a defect of the store")
            }
            Some(Fault::AnswerLost) | None => {}
        }
        let Some(partition) = state.partition(batch.partition).filter(|p| p.closed.is_none()) else {
            return Ok(AppendOutcome::CursorMoved);
        };
        if partition.cursor != batch.expected {
            return Ok(AppendOutcome::CursorMoved);
        }
        partition.cursor = Some(batch.next.clone());
        partition.from_end = false;
        partition.next_position = batch.next_position;
        partition.events.extend(batch.events.iter().cloned());
        partition.gaps.extend(batch.gaps.iter().cloned());
        partition.broker_bytes += batch.broker_bytes;
        if fault.is_some() {
            return Err(StoreError::Unavailable("the connection broke after the commit".into()));
        }
        let raw_bytes = batch.events.iter().map(CapturedEvent::raw_size).sum::<usize>() as u64;
        Ok(AppendOutcome::Stored { events: batch.events.len() as u64, raw_bytes, stored_bytes: raw_bytes })
    }
}

/// Counts an append that runs; broken off or finished.
struct Running<'a>(&'a MemoryStore);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.lock().at_once -= 1;
    }
}

#[async_trait]
impl EventLog for MemoryStore {
    async fn append(&self, batch: &CaptureBatch) -> Result<AppendOutcome, StoreError> {
        {
            let mut state = self.lock();
            state.at_once += 1;
            state.most_at_once = state.most_at_once.max(state.at_once);
        }
        let _running = Running(self);
        self.travel().await;
        self.commit(batch)
    }

    async fn announce(&self, partitions: &[PartitionId]) -> Result<(), StoreError> {
        self.look()?.announced.push((Instant::now(), partitions.to_vec()));
        Ok(())
    }
}
