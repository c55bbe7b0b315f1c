//! Incremental fetch sessions (KIP-227): a broker remembers what a session asks for, and each request says only
//! what changed, so that thousands of idle partitions cost next to nothing.

use crate::cursor::TopicId;
use krafka::__private::protocol::{FetchForgottenTopic, FetchPartitionRequest, FetchTopicRequest};
use std::collections::{BTreeMap, HashMap};

/// What is asked of one partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ask {
    pub offset: i64,
    pub epoch: i32,
    pub leader_epoch: i32,
    pub max_bytes: i32,
}

/// One topic of one request: by id where the broker knows ids (Fetch v13), else by name.
pub(crate) type TopicKey = (String, TopicId);

#[derive(Debug, Default)]
pub(crate) struct Session {
    id: i32,
    epoch: i32,
    known: HashMap<(TopicKey, i32), Ask>,
}

/// The part of a request that a session decides.
#[derive(Debug)]
pub(crate) struct Change {
    pub session_id: i32,
    pub session_epoch: i32,
    pub topics: Vec<FetchTopicRequest>,
    pub forgotten: Vec<FetchForgottenTopic>,
}

impl Session {
    /// Starts anew with the next request.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// The request's part for exactly these partitions; the broker is taken to know them afterwards, so a request
    /// that fails must be followed by [`reset`](Self::reset).
    pub fn change(&mut self, asks: &[(TopicKey, i32, Ask)], by_id: bool) -> Change {
        let mut topics: BTreeMap<&TopicKey, Vec<FetchPartitionRequest>> = BTreeMap::new();
        let mut known = HashMap::with_capacity(asks.len());
        let mut order: Vec<&TopicKey> = Vec::new();
        for (key, number, ask) in asks {
            let place = (key.clone(), *number);
            if self.known.remove(&place) != Some(*ask) {
                if !topics.contains_key(key) {
                    order.push(key);
                }
                topics.entry(key).or_default().push(request(*number, ask));
            }
            known.insert(place, *ask);
        }
        let mut gone: BTreeMap<TopicKey, Vec<i32>> = BTreeMap::new();
        for ((key, number), _) in self.known.drain() {
            gone.entry(key).or_default().push(number);
        }
        self.known = known;
        let id_of = |key: &TopicKey| by_id.then_some(key.1);
        Change {
            session_id: self.id,
            session_epoch: self.epoch,
            topics: order
                .into_iter()
                .filter_map(|key| {
                    let mut topic = FetchTopicRequest::default();
                    (topic.topic, topic.topic_id, topic.partitions) = (key.0.clone(), id_of(key), topics.remove(key)?);
                    Some(topic)
                })
                .collect(),
            forgotten: gone
                .into_iter()
                .map(|(key, numbers)| {
                    let mut topic = FetchForgottenTopic::default();
                    (topic.topic_id, topic.topic, topic.partitions) = (id_of(&key), key.0, numbers);
                    topic
                })
                .collect(),
        }
    }

    /// Number and epoch that end this session, if there is one.
    pub fn ending(&mut self) -> Option<(i32, i32)> {
        let id = std::mem::take(self).id;
        (id != 0).then_some((id, -1))
    }

    /// What the broker answered: its number of this session, 0 if it keeps none.
    pub fn answered(&mut self, id: i32) {
        if id == 0 {
            return self.reset();
        }
        self.id = id;
        // Epoch 0 opens a session, -1 ends one: neither may come round again.
        self.epoch = self.epoch.checked_add(1).unwrap_or(1);
    }
}

fn request(number: i32, ask: &Ask) -> FetchPartitionRequest {
    let mut partition = FetchPartitionRequest::default();
    partition.partition = number;
    partition.fetch_offset = ask.offset;
    partition.last_fetched_epoch = ask.epoch;
    partition.current_leader_epoch = ask.leader_epoch;
    partition.partition_max_bytes = ask.max_bytes;
    partition
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(offset: i64) -> Ask {
        Ask { offset, epoch: 0, leader_epoch: 0, max_bytes: 1 }
    }

    fn key(name: &str) -> TopicKey {
        (name.to_owned(), [1; 16])
    }

    fn shape(change: &Change) -> (i32, i32, Vec<(i32, i64)>, Vec<i32>) {
        let asked = change.topics.iter().flat_map(|t| t.partitions.iter().map(|p| (p.partition, p.fetch_offset)));
        let gone = change.forgotten.iter().flat_map(|t| t.partitions.clone());
        (change.session_id, change.session_epoch, asked.collect(), gone.collect())
    }

    #[test]
    fn only_what_changed_is_said_again() {
        let mut session = Session::default();
        let first = session.change(&[(key("a"), 0, ask(5)), (key("a"), 1, ask(7))], true);
        assert_eq!(shape(&first), (0, 0, vec![(0, 5), (1, 7)], vec![]));
        session.answered(9);
        let same = session.change(&[(key("a"), 0, ask(5)), (key("a"), 1, ask(8))], true);
        assert_eq!(shape(&same), (9, 1, vec![(1, 8)], vec![]));
        session.answered(9);
        let fewer = session.change(&[(key("a"), 0, ask(5))], true);
        assert_eq!(shape(&fewer), (9, 2, vec![], vec![1]));
        session.answered(9);
        let back = session.change(&[(key("a"), 0, ask(5)), (key("a"), 1, ask(8))], true);
        assert_eq!(shape(&back), (9, 3, vec![(1, 8)], vec![]));
        session.reset();
        let anew = session.change(&[(key("a"), 0, ask(5))], true);
        assert_eq!(shape(&anew), (0, 0, vec![(0, 5)], vec![]));
    }

    #[test]
    fn a_broker_without_sessions_is_told_everything_each_time() {
        let mut session = Session::default();
        for _ in 0..2 {
            let change = session.change(&[(key("a"), 0, ask(5))], false);
            assert_eq!(shape(&change), (0, 0, vec![(0, 5)], vec![]));
            assert_eq!(change.topics[0].topic_id, None);
            session.answered(0);
        }
    }
}
