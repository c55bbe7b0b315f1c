//! The page of all groups: one row a group, of the channels that may be seen.

use super::{Forecast, GroupKind, GroupState, Listed, Loss, SourceObserved, Standing, Status, TimeLag};
use crate::{EnvironmentId, GroupId, SourceId, Timestamp};
use serde::{Deserialize, Serialize};
use std::cmp::{Ordering, Reverse};

/// One group, all of its visible channels together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GroupRow {
    pub group: GroupId,
    pub name: String,
    pub kind: GroupKind,
    pub state: GroupState,
    pub environment: EnvironmentId,
    pub source: SourceId,
    pub source_name: String,
    /// Visible ones, the one that is worst off first.
    pub channels: Vec<String>,
    pub hidden_channels: u32,
    pub status: Status,
    pub reason: String,
    pub since: Timestamp,
    pub partitions: u32,
    pub active_members: u32,
    pub members: u32,
    pub lag: Option<u64>,
    pub committed_lag: Option<u64>,
    pub time_lag: TimeLag,
    pub in_per_s: Option<f64>,
    pub out_per_s: Option<f64>,
    pub forecast: Forecast,
    pub loss: Option<Loss>,
    pub positions_expire: Option<Timestamp>,
    /// Greatest lag of each of the last 48 half hours.
    pub spark: Vec<Option<u64>>,
    pub owner: Option<String>,
    pub alarms: bool,
    pub archived: bool,
    pub gone: bool,
    pub ephemeral: bool,
    pub observed_at: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupSort {
    /// Who loses data first, then the worst status, then the longest time.
    #[default]
    Status,
    Group,
    Channel,
    Lag,
    TimeLag,
    In,
    Out,
    Forecast,
    Members,
    Source,
    Owner,
}

impl GroupSort {
    pub const ALL: [Self; 11] = [
        Self::Status,
        Self::Group,
        Self::Channel,
        Self::Lag,
        Self::TimeLag,
        Self::In,
        Self::Out,
        Self::Forecast,
        Self::Members,
        Self::Source,
        Self::Owner,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Group => "group",
            Self::Channel => "channel",
            Self::Lag => "lag",
            Self::TimeLag => "time_lag",
            Self::In => "in",
            Self::Out => "out",
            Self::Forecast => "forecast",
            Self::Members => "members",
            Self::Source => "source",
            Self::Owner => "owner",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == word)
    }
}

/// What somebody wants to see of all groups.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GroupsWanted {
    /// In the name of the group, a channel, the source or the owner.
    pub text: String,
    pub status: Option<Status>,
    pub source: Option<SourceId>,
    pub kind: Option<GroupKind>,
    /// Exactly this channel.
    pub channel: Option<String>,
    /// Those that are left out otherwise: ephemeral, archived, gone.
    pub all: bool,
    pub sort: GroupSort,
    /// The other way round.
    pub reverse: bool,
    /// First row, from 0.
    pub from: usize,
    pub most: usize,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GroupsPage {
    pub rows: Vec<GroupRow>,
    /// Of all that match.
    pub matching: usize,
    /// Of all that match but for their status, in the order of [`Status::ALL`].
    pub statuses: [usize; Status::ALL.len()],
    /// Ephemeral, archived and gone ones that are left out.
    pub left_out: usize,
    /// Groups of which no channel may be seen.
    pub hidden: u32,
    pub sources: Vec<SourceObserved>,
    /// When this was read.
    pub at: Timestamp,
}

/// Makes one row of what is known of a group on its visible channels; `None` if that is nothing.
pub fn row_of(mut on: Vec<Listed>, hidden_channels: u32) -> Option<GroupRow> {
    on.sort_by(|a, b| {
        b.standing.verdict.status.cmp(&a.standing.verdict.status).then_with(|| by_lag(&b.standing, &a.standing))
    });
    let worst = on.first()?.clone();
    let all = || on.iter().map(|l| &l.standing);
    let add = |of: fn(&Standing) -> Option<f64>| all().filter_map(of).reduce(|a, b| a + b);
    let sum = |of: fn(&Standing) -> Option<u64>| all().filter_map(of).reduce(u64::saturating_add);
    let slots = on.iter().map(|l| l.spark.len()).max().unwrap_or(0);
    let at = |i: usize| {
        let each = on.iter().filter_map(|l| (l.spark.len() + i).checked_sub(slots).and_then(|i| *l.spark.get(i)?));
        each.reduce(u64::saturating_add)
    };
    let s = &worst.standing;
    let several = on.len() > 1 && s.verdict.status != Status::Ok;
    Some(GroupRow {
        group: s.group,
        name: s.name.clone(),
        kind: s.kind,
        state: s.state,
        environment: s.environment,
        source: s.source,
        source_name: s.source_name.clone(),
        channels: all().map(|s| s.channel.clone()).collect(),
        hidden_channels,
        status: s.verdict.status,
        reason: if several { format!("{}: {}", s.channel, s.verdict.reason) } else { s.verdict.reason.clone() },
        since: s.since,
        partitions: all().map(|s| s.partitions).fold(0, u32::saturating_add),
        active_members: all().map(|s| s.active_members).max().unwrap_or(0),
        members: s.members,
        lag: sum(|s| s.lag),
        committed_lag: sum(|s| s.committed_lag),
        time_lag: worst_time(all().map(|s| &s.time_lag)),
        in_per_s: add(|s| s.in_per_s),
        out_per_s: add(|s| s.out_per_s),
        forecast: all().max_by(|a, b| forecast_order(&a.forecast, &b.forecast))?.forecast.clone(),
        loss: all().filter_map(|s| s.loss.clone()).min_by_key(|l| l.first),
        positions_expire: all().filter_map(|s| s.positions_expire).min(),
        spark: (0..slots).map(at).collect(),
        owner: s.owner.clone(),
        alarms: s.alarms,
        archived: worst.archived,
        gone: worst.gone,
        ephemeral: worst.ephemeral,
        observed_at: all().map(|s| s.observed_at).min()?,
    })
}

/// The longest of what is known; unknown only where none is.
pub fn worst_time<'a>(all: impl Iterator<Item = &'a TimeLag>) -> TimeLag {
    let none = || TimeLag::Unknown { why: "nothing is known of its partitions".to_owned() };
    all.max_by_key(|t| t.ms().map_or(-1, |ms| i64::try_from(ms).unwrap_or(i64::MAX))).cloned().unwrap_or_else(none)
}

/// The page of all groups: filtered, sorted, cut. Counts are of what matches, not of the page.
pub fn groups_page(
    rows: Vec<GroupRow>,
    wanted: &GroupsWanted,
    hidden: u32,
    sources: Vec<SourceObserved>,
    at: Timestamp,
) -> GroupsPage {
    let text = wanted.text.to_lowercase();
    let has = |s: &str| s.to_lowercase().contains(&text);
    let mut matching: Vec<GroupRow> = rows
        .into_iter()
        .filter(|r| {
            (text.is_empty()
                || has(&r.name)
                || has(&r.source_name)
                || r.channels.iter().any(|c| has(c))
                || r.owner.as_deref().is_some_and(has))
                && wanted.source.is_none_or(|s| s == r.source)
                && wanted.kind.is_none_or(|k| k == r.kind)
                && wanted.channel.as_ref().is_none_or(|c| r.channels.contains(c))
        })
        .collect();
    let apart = |r: &GroupRow| r.archived || r.gone || r.ephemeral;
    let left_out = if wanted.all { 0 } else { matching.iter().filter(|r| apart(r)).count() };
    if !wanted.all {
        matching.retain(|r| !apart(r));
    }
    let statuses = Status::ALL.map(|s| matching.iter().filter(|r| r.status == s).count());
    if let Some(status) = wanted.status {
        matching.retain(|r| r.status == status);
    }
    matching.sort_by(|a, b| {
        let order = order(wanted.sort, a, b);
        let order = if wanted.reverse { order.reverse() } else { order };
        order.then_with(|| a.name.cmp(&b.name)).then_with(|| a.group.cmp(&b.group))
    });
    let found = matching.len();
    let rows = matching.into_iter().skip(wanted.from).take(wanted.most).collect();
    GroupsPage { rows, matching: found, statuses, left_out, hidden, sources, at }
}

/// Each column begins with what an operator looks for: the worst, the most, the first by name.
fn order(by: GroupSort, a: &GroupRow, b: &GroupRow) -> Ordering {
    let text = |of: fn(&GroupRow) -> &str| of(a).cmp(of(b));
    let rate = |of: fn(&GroupRow) -> Option<f64>| of(b).unwrap_or(-1.0).total_cmp(&of(a).unwrap_or(-1.0));
    match by {
        GroupSort::Status => urgency(a).cmp(&urgency(b)),
        GroupSort::Group => text(|r| &r.name),
        GroupSort::Channel => text(|r| r.channels.first().map_or("", String::as_str)),
        GroupSort::Source => text(|r| &r.source_name),
        GroupSort::Owner => {
            a.owner.is_none().cmp(&b.owner.is_none()).then_with(|| text(|r| r.owner.as_deref().unwrap_or("")))
        }
        // What is not known comes last.
        GroupSort::Lag => b.lag.cmp(&a.lag),
        GroupSort::TimeLag => b.time_lag.ms().cmp(&a.time_lag.ms()),
        GroupSort::In => rate(|r| r.in_per_s),
        GroupSort::Out => rate(|r| r.out_per_s),
        GroupSort::Members => b.members.cmp(&a.members),
        GroupSort::Forecast => {
            let loss = |r: &GroupRow| (r.loss.is_none(), r.loss.as_ref().map(|l| l.first));
            loss(a).cmp(&loss(b)).then_with(|| forecast_order(&b.forecast, &a.forecast))
        }
    }
}

/// Who loses data first; then the worst status; then who is furthest behind in time.
fn urgency(r: &GroupRow) -> (bool, Option<Timestamp>, Reverse<Status>, Reverse<u64>, Reverse<u64>) {
    let loses = r.loss.as_ref().filter(|_| r.status > Status::Unknown);
    (
        loses.is_none(),
        loses.map(|l| l.first),
        Reverse(r.status),
        Reverse(r.time_lag.ms().unwrap_or(0)),
        Reverse(r.lag.unwrap_or(0)),
    )
}

/// From the best to the worst.
fn forecast_order(a: &Forecast, b: &Forecast) -> Ordering {
    let class = |f: &Forecast| match f {
        Forecast::Unknown { .. } => 0,
        Forecast::KeepsUp => 1,
        Forecast::StaysLevel => 2,
        Forecast::Drains { .. } => 3,
        Forecast::NeverDrains { .. } => 4,
    };
    class(a).cmp(&class(b)).then_with(|| match (a, b) {
        (Forecast::Drains { at: a, .. }, Forecast::Drains { at: b, .. }) => a.cmp(b),
        (Forecast::NeverDrains { per_min: a }, Forecast::NeverDrains { per_min: b }) => a.total_cmp(b),
        _ => Ordering::Equal,
    })
}

fn by_lag(a: &Standing, b: &Standing) -> Ordering {
    a.time_lag.ms().cmp(&b.time_lag.ms()).then_with(|| a.lag.cmp(&b.lag))
}

#[cfg(test)]
mod tests;
