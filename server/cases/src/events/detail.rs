use super::{EventsCases, headers, masked, parts, payload_shown, row};
use weir_domain::{
    CaseError, EventId,
    access::{Caller, Permission},
    audit::{About, Facts, Field, Object},
    events::{EventDetail, Masked, PayloadShown},
};

pub const NAME: &str = "events/detail";

impl EventsCases {
    /// One event as the caller may see it; `Ok(None)` if it is not stored or hidden.
    pub async fn detail(&self, caller: &Caller, id: EventId) -> Result<Option<EventDetail>, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let Some(mut event) = self.0.rows.event(&sight.view, id).await? else {
            sight.trail.saw(About::object(Object::event(id, None)).count(0)).await?;
            return Ok(None);
        };
        let view = &sight.view;
        let key_hash = event.row.key_hash;
        let (headers, payload) = match event.raw {
            Some(raw) => {
                // The block is at hand, so the row's own cut of it is not needed.
                event.row.payload_head = raw.payload.as_ref().map(|p| p[..p.len().min(row::HEAD)].to_vec());
                event.row.key = raw.key;
                (raw.headers, raw.payload)
            }
            None => (Vec::new(), None),
        };
        let Some(row) = row::shown(&event.row, &sight, row::KEY_IN_DETAIL) else {
            sight.trail.saw(About::object(Object::event(id, None)).count(0)).await?;
            return Ok(None);
        };
        let object = Object::event(id, Some((row.source, row.channel, &row.channel_name)));
        let about = About::object(object).shape(Facts::new().with(Field::Parts, parts(view))).count(1);
        sight.trail.saw(about.keys(key_hash)).await?;
        let environment_name = sight.channel(row.channel).map(|e| e.environment_name.clone()).unwrap_or_default();
        let headers_total = if view.headers() { u32::try_from(headers.len()).unwrap_or(u32::MAX) } else { 0 };
        let payload = match (row.absent, view.payload()) {
            // Nobody's role would show it; a tombstone is known without its bytes.
            (Some(why), _) if !row.tombstone => Masked::Shown(PayloadShown::Absent(why)),
            (_, true) => Masked::Shown(payload_shown::shown(&headers, payload).await),
            (_, false) => masked(false, Permission::EventsPayload, || PayloadShown::Null),
        };
        Ok(Some(EventDetail {
            row,
            time_kind: event.time_kind,
            broker_ms: event.broker_ms,
            ce_time: event.ce_time,
            environment_name,
            headers: masked(view.headers(), Permission::EventsHeaders, || headers::shown(&headers)),
            headers_total,
            payload,
        }))
    }
}
