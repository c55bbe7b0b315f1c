use super::{SourcesCases, reach, visible_sources};
use weir_domain::{CaseError, SourceId, access::Caller};

impl SourcesCases {
    /// Lets a source stand still or go on, for the use case of this name; needs a grant on the whole of it.
    /// `Ok(false)`: no such source, or none to be seen.
    pub(super) async fn set_paused(
        &self,
        caller: &Caller,
        name: &'static str,
        id: SourceId,
        paused: bool,
    ) -> Result<bool, CaseError> {
        let sight = self.views.authorise(caller, name).await?;
        let now = self.clock.now();
        let known = visible_sources(&*self.sources, &sight, caller, now).await?;
        let Some(source) = known.iter().find(|s| s.id == id) else {
            return Ok(false);
        };
        reach::whole_source_or_refuse(source, &sight)?;
        let done = self.sources.set_paused(&sight.view, id, paused, now).await?;
        tracing::info!(use_case = name, source = id.0, person = %caller.person.0, request = %caller.request_id, done);
        Ok(done)
    }
}
