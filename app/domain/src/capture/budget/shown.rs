use super::{BudgetStep, Fill, Forecast};
use crate::{ChannelId, PersonId, SourceId, StoreError, Timestamp, access::View};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};

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

/// A channel, in the order in which channels give way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GivingWay {
    pub channel: ChannelId,
    pub name: String,
    pub source_name: String,
    pub turn: u8,
    pub payload_bytes: u64,
    /// Its payloads are not kept since then, for want of room.
    pub withheld: Option<Timestamp>,
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
    async fn budget_outlook(&self, view: &View, now: Timestamp) -> Result<BudgetOutlook, StoreError>;
    /// Visible channels in the order in which they give way.
    async fn giving_way(&self, view: &View, now: Timestamp) -> Result<Vec<GivingWay>, StoreError>;
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

/// "1.5 GB", for a sentence.
pub fn told_bytes(bytes: u64) -> String {
    let units = [(1_000_000_000_000, "TB"), (1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    match units.into_iter().find(|(size, _)| bytes >= *size) {
        None => format!("{bytes} bytes"),
        Some((size, unit)) => match (bytes / size, bytes % size * 10 / size) {
            (whole, tenth) if whole < 100 && tenth > 0 => format!("{whole}.{tenth} {unit}"),
            (whole, _) => format!("{whole} {unit}"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_told_with_at_most_one_place() {
        let told = [999, 1_000, 1_550_000, 20_000_000_000, 123_400_000_000_000].map(told_bytes);
        assert_eq!(told, ["999 bytes", "1 kB", "1.5 MB", "20 GB", "123 TB"]);
    }

    #[test]
    fn words_are_read_as_they_are_written() {
        for done in BudgetDone::ALL {
            assert_eq!(BudgetDone::parse(done.as_str()), Some(*done));
        }
    }
}
