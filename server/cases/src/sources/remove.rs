use super::{SourcesCases, told};
use weir_domain::{CaseError, SourceId, access::Caller, audit::Facts};

pub const NAME: &str = "sources/remove";

impl SourcesCases {
    /// Gives up reading a source made in the browser and forgets its settings and secrets. Its events stay as long as
    /// their retention lets them. `Ok(false)`: there is none, or none to be seen.
    pub async fn remove(&self, caller: &Caller, id: SourceId) -> Result<bool, CaseError> {
        let sight = self.views.authorise(caller, NAME).await?;
        let Some(old) = self.own(&sight, id).await? else { return Ok(false) };
        let before = told::policy(told::connection(&old.settings), &old.settings.policy);
        let act = sight.trail.act(told::about(id, &old.name).change(before, Facts::new())).await?;
        let done = act.done(self.made.remove(&sight.view, id, &caller.person, self.clock.now()).await).await?;
        tracing::info!(use_case = NAME, source = id.0, person = %caller.person.0, request = %caller.origin.request_id, done);
        Ok(done)
    }
}
