use super::{OverviewCases, attention, held::HeldPartitions};
use crate::{
    sources::{known_behind, visible_sources},
    views::Sight,
};
use weir_domain::{CaseError, access::Caller, overview::Summary, sources::SourceShown};

pub const NAME: &str = "overview/summary";

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
        let away = |s: &&SourceShown| known_behind(s.state, Some(0)).is_none();
        if let Some(state) = summary.sources.iter().find(away).map(|s| s.state) {
            summary.behind = known_behind(state, summary.behind);
        }
        for line in &mut summary.channels {
            let source = sight.channel(line.id).map(|e| e.source);
            if let Some(source) = summary.sources.iter().find(|s| Some(s.id) == source) {
                line.behind = known_behind(source.state, line.behind);
            }
        }
        let held = held.refreshed(&*self.0.sources, sight, &summary.sources, now).await?;
        summary.attention = attention::ranked(&summary, held, sight, now);
        Ok(summary)
    }
}
