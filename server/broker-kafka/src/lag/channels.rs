//! Channels of one observation: their numbers, partitions and leaders.

use super::{ask::Asking, words};
use crate::{
    acl,
    cursor::{TopicId, incarnation},
    discover::led,
};
use krafka::{
    __private::protocol::{ApiKey, MetadataRequest, MetadataResponse, MetadataTopicResponse, versions},
    KrafkaError,
    error::ErrorCode,
};
use std::{collections::HashMap, sync::Arc};
use weir_broker::{ChannelObserved, DELETED, EndObserved, Keeps};

/// Since version 4 a question does not create what it asks for.
const METADATA: (i16, i16) = (4, versions::METADATA_MAX);
/// Names in one question.
const NAMES: usize = 10_000;

/// Channels by name, each once: rows name them by number, so that a name is kept once.
#[derive(Debug, Default)]
pub(super) struct Channels {
    numbers: HashMap<Arc<str>, usize>,
    pub all: Vec<Channel>,
}

#[derive(Debug)]
pub(super) struct Channel {
    pub name: Arc<str>,
    /// `None`: not told.
    pub id: Option<TopicId>,
    /// By number.
    pub partitions: Vec<Partition>,
    pub keeps: Option<Keeps>,
    pub problem: Option<String>,
    /// Whether metadata has been asked for.
    asked: bool,
}

#[derive(Debug)]
pub(super) struct Partition {
    pub leader: Option<i32>,
    pub leader_epoch: i32,
    pub end: EndObserved,
}

impl Channels {
    /// The number of a name, a new one if it was not met before.
    pub fn number(&mut self, name: &str) -> usize {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let (name, number): (Arc<str>, _) = (name.into(), self.all.len());
        self.numbers.insert(name.clone(), number);
        self.all.push(Channel { name, id: None, partitions: Vec::new(), keeps: None, problem: None, asked: false });
        number
    }

    pub fn get(&self, name: &str) -> Option<usize> {
        self.numbers.get(name).copied()
    }

    /// Asks for brokers, and for leaders of what is known to be wanted.
    pub async fn begin(&mut self, asking: &Asking<'_>) -> Result<(), KrafkaError> {
        if self.all.is_empty() {
            return metadata(asking, Vec::new()).await.map(drop);
        }
        self.find(asking).await
    }

    /// Leaves out those that nobody wants; returns the new numbers of the others.
    pub fn keep(&mut self, wanted: &[bool]) -> Vec<usize> {
        let mut next = 0;
        let numbers: Vec<usize> = wanted
            .iter()
            .map(|&keep| {
                next += usize::from(keep);
                next.saturating_sub(1)
            })
            .collect();
        let is_wanted = |at: usize| wanted.get(at).copied().unwrap_or(true);
        let mut at = 0;
        self.all.retain(|_| {
            at += 1;
            is_wanted(at - 1)
        });
        self.numbers.retain(|_, at| {
            let keep = is_wanted(*at);
            *at = numbers.get(*at).copied().unwrap_or(*at);
            keep
        });
        numbers
    }

    /// Asks for leaders of what was not asked for yet.
    pub async fn find(&mut self, asking: &Asking<'_>) -> Result<(), KrafkaError> {
        let new: Vec<usize> = (0..self.all.len()).filter(|&at| !self.all[at].asked).collect();
        self.refresh(asking, &new).await
    }

    /// Asks for leaders anew.
    pub async fn refresh(&mut self, asking: &Asking<'_>, which: &[usize]) -> Result<(), KrafkaError> {
        for some in which.chunks(NAMES) {
            let names: Vec<&str> = some.iter().map(|&at| &*self.all[at].name).collect();
            let answer = metadata(asking, names).await?;
            for &at in some {
                self.all[at].asked = true;
            }
            for topic in answer.topics {
                let Some(at) = topic.name.as_deref().and_then(|name| self.get(name)) else { continue };
                self.all[at].describe(asking, topic);
            }
        }
        Ok(())
    }
}

/// Brokers, and leaders of these channels. What it tells of brokers is kept in `asking`.
pub(super) async fn metadata(asking: &Asking<'_>, names: Vec<&str>) -> Result<MetadataResponse, KrafkaError> {
    let request = MetadataRequest::for_topics(names);
    let answer: MetadataResponse = asking.ask_any(ApiKey::Metadata, METADATA, &request).await?;
    if !answer.brokers.is_empty() {
        asking.found(answer.brokers.iter().map(|b| (b.node_id, address(&b.host, b.port))).collect());
    }
    Ok(answer)
}

fn address(host: &str, port: i32) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

impl Channel {
    fn describe(&mut self, asking: &Asking<'_>, topic: MetadataTopicResponse) {
        self.partitions.clear();
        self.problem = match topic.error_code {
            // A topic whose partitions are not all well is still told.
            ErrorCode::None | ErrorCode::LeaderNotAvailable => None,
            ErrorCode::UnknownTopicOrPartition | ErrorCode::UnknownTopicId => Some(DELETED.to_owned()),
            ErrorCode::InvalidTopic => Some("Kafka allows no channel of this name".to_owned()),
            ErrorCode::TopicAuthorizationFailed => {
                Some(words::missing(asking.settings(), "DESCRIBE", "topic", &acl::topic(&self.name)))
            }
            code => Some(format!("the broker answered {code:?}")),
        };
        if self.problem.is_some() {
            self.id = None;
            return;
        }
        self.id = Some(topic.topic_id.unwrap_or_default());
        self.partitions.reserve_exact(topic.partitions.len());
        for p in topic.partitions {
            let leader = led(p.leader_id, p.error_code, &p.replica_nodes);
            let (leader, problem) = leader.map_or_else(|why| (None, Some(why)), |leader| (Some(leader), None));
            let partition = p.partition_index;
            let end = EndObserved { partition, start: None, end: None, stable_end: None, bytes: None, problem };
            self.partitions.push(Partition { leader, leader_epoch: p.leader_epoch, end });
        }
        self.partitions.sort_unstable_by_key(|p| p.end.partition);
    }

    pub fn partition(&mut self, number: i32) -> Option<&mut Partition> {
        let at = self.at(number)?;
        self.partitions.get_mut(at)
    }

    /// Where a partition is; nearly always they are numbered from 0 without a hole.
    pub fn at(&self, number: i32) -> Option<usize> {
        let guess = usize::try_from(number).ok()?;
        if self.partitions.get(guess).is_some_and(|p| p.end.partition == number) {
            return Some(guess);
        }
        self.partitions.binary_search_by_key(&number, |p| p.end.partition).ok()
    }

    pub fn observed(self) -> ChannelObserved {
        ChannelObserved {
            name: self.name.to_string(),
            incarnation: self.id.map_or_else(Vec::new, |id| incarnation(id).0),
            partitions: self.partitions.into_iter().map(|p| p.end).collect(),
            keeps: self.keeps,
            problem: self.problem,
        }
    }
}
