//! A broker in memory with Kafka's rules (offsets, transactions, retention, incarnations, leader epochs), and with
//! controls for what a real one does not do on demand: truncate its log, lose a leader, fail at an exact moment.

mod control;
mod cursor;
mod log;
mod new_record;
mod reader;
mod state;

pub use control::{Aside, Transaction};
pub use new_record::NewRecord;

use crate::{
    Assignment, Broker, BrokerError, Discovered, DiscoveredPartition, Discovery, EstimatedRead, ReadLimits, Reader,
};
use async_trait::async_trait;
use state::Shared;
use std::sync::Arc;

/// A handle to one broker in memory; clones are the same broker.
#[derive(Debug, Clone, Default)]
pub struct MemoryBroker {
    shared: Arc<Shared>,
}

#[async_trait]
impl Broker for MemoryBroker {
    async fn discover(&self) -> Result<Discovery, BrokerError> {
        let state = self.shared.look()?;
        let channels = state.channels.iter().map(|(name, channel)| Discovered {
            channel: name.clone(),
            internal: channel.internal,
            incarnation: cursor::incarnation(channel.id),
            partitions: (0..)
                .zip(&channel.partitions)
                .map(|(number, p)| DiscoveredPartition { number, problem: p.problem.clone() })
                .collect(),
        });
        Ok(Discovery { channels: channels.collect() })
    }

    async fn reader(&self, limits: ReadLimits) -> Result<Box<dyn Reader>, BrokerError> {
        Ok(Box::new(reader::MemoryReader::new(self.shared.clone(), limits)))
    }

    async fn estimate(&self, assignments: &[Assignment]) -> Result<EstimatedRead, BrokerError> {
        let state = self.shared.look()?;
        let (mut records, mut bytes) = (0, 0);
        for a in assignments {
            let Some(log) = state.partition(&a.address) else { continue };
            let from = log.resolve(&a.start);
            for (_, entry) in log.visible(from) {
                records += 1;
                bytes += entry.record.raw_size() as u64;
            }
        }
        Ok(EstimatedRead { records: Some(records), bytes: Some(bytes) })
    }
}
