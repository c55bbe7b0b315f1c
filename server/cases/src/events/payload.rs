use super::EventsCases;
use weir_domain::{CaseError, EventId, access::Caller};

pub const NAME: &str = "events/payload";

impl EventsCases {
    /// The payload's bytes as the broker gave them. `Ok(None)`: no such event, hidden, null, or
    /// not in the store.
    pub async fn payload(&self, caller: &Caller, id: EventId) -> Result<Option<Vec<u8>>, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let event = self.0.rows.event(&sight.view, id).await?;
        let visible = event.filter(|e| sight.channel(e.row.channel).is_some());
        Ok(visible.and_then(|e| e.raw).and_then(|raw| raw.payload))
    }
}
