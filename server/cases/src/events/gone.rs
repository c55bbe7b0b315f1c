use super::EventsCases;
use weir_domain::{
    CaseError, EventId,
    access::Caller,
    audit::{About, Object},
    events::Gone,
};

pub const NAME: &str = "events/gone";

impl EventsCases {
    /// What is known of a position at which no event is stored: where it was, when it went, and why. `Ok(None)`: nothing
    /// is known of its partition, or it may not be seen.
    pub async fn gone(&self, caller: &Caller, id: EventId) -> Result<Option<Gone>, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let found = self.0.rows.gone(&sight.view, id).await?;
        let found = found.and_then(|gone| {
            let named = sight.channel(gone.channel)?;
            Some(Gone { source_name: named.source_name.clone(), channel_name: named.channel_name.clone(), ..gone })
        });
        let within = found.as_ref().map(|g| (g.source, g.channel, g.channel_name.as_str()));
        sight.trail.saw(About::object(Object::event(id, within)).count(found.is_some().into())).await?;
        Ok(found)
    }
}
