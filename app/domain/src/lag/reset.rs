//! Moving the positions of a group: what that would mean, before it is done.

use super::{GroupKind, GroupState, Member, NotReported, ReportedGroup};
use crate::{GroupId, PersonId, SourceId, StoreError, Timestamp, access::View};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};

/// Where positions are moved to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "to")]
pub enum ResetTo {
    /// Everything that is still there is read again.
    Earliest,
    /// Everything that is unread is skipped.
    Latest,
    /// The first event at or after this time.
    Time { at: Timestamp },
    /// So many events ahead, or back.
    Shift { by: i64 },
    /// Exactly this position, of one partition: an event found in a search.
    Position { position: i64 },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResetWanted {
    pub channel: String,
    /// `None`: all of them.
    pub partitions: Option<Vec<i32>>,
    pub to: ResetTo,
}

/// A group at its broker, at this moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupNow {
    pub kind: GroupKind,
    pub state: GroupState,
    pub members: Vec<Member>,
    pub positions: Vec<PositionNow>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PositionNow {
    pub channel: String,
    pub partition: i32,
    /// `None`: not committed.
    pub next: Option<i64>,
    pub start: Option<i64>,
    pub end: Option<i64>,
}

/// What becomes of one partition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    pub partition: i32,
    pub from: Option<i64>,
    /// `None`: it can't be moved so; `why` says why.
    pub to: Option<i64>,
    /// Positions read again, and positions that are never read.
    pub again: u64,
    pub skipped: u64,
    pub why: Option<String>,
}

/// Everything that a person should know before they do it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResetPlan {
    pub channel: String,
    pub planned: Vec<Planned>,
    /// Why it can't be done now: members are in the group, or Weir may not.
    pub refused: Option<Refused>,
}

impl ResetPlan {
    pub fn again(&self) -> u64 {
        self.planned.iter().map(|p| p.again).fold(0, u64::saturating_add)
    }

    pub fn skipped(&self) -> u64 {
        self.planned.iter().map(|p| p.skipped).fold(0, u64::saturating_add)
    }

    /// Partitions that would be moved.
    pub fn moves(&self) -> impl Iterator<Item = (i32, Option<i64>, i64)> {
        self.planned
            .iter()
            .filter_map(|p| Some((p.partition, p.from, p.to?)))
            .filter(|(_, from, to)| *from != Some(*to))
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    pub what: String,
    pub what_to_do: String,
}

/// Plans a reset. `at_time`: for each position in `now` of the wanted partitions, in their order, where
/// [`ResetTo::Time`] leads.
pub fn plan(wanted: &ResetWanted, now: &[PositionNow], at_time: &[Option<i64>]) -> Vec<Planned> {
    now.iter()
        .enumerate()
        .map(|(i, p)| {
            let to = target(wanted.to, p, at_time.get(i).copied().flatten());
            let from = p.next;
            let distance = |a: i64, b: i64| u64::try_from(a.saturating_sub(b)).unwrap_or(0);
            let (again, skipped) = match (from, &to) {
                // What retention took is read by nobody.
                (Some(from), Ok(to)) => {
                    // Nor is what is not there yet, behind the end.
                    (distance(from.min(p.end.unwrap_or(from)), *to), distance(*to, from.max(p.start.unwrap_or(from))))
                }
                _ => (0, 0),
            };
            let (to, why) = match to {
                Ok(to) => (Some(to), None),
                Err(why) => (None, Some(why)),
            };
            Planned { partition: p.partition, from, to, again, skipped, why }
        })
        .collect()
}

fn target(to: ResetTo, p: &PositionNow, at_time: Option<i64>) -> Result<i64, String> {
    let (Some(start), Some(end)) = (p.start, p.end) else {
        return Err("where it begins and ends is not known now".to_owned());
    };
    let within = |position: i64| position.clamp(start, end.max(start));
    match to {
        ResetTo::Earliest => Ok(start),
        ResetTo::Latest => Ok(end),
        ResetTo::Time { .. } => at_time.map(within).ok_or_else(|| "where that time is was not told".to_owned()),
        ResetTo::Shift { by } => match p.next {
            Some(next) => Ok(within(next.saturating_add(by))),
            None => Err("it has no position that could be shifted".to_owned()),
        },
        ResetTo::Position { position } if position < start => {
            Err(format!("position {position} is not there any more: the log begins at {start}"))
        }
        ResetTo::Position { position } if position > end => {
            Err(format!("position {position} is not there yet: the log ends at {end}"))
        }
        ResetTo::Position { position } => Ok(position),
    }
}

/// Why an act can't be done on a group as it is; `None`: nobody is in it.
pub fn active(name: &str, now: &GroupNow) -> Option<Refused> {
    if now.state.is_idle() || (now.members.is_empty() && now.state == GroupState::Unknown) {
        return None;
    }
    let who: Vec<String> = now.members.iter().take(3).map(|m| format!("{} at {}", m.client_id, m.host)).collect();
    let more = now.members.len().saturating_sub(who.len());
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let what = match now.members.len() {
        0 => format!("{name} is {}: somebody joins or leaves it.", now.state.as_str()),
        1 => format!("{name} has a member: {}.", who.join(", ")),
        n => format!("{name} has {n} members: {}{more}.", who.join(", ")),
    };
    Some(Refused { what, what_to_do: "Stop them first: a broker moves positions only while nobody reads.".to_owned() })
}

/// One reset as it was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResetDone {
    /// UUIDv7.
    pub id: String,
    pub group: GroupId,
    pub channel: String,
    pub at: Timestamp,
    pub by: Option<String>,
    pub moves: Vec<MoveDone>,
    /// What it took back, if it is an undoing.
    pub undoes: Option<String>,
    /// What took it back.
    pub undone_by: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MoveDone {
    pub partition: i32,
    pub from: Option<i64>,
    pub to: i64,
    /// Why it was not moved.
    pub problem: Option<String>,
}

/// Why a reset was not begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotBegun {
    /// Positions of this group on this channel are being moved at the moment.
    UnderWay,
    /// What it would take back was taken back meanwhile.
    TakenBack,
}

/// A reset whose end was never heard of (its process was killed) keeps others waiting no longer than this. Moving takes less:
/// its deadline is far shorter.
pub const UNDER_WAY_FOR_S: i64 = 600;

/// What a person says of a group.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GroupSaid {
    /// `None`: as learnt.
    pub expectation: Option<super::Expectation>,
    pub owner: Option<String>,
    pub note: Option<String>,
}

/// What people do is kept through this.
#[async_trait]
pub trait LagKeeper: Send + Sync {
    /// `Ok(false)`: there is no such group.
    async fn say(&self, view: &View, group: GroupId, said: &GroupSaid) -> Result<bool, StoreError>;
    async fn archive(
        &self,
        view: &View,
        group: GroupId,
        by: Option<(&PersonId, &str, Timestamp)>,
    ) -> Result<bool, StoreError>;
    /// Written before the broker is asked, with what is to be moved; `by` is who does it. Of two at once one is refused.
    async fn begin_reset(
        &self,
        view: &View,
        reset: &ResetDone,
        by: &PersonId,
    ) -> Result<Result<(), NotBegun>, StoreError>;
    /// What came of it. `stands`: all that the broker was asked for was moved; else what it took back can be taken back again.
    async fn end_reset(&self, view: &View, id: &str, moves: &[MoveDone], stands: bool) -> Result<(), StoreError>;
    /// The newest first.
    async fn resets(&self, view: &View, group: GroupId) -> Result<Vec<ResetDone>, StoreError>;
    /// What a group reported last.
    async fn last_report(
        &self,
        view: &View,
        source: SourceId,
        group: &str,
    ) -> Result<Option<ReportedGroup>, StoreError>;
    /// In place of what the group reported before.
    async fn report(
        &self,
        view: &View,
        source: SourceId,
        group: &ReportedGroup,
    ) -> Result<Result<(), NotReported>, StoreError>;
    /// The broker was told to forget it.
    async fn forgotten(&self, view: &View, group: GroupId, at: Timestamp) -> Result<(), StoreError>;
}

/// Acts on groups at their brokers, by whatever ways this process has. That something was not done is an answer.
#[async_trait]
pub trait GroupActs: Send + Sync {
    /// `Ok(Ok(None))`: the broker does not know it.
    async fn look(
        &self,
        view: &View,
        source: SourceId,
        group: &str,
    ) -> Result<Result<Option<GroupNow>, Refused>, StoreError>;
    async fn positions_at(
        &self,
        view: &View,
        source: SourceId,
        partitions: &[(String, i32)],
        at: Timestamp,
    ) -> Result<Result<Vec<Option<i64>>, Refused>, StoreError>;
    /// May positions of these channels be moved at all?
    async fn allowed(
        &self,
        view: &View,
        source: SourceId,
        channels: &[String],
    ) -> Result<Result<(), Refused>, StoreError>;
    /// In the order of `moves`: why each was not moved, if it was not.
    async fn move_positions(
        &self,
        view: &View,
        source: SourceId,
        group: (&str, GroupKind),
        channel: &str,
        moves: &[(i32, i64)],
    ) -> Result<Result<Vec<Option<String>>, Refused>, StoreError>;
    async fn delete(
        &self,
        view: &View,
        source: SourceId,
        group: (&str, GroupKind),
        channels: &[String],
    ) -> Result<Result<(), Refused>, StoreError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(next: Option<i64>, start: i64, end: i64) -> PositionNow {
        PositionNow { channel: "c".into(), partition: 0, next, start: Some(start), end: Some(end) }
    }

    fn planned(to: ResetTo, now: PositionNow, time: Option<i64>) -> Planned {
        let wanted = ResetWanted { channel: "c".into(), partitions: None, to };
        plan(&wanted, &[now], &[time]).remove(0)
    }

    #[test]
    fn what_is_read_again_and_what_is_skipped_is_known_before() {
        let told = |to, now, time| {
            let p = planned(to, now, time);
            (p.to, p.again, p.skipped)
        };
        assert_eq!(told(ResetTo::Earliest, at(Some(70), 10, 100), None), (Some(10), 60, 0));
        assert_eq!(told(ResetTo::Latest, at(Some(70), 10, 100), None), (Some(100), 0, 30));
        assert_eq!(told(ResetTo::Time { at: Timestamp(0) }, at(Some(70), 10, 100), Some(90)), (Some(90), 0, 20));
        assert_eq!(told(ResetTo::Shift { by: -500 }, at(Some(70), 10, 100), None), (Some(10), 60, 0));
        assert_eq!(told(ResetTo::Shift { by: i64::MAX }, at(Some(70), 10, 100), None), (Some(100), 0, 30));
        assert_eq!(told(ResetTo::Position { position: 42 }, at(Some(70), 10, 100), None), (Some(42), 28, 0));
        // Retention took 5 to 10: nobody skips those.
        assert_eq!(told(ResetTo::Latest, at(Some(5), 10, 100), None), (Some(100), 0, 90));
        assert_eq!(told(ResetTo::Earliest, at(None, 10, 100), None), (Some(10), 0, 0));
        // It stands beyond the end: the log was cut, or made anew.
        assert_eq!(told(ResetTo::Latest, at(Some(5_000), 10, 300), None), (Some(300), 0, 0));
        assert_eq!(told(ResetTo::Earliest, at(Some(5_000), 10, 300), None), (Some(10), 290, 0));
    }

    #[test]
    fn what_cant_be_moved_says_why() {
        let why = |to, now, time| planned(to, now, time).why.unwrap();
        assert!(why(ResetTo::Position { position: 3 }, at(None, 10, 100), None).contains("begins at 10"));
        assert!(why(ResetTo::Position { position: 101 }, at(None, 10, 100), None).contains("ends at 100"));
        assert!(why(ResetTo::Shift { by: 1 }, at(None, 10, 100), None).contains("no position"));
        assert!(why(ResetTo::Time { at: Timestamp(0) }, at(None, 10, 100), None).contains("was not told"));
        let unknown = PositionNow { start: None, ..at(Some(1), 0, 9) };
        assert!(why(ResetTo::Earliest, unknown, None).contains("not known"));
    }

    #[test]
    fn only_an_idle_group_is_moved() {
        let member = |n: u32| Member {
            id: n.to_string(),
            client_id: format!("app-{n}"),
            host: "10.0.0.7".into(),
            instance: None,
            holds: Vec::new(),
        };
        let now = |state, members: u32| GroupNow {
            kind: GroupKind::Classic,
            state,
            members: (0..members).map(member).collect(),
            positions: Vec::new(),
        };
        assert_eq!(active("g", &now(GroupState::Empty, 0)), None);
        assert_eq!(active("g", &now(GroupState::Dead, 0)), None);
        let told = |state, members| active("billing", &now(state, members)).unwrap().what;
        assert_eq!(told(GroupState::Stable, 1), "billing has a member: app-0 at 10.0.0.7.");
        assert!(told(GroupState::Stable, 5).ends_with("app-2 at 10.0.0.7 and 2 more."));
        assert_eq!(told(GroupState::Rebalancing, 0), "billing is rebalancing: somebody joins or leaves it.");
    }
}
