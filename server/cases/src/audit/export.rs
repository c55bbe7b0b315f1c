use super::{AuditCases, Batch, asked, masked::masked};
use crate::{
    export::{self, Part},
    stream::{Listener, Recheck},
};
use futures::stream::BoxStream;
use std::sync::Arc;
use weir_domain::{
    CaseError,
    access::Caller,
    audit::{Entry, EntryId, Question},
};

pub const NAME: &str = "audit/export";

/// Entries of one export, at most; it says where to go on.
pub const MOST_EXPORTED: u64 = 1_000_000;
/// Entries held at once.
const AT_ONCE: u32 = 500;

/// A part of an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exported {
    Entries(Vec<Entry>),
    /// The last part: there are more than one export holds. Go on before this entry.
    More(EntryId),
}

struct Export {
    cases: AuditCases,
    question: Question,
    batch: Batch,
    before: Option<EntryId>,
    left: u64,
}

impl AuditCases {
    /// All that [`AuditCases::list`] would show page by page, masked alike, in constant memory. Ends with an error
    /// when the session ends or the permission goes (asked again through `recheck` at least every 30 s), or the
    /// database is away: what came before is then not all.
    pub async fn export(
        &self,
        caller: &Caller,
        question: Question,
        before: Option<EntryId>,
        recheck: Arc<dyn Recheck>,
    ) -> Result<BoxStream<'static, Result<Exported, CaseError>>, CaseError> {
        let (sight, _) = self.sight(caller, NAME).await?;
        asked::filter(&sight, &question)?;
        let batch = sight.trail.begin(asked::about(&question)).await?;
        let listener = Listener::new(caller.clone(), recheck, &self.0.sign_outs);
        let export = Export { cases: self.clone(), question, batch, before, left: MOST_EXPORTED };
        Ok(export::parts(export, listener))
    }
}

impl export::Export for Export {
    type Item = Exported;

    async fn part(&mut self, caller: &Caller) -> Result<Part<Exported>, CaseError> {
        if let (0, Some(before)) = (self.left, self.before) {
            self.batch.ending("as much as one export holds");
            return Ok(Part::Last(Exported::More(before)));
        }
        let (sight, view) = self.cases.sight(caller, NAME).await?;
        self.batch.before_more().await?;
        let filter = asked::filter(&sight, &self.question)?;
        let limit = u32::try_from(self.left).unwrap_or(u32::MAX).min(AT_ONCE);
        let page = self.cases.0.log.entries(&view, &filter, self.before, limit).await?;
        let count = page.entries.len() as u64;
        self.batch.shown(count, []);
        self.left = self.left.saturating_sub(count);
        self.before = page.next;
        let entries = Exported::Entries(page.entries.into_iter().map(|e| masked(e, &sight)).collect());
        if self.before.is_some() {
            return Ok(Part::More(entries));
        }
        self.batch.ending("complete");
        Ok(Part::Last(entries))
    }

    fn batch(&mut self) -> &mut Batch {
        &mut self.batch
    }
}
