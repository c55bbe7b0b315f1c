//! Acts on consumer groups at their brokers, by whatever ways this process has: within each source's limits, which its
//! guarded broker knows.

use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use weir_broker::{Broker as _, BrokerError, LagObserved, LagProbe, Move, Permit, guard::Act};
use weir_domain::{
    SourceId, StoreError, Timestamp,
    access::{SystemView, View},
    lag::{GroupActs, GroupKind, GroupNow, LagLog as _, PositionNow, Refused, WatchedSource},
};
use weir_engines::{Readers, SourceSpec};
use weir_store::Store;

pub struct OnGroups {
    pub store: Store,
    /// There once the database was reached.
    pub readers: Arc<OnceLock<Arc<Readers>>>,
    pub system: SystemView,
}

/// A way to a source that tells who reads it.
struct Way {
    source: WatchedSource,
    spec: SourceSpec,
    probe: Arc<dyn LagProbe>,
}

fn refused(what: impl Into<String>, what_to_do: &str) -> Refused {
    Refused { what: what.into(), what_to_do: what_to_do.to_owned() }
}

impl OnGroups {
    async fn way(&self, source: SourceId) -> Result<Result<Way, Refused>, StoreError> {
        let Some(readers) = self.readers.get() else {
            return Ok(Err(refused("Weir has just been started.", "Try again in a moment.")));
        };
        let sources = self.store.watched(&self.system).await?;
        let Some(source) = sources.into_iter().find(|s| s.id == source) else {
            return Ok(Err(refused("Its source is not known any more.", "Reload the page.")));
        };
        let spec = match readers.of_source(&source).await? {
            Ok(spec) => spec,
            Err(why) => return Ok(Err(Refused { what: why.what, what_to_do: why.what_to_do })),
        };
        Ok(match spec.broker.lag() {
            Some(probe) => Ok(Way { source, spec, probe }),
            None => Err(refused(format!("{} does not tell who reads it.", source.name), "")),
        })
    }
}

impl Way {
    fn failed(&self, error: &BrokerError) -> Refused {
        let what = error.to_string();
        match error {
            BrokerError::Unreachable(_) => refused(what, "Try again when its broker is back."),
            BrokerError::NotAuthorised(_) => refused(what, "Give Weir's account at the broker that right."),
            BrokerError::Declined(_) => refused(what, "Look at the group as it is now."),
            _ => refused(what, "Look at the source's page."),
        }
    }

    /// One for each channel; all or none.
    fn permits(&self, channels: &[String]) -> Result<Vec<Permit>, Refused> {
        let name = &self.source.name;
        let one = |channel: &String| {
            self.spec.broker.permit(Act::MoveOffsets, channel, false).map_err(|why| {
                let to_do = format!(
                    "Who configures {name} decides it: act = \"offsets\", no read_only, and its list of channels."
                );
                refused(why.to_string(), &to_do)
            })
        };
        channels.iter().map(one).collect()
    }
}

/// What was observed of one group, in the domain's words.
fn now(observed: LagObserved) -> Option<GroupNow> {
    let LagObserved { groups, channels, .. } = observed;
    let group = groups.into_iter().next()?;
    let mut positions = Vec::new();
    for (i, channel) in channels.iter().enumerate() {
        for ends in &channel.partitions {
            let told = group.positions.iter().find(|p| p.channel == i && p.partition == ends.partition);
            positions.push(PositionNow {
                channel: channel.name.clone(),
                partition: ends.partition,
                next: told.and_then(|p| p.next),
                start: ends.start,
                end: ends.end,
            });
        }
    }
    Some(GroupNow { kind: group.kind, state: group.state, members: group.members.unwrap_or_default(), positions })
}

#[async_trait]
impl GroupActs for OnGroups {
    async fn look(
        &self,
        _: &View,
        source: SourceId,
        group: &str,
    ) -> Result<Result<Option<GroupNow>, Refused>, StoreError> {
        let way = match self.way(source).await? {
            Ok(way) => way,
            Err(why) => return Ok(Err(why)),
        };
        Ok(match way.probe.group(group).await {
            Ok(observed) => {
                let problem = observed.as_ref().and_then(|o| o.groups.first()).and_then(|g| g.problem.clone());
                match problem {
                    Some(why) => Err(refused(why, "Without knowing how the group stands nothing is moved.")),
                    None => Ok(observed.and_then(now)),
                }
            }
            Err(error) => Err(way.failed(&error)),
        })
    }

    async fn positions_at(
        &self,
        _: &View,
        source: SourceId,
        partitions: &[(String, i32)],
        at: Timestamp,
    ) -> Result<Result<Vec<Option<i64>>, Refused>, StoreError> {
        let way = match self.way(source).await? {
            Ok(way) => way,
            Err(why) => return Ok(Err(why)),
        };
        Ok(way.probe.positions_at(partitions, at).await.map_err(|error| way.failed(&error)))
    }

    async fn allowed(
        &self,
        _: &View,
        source: SourceId,
        channels: &[String],
    ) -> Result<Result<(), Refused>, StoreError> {
        Ok(match self.way(source).await? {
            Ok(way) => way.permits(channels).map(drop),
            Err(why) => Err(why),
        })
    }

    async fn move_positions(
        &self,
        _: &View,
        source: SourceId,
        (group, kind): (&str, GroupKind),
        channel: &str,
        moves: &[(i32, i64)],
    ) -> Result<Result<Vec<Option<String>>, Refused>, StoreError> {
        let way = match self.way(source).await? {
            Ok(way) => way,
            Err(why) => return Ok(Err(why)),
        };
        let permits = match way.permits(&[channel.to_owned()]) {
            Ok(permits) => permits,
            Err(why) => return Ok(Err(why)),
        };
        let to = |&(partition, to): &(i32, i64)| Move { channel: channel.to_owned(), partition, to };
        let wanted: Vec<Move> = moves.iter().map(to).collect();
        Ok(match way.probe.move_positions(permits, group, kind, &wanted).await {
            Ok(moved) => {
                let of = |(partition, _): &(i32, i64)| match moved.iter().find(|m| m.partition == *partition) {
                    Some(moved) => moved.problem.clone(),
                    None => Some("the broker did not say whether it was moved".to_owned()),
                };
                Ok(moves.iter().map(of).collect())
            }
            Err(error) => Err(way.failed(&error)),
        })
    }

    async fn delete(
        &self,
        _: &View,
        source: SourceId,
        (group, kind): (&str, GroupKind),
        channels: &[String],
    ) -> Result<Result<(), Refused>, StoreError> {
        let way = match self.way(source).await? {
            Ok(way) => way,
            Err(why) => return Ok(Err(why)),
        };
        let permits = match way.permits(channels) {
            Ok(permits) => permits,
            Err(why) => return Ok(Err(why)),
        };
        Ok(way.probe.delete_group(permits, group, kind).await.map_err(|error| way.failed(&error)))
    }
}
