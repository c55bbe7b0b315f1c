use super::{SourcesCases, made::Checked, told};
use weir_domain::{
    CaseError, SourceId,
    access::Caller,
    audit::Facts,
    sources::{CapturePolicy, EnvironmentChoice, KeptSource, SourceSettings},
};

pub const NAME: &str = "sources/policy";

impl SourcesCases {
    /// Changes what is read of a source made in the browser, and how far Weir may go there. What was captured stays.
    /// `version` is the one that the caller saw; done, it is the new one. `Ok(None)`: there is none, or none to be seen.
    pub async fn policy(
        &self,
        caller: &Caller,
        id: SourceId,
        version: i64,
        policy: CapturePolicy,
    ) -> Result<Option<Checked<i64>>, CaseError> {
        let sight = self.views.authorise(caller, NAME).await?;
        let Some(old) = self.own(&sight, id).await? else { return Ok(None) };
        let problems = policy.problems();
        if !problems.is_empty() {
            return Ok(Some(Checked::Wrong(problems)));
        }
        let kept = KeptSource {
            id,
            name: old.name.clone(),
            environment: EnvironmentChoice::Existing(old.environment),
            settings: SourceSettings { policy, ..old.settings.clone() },
            secrets: old.secrets.clone(),
            by: caller.person.clone(),
            at: self.clock.now(),
        };
        let told = |settings: &SourceSettings| told::policy(Facts::new(), &settings.policy);
        let about = told::about(id, &old.name).change(told(&old.settings), told(&kept.settings));
        self.change(caller, NAME, &sight, version, &kept, about).await.map(|v| Some(Checked::Done(v)))
    }
}
