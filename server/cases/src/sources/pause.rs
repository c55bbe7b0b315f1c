use super::{SourcesCases, reach, visible_sources};
use weir_domain::{CaseError, SourceId, access::Caller};

pub const NAME: &str = "sources/pause";

impl SourcesCases {
    /// Stops capture of a source within a second; events wait at the broker, as long as it keeps them.
    /// `Ok(false)`: no such source, or none to be seen.
    pub async fn pause(&self, caller: &Caller, id: SourceId) -> Result<bool, CaseError> {
        let sight = self.views.authorise(caller, NAME).await?;
        let now = self.clock.now();
        let known = visible_sources(&*self.sources, &sight, caller, now).await?;
        let Some(source) = known.iter().find(|s| s.id == id) else {
            return Ok(false);
        };
        reach::whole_source_or_refuse(source, &sight)?;
        let done = self.sources.set_paused(&sight.view, id, true, now).await?;
        tracing::info!(use_case = NAME, source = id.0, person = %caller.person.0, request = %caller.request_id, done);
        Ok(done)
    }
}
