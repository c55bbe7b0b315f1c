use super::{BudgetStep, Fill, Flow, Forecast, Stake, forecast, in_order};
use crate::{ChannelId, PersonId, SourceId, StoreError, Timestamp, access::View, capture::ChannelCapture};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Steps that a page shows: those of last.
pub const MOST_TOLD: u32 = 100;

/// What was decided about the budget.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BudgetSetting {
    /// `None`: there is none.
    pub bytes: Option<u64>,
    /// It stands in the configuration file, and is changed there.
    pub from_file: bool,
    /// When somebody last changed it here, and who that was if they are still known.
    pub changed: Option<(Timestamp, Option<String>)>,
}

/// The budget and what is used of it, as upkeep last measured it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BudgetStanding {
    pub setting: BudgetSetting,
    /// Bytes of all tables and indexes that hold captured events, without `room`. `None`: not measured yet.
    pub used: Option<u64>,
    /// Bytes of the same tables that were given up, and are written to again.
    pub room: u64,
    pub measured_at: Option<Timestamp>,
    /// Channels whose payloads are not kept at present, for want of room.
    pub withheld: u32,
    /// Channels whose payloads are kept, all or some.
    pub keeping: u32,
    /// What the files of the processes that run say, each value once, the least first; `None`: nothing.
    pub in_files: Vec<Option<u64>>,
}

impl BudgetStanding {
    /// `None`: there is no budget, or nothing was measured yet.
    pub fn fill(&self) -> Option<Fill> {
        Some(Fill::of(self.used?, self.setting.bytes?))
    }
    /// Of a hundred, rounded down.
    pub fn per_cent(&self) -> Option<u64> {
        let (used, budget) = (u128::from(self.used?), u128::from(self.setting.bytes?).max(1));
        u64::try_from(used * 100 / budget).ok()
    }
    /// No channel keeps payloads, and the budget is used up all the same: by metadata, and by what holds keep. None of them is
    /// given up.
    pub fn by_metadata_alone(&self) -> bool {
        self.fill() == Some(Fill::Full) && self.keeping == 0
    }
    /// Files of two processes say different things. The least of them rules.
    pub const fn files_differ(&self) -> bool {
        self.in_files.len() > 1
    }
}

/// What comes, and when the budget is full at that rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BudgetOutlook {
    /// Of all channels; `None`: of none it is known.
    pub per_day: Option<u64>,
    /// Once as much goes as comes.
    pub comes_to: Option<u64>,
    /// Channels that are too new to tell, and are in none of the two.
    pub unknown: u32,
    pub forecast: Forecast,
}

impl BudgetOutlook {
    /// `all`: every channel there is. Payloads that a hold keeps stay on top of what comes and goes.
    pub fn of(standing: &BudgetStanding, all: &[ChannelCapture]) -> Self {
        let (mut flows, mut unknown) = (Vec::with_capacity(2 * all.len()), 0);
        for channel in all {
            match channel.flows() {
                Some(of_channel) => flows.extend(of_channel),
                None => unknown += 1,
            }
        }
        let sum = |of: fn(&Flow) -> u64| flows.iter().map(of).fold(0, u64::saturating_add);
        let held = all.iter().map(|c| c.held_bytes).fold(0, u64::saturating_add);
        let known = !flows.is_empty();
        Self {
            per_day: known.then(|| sum(|f| f.per_day)),
            comes_to: known.then(|| sum(|f| f.comes_to).saturating_add(held)),
            unknown,
            forecast: forecast(standing.setting.bytes, standing.used.unwrap_or(0), &flows),
        }
    }
}

/// A channel, in the order in which channels give way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GivingWay {
    pub channel: ChannelId,
    pub name: String,
    pub source_name: String,
    pub turn: u8,
    /// Of its payloads, those that can be given up.
    pub payload_bytes: u64,
    /// And those that a hold keeps: they can't.
    pub held_bytes: u64,
    /// Its payloads are not kept since then, for want of room.
    pub withheld: Option<Timestamp>,
}

impl GivingWay {
    /// Those that give way first come first.
    pub fn in_order(channels: &[ChannelCapture]) -> Vec<Self> {
        let of: BTreeMap<ChannelId, &ChannelCapture> = channels.iter().map(|c| (c.channel, c)).collect();
        let stakes: Vec<Stake> = channels.iter().map(ChannelCapture::stake).collect();
        let told = in_order(&stakes).into_iter().filter_map(|s| {
            let c = of.get(&s.channel)?;
            Some(Self {
                channel: c.channel,
                name: c.name.clone(),
                source_name: c.source_name.clone(),
                turn: s.turn,
                payload_bytes: s.payload,
                held_bytes: c.held_bytes,
                withheld: c.withheld,
            })
        });
        told.collect()
    }
}

/// One look at the channels, for all that is told of them beside the budget.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Captured {
    pub standing: BudgetStanding,
    /// Visible ones, those that cost most first.
    pub channels: Vec<ChannelCapture>,
    /// Of all: sums of bytes tell nothing of any one.
    pub outlook: BudgetOutlook,
}

/// What was done about the budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BudgetDone {
    /// The budget was set, changed or taken away.
    Set,
    /// It is used up to [`super::WARN_PER_CENT`]: people are warned.
    Warned,
    /// It is used up to [`super::FULL_PER_CENT`].
    Full,
    /// Neither any more.
    Room,
    GaveUp,
    Withheld,
    Restored,
}

impl BudgetDone {
    pub const ALL: &'static [Self] =
        &[Self::Set, Self::Warned, Self::Full, Self::Room, Self::GaveUp, Self::Withheld, Self::Restored];
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Set => "set",
            Self::Warned => "warned",
            Self::Full => "full",
            Self::Room => "room",
            Self::GaveUp => "gave_up",
            Self::Withheld => "withheld",
            Self::Restored => "restored",
        }
    }
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|d| d.as_str() == word)
    }
}

/// One line of the budget's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BudgetTold {
    pub at: Timestamp,
    pub done: BudgetDone,
    /// Of what concerns one.
    pub channel: Option<(ChannelId, String)>,
    /// Of payloads that were given up.
    pub bytes: Option<u64>,
    pub used: Option<u64>,
    pub budget: Option<u64>,
}

/// The budget's part of the page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BudgetShown {
    pub standing: BudgetStanding,
    pub outlook: BudgetOutlook,
    /// Visible channels in the order in which they give way.
    pub order: Vec<GivingWay>,
    /// Newest first, at most [`MOST_TOLD`]; what concerns hidden channels is left out.
    pub history: Vec<BudgetTold>,
    pub may_edit: bool,
    /// "n channels you may not see"
    pub hidden_channels: u32,
}

/// How a change of the budget went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BudgetSet {
    Set,
    /// It is not any more what it was when whoever changes it looked.
    Moved,
    /// The configuration file says it.
    FromFile,
}

/// The budget as people see and set it.
#[async_trait]
pub trait Budgets: Send + Sync {
    /// What stands, without a look at channels.
    async fn budget_standing(&self, view: &View) -> Result<BudgetStanding, StoreError>;
    /// The same with what channels cost.
    async fn captured(&self, view: &View, now: Timestamp) -> Result<Captured, StoreError>;
    async fn budget_history(&self, view: &View, most: u32) -> Result<Vec<BudgetTold>, StoreError>;
    async fn set_budget(
        &self,
        view: &View,
        before: Option<u64>,
        after: Option<u64>,
        by: &PersonId,
        at: Timestamp,
    ) -> Result<BudgetSet, StoreError>;
}

/// A step that is to be taken, with the name of what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    pub step: BudgetStep,
    pub source: SourceId,
    pub name: String,
}

/// What was measured, and what follows from it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BudgetPlan {
    pub used: u64,
    pub budget: Option<u64>,
    pub steps: Vec<Planned>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::{ChannelPolicy, Cost};

    fn capture(channel: i64, payload: u64, held: u64) -> ChannelCapture {
        let cost = Cost {
            payload_bytes: payload,
            metadata_bytes: 10,
            payload_per_day: Some(100),
            metadata_per_day: Some(1),
            ..Cost::default()
        };
        ChannelCapture {
            channel: ChannelId(channel),
            name: format!("c{channel}"),
            source: SourceId(1),
            source_name: "s".into(),
            source_kind: "kafka".into(),
            ceiling: "full".into(),
            policy: ChannelPolicy::DEFAULT,
            changed: None,
            cost,
            held_bytes: held,
            given_up: Vec::new(),
            withheld: None,
            tombstones: None,
        }
    }

    #[test]
    fn what_a_hold_keeps_neither_gives_way_nor_goes() {
        // The largest is held but for a little.
        let all = [capture(1, 1_000, 950), capture(2, 500, 0)];
        let order = GivingWay::in_order(&all);
        let told: Vec<_> = order.iter().map(|c| (c.channel.0, c.payload_bytes, c.held_bytes)).collect();
        assert_eq!(told, [(2, 500, 0), (1, 50, 950)]);
        let standing = BudgetStanding {
            setting: BudgetSetting { bytes: Some(2_720), ..BudgetSetting::default() },
            used: Some(1_520),
            ..BudgetStanding::default()
        };
        // Both come to 700 and 30, and the 950 stay on top.
        let outlook = BudgetOutlook::of(&standing, &all);
        assert_eq!((outlook.per_day, outlook.comes_to), (Some(202), Some(700 + 700 + 30 + 30 + 950)));
        assert_eq!(outlook.forecast, Forecast::Never);
        let tighter = BudgetSetting { bytes: Some(2_300), ..BudgetSetting::default() };
        let tighter = BudgetStanding { setting: tighter, ..standing };
        assert!(matches!(BudgetOutlook::of(&tighter, &all).forecast, Forecast::In(_)));
        let free = all.map(|c| ChannelCapture { held_bytes: 0, ..c });
        assert_eq!(BudgetOutlook::of(&tighter, &free).forecast, Forecast::Never);
    }

    #[test]
    fn metadata_fills_it_alone_once_no_channel_keeps_payloads() {
        let setting = BudgetSetting { bytes: Some(1_000), ..BudgetSetting::default() };
        let of = |used, keeping| BudgetStanding {
            setting: setting.clone(),
            used: Some(used),
            keeping,
            ..BudgetStanding::default()
        };
        assert!(of(960, 0).by_metadata_alone());
        assert!(!of(960, 1).by_metadata_alone() && !of(940, 0).by_metadata_alone());
        assert!(!BudgetStanding::default().by_metadata_alone());
    }

    #[test]
    fn words_are_read_as_they_are_written() {
        for done in BudgetDone::ALL {
            assert_eq!(BudgetDone::parse(done.as_str()), Some(*done));
        }
    }
}
