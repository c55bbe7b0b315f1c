use super::EventsCases;
use weir_domain::{
    CaseError, EventId,
    access::Caller,
    audit::{About, Object},
    capture::Missing,
};

pub const NAME: &str = "events/missing";

impl EventsCases {
    /// Why an event's key, headers and payload are not in the store; `Ok(None)` if there is no such event, or none to be
    /// seen. Nothing of its content is read.
    pub async fn missing(&self, caller: &Caller, id: EventId) -> Result<Option<Missing>, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let found = self.0.policies.missing(&sight.view, id).await?;
        let found = found.filter(|m| sight.view.channels().contains(m.channel));
        let within = found.as_ref().map(|m| (m.source, m.channel, m.channel_name.as_str()));
        sight.trail.saw(About::object(Object::event(id, within)).count(found.is_some().into())).await?;
        Ok(found)
    }
}
