use super::EventsCases;
use weir_domain::{
    CaseError, EventId,
    access::Caller,
    audit::{About, Object},
    events::StoredEvent,
};

pub const NAME: &str = "events/payload";

impl EventsCases {
    /// The payload's bytes as the broker gave them. `Ok(None)`: no such event, hidden, null, or
    /// not in the store.
    pub async fn payload(&self, caller: &Caller, id: EventId) -> Result<Option<Vec<u8>>, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let event = self.0.rows.event(&sight.view, id).await?;
        let visible = event.filter(|e| sight.channel(e.row.channel).is_some());
        let bytes = |e: &StoredEvent| e.raw.as_ref().and_then(|raw| raw.payload.as_ref()).map_or(0, Vec::len);
        let within = visible.as_ref().and_then(|e| sight.channel(e.row.channel));
        let object = Object::event(id, within.map(|c| (c.source, c.channel, c.channel_name.as_str())));
        let about = About::object(object).count(visible.as_ref().map_or(0, bytes) as u64);
        sight.trail.saw(about.keys(visible.as_ref().and_then(|e| e.row.key_hash))).await?;
        Ok(visible.and_then(|e| e.raw).and_then(|raw| raw.payload))
    }
}
