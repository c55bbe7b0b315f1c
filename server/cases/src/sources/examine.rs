use super::{
    SourcesCases,
    made::{Checked, explain_anew, kept_fields},
    told,
};
use crate::audit::Act;
use tokio::sync::SemaphorePermit;
use weir_domain::{
    CaseError, Secret, SourceId,
    access::Caller,
    audit::About,
    sources::{FieldProblem, SecretField, SourceSettings, Step, Trial, missing_secrets},
};

pub const NAME: &str = "sources/examine";

/// A connection that is to be tried out.
#[derive(Debug, Clone)]
pub struct TrialDraft {
    /// The source whose kept secrets stand in for those that were not given.
    pub of: Option<SourceId>,
    pub name: String,
    pub settings: SourceSettings,
    pub secrets: Vec<(SecretField, Secret)>,
}

/// A trial that may begin.
pub(super) struct Tried<'a> {
    pub trial: Trial,
    pub act: Act,
    _place: SemaphorePermit<'a>,
}

impl SourcesCases {
    /// Tries a connection out, step by step, within 15 s. Nothing is kept.
    pub async fn examine(&self, caller: &Caller, draft: TrialDraft) -> Result<Checked<Vec<Step>>, CaseError> {
        let problems = draft.settings.connection_problems(&self.prober.kinds());
        let tried = match self.trial(caller, NAME, draft, problems).await? {
            Checked::Done(tried) => tried,
            Checked::Wrong(problems) => return Ok(Checked::Wrong(problems)),
        };
        let steps = self.prober.examine(&tried.trial).await;
        tried.act.done(Ok::<_, CaseError>(Checked::Done(steps))).await
    }

    /// A trial with all its secrets, for the use case of this name: permitted, in the log, and with a place of its own.
    pub(super) async fn trial(
        &self,
        caller: &Caller,
        name: &'static str,
        draft: TrialDraft,
        mut problems: Vec<FieldProblem>,
    ) -> Result<Checked<Tried<'_>>, CaseError> {
        let sight = self.views.authorise(caller, name).await?;
        let old = match draft.of {
            Some(id) => self.own(&sight, id).await?,
            None => None,
        };
        let kept = old.as_ref().map(|old| kept_fields(old, &draft.settings)).unwrap_or_default();
        problems.extend(missing_secrets(&draft.settings, &draft.secrets, &kept));
        if let Some(old) = &old {
            explain_anew(&mut problems, old, &draft.settings);
        }
        if !problems.is_empty() {
            return Ok(Checked::Wrong(problems));
        }
        let about = match &old {
            Some(old) => told::about(old.id, &old.name),
            None => About::nothing(),
        };
        let sealed = old.map(|old| (old.id, old.secrets)).filter(|_| !kept.is_empty());
        let (id, sealed) = sealed.unwrap_or((SourceId(0), Vec::new()));
        let secrets = match self.all_secrets(&draft.settings, &draft.secrets, &sealed, id) {
            Ok(secrets) => secrets,
            Err(problem) => return Ok(Checked::Wrong(vec![problem])),
        };
        let name = if draft.name.is_empty() { "The new source".to_owned() } else { draft.name };
        let _place = self.place()?;
        // Whom Weir was made to ask, and as whom: somebody may be looking for what else there is in this network.
        let act = sight.trail.act(about.shape(told::connection(&draft.settings))).await?;
        Ok(Checked::Done(Tried { trial: Trial { name, settings: draft.settings, secrets }, act, _place }))
    }

    /// Few at once: each of them keeps connections busy.
    fn place(&self) -> Result<SemaphorePermit<'_>, CaseError> {
        self.trials.try_acquire().map_err(|_| CaseError::TooMany { seconds: 15 })
    }
}
