use super::{SourcesCases, reach, visible_sources};
use weir_domain::{
    CaseError, SourceId,
    access::Caller,
    audit::{About, Facts, Field, Object},
    capture::SourceState,
};

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
        reach::whole_source_or_refuse(source, &sight).await?;
        let standing = |paused: bool| Facts::new().with(Field::Paused, paused);
        let about = About::object(Object::source(id, Some(&source.name)))
            .change(standing(source.state == SourceState::Paused), standing(paused));
        let act = sight.trail.act(about).await?;
        let done = act.done(self.sources.set_paused(&sight.view, id, paused, now).await).await?;
        tracing::info!(use_case = name, source = id.0, person = %caller.person.0, request = %caller.origin.request_id, done);
        Ok(done)
    }
}
