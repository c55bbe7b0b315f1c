use super::{EventsCases, headers, masked, parts, payload_shown, row, text};
use weir_domain::{
    CaseError, EventId,
    access::{Caller, Permission},
    audit::{About, Facts, Field, Object},
    events::{Absence, EventLive, LiveAnswer, LiveRead, LiveRecord, LiveShown},
};

pub const NAME: &str = "events/live";

impl EventsCases {
    /// An event whose bytes are not stored, read from its broker now as the caller may see it. `Ok(None)`: it is not
    /// stored, or hidden.
    ///
    /// # Errors
    /// Also where its bytes are stored, were erased or must never be kept: then no broker is asked.
    pub async fn live(&self, caller: &Caller, id: EventId) -> Result<Option<EventLive>, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let stored = self.0.rows.event(&sight.view, id).await?;
        let shown = stored.and_then(|event| Some((row::shown(&event.row, &sight, row::KEY_IN_DETAIL)?, event)));
        let Some((event, stored)) = shown else {
            sight.trail.saw(About::object(Object::event(id, None)).count(0)).await?;
            return Ok(None);
        };
        let about = About::object(Object::event(id, Some((event.source, event.channel, &event.channel_name))));
        if let Some(refused) = refused(event.absent) {
            sight.trail.saw(about.count(0)).await?;
            return Err(refused);
        }
        let read = self.0.live.one(&sight.view, id).await?;
        let answer = match read {
            LiveRead::Found(record) if record.is(&stored, |key| sight.trail.key_hash(key)) => {
                let shape = Facts::new().with(Field::Parts, parts(&sight.view));
                let key = record.raw.key.as_deref().map(|key| sight.trail.key_hash(key));
                sight.trail.saw(about.shape(shape).count(1).keys(key)).await?;
                let (key, headers) = (sight.view.key(), sight.view.headers());
                return Ok(Some(EventLive {
                    event,
                    read_at: self.now(),
                    answer: LiveAnswer::Read(Box::new(seen(record, key, headers).await)),
                }));
            }
            LiveRead::Found(_) => LiveAnswer::Other,
            LiveRead::Gone { starts } => LiveAnswer::Gone { starts },
            LiveRead::Compacted => LiveAnswer::Compacted,
            LiveRead::Replaced => LiveAnswer::Replaced,
            LiveRead::NotRead { what, what_to_do } => LiveAnswer::NotRead { what, what_to_do },
        };
        sight.trail.saw(about.count(0)).await?;
        Ok(Some(EventLive { event, read_at: self.now(), answer }))
    }
}

fn refused(absent: Option<Absence>) -> Option<CaseError> {
    let (what, what_to_do) = match absent {
        Some(why) if why.may_be_read_live() => return None,
        None => ("The content of this event is stored.", "Open the event: nothing has to be read from the broker."),
        Some(Absence::Erased) => ("The content of this event was erased.", "It is not read from the broker either."),
        Some(_) => ("The content of this event must never be stored.", "It is not read from the broker either."),
    };
    Some(CaseError::Conflict { what: what.into(), what_to_do: what_to_do.into() })
}

/// The use case needs the permission for payloads, so that one is always shown.
async fn seen(record: LiveRecord, key: bool, may_headers: bool) -> LiveShown {
    let raw = record.raw;
    let payload = payload_shown::shown(&raw.headers, raw.payload).await;
    LiveShown {
        key: masked(key, Permission::EventsKey, || raw.key.map(|k| text::key(&k, row::KEY_IN_DETAIL))),
        headers: masked(may_headers, Permission::EventsHeaders, || headers::shown(&raw.headers)),
        headers_total: if may_headers { u32::try_from(raw.headers.len()).unwrap_or(u32::MAX) } else { 0 },
        payload,
    }
}
