use super::{AuditCases, Batch, asked, masked::masked};
use crate::stream::{Bye, Listener, Recheck};
use futures::{StreamExt as _, stream::BoxStream};
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
    listener: Listener,
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
        let export = Export { cases: self.clone(), question, batch, listener, before, left: MOST_EXPORTED };
        let parts = futures::stream::unfold(Some(export), |export| async {
            let mut export = export?;
            let next = export.next().await;
            if let Err(error) = &next {
                export.batch.ending(match error {
                    CaseError::SignedOut => "signed out",
                    CaseError::NotAllowed { .. } => "no longer allowed",
                    _ => "failed",
                });
            }
            match next.transpose()? {
                Ok((part, more)) => Some((Ok(part), more.then_some(export))),
                Err(error) => Some((Err(error), None)),
            }
        });
        Ok(parts.boxed())
    }
}

impl Export {
    /// The next part, and whether others follow; `None` at the end.
    async fn next(&mut self) -> Result<Option<(Exported, bool)>, CaseError> {
        if self.left == 0 {
            self.batch.ending("as much as one export holds");
            return Ok(self.before.map(|before| (Exported::More(before), false)));
        }
        let caller = match self.listener.caller().await {
            Ok(Some(caller)) => caller,
            Ok(None) => return Err(CaseError::Unavailable("the session can't be checked".into())),
            Err(Bye::SignedOut) => return Err(CaseError::SignedOut),
            // The use case refuses by name.
            Err(Bye::NotAllowed) => return Err(CaseError::SignedOut),
        };
        let (sight, view) = self.cases.sight(&caller, NAME).await?;
        self.batch.before_more().await?;
        let filter = asked::filter(&sight, &self.question)?;
        let limit = u32::try_from(self.left).unwrap_or(u32::MAX).min(AT_ONCE);
        let page = self.cases.0.log.entries(&view, &filter, self.before, limit).await?;
        let count = page.entries.len() as u64;
        self.batch.shown(count, []);
        self.left = self.left.saturating_sub(count);
        let more = page.next.is_some();
        self.before = page.next;
        if !more {
            self.batch.ending("complete");
        }
        let entries = page.entries.into_iter().map(|e| masked(e, &sight)).collect();
        Ok(Some((Exported::Entries(entries), more)))
    }
}
