//! Who reads a cluster, and how far they are (consumer lag). Groups are many and observed every few seconds, so that all of
//! them cost a handful of requests: each broker is asked once for its groups, once for the positions of some thousands of
//! them, and three times for where all partitions that it leads begin and end.
//!
//! | file | does |
//! |---|---|
//! | `ask` | questions to single brokers, counted, and who is away |
//! | `groups`, `members` | which groups there are, who coordinates them, who is in them |
//! | `positions`, `share` | how far they are |
//! | `channels`, `ends` | leaders, incarnations, starts and ends of what they read |
//! | `keeps`, `sizes` | retention, bytes on disk |
//! | `acts` | positions moved, groups deleted: with permits only |
//! | `wire` | requests that krafka has no words for |
//! | `words` | the brokers' codes for a person |

mod acts;
mod ask;
mod channels;
mod ends;
mod groups;
mod keeps;
mod members;
mod positions;
mod share;
mod sizes;
mod wire;
mod words;

use crate::{connect::Connection, probe::milliseconds};
use ask::{Asking, Away, Brokers};
use async_trait::async_trait;
use channels::Channels;
use groups::Group;
use krafka::__private::network::ConnectionPool;
use positions::Sizes;
use std::{
    collections::{HashMap, HashSet},
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{sync::OnceCell, time::timeout};
use weir_broker::{BrokerError, LagObserved, LagProbe, LagWanted, Move, Moved, Permit, PositionObserved};
use weir_domain::{Timestamp, lag::GroupKind};

/// Longer than any single answer may take, shorter than anybody waits.
const WITHIN: Duration = Duration::from_secs(60);

/// What is found out before an act. Nothing has been done when it runs out.
const BEFORE_AN_ACT: Duration = Duration::from_secs(30);

/// Kafka's side of consumer lag.
pub(crate) struct KafkaLag {
    connection: Arc<Connection>,
    /// Of its own: large answers don't hold up what readers ask.
    pool: OnceCell<Arc<ConnectionPool>>,
    known: Mutex<Known>,
}

/// What the last observation found out and the next one begins with.
#[derive(Debug, Clone, Default)]
struct Known {
    brokers: Brokers,
    away: Away,
    /// Channels that groups read.
    channels: Vec<Arc<str>>,
    sizes: Sizes,
    /// Partitions that members hold, by group: one without a position is told as not committed.
    holds: HashMap<String, Vec<(String, Vec<i32>)>>,
}

impl KafkaLag {
    pub fn new(connection: Arc<Connection>) -> Self {
        Self { connection, pool: OnceCell::new(), known: Mutex::default() }
    }

    fn known(&self) -> Known {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Begins an observation: brokers, and leaders of the channels that are known to be wanted.
    async fn begin(&self, known: &Known, channels: &mut Channels) -> Result<Asking<'_>, BrokerError> {
        let pool = self.pool.get_or_try_init(|| self.connection.question_pool()).await?;
        let asking = Asking::new(&self.connection, pool.clone(), known.brokers.clone(), known.away.clone());
        if asking.brokers().is_empty() {
            asking.look_up().await?;
            return self.find(asking, channels).await;
        }
        match channels.begin(&asking).await {
            Ok(()) => Ok(asking),
            // None of those known answers: they may all have moved.
            Err(_) => {
                asking.look_up().await?;
                self.find(asking, channels).await
            }
        }
    }

    async fn find<'a>(&self, asking: Asking<'a>, channels: &mut Channels) -> Result<Asking<'a>, BrokerError> {
        match channels.begin(&asking).await {
            Ok(()) => Ok(asking),
            Err(error) => Err(asking.explain(&error, "find leaders")),
        }
    }
}

/// Everything about these groups and what they read, and about the first channels, `only` so many; the others that are
/// known are left out unless somebody reads them.
async fn complete(
    asking: &Asking<'_>,
    mut groups: Vec<Group>,
    mut channels: Channels,
    only: usize,
    incomplete: Vec<String>,
    known: &mut Known,
    wanted: &LagWanted,
) -> Result<LagObserved, BrokerError> {
    let (share, others) = (0..groups.len()).partition(|&at| groups[at].kind == GroupKind::Share);
    positions::fetch(asking, &mut groups, others, &mut channels, &known.sizes).await;
    share::fetch(asking, &mut groups, share, &mut channels).await;
    let unsettled: HashSet<&str> = wanted.members_of.iter().map(String::as_str).collect();
    members::fetch(asking, &mut groups, |name| wanted.details || unsettled.contains(name)).await;
    remember(&groups, known);
    for group in groups.iter_mut().filter(|g| g.problem.is_none()) {
        if let Some(holds) = known.holds.get(&group.name) {
            uncommitted(group, holds, &mut channels);
        }
    }
    leave_out(&mut groups, &mut channels, only);
    channels.find(asking).await.map_err(|error| asking.explain(&error, "find leaders"))?;
    for group in groups.iter_mut().filter(|g| g.kind == GroupKind::Streams) {
        only_what_is_there(group, &channels);
    }
    ends::fetch(asking, &mut channels).await;
    let mut problems = Vec::new();
    if wanted.details {
        problems.extend(keeps::fetch(asking, &mut channels).await);
        problems.extend(sizes::fetch(asking, &mut channels).await);
    }
    (known.brokers, known.away) = (asking.brokers(), asking.away());
    Ok(LagObserved {
        groups: groups.into_iter().map(|group| group.observed(asking)).collect(),
        channels: channels.all.into_iter().map(channels::Channel::observed).collect(),
        requests: asking.requests(),
        incomplete,
        problems,
    })
}

/// Notes what members hold, and how much a group's answer carries.
fn remember(groups: &[Group], known: &mut Known) {
    let mut holds = std::mem::take(&mut known.holds);
    known.sizes = groups.iter().map(|g| (g.name.clone(), g.positions.len())).collect();
    known.holds = groups
        .iter()
        .filter_map(|group| {
            let held = match &group.members {
                Some(members) => members.iter().flat_map(|m| m.holds.iter().cloned()).collect(),
                // Nobody holds anything in a group that nobody is in.
                None if group.state.is_idle() => return None,
                None => holds.remove(&group.name)?,
            };
            Some((group.name.clone(), held))
        })
        .collect();
}

/// A partition that a member holds and that has no position is told as one without.
fn uncommitted(group: &mut Group, holds: &[(String, Vec<i32>)], channels: &mut Channels) {
    let told: HashSet<(usize, i32)> = group.positions.iter().map(|p| (p.channel, p.partition)).collect();
    for (name, partitions) in holds {
        let channel = channels.number(name);
        for &partition in partitions.iter().filter(|&&p| !told.contains(&(channel, p))) {
            let (next, lag, leader_epoch, problem) = (None, None, -1, None);
            group.positions.push(PositionObserved { channel, partition, next, lag, leader_epoch, problem });
        }
    }
}

/// A part of a topology has as many tasks as the widest channel that it reads: of a narrower one not every task has a partition.
fn only_what_is_there(group: &mut Group, channels: &Channels) {
    let there = |channel: usize, number: i32| {
        let channel = &channels.all[channel];
        channel.partitions.is_empty() || channel.at(number).is_some()
    };
    group.positions.retain(|p| p.next.is_some() || there(p.channel, p.partition));
    for member in group.members.iter_mut().flatten() {
        for (name, numbers) in &mut member.holds {
            if let Some(channel) = channels.get(name) {
                numbers.retain(|number| there(channel, *number));
            }
        }
        member.holds.retain(|(_, numbers)| !numbers.is_empty());
    }
}

/// Channels that nobody reads any more.
fn leave_out(groups: &mut [Group], channels: &mut Channels, wanted: usize) {
    let mut used: Vec<bool> = (0..channels.all.len()).map(|at| at < wanted).collect();
    groups.iter().flat_map(|g| &g.positions).for_each(|p| used[p.channel] = true);
    if used.iter().all(|used| *used) {
        return;
    }
    let numbers = channels.keep(&used);
    groups.iter_mut().flat_map(|g| &mut g.positions).for_each(|p| p.channel = numbers[p.channel]);
}

impl KafkaLag {
    /// Each answer has its time; all of them together have this.
    async fn bounded<T>(
        &self,
        doing: &str,
        asking: impl Future<Output = Result<T, BrokerError>> + Send,
    ) -> Result<T, BrokerError> {
        timeout(WITHIN, asking).await.unwrap_or_else(|_| {
            let name = &self.connection.settings().name;
            Err(BrokerError::Unreachable(format!("{name}: {doing} took longer than {} s", WITHIN.as_secs())))
        })
    }

    /// What is found out before an act: `undone` says what has not been done if that takes too long or fails.
    async fn before<T>(
        &self,
        undone: &str,
        asking: impl Future<Output = Result<T, BrokerError>> + Send,
    ) -> Result<T, BrokerError> {
        match timeout(BEFORE_AN_ACT, asking).await {
            Ok(Err(BrokerError::Unreachable(why))) => Err(BrokerError::Unreachable(format!("{why}; {undone}"))),
            Ok(found) => found,
            Err(_) => {
                let (name, s) = (&self.connection.settings().name, BEFORE_AN_ACT.as_secs());
                Err(BrokerError::Unreachable(format!(
                    "{name}: how the group stands was not told within {s} s; {undone}"
                )))
            }
        }
    }

    async fn look(&self, wanted: &LagWanted) -> Result<LagObserved, BrokerError> {
        let mut known = self.known();
        let mut channels = Channels::default();
        for name in &wanted.channels {
            channels.number(name);
        }
        let only = channels.all.len();
        for name in &known.channels {
            channels.number(name);
        }
        let asking = self.begin(&known, &mut channels).await?;
        let (mut groups, mut problems) = groups::list(&asking).await.map_err(|problems| {
            BrokerError::Unreachable(format!("{}: {}", self.connection.settings().name, problems.join("; ")))
        })?;
        groups::leave_out(&mut groups, &mut problems);
        let observed = complete(&asking, groups, channels, only, problems, &mut known, wanted).await?;
        known.channels = observed.channels.iter().map(|c| c.name.as_str().into()).collect();
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = known;
        Ok(observed)
    }
}

#[async_trait]
impl LagProbe for KafkaLag {
    async fn observe(&self, wanted: &LagWanted) -> Result<LagObserved, BrokerError> {
        self.bounded("an observation of its groups", self.look(wanted)).await
    }

    async fn group(&self, name: &str) -> Result<Option<LagObserved>, BrokerError> {
        let found = async {
            let mut known = self.known();
            let mut channels = Channels::default();
            let asking = self.begin(&known, &mut channels).await?;
            let Some(group) = acts::find(&asking, name).await? else { return Ok(None) };
            let everything = LagWanted { details: true, ..LagWanted::default() };
            complete(&asking, vec![group], channels, 0, Vec::new(), &mut known, &everything).await.map(Some)
        };
        self.bounded("a look at one group", found).await
    }

    async fn positions_at(&self, partitions: &[(String, i32)], at: Timestamp) -> Result<Vec<Option<i64>>, BrokerError> {
        let found = async {
            let mut channels = Channels::default();
            let numbers: Vec<(usize, i32)> =
                partitions.iter().map(|(name, partition)| (channels.number(name), *partition)).collect();
            let asking = self.begin(&self.known(), &mut channels).await?;
            Ok(ends::positions_at(&asking, &mut channels, &numbers, milliseconds(at)).await)
        };
        self.bounded("finding positions by time", found).await
    }

    async fn move_positions(
        &self,
        permits: Vec<Permit>,
        group: &str,
        kind: GroupKind,
        moves: &[Move],
    ) -> Result<Vec<Moved>, BrokerError> {
        let planned = async {
            let asking = self.begin(&self.known(), &mut Channels::default()).await?;
            let planned = acts::plan_move(&asking, &permits, group, kind, moves).await?;
            Ok((asking, planned))
        };
        let (asking, planned) = self.before("nothing was moved", planned).await?;
        acts::make_move(&asking, planned).await
    }

    async fn delete_group(&self, permits: Vec<Permit>, group: &str, kind: GroupKind) -> Result<(), BrokerError> {
        let planned = async {
            let asking = self.begin(&self.known(), &mut Channels::default()).await?;
            let group = acts::plan_delete(&asking, &permits, group, kind).await?;
            Ok((asking, group))
        };
        let (asking, group) = self.before("it was not deleted", planned).await?;
        acts::delete(&asking, group).await
    }
}
