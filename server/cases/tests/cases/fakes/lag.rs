//! Consumer groups: one on each channel, and one that reads two channels, of which somebody may see one.

use super::FakePorts;
use crate::world::{CHANNELS, NOW, SHOP};
use async_trait::async_trait;
use std::{
    collections::BTreeMap,
    sync::{Mutex, atomic::Ordering},
};
use weir_domain::{
    ChannelId, GroupId, PersonId, SourceId, StoreError, Timestamp,
    access::View,
    lag::{
        Chunk, Expectation, Forecast, Group, GroupActs, GroupKind, GroupNow, GroupOnChannel, GroupSaid, GroupState,
        Happening, HappeningKind, Lag, LagKeeper, Listed, Member, MoveDone, NewestKeys, NotBegun, NotReported,
        PartitionStanding, Place, PositionNow, Refused, ReportedGroup, ResetDone, SourceObserved, Standing, Status,
        Tick, TimeLag, Verdict,
    },
};

/// The one that reads two channels.
pub const BOTH: GroupId = GroupId(1);

/// Each group and a channel that it reads.
pub fn pairs() -> impl Iterator<Item = (GroupId, &'static str)> {
    let alone = CHANNELS.iter().map(|(channel, name, ..)| (GroupId(*channel), *name));
    alone.chain(CHANNELS[..2].iter().map(|(_, name, ..)| (BOTH, *name)))
}

pub fn groups() -> Vec<GroupId> {
    CHANNELS.iter().map(|(channel, ..)| GroupId(*channel)).chain([BOTH]).collect()
}

/// A position that was moved: the group, the channel, partitions and where to.
type Moved = (String, String, Vec<(i32, i64)>);

#[derive(Default)]
pub struct FakeLag {
    /// Nothing is in the group unless it is said here.
    pub state: Mutex<Option<(GroupState, Vec<Member>)>>,
    /// Where positions are now; as they always are if it is not said here.
    pub positions: Mutex<BTreeMap<i32, Option<i64>>>,
    /// The broker does not know the group.
    pub unknown: Mutex<bool>,
    pub not_allowed: Mutex<Option<Refused>>,
    /// What the broker says to the next move as a whole.
    pub refuse: Mutex<Option<Refused>>,
    /// What the broker says to each partition of it.
    pub problems: Mutex<Vec<Option<String>>>,
    pub moved: Mutex<Vec<Moved>>,
    pub deleted: Mutex<Vec<(String, Vec<String>)>>,
    pub forgotten: Mutex<Vec<GroupId>>,
    pub said: Mutex<Vec<GroupSaid>>,
    pub archived: Mutex<Vec<Option<String>>>,
    pub resets: Mutex<Vec<ResetDone>>,
    /// Begun, and not ended.
    pub under_way: Mutex<Vec<(GroupId, String)>>,
    pub reported: Mutex<Vec<(SourceId, ReportedGroup)>>,
    /// What the next report is answered with.
    pub not_reported: Mutex<Option<NotReported>>,
    /// Of the groups.
    pub kind: Mutex<Option<GroupKind>>,
}

pub fn member(client: &str, holds: &[&str]) -> Member {
    Member {
        id: format!("{client}-0193"),
        client_id: client.into(),
        host: "10.0.0.7".into(),
        instance: None,
        holds: holds.iter().map(|channel| ((*channel).to_owned(), vec![0])).collect(),
    }
}

pub fn reset(group: GroupId, channel: &str, moves: &[(i32, Option<i64>, i64)]) -> ResetDone {
    let one = |&(partition, from, to): &_| MoveDone { partition, from, to, problem: None };
    ResetDone {
        id: format!("reset-{group}-{channel}"),
        group,
        channel: channel.into(),
        at: NOW,
        by: Some("Somebody".into()),
        moves: moves.iter().map(one).collect(),
        undoes: None,
        undone_by: None,
    }
}

pub fn name_of(id: GroupId) -> String {
    if id == BOTH { "reads-both".into() } else { format!("reader-{id}") }
}

fn channels_of(
    id: GroupId,
) -> Vec<&'static (i64, &'static str, SourceId, &'static str, weir_domain::EnvironmentId, &'static str)> {
    CHANNELS.iter().filter(|c| id == GroupId(c.0) || (id == BOTH && c.2 == SHOP)).collect()
}

pub fn standing(id: GroupId, channel: i64) -> Standing {
    let (_, channel, source, source_name, environment, _) = CHANNELS.into_iter().find(|c| c.0 == channel).unwrap();
    Standing {
        group: id,
        name: name_of(id),
        kind: GroupKind::Classic,
        state: GroupState::Empty,
        environment,
        source,
        source_name: source_name.into(),
        channel: channel.into(),
        verdict: Verdict { status: Status::Warn, rule: "falls-behind".into(), reason: "5 more a minute".into() },
        since: NOW,
        partitions: 1,
        unknown_partitions: 0,
        active_members: 0,
        members: 0,
        lag: Some(5),
        committed_lag: Some(5),
        time_lag: TimeLag::About { ms: 4_000 },
        in_per_s: Some(1.0),
        out_per_s: Some(0.5),
        growing: true,
        forecast: Forecast::NeverDrains { per_min: 30.0 },
        loss: None,
        positions_expire: None,
        alarms: true,
        owner: None,
        observed_at: NOW,
    }
}

fn partition() -> PartitionStanding {
    let verdict = standing(BOTH, 100).verdict;
    PartitionStanding {
        partition: 0,
        start: Some(0),
        end: Some(10),
        stable_end: Some(10),
        next: Some(5),
        lag: Some(5),
        committed_lag: Some(5),
        time_lag: TimeLag::About { ms: 4_000 },
        burrow: verdict.clone(),
        verdict,
        in_per_s: Some(1.0),
        out_per_s: None,
        held_by: None,
        last_moved: Some(NOW),
        lost_at: None,
        problem: None,
    }
}

/// Takes nearly all that arrives.
fn hot_partition() -> PartitionStanding {
    PartitionStanding { partition: 1, in_per_s: Some(90.0), ..partition() }
}

fn group(id: GroupId) -> Option<Group> {
    let (_, _, source, source_name, environment, environment_name) = **channels_of(id).first()?;
    let holds: Vec<&str> = channels_of(id).iter().map(|c| c.1).collect();
    Some(Group {
        id,
        name: name_of(id),
        environment,
        environment_name: environment_name.into(),
        source,
        source_name: source_name.into(),
        kind: GroupKind::Classic,
        state: GroupState::Stable,
        assignor: None,
        coordinator: None,
        members: Some(vec![member("app", &holds)]),
        last_members: vec![(member("app-before", &holds), NOW)],
        problem: None,
        first_seen: NOW,
        last_seen: NOW,
        gone_at: None,
        empty_since: None,
        last_progress: None,
        expectation: Expectation::Continuous,
        expectation_set: false,
        learnt: Expectation::Continuous,
        archived: None,
        owner: None,
        note: None,
    })
}

#[async_trait]
impl Lag for FakePorts {
    async fn listed(&self, view: &View, _: bool, _: Timestamp) -> Result<Vec<Listed>, StoreError> {
        self.ask("listed", view, None)?;
        let one = |(id, channel)| {
            let channel = CHANNELS.iter().find(|c| c.1 == channel).unwrap().0;
            Listed {
                standing: standing(id, channel),
                spark: vec![Some(5)],
                archived: false,
                gone: false,
                ephemeral: false,
            }
        };
        Ok(pairs().map(one).collect())
    }
    async fn listed_on(
        &self,
        view: &View,
        source: SourceId,
        channel: &str,
        now: Timestamp,
    ) -> Result<Vec<Listed>, StoreError> {
        let mut all = self.listed(view, false, now).await?;
        all.retain(|l| l.standing.source == source && l.standing.channel == channel);
        Ok(all)
    }
    async fn newest_keys(&self, view: &View, channel: ChannelId, _: i32) -> Result<NewestKeys, StoreError> {
        self.ask("newest_keys", view, None)?;
        let most = Some((620, crate::world::event_id(channel.0, 1)));
        Ok(NewestKeys { events: 1_000, keys: 90, most, from: Some(NOW), to: Some(NOW) })
    }
    async fn lag_sources(&self, view: &View) -> Result<Vec<SourceObserved>, StoreError> {
        self.ask("lag_sources", view, None)?;
        let sources = &self.data.lock().unwrap().sources;
        let one = |s: &weir_domain::sources::SourceDetail| SourceObserved {
            source: s.source.id,
            name: s.source.name.clone(),
            environment: s.source.environment,
            observed_at: Some(NOW),
            took_ms: 12,
            requests: 3,
            problems: Vec::new(),
            failed: None,
            paused: false,
        };
        Ok(sources.iter().map(one).collect())
    }
    async fn lag_group(
        &self,
        view: &View,
        id: GroupId,
        _: Timestamp,
    ) -> Result<Option<(Group, Vec<GroupOnChannel>)>, StoreError> {
        self.ask("lag_group", view, None)?;
        let on = |c: &&(i64, _, _, _, _, _)| GroupOnChannel {
            standing: standing(id, c.0),
            channel_id: Some(ChannelId(c.0)),
            partitions: vec![partition(), hot_partition()],
            keeps: None,
            learnt: None,
        };
        let kind = self.lag.kind.lock().unwrap().unwrap_or(GroupKind::Classic);
        Ok(group(id).map(|group| (Group { kind, ..group }, channels_of(id).iter().map(on).collect())))
    }
    async fn lag_history(
        &self,
        view: &View,
        _: GroupId,
        _: &str,
        _: (Timestamp, Timestamp),
        take: &mut (dyn FnMut(Chunk) + Send),
    ) -> Result<(), StoreError> {
        self.ask("lag_history", view, None)?;
        let places = vec![Place::between(Some(5), Some(10))];
        for n in 0..9 {
            let tick = Tick { at: NOW.plus_secs(n), time_lag_ms: None, places: places.clone() };
            take(Chunk { partitions: vec![0], ticks: vec![tick] });
        }
        Ok(())
    }
    async fn lag_happened(
        &self,
        view: &View,
        group: GroupId,
        _: (Timestamp, Timestamp),
    ) -> Result<Vec<Happening>, StoreError> {
        self.ask("lag_happened", view, None)?;
        let on = |channel: Option<&str>| Happening {
            at: NOW,
            kind: HappeningKind::Reset,
            channel: channel.map(str::to_owned),
            partition: None,
            text: "position moved from 9 back to 5".into(),
        };
        Ok(channels_of(group).iter().map(|c| on(Some(c.1))).chain([on(None)]).collect())
    }
}

#[async_trait]
impl LagKeeper for FakePorts {
    async fn say(&self, view: &View, _: GroupId, said: &GroupSaid) -> Result<bool, StoreError> {
        self.ask("say", view, None)?;
        self.lag.said.lock().unwrap().push(said.clone());
        Ok(true)
    }
    async fn archive(
        &self,
        view: &View,
        _: GroupId,
        by: Option<(&PersonId, &str, Timestamp)>,
    ) -> Result<bool, StoreError> {
        self.ask("archive", view, None)?;
        self.lag.archived.lock().unwrap().push(by.map(|(_, name, _)| name.to_owned()));
        Ok(true)
    }
    async fn begin_reset(
        &self,
        view: &View,
        reset: &ResetDone,
        _: &PersonId,
    ) -> Result<Result<(), NotBegun>, StoreError> {
        self.ask("begin_reset", view, None)?;
        if self.sealed.load(Ordering::SeqCst) {
            return Err(StoreError::Unavailable("sealed".into()));
        }
        let mut under_way = self.lag.under_way.lock().unwrap();
        if under_way.iter().any(|(group, channel)| *group == reset.group && *channel == reset.channel) {
            return Ok(Err(NotBegun::UnderWay));
        }
        let mut resets = self.lag.resets.lock().unwrap();
        if resets.iter().any(|r| Some(&r.id) == reset.undoes.as_ref() && r.undone_by.is_some()) {
            return Ok(Err(NotBegun::TakenBack));
        }
        under_way.push((reset.group, reset.channel.clone()));
        resets.push(reset.clone());
        Ok(Ok(()))
    }
    async fn end_reset(&self, view: &View, id: &str, moves: &[MoveDone], stands: bool) -> Result<(), StoreError> {
        self.ask("end_reset", view, None)?;
        let mut resets = self.lag.resets.lock().unwrap();
        let ended = resets.iter_mut().find(|r| r.id == id).unwrap();
        ended.moves = moves.to_vec();
        self.lag.under_way.lock().unwrap().retain(|(g, c)| *g != ended.group || *c != ended.channel);
        let undoes = ended.undoes.clone().filter(|_| stands);
        if let Some(undone) = resets.iter_mut().find(|r| undoes.as_ref() == Some(&r.id)) {
            undone.undone_by = Some(id.to_owned());
        }
        Ok(())
    }
    async fn resets(&self, view: &View, group: GroupId) -> Result<Vec<ResetDone>, StoreError> {
        self.ask("resets", view, None)?;
        Ok(self.lag.resets.lock().unwrap().iter().filter(|r| r.group == group).cloned().collect())
    }
    async fn last_report(
        &self,
        view: &View,
        source: SourceId,
        group: &str,
    ) -> Result<Option<ReportedGroup>, StoreError> {
        self.ask("last_report", view, None)?;
        let reported = self.lag.reported.lock().unwrap();
        Ok(reported.iter().rev().find(|(of, g)| *of == source && g.name == group).map(|(_, g)| g.clone()))
    }
    async fn report(
        &self,
        view: &View,
        source: SourceId,
        group: &ReportedGroup,
    ) -> Result<Result<(), NotReported>, StoreError> {
        self.ask("report", view, None)?;
        if let Some(why) = self.lag.not_reported.lock().unwrap().take() {
            return Ok(Err(why));
        }
        self.lag.reported.lock().unwrap().push((source, group.clone()));
        Ok(Ok(()))
    }
    async fn forgotten(&self, view: &View, group: GroupId, _: Timestamp) -> Result<(), StoreError> {
        self.ask("forgotten", view, None)?;
        self.lag.forgotten.lock().unwrap().push(group);
        Ok(())
    }
}

#[async_trait]
impl GroupActs for FakePorts {
    async fn look(
        &self,
        view: &View,
        _: SourceId,
        group: &str,
    ) -> Result<Result<Option<GroupNow>, Refused>, StoreError> {
        self.ask("look", view, None)?;
        // A broker takes its time: who asks at once comes in between.
        tokio::task::yield_now().await;
        if *self.lag.unknown.lock().unwrap() {
            return Ok(Ok(None));
        }
        let id = groups().into_iter().find(|id| name_of(*id) == group).unwrap();
        let (state, members) = self.lag.state.lock().unwrap().clone().unwrap_or((GroupState::Empty, Vec::new()));
        let places = self.lag.positions.lock().unwrap().clone();
        let places = if places.is_empty() { BTreeMap::from([(0, Some(5))]) } else { places };
        let on = |channel: &str| -> Vec<PositionNow> {
            let one = |(partition, next): (&i32, &Option<i64>)| PositionNow {
                channel: channel.to_owned(),
                partition: *partition,
                next: *next,
                start: Some(0),
                end: Some(10),
            };
            places.iter().map(one).collect()
        };
        let positions = channels_of(id).iter().flat_map(|c| on(c.1)).collect();
        Ok(Ok(Some(GroupNow { kind: GroupKind::Classic, state, members, positions })))
    }
    async fn positions_at(
        &self,
        view: &View,
        _: SourceId,
        partitions: &[(String, i32)],
        _: Timestamp,
    ) -> Result<Result<Vec<Option<i64>>, Refused>, StoreError> {
        self.ask("positions_at", view, None)?;
        Ok(Ok(partitions.iter().map(|_| Some(7)).collect()))
    }
    async fn allowed(&self, view: &View, _: SourceId, _: &[String]) -> Result<Result<(), Refused>, StoreError> {
        self.ask("allowed", view, None)?;
        Ok(self.lag.not_allowed.lock().unwrap().clone().map_or(Ok(()), Err))
    }
    async fn move_positions(
        &self,
        view: &View,
        _: SourceId,
        (group, _): (&str, GroupKind),
        channel: &str,
        moves: &[(i32, i64)],
    ) -> Result<Result<Vec<Option<String>>, Refused>, StoreError> {
        self.ask("move_positions", view, None)?;
        tokio::task::yield_now().await;
        if let Some(refused) = self.lag.refuse.lock().unwrap().take() {
            return Ok(Err(refused));
        }
        self.lag.moved.lock().unwrap().push((group.into(), channel.into(), moves.to_vec()));
        let mut problems = std::mem::take(&mut *self.lag.problems.lock().unwrap());
        problems.resize(moves.len(), None);
        Ok(Ok(problems))
    }
    async fn delete(
        &self,
        view: &View,
        _: SourceId,
        (group, _): (&str, GroupKind),
        channels: &[String],
    ) -> Result<Result<(), Refused>, StoreError> {
        self.ask("delete", view, None)?;
        if let Some(refused) = self.lag.refuse.lock().unwrap().take() {
            return Ok(Err(refused));
        }
        self.lag.deleted.lock().unwrap().push((group.into(), channels.to_vec()));
        Ok(Ok(()))
    }
}
