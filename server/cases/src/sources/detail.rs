use super::{SourcesCases, reach};
use weir_domain::{CaseError, SourceId, access::Caller, sources::SourceDetail};

pub const NAME: &str = "sources/detail";

impl SourcesCases {
    /// One source with its visible channels; `Ok(None)` if there is none, or none to be seen.
    pub async fn detail(&self, caller: &Caller, id: SourceId) -> Result<Option<SourceDetail>, CaseError> {
        let sight = self.views.authorise(caller, NAME).await?;
        let Some(mut shown) = self.sources.detail(&sight.view, id, self.clock.now()).await? else {
            return Ok(None);
        };
        let (environment, source) = (shown.source.environment, shown.source.id);
        if !sight.reaches_source(environment, source) {
            return Ok(None);
        }
        reach::finish(&mut shown.source, &sight, caller);
        shown.channels.retain(|c| sight.view.channels().contains(c.id));
        for c in &mut shown.channels {
            c.behind = reach::known_behind_in(shown.source.state, c.behind);
            if shown.source.state.stands_still() {
                c.events_per_s = None;
            }
            for p in &mut c.partitions {
                p.behind = reach::known_behind(shown.source.state, p.behind);
            }
        }
        shown.gaps.retain(|g| sight.view.channels().contains(g.channel));
        if !sight.reaches_whole_source(environment, source) {
            // What no pattern includes is named like any channel: only where a grant would cover it.
            shown.left_out.retain(|name| sight.reaches_name(environment, source, name));
            shown.source.left_out_total = u32::try_from(shown.left_out.len()).unwrap_or(u32::MAX);
        }
        Ok(Some(shown))
    }
}
