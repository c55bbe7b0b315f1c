use super::SourcesCases;
use weir_domain::{CaseError, SourceId, access::Caller, sources::SettingsShown};

pub const NAME: &str = "sources/settings";

impl SourcesCases {
    /// How a source made in the browser is set, without its secrets. `Ok(None)`: there is none, or none to be seen.
    pub async fn settings(&self, caller: &Caller, id: SourceId) -> Result<Option<SettingsShown>, CaseError> {
        let sight = self.views.authorise(caller, NAME).await?;
        let Some(made) = self.own(&sight, id).await? else { return Ok(None) };
        let key = self.vault.key_id();
        Ok(Some(SettingsShown {
            id,
            name: made.name,
            environment: made.environment,
            environment_name: made.environment_name,
            version: made.version,
            old_key: made.secrets.iter().any(|(_, s)| Some(&s.key_id) != key.as_ref()),
            kept: made.secrets.into_iter().map(|(f, _)| f).collect(),
            settings: made.settings,
        }))
    }

    /// Can secrets be kept here at all?
    pub fn keeps_secrets(&self) -> bool {
        self.vault.key_id().is_some()
    }

    /// Kinds of brokers there are.
    pub fn kinds(&self) -> Vec<&'static str> {
        self.prober.kinds()
    }
}
