use super::{
    SourcesCases,
    made::{Checked, WHOLE_ENVIRONMENT, covers, no_key, not_whole},
    told,
};
use weir_domain::{
    CaseError, SourceId,
    access::Caller,
    audit::{About, Facts},
    sources::{EnvironmentChoice, FieldProblem, KeptSource, SourceDraft},
};

pub const NAME: &str = "sources/add";

impl SourcesCases {
    /// Makes a source; taps begin to read it within 10 s. Needs grants on everything that will be in its environment.
    pub async fn add(&self, caller: &Caller, draft: SourceDraft) -> Result<Checked<SourceId>, CaseError> {
        let sight = self.views.authorise(caller, NAME).await?;
        let mut problems = draft.problems(&self.prober.kinds());
        if !draft.settings.needs().is_empty() && self.vault.key_id().is_none() {
            problems.push(no_key());
        }
        if !covers(&sight, &draft.environment) {
            return Err(not_whole(&sight, WHOLE_ENVIRONMENT, About::nothing()).await);
        }
        let environments = self.views.all_environments().await?;
        match &draft.environment {
            EnvironmentChoice::Existing(id) if environments.iter().all(|e| e.id != *id) => {
                problems
                    .push(FieldProblem::new("environment", "This environment is not there any more: choose another."));
            }
            EnvironmentChoice::New { name, .. } if environments.iter().any(|e| e.name == *name) => {
                problems.push(FieldProblem::new("new_environment", "There is an environment of this name: choose it."));
            }
            _ => {}
        }
        if !problems.is_empty() {
            return Ok(Checked::Wrong(problems));
        }
        let id = match self.made.name_taken(&sight.view, &draft.name).await? {
            None => self.made.reserve(&sight.view).await?,
            Some(taken) if !taken.gone => {
                let what = "There is a source of this name already (perhaps one that you may not see): choose another.";
                return Ok(Checked::Wrong(vec![FieldProblem::new("name", what)]));
            }
            // Its events go on under the new one, so they must stay as visible as they were.
            Some(taken) if draft.environment == EnvironmentChoice::Existing(taken.environment) => taken.id,
            Some(taken) => {
                let what = format!(
                    "A removed source of this name has events in {}; they would move. Choose that environment, or another name.",
                    taken.environment_name
                );
                return Ok(Checked::Wrong(vec![FieldProblem::new("name", what)]));
            }
        };
        let sealed =
            self.all_secrets(&draft.settings, &draft.secrets, &[], id).and_then(|secrets| self.seal_all(id, &secrets));
        let secrets = match sealed {
            Ok(secrets) => secrets,
            Err(problem) => return Ok(Checked::Wrong(vec![problem])),
        };
        let SourceDraft { name, environment, settings, .. } = draft;
        let (by, at) = (caller.person.clone(), self.clock.now());
        let facts = told::policy(told::connection(&settings), &settings.policy);
        let facts = told::secrets(told::environment(facts, &environment, None), !secrets.is_empty());
        let act = sight.trail.act(told::about(id, &name).change(Facts::new(), facts)).await?;
        act.done(self.made.add(&sight.view, &KeptSource { id, name, environment, settings, secrets, by, at }).await)
            .await?;
        tracing::info!(use_case = NAME, source = id.0, person = %caller.person.0, request = %caller.origin.request_id);
        Ok(Checked::Done(id))
    }
}
