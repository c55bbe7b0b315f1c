//! People as the audit log tells of them: never a link, a token or a password.

use super::PeopleCases;
use weir_domain::{
    CaseError, PersonId, StoreError,
    access::{
        Grant, Role, View,
        people::{GrantShown, PersonShown, PersonState, Places, Refused, Rights},
    },
    audit::{About, Facts, Field, Object, Value},
};

impl PeopleCases {
    /// Whom an act is about; who is not there is told so, and there is nothing to write about.
    pub(super) async fn subject(&self, view: &View, id: &PersonId) -> Result<PersonShown, CaseError> {
        let person = self.0.people.one(view, id, self.0.clock.now()).await?;
        person.ok_or_else(|| super::words(Refused::Absent))
    }

    /// What is given, with the names of its places.
    pub(super) async fn given(&self, view: &View, rights: &Rights) -> Result<Facts, StoreError> {
        let places = self.0.people.places(view).await?;
        let grants = rights.grants().iter().map(|g| named(g, &places)).collect::<Value>();
        Ok(Facts::new().with(Field::Roles, roles(rights.roles())).with(Field::Grants, grants))
    }
}

pub(super) fn about(person: &PersonShown) -> About {
    About::object(Object::person(&person.id, &person.login))
}

/// The rights that somebody has.
pub(super) fn has(person: &PersonShown) -> Facts {
    let grants = person.grants.iter().map(shown).collect::<Value>();
    Facts::new().with(Field::Roles, roles(&person.roles)).with(Field::Grants, grants)
}

/// May they sign in?
pub(super) fn active(state: PersonState) -> Facts {
    Facts::new().with(Field::Active, state != PersonState::Deactivated)
}

pub(super) fn roles(roles: &[Role]) -> Value {
    roles.iter().map(|r| r.as_str()).collect()
}

fn shown(grant: &GrantShown) -> String {
    words(&grant.grant.channel_pattern, grant.source.as_deref(), grant.environment.as_deref())
}

fn named(grant: &Grant, places: &Places) -> String {
    let environment = grant.environment.and_then(|id| places.environments.iter().find(|e| e.id == id));
    let source = grant.source.and_then(|id| places.sources.iter().find(|s| s.id == id));
    words(&grant.channel_pattern, source.map(|s| s.name.as_str()), environment.map(|e| e.name.as_str()))
}

/// `order.* of shop-kafka in production`
fn words(pattern: &str, source: Option<&str>, environment: Option<&str>) -> String {
    let of = source.map(|s| format!(" of {s}")).unwrap_or_default();
    let within = environment.map(|e| format!(" in {e}")).unwrap_or_default();
    format!("{pattern}{of}{within}")
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn a_grant_reads_as_a_sentence() {
        assert_eq!(words("order.*", Some("shop-kafka"), Some("production")), "order.* of shop-kafka in production");
        assert_eq!(words("*", None, Some("staging")), "* in staging");
        assert_eq!(words("*", None, None), "*");
    }
}
