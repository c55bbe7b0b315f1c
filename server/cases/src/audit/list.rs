use super::{AuditCases, asked, masked::masked};
use weir_domain::{
    CaseError,
    access::Caller,
    audit::{AuditPage, EntryId, Field, Question},
};

pub const NAME: &str = "audit/list";

/// Entries of one page, at most.
pub const MOST_ROWS: u32 = 200;

impl AuditCases {
    /// Newest first, those before the entry `before`; `limit` is clamped to 1..=200.
    pub async fn list(
        &self,
        caller: &Caller,
        question: &Question,
        before: Option<EntryId>,
        limit: u32,
    ) -> Result<AuditPage, CaseError> {
        let (sight, view) = self.sight(caller, NAME).await?;
        let filter = asked::filter(&sight, question)?;
        let page = self.0.log.entries(&view, &filter, before, limit.clamp(1, MOST_ROWS)).await?;
        let about = asked::about(question);
        let shape = about.shape.clone();
        let shape = if before.is_some() { shape.with(Field::Older, true) } else { shape };
        sight.trail.saw(about.shape(shape).count(page.entries.len() as u64)).await?;
        let entries = page.entries.into_iter().map(|e| masked(e, &sight)).collect();
        Ok(AuditPage { entries, next: page.next })
    }
}
