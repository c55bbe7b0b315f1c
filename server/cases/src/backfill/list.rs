use super::BackfillCases;
use weir_domain::{
    CaseError, SourceId,
    access::{Caller, Permission},
    backfill::{Backfill, ContentFill, Fillable},
};

pub const NAME: &str = "backfill/list";

/// What is filled of a source, and what could be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub backfills: Vec<Backfill>,
    pub fillable: Vec<Fillable>,
    /// Ranges whose content is filled, or was.
    pub contents: Vec<ContentFill>,
    /// May the caller begin, pause and stop one?
    pub may_edit: bool,
}

impl BackfillCases {
    /// Of the visible channels of a source; `Ok(None)`: no such source, or none to be seen.
    pub async fn list(&self, caller: &Caller, source: SourceId) -> Result<Option<Listed>, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let Some(shown) = self.0.sources.detail(&sight.view, source, self.0.clock.now()).await? else {
            return Ok(None);
        };
        if !sight.reaches_source(shown.source.environment, source) {
            return Ok(None);
        }
        let visible = |channel| sight.view.channels().contains(channel);
        let mut backfills = self.0.backfills.backfills(&sight.view, source).await?;
        backfills.retain(|b| b.source == source && visible(b.channel));
        let mut fillable = self.0.backfills.fillable(&sight.view, source).await?;
        fillable.retain(|f| visible(f.channel) && sight.channel(f.channel).is_some_and(|e| e.source == source));
        let mut contents = self.0.contents.content_fills(&sight.view, source).await?;
        contents.retain(|c| c.source == source && visible(c.channel));
        Ok(Some(Listed { backfills, fillable, contents, may_edit: caller.may(Permission::CaptureEdit) }))
    }
}
