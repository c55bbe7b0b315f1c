//! A broker in memory with Kafka's rules (offsets, transactions, retention, incarnations, leader epochs), and with
//! controls for what a real one does not do on demand: truncate its log, lose a leader, fail at an exact moment.

mod control;
mod cursor;
mod lag;
mod log;
mod new_record;
mod reader;
mod state;

pub use control::{Aside, Transaction};
pub use new_record::NewRecord;

use crate::{
    AFTER_A_FAILURE, Assignment, Broker, BrokerError, ChannelSize, Discovered, DiscoveredPartition, Discovery,
    EstimatedRead, LagProbe, ReadLimits, Reader, Wanted,
};
use async_trait::async_trait;
use state::Shared;
use std::sync::{Arc, Mutex, PoisonError};
use weir_domain::sources::{Step, StepKind};

/// A handle to one broker in memory; clones are the same broker.
#[derive(Debug, Clone, Default)]
pub struct MemoryBroker {
    shared: Arc<Shared>,
    way: Arc<Way>,
}

/// The network between a client and the broker.
#[derive(Debug, Default)]
struct Way {
    failing: Mutex<Option<BrokerError>>,
}

impl Way {
    fn pass(&self) -> Result<(), BrokerError> {
        match &*self.failing.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(error) => Err(error.clone()),
            None => Ok(()),
        }
    }
}

#[async_trait]
impl Broker for MemoryBroker {
    async fn discover(&self) -> Result<Discovery, BrokerError> {
        self.way.pass()?;
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

    async fn examine(&self, wanted: &Wanted, tell: &mut (dyn FnMut(Step) + Send)) {
        // The step that a failure of everything belongs to.
        let failing = self.shared.look().map(drop).err().map(|error| {
            let at = match &error {
                BrokerError::Settings(_) => StepKind::Resolves,
                BrokerError::Unreachable(_) => StepKind::Opens,
                BrokerError::Refused(_) => StepKind::SignsIn,
                BrokerError::Protocol(_) | BrokerError::Declined(_) => StepKind::Answers,
                BrokerError::NotAuthorised(_) => StepKind::Lists,
            };
            (at, error.to_string())
        });
        for kind in StepKind::ALL {
            tell(match &failing {
                Some((at, why)) if kind == *at => Step::failed(kind, why, "Set it right."),
                Some((at, _)) if kind > *at => Step::skipped(kind, AFTER_A_FAILURE),
                _ if kind == StepKind::Reads => self.may_read(wanted),
                _ => Step::passed(kind, "in memory"),
            });
        }
    }

    async fn sizes(&self, channels: &[String]) -> Result<Vec<ChannelSize>, BrokerError> {
        let state = self.shared.look()?;
        let there = channels.iter().filter_map(|name| Some((name, state.channels.get(name)?)));
        Ok(there
            .map(|(name, channel)| {
                let sizes =
                    |log: &log::Log| log.visible(log.start).map(|(_, e)| e.record.raw_size() as u64).sum::<u64>();
                ChannelSize {
                    channel: name.clone(),
                    records: Some(channel.partitions.iter().map(|p| p.end.abs_diff(p.start)).sum()),
                    bytes: Some(channel.partitions.iter().map(sizes).sum()),
                }
            })
            .collect())
    }

    async fn reader(&self, limits: ReadLimits) -> Result<Box<dyn Reader>, BrokerError> {
        Ok(Box::new(reader::MemoryReader::new(self.shared.clone(), self.way.clone(), limits)))
    }

    async fn estimate(&self, assignments: &[Assignment]) -> Result<EstimatedRead, BrokerError> {
        self.way.pass()?;
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

    fn lag(&self) -> Option<Arc<dyn LagProbe>> {
        Some(Arc::new(self.clone()))
    }
}

impl MemoryBroker {
    /// A partition that can't be read stands in the way of its channel only.
    fn may_read(&self, wanted: &Wanted) -> Step {
        let state = self.shared.lock();
        let included = || state.channels.iter().filter(|(name, channel)| wanted.includes(name, channel.internal));
        let stuck = included().find_map(|(name, channel)| {
            let problem = channel.partitions.iter().find_map(|p| p.problem.clone())?;
            Some(format!("{name} can't be read: {problem}"))
        });
        match (included().count(), stuck) {
            (0, _) => Step::skipped(StepKind::Reads, "No channel is included by these patterns."),
            (_, Some(what)) => Step::failed(StepKind::Reads, what, "The others are read all the same."),
            (n, None) => Step::passed(StepKind::Reads, format!("{n} channels")),
        }
    }
}
