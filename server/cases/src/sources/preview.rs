use super::{SourcesCases, examine::TrialDraft, made::Checked};
use weir_domain::{CaseError, access::Caller, sources::Preview};

pub const NAME: &str = "sources/preview";

impl SourcesCases {
    /// What the patterns include and leave out, with sizes where the broker tells them. Nothing is kept.
    pub async fn preview(&self, caller: &Caller, draft: TrialDraft) -> Result<Checked<Preview>, CaseError> {
        let problems = draft.settings.problems(&self.prober.kinds());
        let tried = match self.trial(caller, NAME, draft, problems).await? {
            Checked::Done(tried) => tried,
            Checked::Wrong(problems) => return Ok(Checked::Wrong(problems)),
        };
        let preview = self.prober.preview(&tried.trial).await;
        let what_to_do = "Test the connection: it tells which step fails.".to_owned();
        let preview = preview.map(Checked::Done).map_err(|what| CaseError::Invalid { what, what_to_do });
        tried.act.done(preview).await
    }
}
