use super::{AuditCases, masked::masked};
use weir_domain::{
    CaseError,
    access::Caller,
    audit::{About, Entry, EntryId, Object},
};

pub const NAME: &str = "audit/detail";

impl AuditCases {
    /// One entry with everything of it; `Ok(None)` if there is none of this number, or no longer.
    pub async fn detail(&self, caller: &Caller, id: EntryId) -> Result<Option<Entry>, CaseError> {
        let (sight, view) = self.sight(caller, NAME).await?;
        let entry = self.0.log.entry(&view, id).await?;
        let about = About::object(Object::entry(id)).count(u64::from(entry.is_some()));
        sight.trail.saw(about).await?;
        Ok(entry.map(|e| masked(e, &sight)))
    }
}
