use super::{OverviewCases, attention, held::HeldPartitions};
use crate::{
    changes::visible_changes,
    sources::{known_behind_in, visible_sources},
    views::Sight,
};
use weir_domain::{
    CaseError,
    access::Caller,
    changes::ChangeFilter,
    events::TimeRange,
    overview::{CHANGES_SECS, Summary},
};

pub const NAME: &str = "overview/summary";

/// Changes shown, and how many are looked through for them.
const CHANGES: usize = 7;
const CHANGES_READ: u32 = 50;

impl OverviewCases {
    /// Figures over the visible channels, and what needs a person.
    pub async fn summary(&self, caller: &Caller) -> Result<Summary, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        self.figures(caller, &sight, &mut HeldPartitions::default()).await
    }

    /// Shared with the live stream, which remembers what is held between its frames.
    pub(super) async fn figures(
        &self,
        caller: &Caller,
        sight: &Sight,
        held: &mut HeldPartitions,
    ) -> Result<Summary, CaseError> {
        let now = self.0.clock.now();
        let mut summary = self.0.overview.summary(&sight.view, now).await?;
        let channels = sight.view.channels();
        summary.channels.retain(|c| channels.contains(c.id));
        summary.recent_gaps.retain(|g| channels.contains(g.channel));
        summary.hidden_channels = channels.hidden();
        summary.sources = visible_sources(&*self.0.sources, sight, caller, now).await?;
        // Both from the same look: a total beside its parts must be theirs. One that was taken out of the
        // configuration has nothing to catch up with.
        let read = || summary.sources.iter().filter(|s| !s.orphan);
        summary.behind = read().filter_map(|s| s.behind).reduce(u64::saturating_add);
        if summary.behind == Some(0) && read().any(|s| s.state.stands_still()) {
            summary.behind = None;
        }
        if read().all(|s| s.state.stands_still()) {
            summary.events_per_s = None;
        }
        for line in &mut summary.channels {
            let source = sight.channel(line.id).map(|e| e.source);
            if let Some(source) = summary.sources.iter().find(|s| Some(s.id) == source) {
                line.behind = known_behind_in(source.state, line.behind);
                line.events_per_s_x100 = line.events_per_s_x100.filter(|_| !source.state.stands_still());
            }
        }
        let since = TimeRange { from: Some(now.plus_secs(-CHANGES_SECS)), to: None };
        let lately = ChangeFilter { range: since, ..ChangeFilter::default() };
        let (mut changes, more) = visible_changes(&*self.0.changes, sight, &lately, None, CHANGES_READ).await?;
        summary.changes_total = u32::try_from(changes.len()).unwrap_or(u32::MAX);
        summary.more_changes = more.is_some();
        changes.truncate(CHANGES);
        summary.changes = changes;
        let held = held.refreshed(&*self.0.sources, sight, &summary.sources, now).await?;
        let mut differing = self.0.verifying.verified(&sight.view, None).await?;
        differing.retain(|c| c.differences > 0 && channels.contains(c.channel));
        let budget = self.0.budgets.budget_standing(&sight.view).await?;
        summary.attention = attention::ranked(&summary, held, &differing, sight, now);
        let full = attention::budget(&budget);
        summary.attention.splice(0..0, full);
        Ok(summary)
    }
}
