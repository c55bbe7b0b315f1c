//! The reader: a task of its own fetches from every leader at once and unpacks no more than is asked for, so that
//! a slow partition, broker or question never holds up the others. krafka's consumer is not used: it hides which
//! partition fails and why, finds no re-created topic, rewinds silently when a log was cut, bounds memory by count
//! instead of bytes, and does not keep every byte (see `message`).

pub(crate) mod fetch;
mod partition;
mod pump;
pub(crate) mod session;

use crate::connect::Connection;
use async_trait::async_trait;
use partition::Wanted;
use pump::{Outlet, Pump};
use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, sleep_until},
};
use weir_broker::{Assignment, BrokerError, PartitionAddress, ReadLimits, Reader, Reading, StartAt};
use weir_domain::{Clock, capture::Cursor};

/// A reading and the number of the assignment it belongs to.
pub(crate) type Numbered = (u64, Reading);

pub(crate) struct KafkaReader {
    limits: ReadLimits,
    assigned: HashMap<PartitionAddress, Assigned>,
    last_number: u64,
    wanted: watch::Sender<Arc<Vec<Wanted>>>,
    news: mpsc::Receiver<Vec<Numbered>>,
    failing: watch::Receiver<Option<BrokerError>>,
    throttled: Arc<AtomicU32>,
}

struct Assigned {
    number: u64,
    assignment: Assignment,
    /// The cursor of the last chunk that was handed out.
    told: Option<Cursor>,
    ended: bool,
}

impl Assigned {
    fn keeps(&self, wanted: &Assignment) -> bool {
        let same_start = match &self.told {
            Some(told) => matches!(&wanted.start, StartAt::Cursor(cursor) if cursor == told),
            None => wanted.start == self.assignment.start,
        };
        same_start && !self.ended && self.assignment.incarnation == wanted.incarnation
    }
}

impl KafkaReader {
    pub async fn open(
        connection: &Arc<Connection>,
        limits: ReadLimits,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, BrokerError> {
        let kafka = connection.control().await?.clone();
        let pool = connection.fetch_pool().await?;
        let (wanted, wanted_out) = watch::channel(Arc::default());
        let (news_in, news) = mpsc::channel(1);
        let (failing_in, failing) = watch::channel(None);
        let throttled = Arc::new(AtomicU32::new(0));
        let outlet = Outlet { news: news_in, failing: failing_in, throttled: throttled.clone() };
        // Ends when this reader is dropped and with it the sender of what is wanted.
        tokio::spawn(Pump::new((connection.clone(), kafka, pool), limits, clock, wanted_out, outlet).run());
        Ok(Self { limits, assigned: HashMap::new(), last_number: 0, wanted, news, failing, throttled })
    }

    /// Leaves out what belongs to assignments that are no more.
    fn current(&mut self, news: Vec<Numbered>) -> Vec<Reading> {
        let mut current = Vec::with_capacity(news.len());
        for (number, reading) in news {
            let address = match &reading {
                Reading::Chunk(chunk) => &chunk.address,
                Reading::Ended(ended) => &ended.address,
                Reading::Stuck { address, .. } => address,
            };
            let Some(assigned) = self.assigned.get_mut(address).filter(|a| a.number == number) else { continue };
            match &reading {
                Reading::Chunk(chunk) => assigned.told = Some(chunk.next.clone()),
                Reading::Ended(_) => assigned.ended = true,
                Reading::Stuck { .. } => {}
            }
            current.push(reading);
        }
        current
    }
}

#[async_trait]
impl Reader for KafkaReader {
    async fn assign(&mut self, assignments: Vec<Assignment>) -> Result<(), BrokerError> {
        let mut before = std::mem::take(&mut self.assigned);
        for assignment in assignments {
            let kept = before.remove(&assignment.address).filter(|a| a.keeps(&assignment));
            let assigned = kept.unwrap_or_else(|| {
                self.last_number += 1;
                Assigned { number: self.last_number, assignment: assignment.clone(), told: None, ended: false }
            });
            self.assigned.insert(assignment.address, assigned);
        }
        let wanted = self.assigned.values().map(|a| Wanted { number: a.number, assignment: a.assignment.clone() });
        self.wanted.send_replace(Arc::new(wanted.collect()));
        Ok(())
    }

    async fn read(&mut self) -> Result<Vec<Reading>, BrokerError> {
        let deadline = Instant::now() + self.limits.wait;
        loop {
            // Each branch is done at once when its future is: a dropped call has taken nothing.
            tokio::select! {
                biased;
                news = self.news.recv() => {
                    let Some(news) = news else {
                        return Err(BrokerError::Protocol("the reader's task has ended; open a new reader".to_owned()));
                    };
                    let news = self.current(news);
                    if !news.is_empty() {
                        return Ok(news);
                    }
                }
                Ok(()) = self.failing.changed() => {
                    if let Some(error) = &*self.failing.borrow_and_update() {
                        return Err(error.clone());
                    }
                }
                () = sleep_until(deadline) => {
                    return match &*self.failing.borrow() {
                        Some(error) => Err(error.clone()),
                        None => Ok(Vec::new()),
                    };
                }
            }
        }
    }

    fn throttled_ms(&self) -> u32 {
        self.throttled.load(Ordering::Relaxed)
    }
}
