use super::{EventsCases, row};
use weir_domain::{
    CaseError, EventId,
    access::Caller,
    audit::{About, Object},
    events::{Around, StoredRow},
};

pub const NAME: &str = "events/around";

/// Events on each side.
const EACH: u32 = 5;

impl EventsCases {
    /// What lies around an event: before and after it in its partition, and of its key over all channels in view.
    /// `Ok(None)` if it is not stored or hidden.
    pub async fn around(&self, caller: &Caller, id: EventId) -> Result<Option<Around>, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let found = self.0.rows.around(&sight.view, id, EACH).await?;
        let mut keys = Vec::new();
        let mut shown = |stored: StoredRow| {
            let shown = row::shown(&stored, &sight, row::KEY_IN_LIST)?;
            keys.extend(stored.key_hash);
            Some(shown)
        };
        let around = found.and_then(|found| {
            Some(Around {
                event: shown(found.event)?,
                in_partition: found.in_partition.filter_map(&mut shown),
                of_key: found.of_key.filter_map(&mut shown),
                busy_key: found.busy_key,
            })
        });
        let place = around.as_ref().map(|a| (a.event.source, a.event.channel, a.event.channel_name.as_str()));
        let rows = around.as_ref().map_or(0, |a| 1 + a.in_partition.len() + a.of_key.len());
        let about = About::object(Object::event(id, place)).count(rows as u64);
        sight.trail.saw(about.keys(keys)).await?;
        Ok(around)
    }
}
