//! Channels with their policies and what they cost, as pages and programs see them.

use super::{CaptureMode, ChannelPolicy, Flow, Stake};
use crate::{ChannelId, EventId, PersonId, SourceId, StoreError, Timestamp, access::View, events::Absence};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};

/// What a channel takes of the disk, and what comes in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    /// Bytes of its payload blocks, exactly.
    pub payload_bytes: u64,
    /// Its part, by number of events, of the tables of metadata with their indexes.
    pub metadata_bytes: u64,
    /// Events stored.
    pub events: u64,
    /// Over the last 24 h, or since capture began if that is shorter. `None`: too short to tell.
    pub events_per_day: Option<u64>,
    /// Bytes of payload blocks that were written, over the same time.
    pub payload_per_day: Option<u64>,
    /// Events of the same time by what one costs.
    pub metadata_per_day: Option<u64>,
}

impl Cost {
    pub const fn bytes(&self) -> u64 {
        self.payload_bytes.saturating_add(self.metadata_bytes)
    }

    pub fn per_day(&self) -> Option<u64> {
        Some(self.payload_per_day?.saturating_add(self.metadata_per_day?))
    }

    /// What it comes to when as much goes as comes, would it come as it did and be kept as `policy` says. Payloads are as
    /// they came under `under`; of a mode that kept none of them nothing is known.
    pub fn steady(&self, policy: &ChannelPolicy, under: CaptureMode) -> Option<u64> {
        if policy.mode == CaptureMode::Off {
            return Some(0);
        }
        let days = |n: i16| u64::try_from(n).unwrap_or(0);
        let metadata = self.metadata_per_day?.saturating_mul(days(policy.metadata_days));
        let payload = match (policy.mode.share_per_mille(), under.share_per_mille()) {
            (0, _) => 0,
            (_, 0) => return None,
            (share, before) => {
                let per_day = u128::from(self.payload_per_day?) * u128::from(share) / u128::from(before);
                u64::try_from(per_day).unwrap_or(u64::MAX).saturating_mul(days(policy.payload_days))
            }
        };
        let payload = policy.payload_limit.map_or(payload, |limit| payload.min(limit));
        Some(metadata.saturating_add(payload))
    }
}

/// Why payloads were deleted before their retention had passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GivenUpBy {
    /// The channel's payloads were above its limit.
    Limit,
    /// Its retention was made shorter.
    Retention,
    /// The store's budget was used up to where channels give way.
    Budget,
}

impl GivenUpBy {
    pub const ALL: &'static [Self] = &[Self::Limit, Self::Retention, Self::Budget];
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Limit => "limit",
            Self::Retention => "retention",
            Self::Budget => "budget",
        }
    }
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|r| r.as_str() == word)
    }
}

/// Payloads that were given up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GivenUp {
    pub by: GivenUpBy,
    /// Between these times.
    pub first_at: Timestamp,
    pub last_at: Timestamp,
    /// Of payload blocks.
    pub bytes: u64,
    /// Of [`GivenUpBy::Limit`] and [`GivenUpBy::Budget`]: the limit or the budget then, in bytes. Of
    /// [`GivenUpBy::Retention`]: the days.
    pub allowed: u64,
}

/// A channel as it is captured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelCapture {
    pub channel: ChannelId,
    pub name: String,
    pub source: SourceId,
    pub source_name: String,
    pub source_kind: String,
    /// How far the source's owner lets Weir go: `off`, `metadata` or `full`.
    pub ceiling: String,
    pub policy: ChannelPolicy,
    /// When somebody last changed it, and who that was if they are still known.
    pub changed: Option<(Timestamp, Option<String>)>,
    pub cost: Cost,
    /// Of its payloads, those that a hold keeps, with all that lies in the same buckets.
    pub held_bytes: u64,
    /// The last 24 h's.
    pub given_up: Vec<GivenUp>,
    /// Its payloads are not kept since then, because the store's budget is used up.
    pub withheld: Option<Timestamp>,
    /// Who switched erasing on tombstones on, and when.
    pub tombstones: Option<(Timestamp, String)>,
}

impl ChannelCapture {
    /// What comes out of policy and ceiling.
    pub fn effective(&self) -> CaptureMode {
        self.policy.mode.under(&self.ceiling)
    }
    pub fn steady(&self) -> Option<u64> {
        let mode = self.effective();
        self.cost.steady(&ChannelPolicy { mode, ..self.policy }, mode)
    }
    /// Bytes of its payloads that no hold keeps.
    pub const fn may_go(&self) -> u64 {
        self.cost.payload_bytes.saturating_sub(self.held_bytes)
    }
    pub fn stake(&self) -> Stake {
        Stake {
            channel: self.channel,
            turn: self.policy.turn,
            payload: self.may_go(),
            per_day: self.cost.payload_per_day.unwrap_or(0),
            keeps_payloads: self.effective().share_per_mille() > 0,
            withheld: self.withheld.is_some(),
        }
    }
    /// Its payloads and its metadata, as they come and go; `None`: nobody can tell yet. What a hold keeps does not go, and is
    /// in neither.
    pub fn flows(&self) -> Option<[Flow; 2]> {
        let days = |n: i16| u64::try_from(n).unwrap_or(0);
        let (payload, metadata) = (self.cost.payload_per_day?, self.cost.metadata_per_day?);
        let stored = match self.effective() {
            CaptureMode::Off => [0, 0],
            mode if mode.share_per_mille() == 0 || self.withheld.is_some() => [0, metadata],
            _ => [payload, metadata],
        };
        let comes_to = stored[0].saturating_mul(days(self.policy.payload_days));
        let comes_to = self.policy.payload_limit.map_or(comes_to, |limit| comes_to.min(limit));
        Some([
            Flow { now: self.may_go(), per_day: stored[0], comes_to },
            Flow {
                now: self.cost.metadata_bytes,
                per_day: stored[1],
                comes_to: stored[1].saturating_mul(days(self.policy.metadata_days)),
            },
        ])
    }
}

/// Channels, those that cost most first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaptureList {
    pub channels: Vec<ChannelCapture>,
    /// "n channels you may not see"
    pub hidden_channels: u32,
}

/// One channel, and whether who asks may change its policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaptureDetail {
    pub capture: ChannelCapture,
    pub may_edit: bool,
}

/// How a change of policy went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicySet {
    Set,
    /// It is not any more what it was when whoever changes it looked.
    Moved,
    Gone,
}

/// Why an event's key, headers and payload are not there, with what is known of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    pub event: EventId,
    pub channel: ChannelId,
    pub channel_name: String,
    pub source: SourceId,
    /// `None`: they are there.
    pub absent: Option<Absence>,
    pub given_up: Option<GivenUp>,
    pub policy: ChannelPolicy,
}

#[async_trait]
pub trait ChannelPolicies: Send + Sync {
    /// Visible channels with what they cost, those that cost most first; of one source, or all.
    async fn captures(
        &self,
        view: &View,
        source: Option<SourceId>,
        now: Timestamp,
    ) -> Result<Vec<ChannelCapture>, StoreError>;
    /// `Ok(None)`: there is none, or none to be seen.
    async fn capture_of(
        &self,
        view: &View,
        channel: ChannelId,
        now: Timestamp,
    ) -> Result<Option<ChannelCapture>, StoreError>;
    /// Holds for what is captured from some seconds on. A channel that was off goes on at the end of its log, and what lies
    /// between is recorded as a gap.
    async fn set_policy(
        &self,
        view: &View,
        channel: ChannelId,
        before: &ChannelPolicy,
        after: &ChannelPolicy,
        by: &PersonId,
        at: Timestamp,
    ) -> Result<PolicySet, StoreError>;
    /// Why an event's bytes are not there. `Ok(None)`: there is no such event, or none to be seen.
    async fn missing(&self, view: &View, id: EventId) -> Result<Option<Missing>, StoreError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_comes_to_follows_policy_and_rate() {
        let cost = Cost {
            payload_per_day: Some(1_000),
            metadata_per_day: Some(10),
            events_per_day: Some(5),
            ..Cost::default()
        };
        let full = ChannelPolicy::DEFAULT;
        let with = |mode| ChannelPolicy { mode, ..full };
        let half = CaptureMode::Sampled { per_mille: 500 };
        assert_eq!(cost.steady(&full, CaptureMode::Full), Some(7_300));
        assert_eq!(cost.steady(&with(half), CaptureMode::Full), Some(3_800));
        assert_eq!(cost.steady(&full, half), Some(14_300));
        assert_eq!(cost.steady(&with(CaptureMode::Metadata), CaptureMode::Full), Some(300));
        assert_eq!(cost.steady(&full, CaptureMode::Metadata), None, "nobody has seen the payloads");
        assert_eq!(cost.steady(&with(CaptureMode::Off), CaptureMode::Full), Some(0));
        assert_eq!(cost.steady(&ChannelPolicy { payload_limit: Some(2_000), ..full }, CaptureMode::Full), Some(2_300));
        assert_eq!(Cost::default().steady(&full, CaptureMode::Full), None);
    }
}
