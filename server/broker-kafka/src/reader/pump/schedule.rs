//! What to ask whom, and when. Every question is a job of its own.

use super::{Done, METADATA_SOON, Pump};
use crate::{
    probe::{self, Seek, partition_of},
    reader::fetch::{self, Request, Target},
};
use krafka::{__private::kafka_metadata, consumer::TopicPartition};
use std::{collections::HashMap, time::Duration};
use tokio::time::Instant;

/// A leader with nothing new answers after this long.
const FETCH_WAIT: Duration = Duration::from_millis(500);
/// Open transactions are everyday; who holds one is asked when it lasts.
const HELD_FOR: Duration = Duration::from_secs(1);
const HELD_AGAIN: Duration = Duration::from_secs(30);

impl Pump {
    pub(super) fn schedule(&mut self) {
        let now = Instant::now();
        self.ask_metadata(now);
        if self.metadata.failures == 0 {
            self.locate(now);
            self.fetch(now);
            self.ask_held(now);
        }
    }

    pub(super) fn want_metadata(&mut self, within: Duration) {
        self.metadata.due = self.metadata.due.min(Instant::now() + within);
    }

    fn ask_metadata(&mut self, now: Instant) {
        if self.metadata.asking || now < self.metadata.due || self.partitions.is_empty() {
            return;
        }
        self.metadata.asking = true;
        let (connection, kafka) = (self.connection.clone(), self.kafka.clone());
        let mut names: Vec<String> = self.partitions.values().map(|p| p.address.channel.clone()).collect();
        names.sort_unstable();
        names.dedup();
        self.jobs.push(Box::pin(async move {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let refresh = kafka_metadata(&kafka).force_refresh(Some(&names));
            Done::Metadata(connection.bounded("find leaders", refresh).await)
        }));
    }

    /// Asks each leader where its partitions are to begin.
    fn locate(&mut self, now: Instant) {
        let mut asks: HashMap<i32, Vec<(u64, TopicPartition, Seek)>> = HashMap::new();
        for (number, partition) in &mut self.partitions {
            if let (Some((leader, _)), Some(seek)) = (partition.leader, partition.locatable(now)) {
                partition.asking = true;
                asks.entry(leader).or_default().push((*number, partition_of(&partition.address), seek));
            }
        }
        for asked in asks.into_values() {
            let kafka = self.kafka.clone();
            self.jobs.push(Box::pin(async move {
                let seeks: Vec<_> = asked.iter().map(|(_, tp, seek)| (tp.clone(), *seek)).collect();
                let found = probe::locate(&kafka, &seeks).await;
                Done::Found(asked.into_iter().map(|(number, tp, _)| (number, tp)).collect(), found)
            }));
        }
    }

    /// One fetch to each leader at a time, and none while something it sent waits to be handed out: a request
    /// without those partitions would wait for the others' news and change the session to and fro.
    fn fetch(&mut self, now: Instant) {
        let mut by_leader: HashMap<i32, (Vec<u64>, bool)> = HashMap::new();
        let mut unwalked = 0;
        for (number, partition) in &self.partitions {
            unwalked += partition.unwalked();
            let Some(broker) = partition.read_from(now) else { continue };
            let (numbers, waits) = by_leader.entry(broker).or_default();
            *waits |= partition.unwalked() > 0 || partition.is_midway();
            if partition.fetchable(now) {
                numbers.push(*number);
            }
        }
        let room = self.limits.bytes / by_leader.len().max(1);
        if unwalked > self.limits.bytes {
            return;
        }
        for (broker, (numbers, waits)) in by_leader {
            if numbers.is_empty() || waits {
                continue;
            }
            let leader = self.leaders.entry(broker).or_default();
            if leader.fetching || !leader.retry.due(now) {
                continue;
            }
            let Some(address) = kafka_metadata(&self.kafka).broker(broker).map(|b| b.address().to_owned()) else {
                for number in &numbers {
                    self.partitions.get_mut(number).map(|p| p.leave_replica(now));
                }
                self.metadata.due = self.metadata.due.min(now + METADATA_SOON);
                continue;
            };
            let max_bytes = i32::try_from(room).unwrap_or(i32::MAX).max(64 << 10);
            // A quarter each lets several partitions share an answer; the broker's own turns see to the rest.
            let targets: Vec<Target> = numbers
                .iter()
                .filter_map(|n| self.partitions.get(n)?.target(*n, (max_bytes / 4).max(64 << 10)))
                .collect();
            let leader_only = numbers.iter().any(|n| self.partitions.get(n).is_some_and(|p| p.is_leader_only(now)));
            let rack = self.connection.settings().rack.clone().filter(|_| !leader_only).unwrap_or_default();
            leader.fetching = true;
            leader.address.clone_from(&address);
            let mut session = leader.session.take().unwrap_or_default();
            let pool = self.pool.clone();
            let request = Request { broker, address, targets: targets.clone(), max_bytes, max_wait: FETCH_WAIT, rack };
            self.jobs.push(Box::pin(async move {
                let answer = fetch::fetch(pool, request, &mut session).await;
                Done::Fetched { broker, session, targets, answer }
            }));
        }
    }

    fn ask_held(&mut self, now: Instant) {
        let mut asked = Vec::new();
        for (number, partition) in &mut self.partitions {
            let Some((at, since, _)) = partition.held.seen else { continue };
            let again = partition.held.asked.is_none_or(|t| now - t >= HELD_AGAIN);
            if again && now - since >= HELD_FOR && partition.place.is_some_and(|p| p.next >= at) {
                partition.held.asked = Some(now);
                asked.push((*number, partition_of(&partition.address)));
            }
        }
        if asked.is_empty() {
            return;
        }
        let (kafka, clock) = (self.kafka.clone(), self.clock.now());
        self.jobs.push(Box::pin(async move {
            let partitions: Vec<TopicPartition> = asked.iter().map(|(_, tp)| tp.clone()).collect();
            let held = probe::held(&kafka, &partitions, clock).await;
            Done::Held(asked, held)
        }));
    }
}
