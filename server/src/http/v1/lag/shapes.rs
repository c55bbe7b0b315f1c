//! Consumer groups as programs get them. `null` is unknown, never zero.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_domain::lag::{Forecast, Kept, Loss, MoveDone, Refused, ResetDone, TimeLag, Verdict};

use crate::http::v1::shared::Time;

/// How old the oldest unread event is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GroupTimeLag {
    /// Milliseconds; 0: nothing is unread.
    pub ms: Option<u64>,
    /// By the stored event itself; else it lies between two observations of the end.
    pub exact: bool,
    /// Counted from its arrival, because its own time trails that.
    pub from_arrival: bool,
    /// Why it is not known.
    pub why_unknown: Option<String>,
}

impl From<TimeLag> for GroupTimeLag {
    fn from(of: TimeLag) -> Self {
        let (ms, exact, from_arrival) = match &of {
            TimeLag::None => (Some(0), true, false),
            TimeLag::Exact { ms, from_arrival } => (Some(*ms), true, *from_arrival),
            TimeLag::About { ms } => (Some(*ms), false, false),
            TimeLag::Unknown { .. } => (None, false, false),
        };
        let why_unknown = if let TimeLag::Unknown { why } = of { Some(why) } else { None };
        Self { ms, exact, from_arrival, why_unknown }
    }
}

/// Where lag goes if things stay as they were.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct GroupForecast {
    /// `keeps_up`, `drains`, `never_drains`, `stays_level` or `unknown`.
    #[schema(example = "drains")]
    pub kind: String,
    /// When it is drained, about.
    pub at: Option<Time>,
    /// In eight of ten cases between this…
    pub earliest: Option<Time>,
    /// …and this; `null` with an `earliest`: perhaps never.
    pub latest: Option<Time>,
    /// By how many events a minute it grows.
    pub grows_per_min: Option<f64>,
    /// Why it is not known.
    pub why_unknown: Option<String>,
}

impl From<Forecast> for GroupForecast {
    fn from(of: Forecast) -> Self {
        let kind = match &of {
            Forecast::KeepsUp => "keeps_up",
            Forecast::Drains { .. } => "drains",
            Forecast::NeverDrains { .. } => "never_drains",
            Forecast::StaysLevel => "stays_level",
            Forecast::Unknown { .. } => "unknown",
        };
        let mut told = Self {
            kind: kind.to_owned(),
            at: None,
            earliest: None,
            latest: None,
            grows_per_min: None,
            why_unknown: None,
        };
        match of {
            Forecast::Drains { at, earliest, latest } => {
                (told.at, told.earliest, told.latest) = (Some(at.into()), Some(earliest.into()), latest.map(Time));
            }
            Forecast::NeverDrains { per_min } => told.grows_per_min = finite(Some(per_min)),
            Forecast::Unknown { why } => told.why_unknown = Some(why),
            Forecast::KeepsUp | Forecast::StaysLevel => {}
        }
        told
    }
}

/// When retention deletes what has not been read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct GroupLoss {
    /// The first unread event is deleted then, if the group goes on as it does. In the past: it is lost already.
    pub first: Time,
    /// In eight of ten cases not before this.
    pub earliest: Time,
    /// Unread events deleted a second from then on.
    pub events_per_s: Option<f64>,
    /// What deletes it.
    #[schema(example = "retention of 24 h")]
    pub by: String,
}

impl From<Loss> for GroupLoss {
    fn from(of: Loss) -> Self {
        Self { first: of.first.into(), earliest: of.earliest.into(), events_per_s: finite(Some(of.per_s)), by: of.by }
    }
}

/// A status, the rule that decided, and why in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GroupVerdict {
    /// From the best to the worst `OK`, `UNKNOWN`, `REWIND`, `WARN`, `STALL`, `STOP`.
    #[schema(example = "WARN")]
    pub status: String,
    pub rule: String,
    pub reason: String,
}

impl From<Verdict> for GroupVerdict {
    fn from(of: Verdict) -> Self {
        Self { status: of.status.as_str().to_owned(), rule: of.rule, reason: of.reason }
    }
}

/// A source of consumer groups, as they refer to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GroupSource {
    #[schema(example = "3")]
    pub id: String,
    #[schema(example = "shop")]
    pub name: String,
}

/// What its broker keeps of a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct KeptAtBroker {
    /// Milliseconds; `null`: for ever.
    pub for_ms: Option<i64>,
    /// Bytes of each partition; `null`: no limit.
    pub bytes: Option<i64>,
    /// The latest event of each key is kept.
    pub compacted: bool,
}

impl From<Kept> for KeptAtBroker {
    fn from(of: Kept) -> Self {
        Self { for_ms: of.for_ms, bytes: of.bytes, compacted: of.compacted }
    }
}

/// Why something can't be done now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WhyRefused {
    pub what: String,
    pub what_to_do: String,
}

impl From<Refused> for WhyRefused {
    fn from(of: Refused) -> Self {
        Self { what: of.what, what_to_do: of.what_to_do }
    }
}

/// A partition's position that was to be moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MovedPosition {
    pub partition: i32,
    /// `null`: it had none.
    #[schema(example = "4711")]
    pub from: Option<String>,
    #[schema(example = "4000")]
    pub to: String,
    /// Why it was not moved.
    pub problem: Option<String>,
}

/// A reset of positions as it was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GroupReset {
    pub id: String,
    pub channel: String,
    pub at: Time,
    pub by: Option<String>,
    pub moves: Vec<MovedPosition>,
    /// The reset that it took back.
    pub undoes: Option<String>,
    /// The reset that took it back.
    pub undone_by: Option<String>,
}

impl From<ResetDone> for GroupReset {
    fn from(of: ResetDone) -> Self {
        let moved = |m: MoveDone| MovedPosition {
            partition: m.partition,
            from: m.from.map(|p| p.to_string()),
            to: m.to.to_string(),
            problem: m.problem,
        };
        Self {
            id: of.id,
            channel: of.channel,
            at: of.at.into(),
            by: of.by,
            moves: of.moves.into_iter().map(moved).collect(),
            undoes: of.undoes,
            undone_by: of.undone_by,
        }
    }
}

/// What JSON can write.
pub(crate) fn finite(number: Option<f64>) -> Option<f64> {
    number.filter(|n| n.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;
    use weir_domain::Timestamp;

    #[test]
    fn unknown_is_null_and_says_why() {
        let of = |t: TimeLag| (GroupTimeLag::from(t.clone()).ms, GroupTimeLag::from(t).why_unknown);
        assert_eq!(of(TimeLag::None), (Some(0), None));
        assert_eq!(of(TimeLag::Unknown { why: "not committed".into() }), (None, Some("not committed".into())));
        let at = Timestamp::from_millis(7);
        let drains = GroupForecast::from(Forecast::Drains { at, earliest: at, latest: None });
        assert_eq!((drains.kind.as_str(), drains.at, drains.latest), ("drains", Some(Time(at)), None));
        let never = GroupForecast::from(Forecast::NeverDrains { per_min: f64::INFINITY });
        assert_eq!((never.kind.as_str(), never.grows_per_min), ("never_drains", None), "JSON has no infinity");
    }
}
