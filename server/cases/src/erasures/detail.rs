use super::{ErasuresCases, of_vault, whole};
use weir_domain::{
    CaseError, ErasureId, EventId,
    access::Caller,
    audit::{About, Object},
    erasures::{ErasedBy, ErasurePage},
};

pub const NAME: &str = "erasures/detail";

impl ErasuresCases {
    /// A request with what was counted. What it is to erase is shown to who may decide about it, until it is forgotten.
    pub async fn detail(&self, caller: &Caller, id: &ErasureId) -> Result<Option<ErasurePage>, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let found = self.0.erasures.erasure(&sight.view, id).await?;
        let about = About::object(Object::erasure(id)).count(u64::from(found.is_some()));
        sight.trail.saw(about).await?;
        let Some(found) = found else { return Ok(None) };
        let whole = whole(&sight, &found.request);
        let own = found.request.asked_by.as_ref() == Some(&caller.person);
        let subject = match found.subject.filter(|_| whole || own) {
            Some(kept) => Some(self.0.subjects.take(id, &kept).map_err(of_vault)?.shown()),
            None => None,
        };
        let (mut counted, mut elsewhere) = (Vec::new(), 0);
        for line in found.counted {
            match sight.channel(line.channel) {
                Some(entry) => counted.push((entry.channel_name.clone(), line)),
                None => elsewhere += line.events,
            }
        }
        Ok(Some(ErasurePage { request: found.request, counted, elsewhere, subject, holds: found.holds, own, whole }))
    }

    /// Which erasure took an event's bytes, for whoever may see that the event exists: a part of its page.
    pub async fn erased_by(&self, caller: &Caller, id: EventId) -> Result<Option<ErasedBy>, CaseError> {
        let sight = self.0.views.authorise(caller, crate::events::around::NAME).await?;
        Ok(self.0.erasures.erased_by(&sight.view, id).await?)
    }
}
