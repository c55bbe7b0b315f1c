//! What the use cases on sources made in the browser share: whose they are, and their secrets.

use super::{SourcesCases, told};
use crate::views::Sight;
use weir_domain::{
    CaseError, Secret, SourceId,
    access::{Permission, Role},
    audit::About,
    sources::{EnvironmentChoice, FieldProblem, MadeSource, Sealed, SecretField, SourceSettings, VaultError},
};

/// A form that was carried out, or what is wrong with it, at its fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Checked<T> {
    Done(T),
    Wrong(Vec<FieldProblem>),
}

impl<T> Checked<T> {
    /// For whoever knows no fields: everything that is wrong, in one error.
    pub fn or_invalid(self) -> Result<T, CaseError> {
        match self {
            Self::Done(done) => Ok(done),
            Self::Wrong(problems) => Err(CaseError::Invalid {
                what: problems.iter().map(|p| format!("{}: {}", p.field, p.what)).collect::<Vec<_>>().join(" "),
                what_to_do: "Set these right and send it again.".into(),
            }),
        }
    }
}

/// The field that means the whole form: no key seals secrets here.
pub const KEY_FIELD: &str = "secrets_key";

pub(super) fn no_key() -> FieldProblem {
    let what = "Weir has no key to seal secrets with, so it does not keep any. Make one with `weir secrets-key`, name it in weir.toml (secrets_key_file or secrets_key_env) and start Weir again; or describe this source in weir.toml.";
    FieldProblem::new(KEY_FIELD, what)
}

/// Refuses for want of a grant on all of it.
pub(super) async fn not_whole(sight: &Sight, needs: &'static str, about: About) -> CaseError {
    sight.trail.refuse_as(needs, Role::with(Permission::SourcesEdit), about).await
}

/// All of a source.
pub(super) const WHOLE_SOURCE: &str = "sources.edit for every channel of the source";
/// All that will be in an environment.
pub(super) const WHOLE_ENVIRONMENT: &str = "sources.edit for every channel of the environment";

impl SourcesCases {
    /// A made source that the caller may change; `Ok(None)` if there is none, or none to be seen.
    pub(super) async fn own(&self, sight: &Sight, id: SourceId) -> Result<Option<MadeSource>, CaseError> {
        let made = self.made.made(&sight.view, id).await?;
        let Some(made) = made.filter(|m| sight.reaches_source(m.environment, id)) else { return Ok(None) };
        if sight.reaches_whole_source(made.environment, id) {
            return Ok(Some(made));
        }
        Err(not_whole(sight, WHOLE_SOURCE, told::about(id, &made.name)).await)
    }

    /// Every secret that the settings take: the given one, else what is kept.
    pub(super) fn all_secrets(
        &self,
        settings: &SourceSettings,
        given: &[(SecretField, Secret)],
        kept: &[(SecretField, Sealed)],
        id: SourceId,
    ) -> Result<Vec<(SecretField, Secret)>, FieldProblem> {
        let mut all: Vec<_> =
            given.iter().filter(|(f, s)| settings.takes(*f) && !s.expose().is_empty()).cloned().collect();
        for (field, sealed) in kept {
            if settings.takes(*field) && all.iter().all(|(f, _)| f != field) {
                let opened = self.vault.open(id, *field, sealed);
                all.push((*field, opened.map_err(|e| not_opened(*field, &e))?));
            }
        }
        Ok(all)
    }

    pub(super) fn seal_all(
        &self,
        id: SourceId,
        secrets: &[(SecretField, Secret)],
    ) -> Result<Vec<(SecretField, Sealed)>, FieldProblem> {
        let seal = |(field, secret): &(SecretField, Secret)| match self.vault.seal(id, *field, secret) {
            Ok(sealed) => Ok((*field, sealed)),
            Err(_) => Err(no_key()),
        };
        secrets.iter().map(seal).collect()
    }
}

fn not_opened(field: SecretField, error: &VaultError) -> FieldProblem {
    FieldProblem::new(field.form_name(), format!("What is kept can't be used: {error}. Give it again."))
}

/// May what is kept go to where these settings lead? Otherwise whoever may edit a source could have its password sent to
/// a machine of their own. Leaving addresses out is fine.
pub(super) fn leads_the_same_way(old: &SourceSettings, new: &SourceSettings) -> bool {
    new.kind == old.kind
        && new.addresses.iter().all(|a| old.addresses.contains(a))
        && new.tls == old.tls
        && new.sign_in == old.sign_in
}

/// Fields of kept secrets, as far as they may go on.
pub(super) fn kept_fields(old: &MadeSource, new: &SourceSettings) -> Vec<SecretField> {
    if leads_the_same_way(&old.settings, new) { old.secrets.iter().map(|(f, _)| *f).collect() } else { Vec::new() }
}

/// Says of secrets that have to be given anew why that is.
pub(super) fn explain_anew(problems: &mut [FieldProblem], old: &MadeSource, new: &SourceSettings) {
    if leads_the_same_way(&old.settings, new) {
        return;
    }
    for problem in problems.iter_mut() {
        if old.secrets.iter().any(|(f, _)| f.form_name() == problem.field)
            && new.needs().iter().any(|f| f.form_name() == problem.field)
        {
            problem.what = "The connection leads elsewhere or signs in otherwise now: give this again, so that it is sent only where somebody who knows it wants it to go.".into();
        }
    }
}

/// Does the caller's grant cover all that will be in this environment? A new one takes a grant on everything.
pub(super) fn covers(sight: &Sight, choice: &EnvironmentChoice) -> bool {
    match choice {
        EnvironmentChoice::Existing(id) => sight.reaches_whole_environment(*id),
        EnvironmentChoice::New { .. } => sight.reaches_everything(),
    }
}
