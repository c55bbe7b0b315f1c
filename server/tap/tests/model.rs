//! Whatever happens in whatever order, nothing is lost and nothing doubled: by the producer's own log.

#![expect(clippy::unwrap_used, reason = "a test ends at its first surprise")]

mod harness;

use harness::{Running, SOURCE, World, secs, until};
use proptest::prelude::*;
use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};
use tokio::time::sleep;
use weir_broker::{Broker, BrokerError, memory::NewRecord};
use weir_domain::{
    Position,
    capture::{GapReason, Held, Incarnation, TapCatalog},
};
use weir_tap::memory::{Fault, StoredPartition};

const CHANNELS: [&str; 3] = ["a", "b", "c"];

#[derive(Debug, Clone)]
enum Act {
    Produce {
        channel: usize,
        partition: usize,
        count: usize,
    },
    /// Open, write, and end after a while.
    Transaction {
        channel: usize,
        partition: usize,
        count: usize,
        commit: bool,
    },
    Skip {
        channel: usize,
        partition: usize,
    },
    Wait(u64),
    Crash,
    Restart,
    /// A second tap runs beside the first from now on; or is stopped.
    Zombie,
    Fail(Fault, usize),
    StoreAway(bool),
    StoreSlow(u64),
    BrokerAway(bool),
    Pause(bool),
    Stick {
        channel: usize,
        partition: usize,
        stuck: bool,
    },
    AddPartition(usize),
    Recreate(usize),
    Delete(usize),
    /// Metadata does not show it for so many ms.
    Vanish(usize, u64),
    Trim {
        channel: usize,
        partition: usize,
        of_ten: i64,
    },
    Truncate {
        channel: usize,
        partition: usize,
        back: i64,
    },
}

fn act() -> impl Strategy<Value = Act> {
    let place = || (0..CHANNELS.len(), 0..3usize);
    let fault = prop_oneof![Just(Fault::NotStored), Just(Fault::AnswerLost), Just(Fault::Refused)];
    prop_oneof![
        12 => (place(), 1..80usize).prop_map(|((channel, partition), count)| Act::Produce { channel, partition, count }),
        2 => (place(), 0..5usize, any::<bool>())
            .prop_map(|((channel, partition), count, commit)| Act::Transaction { channel, partition, count, commit }),
        1 => place().prop_map(|(channel, partition)| Act::Skip { channel, partition }),
        10 => (0..3_000u64).prop_map(Act::Wait),
        3 => Just(Act::Crash),
        2 => Just(Act::Restart),
        2 => Just(Act::Zombie),
        4 => (fault, 1..5usize).prop_map(|(fault, n)| Act::Fail(fault, n)),
        2 => any::<bool>().prop_map(Act::StoreAway),
        1 => (0..300u64).prop_map(Act::StoreSlow),
        2 => any::<bool>().prop_map(Act::BrokerAway),
        1 => any::<bool>().prop_map(Act::Pause),
        1 => (place(), any::<bool>()).prop_map(|((channel, partition), stuck)| Act::Stick { channel, partition, stuck }),
        1 => (0..CHANNELS.len()).prop_map(Act::AddPartition),
        1 => (0..CHANNELS.len()).prop_map(Act::Recreate),
        1 => (0..CHANNELS.len()).prop_map(Act::Delete),
        1 => (0..CHANNELS.len(), 0..3_000u64).prop_map(|(channel, ms)| Act::Vanish(channel, ms)),
        1 => (place(), 0..=10i64).prop_map(|((channel, partition), of_ten)| Act::Trim { channel, partition, of_ten }),
        1 => (place(), 1..30i64).prop_map(|((channel, partition), back)| Act::Truncate { channel, partition, back }),
    ]
}

/// What became of a record at the broker, as the producer and the one who broke things know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Kept,
    /// Never visible.
    Aborted,
    /// Its partition was deleted or made again.
    Remade,
    Trimmed,
    /// Trimmed before the tap had any place in this partition: it begins behind it.
    TrimmedBefore,
    /// The broker lost it in an election. What had been read of it stays stored.
    Truncated,
}

#[derive(Debug)]
struct Sent {
    channel: usize,
    partition: usize,
    incarnation: Incarnation,
    position: Position,
    fate: Fate,
}

struct Model {
    world: World,
    taps: Vec<Running>,
    sent: BTreeMap<u64, Sent>,
    partitions: HashMap<usize, usize>,
    incarnations: HashMap<usize, Incarnation>,
}

impl Model {
    async fn new() -> Self {
        let mut world = World::new();
        world.broker.create(CHANNELS[0], 2);
        let tap = world.tap();
        let mut model = Self {
            world,
            taps: vec![tap],
            sent: BTreeMap::new(),
            partitions: HashMap::from([(0, 2)]),
            incarnations: HashMap::new(),
        };
        model.learn_incarnations().await;
        model
    }

    async fn learn_incarnations(&mut self) {
        for found in self.world.broker.discover().await.unwrap().channels {
            let channel = CHANNELS.iter().position(|c| *c == found.channel).unwrap();
            self.incarnations.insert(channel, found.incarnation);
        }
    }

    /// The partition meant, if the channel exists.
    fn place(&self, channel: usize, partition: usize) -> Option<usize> {
        self.partitions.get(&channel).map(|n| partition % n)
    }

    fn note(&mut self, id: u64, channel: usize, partition: usize, position: Position) {
        let incarnation = self.incarnations[&channel].clone();
        self.sent.insert(id, Sent { channel, partition, incarnation, position, fate: Fate::Kept });
    }

    fn fate(&mut self, fate: Fate, of: impl Fn(&Sent) -> bool) {
        self.sent.values_mut().filter(|s| s.fate == Fate::Kept && of(s)).for_each(|s| s.fate = fate);
    }

    /// What is sent while the broker is unreachable for us only: producers go on.
    async fn act(&mut self, act: &Act) {
        let broker = self.world.broker.clone();
        match *act {
            Act::Produce { channel, partition, count } => {
                let Some(partition) = self.place(channel, partition) else { return };
                for _ in 0..count {
                    let id = self.sent.len() as u64;
                    let position = broker.produce(CHANNELS[channel], partition, NewRecord::new(id.to_string()));
                    self.note(id, channel, partition, position);
                }
            }
            Act::Transaction { channel, partition, count, commit } => {
                let Some(partition) = self.place(channel, partition) else { return };
                let held = Held { since: weir_domain::Timestamp::EPOCH, transactional_id: None };
                let transaction = broker.begin(CHANNELS[channel], partition, held);
                for _ in 0..count {
                    let id = self.sent.len() as u64;
                    let record = NewRecord::new(id.to_string());
                    let position = broker.produce_in(CHANNELS[channel], partition, transaction, record);
                    self.note(id, channel, partition, position);
                    self.sent.get_mut(&id).unwrap().fate = if commit { Fate::Kept } else { Fate::Aborted };
                }
                sleep(Duration::from_millis(300)).await;
                if commit {
                    broker.commit(CHANNELS[channel], partition, transaction);
                } else {
                    broker.abort(CHANNELS[channel], partition, transaction);
                }
            }
            Act::Skip { channel, partition } => {
                if let Some(partition) = self.place(channel, partition) {
                    broker.skip(CHANNELS[channel], partition, 7);
                }
            }
            Act::Wait(ms) => sleep(Duration::from_millis(ms)).await,
            Act::Crash => {
                let tap = self.taps.remove(0);
                tap.crash().await;
                self.taps.insert(0, self.world.tap());
            }
            Act::Restart => {
                let tap = self.taps.remove(0);
                tap.stop().await;
                self.taps.insert(0, self.world.tap());
            }
            Act::Zombie => match self.taps.len() {
                1 => self.taps.push(self.world.tap()),
                _ => self.taps.remove(1).crash().await,
            },
            Act::Fail(fault, n) => self.world.store.fail_next(vec![fault; n]),
            Act::StoreAway(away) => self.world.store.set_away(away),
            Act::StoreSlow(ms) => self.world.store.set_slow(Duration::from_millis(ms)),
            Act::BrokerAway(away) => broker.set_failing(away.then(|| BrokerError::Unreachable("away".into()))),
            Act::Pause(paused) => self.world.store.set_paused(SOURCE, paused),
            Act::Stick { channel, partition, stuck } => {
                if let Some(partition) = self.place(channel, partition) {
                    broker.set_problem(CHANNELS[channel], partition, stuck.then_some("no leader"));
                }
            }
            Act::AddPartition(channel) => {
                if let Some(n) = self.partitions.get_mut(&channel).filter(|n| **n < 4) {
                    *n += 1;
                    broker.add_partitions(CHANNELS[channel], *n);
                }
            }
            Act::Recreate(channel) => {
                self.fate(Fate::Remade, |s| s.channel == channel);
                broker.create(CHANNELS[channel], 2);
                self.partitions.insert(channel, 2);
                let failing = self.world.broker.discover().await.err();
                broker.set_failing(None);
                self.learn_incarnations().await;
                broker.set_failing(failing);
            }
            Act::Delete(channel) => {
                self.fate(Fate::Remade, |s| s.channel == channel);
                broker.delete(CHANNELS[channel]);
                self.partitions.remove(&channel);
            }
            Act::Vanish(channel, ms) => {
                let Some(aside) = broker.set_aside(CHANNELS[channel]) else { return };
                sleep(Duration::from_millis(ms)).await;
                broker.put_back(aside);
            }
            Act::Trim { channel, partition, of_ten } => {
                let Some(partition) = self.place(channel, partition) else { return };
                let (start, _, end) = broker.bounds(CHANNELS[channel], partition);
                let before = Position(start.0 + (end.0 - start.0) * of_ten / 10);
                let number = i32::try_from(partition).unwrap();
                let begun = self.world.store.partitions().iter().any(|p| {
                    p.channel_name == CHANNELS[channel]
                        && p.number == number
                        && p.closed.is_none()
                        && p.cursor.is_some()
                        && p.incarnation.0.starts_with(&self.incarnations[&channel].0)
                });
                let fate = if begun { Fate::Trimmed } else { Fate::TrimmedBefore };
                self.fate(fate, |s| s.channel == channel && s.partition == partition && s.position < before);
                broker.delete_records(CHANNELS[channel], partition, before);
            }
            Act::Truncate { channel, partition, back } => {
                let Some(partition) = self.place(channel, partition) else { return };
                let (start, _, end) = broker.bounds(CHANNELS[channel], partition);
                let cut = Position((end.0 - back).max(start.0));
                self.fate(Fate::Truncated, |s| s.channel == channel && s.partition == partition && s.position >= cut);
                broker.truncate(CHANNELS[channel], partition, cut);
            }
        }
    }

    /// All is well again, and everything that is there has been read.
    async fn settle(&mut self) {
        let (broker, store) = (self.world.broker.clone(), self.world.store.clone());
        store.set_away(false);
        store.set_slow(Duration::ZERO);
        store.forget_faults();
        store.set_paused(SOURCE, false);
        broker.set_failing(None);
        for (channel, partitions) in &self.partitions {
            (0..*partitions).for_each(|p| broker.set_problem(CHANNELS[*channel], p, None));
        }
        let (partitions, incarnations) = (self.partitions.clone(), self.incarnations.clone());
        until(secs(180), "everything that is there has been read", || {
            let open: Vec<_> = store.partitions().into_iter().filter(|p| p.closed.is_none()).collect();
            open.iter().all(|p| broker_has(&partitions, p))
                && partitions.iter().all(|(channel, n)| {
                    (0..*n).all(|number| {
                        let (_, end, _) = broker.bounds(CHANNELS[*channel], number);
                        let is = |p: &&StoredPartition| {
                            p.channel_name == CHANNELS[*channel]
                                && p.number == i32::try_from(number).unwrap()
                                && p.incarnation.0.starts_with(&incarnations[channel].0)
                        };
                        // A successor that began at a cursor has no position until its first append.
                        open.iter()
                            .find(is)
                            .is_some_and(|p| p.next_position == Some(end) || cursor_at(p) == Some(end.0))
                    })
                })
        })
        .await;
        for tap in self.taps.drain(..) {
            tap.stop().await;
        }
    }

    fn check(&self) -> Result<(), TestCaseError> {
        let rows = self.world.store.partitions();
        let mut stored: HashMap<u64, Vec<(&StoredPartition, Position)>> = HashMap::new();
        for row in &rows {
            prop_assert!(row.events.is_sorted_by(|a, b| a.position < b.position), "{}: not in order", row.id);
            for event in &row.events {
                let id: u64 = String::from_utf8(event.payload.clone().unwrap()).unwrap().parse().unwrap();
                stored.entry(id).or_default().push((row, event.position));
            }
        }
        for (id, sent) in &self.sent {
            let copies = stored.get(id).map_or(&[][..], Vec::as_slice);
            prop_assert!(copies.len() <= 1, "{id} is stored {} times: {sent:?}", copies.len());
            for (row, position) in copies {
                prop_assert_eq!(*position, sent.position, "{}: {:?}", id, sent);
                prop_assert_eq!(row.channel_name.as_str(), CHANNELS[sent.channel]);
                prop_assert!(row.incarnation.0.starts_with(&sent.incarnation.0), "{id} in a wrong incarnation");
            }
            let same_place =
                |r: &&StoredPartition| r.channel_name == CHANNELS[sent.channel] && r.number as usize == sent.partition;
            let incarnations =
                || rows.iter().filter(same_place).filter(|r| r.incarnation.0.starts_with(&sent.incarnation.0));
            let accounted = match sent.fate {
                Fate::Kept => copies.len() == 1,
                Fate::Aborted => copies.is_empty(),
                // Deleted before the tap ever saw it, or recorded: the old one's end can't be known.
                Fate::Remade => {
                    let told =
                        |r: &StoredPartition| matches!(r.closed, Some(GapReason::Recreated | GapReason::Deleted));
                    copies.len() == 1 || incarnations().next().is_none() || incarnations().any(told)
                }
                Fate::Trimmed => {
                    let mut gaps = incarnations().flat_map(|r| &r.gaps);
                    copies.len() == 1
                        || gaps.any(|g| g.from <= sent.position && g.to.is_none_or(|to| sent.position < to))
                }
                Fate::TrimmedBefore | Fate::Truncated => true,
            };
            prop_assert!(accounted, "{id} is lost without a word: {sent:?}, {:?}", incarnations().collect::<Vec<_>>());
        }
        for (id, fates) in stored.iter().filter(|(id, _)| !self.sent.contains_key(*id)) {
            prop_assert!(false, "{id} was never sent: {fates:?}");
        }
        Ok(())
    }
}

fn broker_has(partitions: &HashMap<usize, usize>, row: &StoredPartition) -> bool {
    let channel = CHANNELS.iter().position(|c| *c == row.channel_name);
    channel.and_then(|c| partitions.get(&c)).is_some_and(|n| (row.number as usize) < *n)
}

/// The memory broker's cursor begins with the next offset; only this test may look.
fn cursor_at(row: &StoredPartition) -> Option<i64> {
    let bytes = row.cursor.as_ref()?.0.first_chunk::<8>()?;
    Some(i64::from_be_bytes(*bytes))
}

fn run(acts: &[Act]) -> Result<(), TestCaseError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let mut model = Model::new().await;
        for act in acts {
            model.act(act).await;
        }
        model.settle().await;
        model.check()
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: std::env::var("WEIR_MODEL_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(300),
        max_shrink_iters: 4000,
        ..ProptestConfig::default()
    })]

    #[test]
    fn nothing_is_lost_and_nothing_doubled(acts in proptest::collection::vec(act(), 1..60)) {
        run(&acts)?;
    }
}

/// Found by the property above: a store that breaks and then refuses is not away.
#[test]
fn a_refusal_after_a_broken_connection() {
    let fail = |fault, n| Act::Fail(fault, n);
    let produce = Act::Produce { channel: 0, partition: 0, count: 1 };
    run(&[Act::Wait(7), fail(Fault::NotStored, 1), fail(Fault::Refused, 3), produce, Act::Wait(580)]).unwrap();
}

/// Found by the property above: a partition that was there before its channel was made again, with fewer.
#[test]
fn a_channel_made_again_with_fewer_partitions() {
    run(&[Act::AddPartition(0), Act::Wait(1), Act::Recreate(0)]).unwrap();
}

/// Found by the property above: a tap that was paused while another one died.
#[test]
fn a_pause_during_which_the_other_tap_dies() {
    let produce = Act::Produce { channel: 0, partition: 1, count: 59 };
    run(&[
        Act::Zombie,
        Act::Wait(750),
        Act::Pause(true),
        Act::Crash,
        Act::Wait(6_069),
        Act::Restart,
        produce,
        Act::Crash,
    ])
    .unwrap();
}

/// The check itself can fail: an event that is stored twice, and one that is missing, are found.
#[test]
fn the_check_finds_what_is_lost() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let mut model = Model::new().await;
        model.act(&Act::Produce { channel: 0, partition: 0, count: 10 }).await;
        model.settle().await;
        assert!(model.check().is_ok());
        model.sent.get_mut(&3).unwrap().fate = Fate::Aborted;
        assert!(model.check().is_err());
        model.sent.get_mut(&3).unwrap().fate = Fate::Kept;
        model.note(99, 0, 0, Position(10));
        assert!(model.check().is_err());
        assert!(
            model.world.store.begun(&weir_domain::access::SystemView::for_composition_root(), SOURCE).await.is_ok()
        );
    });
}
