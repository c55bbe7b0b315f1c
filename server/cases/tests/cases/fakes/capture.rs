//! What is captured of channels, and the budget.

use super::FakePorts;
use async_trait::async_trait;
use weir_domain::{
    ChannelId, EventId, PersonId, SourceId, StoreError, Timestamp,
    access::View,
    capture::{
        BudgetDone, BudgetOutlook, BudgetSet, BudgetSetting, BudgetStanding, BudgetTold, Budgets, Captured,
        ChannelCapture, ChannelPolicies, ChannelPolicy, Cost, Forecast, Missing, PolicySet,
    },
    catalog::CatalogEntry,
};

impl FakePorts {
    pub fn policy(&self, channel: ChannelId) -> ChannelPolicy {
        let set = self.policies.lock().unwrap();
        set.iter().rev().find(|(c, _)| *c == channel).map_or(ChannelPolicy::DEFAULT, |(_, policy)| *policy)
    }
    fn capture(&self, entry: &CatalogEntry) -> ChannelCapture {
        ChannelCapture {
            channel: entry.channel,
            name: entry.channel_name.clone(),
            source: entry.source,
            source_name: entry.source_name.clone(),
            source_kind: entry.source_kind.clone(),
            ceiling: "full".into(),
            policy: self.policy(entry.channel),
            changed: None,
            cost: Cost::default(),
            held_bytes: 0,
            given_up: Vec::new(),
            withheld: None,
            tombstones: None,
        }
    }
}

#[async_trait]
impl Budgets for FakePorts {
    async fn budget_standing(&self, view: &View) -> Result<BudgetStanding, StoreError> {
        self.ask("budget_standing", view, None)?;
        Ok(self.budget.lock().unwrap().clone())
    }
    /// Every channel, seen or not.
    async fn captured(&self, view: &View, _: Timestamp) -> Result<Captured, StoreError> {
        self.ask("captured", view, None)?;
        let entries = self.data.lock().unwrap().entries.clone();
        Ok(Captured {
            standing: self.budget.lock().unwrap().clone(),
            channels: entries.iter().map(|e| self.capture(e)).collect(),
            outlook: BudgetOutlook { per_day: None, comes_to: None, unknown: 4, forecast: Forecast::Unknown },
        })
    }
    async fn budget_history(&self, view: &View, most: u32) -> Result<Vec<BudgetTold>, StoreError> {
        self.ask("budget_history", view, Some(most))?;
        let entries = self.data.lock().unwrap().entries.clone();
        let all = entries.into_iter().map(|e| BudgetTold {
            at: Timestamp(0),
            done: BudgetDone::GaveUp,
            channel: Some((e.channel, e.channel_name)),
            bytes: Some(1),
            used: None,
            budget: None,
        });
        Ok(all.collect())
    }
    async fn set_budget(
        &self,
        view: &View,
        before: Option<u64>,
        after: Option<u64>,
        _: &PersonId,
        at: Timestamp,
    ) -> Result<BudgetSet, StoreError> {
        self.ask("set_budget", view, None)?;
        let mut budget = self.budget.lock().unwrap();
        if budget.setting.bytes != before {
            return Ok(BudgetSet::Moved);
        }
        budget.setting = BudgetSetting { bytes: after, from_file: false, changed: Some((at, None)) };
        Ok(BudgetSet::Set)
    }
}

#[async_trait]
impl ChannelPolicies for FakePorts {
    async fn captures(
        &self,
        view: &View,
        source: Option<SourceId>,
        _: Timestamp,
    ) -> Result<Vec<ChannelCapture>, StoreError> {
        self.ask("captures", view, None)?;
        let entries = self.data.lock().unwrap().entries.clone();
        Ok(entries.iter().filter(|e| source.is_none_or(|s| s == e.source)).map(|e| self.capture(e)).collect())
    }
    async fn capture_of(
        &self,
        view: &View,
        channel: ChannelId,
        _: Timestamp,
    ) -> Result<Option<ChannelCapture>, StoreError> {
        self.ask("capture_of", view, None)?;
        let entries = self.data.lock().unwrap().entries.clone();
        Ok(entries.iter().find(|e| e.channel == channel).map(|e| self.capture(e)))
    }
    async fn set_policy(
        &self,
        view: &View,
        channel: ChannelId,
        before: &ChannelPolicy,
        after: &ChannelPolicy,
        _: &PersonId,
        _: Timestamp,
    ) -> Result<PolicySet, StoreError> {
        self.ask("set_policy", view, None)?;
        if self.policy(channel) != *before {
            return Ok(PolicySet::Moved);
        }
        self.policies.lock().unwrap().push((channel, *after));
        Ok(PolicySet::Set)
    }
    async fn missing(&self, view: &View, id: EventId) -> Result<Option<Missing>, StoreError> {
        self.ask("missing", view, None)?;
        let data = self.data.lock().unwrap();
        let Some(event) = data.events.iter().find(|e| e.row.id == id) else { return Ok(None) };
        let name = data.entries.iter().find(|e| e.channel == event.row.channel).map(|e| e.channel_name.clone());
        Ok(Some(Missing {
            event: id,
            channel: event.row.channel,
            channel_name: name.unwrap_or_default(),
            source: event.row.source,
            absent: event.row.absent,
            given_up: None,
            policy: ChannelPolicy::DEFAULT,
        }))
    }
}
