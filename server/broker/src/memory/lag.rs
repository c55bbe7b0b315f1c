//! Who reads the broker in memory: groups that a test commits for and puts members into.

use super::{MemoryBroker, control::known, cursor};
use crate::{
    BrokerError, ChannelObserved, DELETED, EndObserved, GroupObserved, Keeps, LagObserved, LagProbe, LagWanted, Move,
    Moved, Permit, PositionObserved, guard::Act,
};
use async_trait::async_trait;
use std::collections::{BTreeMap, BTreeSet};
use weir_domain::{
    Position, Timestamp,
    lag::{GroupKind, GroupState, Member},
};

/// A group as this broker keeps it.
#[derive(Debug, Default)]
pub(super) struct Group {
    positions: BTreeMap<(String, i32), i64>,
    members: Vec<Member>,
}

impl MemoryBroker {
    /// Commits for a group, which is made if it is not there.
    pub fn commit_position(&self, group: &str, channel: &str, partition: i32, next: Position) {
        self.shared.change(|state| {
            known(state, channel);
            let group = state.groups.entry(group.to_owned()).or_default();
            group.positions.insert((channel.to_owned(), partition), next.0);
        });
    }

    /// Who is in a group, which is made if it is not there.
    pub fn set_members(&self, group: &str, members: Vec<Member>) {
        self.shared.change(|state| state.groups.entry(group.to_owned()).or_default().members = members);
    }

    fn told(&self, only: Option<&str>, wanted: &LagWanted) -> Result<LagObserved, BrokerError> {
        self.way.pass()?;
        let state = self.shared.look()?;
        let groups = || state.groups.iter().filter(|(name, _)| only.is_none_or(|only| only == name.as_str()));
        let read = groups().flat_map(|(_, group)| group.places().into_keys().map(|(channel, _)| channel));
        let names: BTreeSet<String> = wanted.channels.iter().cloned().chain(read).collect();
        let names: Vec<String> = names.into_iter().collect();
        let channel = |name: &String| {
            let Some(channel) = state.channels.get(name) else {
                return ChannelObserved {
                    name: name.clone(),
                    incarnation: Vec::new(),
                    partitions: Vec::new(),
                    keeps: None,
                    problem: Some(DELETED.to_owned()),
                };
            };
            let ends = (0..).zip(&channel.partitions).map(|(partition, log)| {
                let known = log.problem.is_none();
                EndObserved {
                    partition,
                    start: known.then_some(log.start),
                    end: known.then_some(log.end),
                    stable_end: known.then(|| log.stable_end()),
                    bytes: None,
                    problem: log.problem.clone(),
                }
            });
            ChannelObserved {
                name: name.clone(),
                incarnation: cursor::incarnation(channel.id).0,
                partitions: ends.collect(),
                keeps: wanted.details.then(Keeps::default),
                problem: None,
            }
        };
        let group = |(name, group): (&String, &Group)| {
            let positions = group.places().into_iter().filter_map(|((channel, partition), next)| {
                let channel = names.binary_search(&channel).ok()?;
                Some(PositionObserved { channel, partition, next, lag: None, leader_epoch: -1, problem: None })
            });
            GroupObserved {
                name: name.clone(),
                kind: GroupKind::Classic,
                state: if group.members.is_empty() { GroupState::Empty } else { GroupState::Stable },
                assignor: None,
                coordinator: None,
                members: (wanted.details || wanted.members_of.contains(name)).then(|| group.members.clone()),
                positions: positions.collect(),
                problem: None,
            }
        };
        Ok(LagObserved {
            groups: groups().map(group).collect(),
            channels: names.iter().map(channel).collect(),
            requests: 1,
            incomplete: Vec::new(),
            problems: Vec::new(),
        })
    }
}

impl Group {
    /// Its positions, and what its members hold without one.
    fn places(&self) -> BTreeMap<(String, i32), Option<i64>> {
        let held = self.members.iter().flat_map(|m| &m.holds);
        let held = held.flat_map(|(channel, numbers)| numbers.iter().map(|n| ((channel.clone(), *n), None)));
        held.chain(self.positions.iter().map(|(place, next)| (place.clone(), Some(*next)))).collect()
    }

    fn busy(&self, name: &str) -> Option<String> {
        let members = self.members.len();
        (members > 0).then(|| format!("{name} has {members} members: stop them first"))
    }
}

/// Why a group may not be changed.
fn refused(groups: &BTreeMap<String, Group>, name: &str, kind: GroupKind) -> Option<String> {
    let Some(group) = groups.get(name) else { return Some(format!("there is no group {name} any more")) };
    if kind != GroupKind::Classic {
        return Some(format!("{name} is a classic group now"));
    }
    group.busy(name)
}

fn permits(permits: &[Permit], channel: &str) -> bool {
    permits.iter().any(|p| p.act() == Act::MoveOffsets && p.channel() == channel)
}

#[async_trait]
impl LagProbe for MemoryBroker {
    async fn observe(&self, wanted: &LagWanted) -> Result<LagObserved, BrokerError> {
        self.told(None, wanted)
    }

    async fn group(&self, name: &str) -> Result<Option<LagObserved>, BrokerError> {
        let told = self.told(Some(name), &LagWanted { details: true, ..LagWanted::default() })?;
        Ok((!told.groups.is_empty()).then_some(told))
    }

    async fn positions_at(&self, partitions: &[(String, i32)], at: Timestamp) -> Result<Vec<Option<i64>>, BrokerError> {
        self.way.pass()?;
        let state = self.shared.look()?;
        let found = |(channel, number): &(String, i32)| {
            let log = state.channels.get(channel)?.partitions.get(usize::try_from(*number).ok()?)?;
            log.problem.is_none().then(|| log.resolve(&crate::StartAt::Time(at)))
        };
        Ok(partitions.iter().map(found).collect())
    }

    async fn move_positions(
        &self,
        allowed: Vec<Permit>,
        group: &str,
        kind: GroupKind,
        moves: &[Move],
    ) -> Result<Vec<Moved>, BrokerError> {
        self.way.pass()?;
        drop(self.shared.look()?);
        Ok(self.shared.change(|state| {
            let refused = refused(&state.groups, group, kind);
            let one = |m: &Move| {
                let problem = if !permits(&allowed, &m.channel) {
                    Some("there is no permit to move positions in this channel".to_owned())
                } else if m.to < 0 {
                    Some(format!("{} is no position", m.to))
                } else {
                    refused.clone()
                };
                if let (None, Some(group)) = (&problem, state.groups.get_mut(group)) {
                    group.positions.insert((m.channel.clone(), m.partition), m.to);
                }
                Moved { channel: m.channel.clone(), partition: m.partition, problem }
            };
            moves.iter().map(one).collect()
        }))
    }

    async fn delete_group(&self, allowed: Vec<Permit>, group: &str, kind: GroupKind) -> Result<(), BrokerError> {
        self.way.pass()?;
        drop(self.shared.look()?);
        self.shared.change(|state| {
            if let Some(why) = refused(&state.groups, group, kind) {
                return Err(BrokerError::Declined(why));
            }
            let held = state.groups.get(group).map(Group::places).unwrap_or_default();
            if let Some((channel, _)) = held.keys().find(|(channel, _)| !permits(&allowed, channel)) {
                let why = format!("{group} has positions in {channel}, and there is no permit to delete those");
                return Err(BrokerError::Declined(why));
            }
            if allowed.is_empty() {
                return Err(BrokerError::Declined(format!("there is no permit to delete {group}")));
            }
            state.groups.remove(group);
            Ok(())
        })
    }
}
