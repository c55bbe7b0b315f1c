use super::{
    SourcesCases,
    made::{Checked, WHOLE_ENVIRONMENT, covers, explain_anew, kept_fields, no_key, not_whole},
    told,
};
use crate::views::Sight;
use weir_domain::{
    CaseError, SourceId,
    access::Caller,
    audit::About,
    sources::{EnvironmentChoice, KeptSource, SourceChange, SourceSettings, missing_secrets},
};

pub const NAME: &str = "sources/edit";

impl SourcesCases {
    /// Changes how a source made in the browser is reached; its tap starts anew within 10 s, where it stood. What is
    /// read of it is another matter ([`SourcesCases::policy`]). Done, it is the new version. `Ok(None)`: there is none,
    /// or none to be seen.
    pub async fn edit(
        &self,
        caller: &Caller,
        id: SourceId,
        change: SourceChange,
    ) -> Result<Option<Checked<i64>>, CaseError> {
        let sight = self.views.authorise(caller, NAME).await?;
        let Some(old) = self.own(&sight, id).await? else { return Ok(None) };
        if change.environment != EnvironmentChoice::Existing(old.environment) && !covers(&sight, &change.environment) {
            return Err(not_whole(&sight, WHOLE_ENVIRONMENT, told::about(id, &old.name)).await);
        }
        let settings = SourceSettings { policy: old.settings.policy.clone(), ..change.settings };
        let kept = kept_fields(&old, &settings);
        let mut problems = change.environment.problems();
        problems.extend(settings.connection_problems(&self.prober.kinds()));
        problems.extend(missing_secrets(&settings, &change.secrets, &kept));
        explain_anew(&mut problems, &old, &settings);
        if change.secrets.iter().any(|(f, s)| settings.takes(*f) && !s.expose().is_empty())
            && self.vault.key_id().is_none()
        {
            problems.push(no_key());
        }
        if !problems.is_empty() {
            return Ok(Some(Checked::Wrong(problems)));
        }
        // Kept as they are, sealed; those that were given take their places.
        let given: Vec<_> =
            change.secrets.iter().filter(|(f, s)| settings.takes(*f) && !s.expose().is_empty()).cloned().collect();
        let mut secrets = match self.seal_all(id, &given) {
            Ok(secrets) => secrets,
            Err(problem) => return Ok(Some(Checked::Wrong(vec![problem]))),
        };
        let stays = old.secrets.iter().filter(|(f, _)| kept.contains(f) && settings.takes(*f));
        secrets.extend(stays.filter(|(f, _)| given.iter().all(|(g, _)| g != f)).cloned());
        let kept = KeptSource {
            id,
            name: old.name.clone(),
            environment: change.environment,
            settings,
            secrets,
            by: caller.person.clone(),
            at: self.clock.now(),
        };
        let before = EnvironmentChoice::Existing(old.environment);
        let before = told::environment(told::connection(&old.settings), &before, Some(&old));
        let after = told::environment(told::connection(&kept.settings), &kept.environment, Some(&old));
        let after = told::secrets(after, !given.is_empty());
        let about = told::about(id, &old.name).change(before, after);
        self.change(caller, NAME, &sight, change.version, &kept, about).await.map(|v| Some(Checked::Done(v)))
    }

    /// Puts `kept` in the place of what the caller saw this version of; the version that holds now.
    pub(super) async fn change(
        &self,
        caller: &Caller,
        name: &'static str,
        sight: &Sight,
        version: i64,
        kept: &KeptSource,
        about: About,
    ) -> Result<i64, CaseError> {
        let act = sight.trail.act(about).await?;
        let changed = self.made.change(&sight.view, version, kept).await.map_err(CaseError::from);
        let overtaken = || CaseError::Conflict {
            what: format!("Somebody else has changed {} meanwhile.", kept.name),
            what_to_do: "Open the page again: it shows what holds now.".into(),
        };
        act.done(changed.and_then(|done| if done { Ok(()) } else { Err(overtaken()) })).await?;
        tracing::info!(use_case = name, source = kept.id.0, person = %caller.person.0, request = %caller.origin.request_id);
        Ok(version + 1)
    }
}
