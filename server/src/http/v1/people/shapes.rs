use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_domain::access::{
    Grant,
    people::{GrantShown, PersonShown, PersonState, RequestShown},
};

use crate::http::v1::{kinds::INVALID, problem::Problem, shared::Time};

/// Where somebody's roles hold. What is null or left out does not narrow it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GrantGiven {
    /// An environment's id.
    #[schema(example = "1")]
    pub environment_id: Option<String>,
    /// A source's id.
    #[schema(example = "3")]
    pub source_id: Option<String>,
    /// A channel, or a pattern in which `*` stands for any run of characters.
    #[schema(example = "order.*", min_length = 1, max_length = 255)]
    pub channels: String,
}

impl GrantGiven {
    fn read(self, row: usize) -> Result<Grant, Problem> {
        let wrong = |what: &str| {
            let what = format!("Grant {row} has {what} that is no id.");
            Problem::new(INVALID, what, "Use an id that /api/v1/environments or /api/v1/sources lists.")
        };
        let environment = self.environment_id.map(|id| id.parse().map_err(|_| wrong("an environment_id")));
        let source = self.source_id.map(|id| id.parse().map_err(|_| wrong("a source_id")));
        Ok(Grant { environment: environment.transpose()?, source: source.transpose()?, channel_pattern: self.channels })
    }
}

/// Grants as they came. How many there may be the use case says.
pub(super) fn grants(given: Vec<GrantGiven>) -> Result<Vec<Grant>, Problem> {
    (1..).zip(given).map(|(row, grant)| grant.read(row)).collect()
}

/// A grant, with the names of what it names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GrantHeld {
    #[schema(example = "1")]
    pub environment_id: Option<String>,
    #[schema(example = "production")]
    pub environment: Option<String>,
    #[schema(example = "3")]
    pub source_id: Option<String>,
    #[schema(example = "shop")]
    pub source: Option<String>,
    #[schema(example = "order.*")]
    pub channels: String,
}

impl From<GrantShown> for GrantHeld {
    fn from(shown: GrantShown) -> Self {
        Self {
            environment_id: shown.grant.environment.map(|id| id.to_string()),
            environment: shown.environment,
            source_id: shown.grant.source.map(|id| id.to_string()),
            source: shown.source,
            channels: shown.grant.channel_pattern,
        }
    }
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Person {
    #[schema(example = "0193e7a2-4c1b-7d52-a0f3-5b9e6c1d2a4f")]
    pub id: String,
    #[schema(example = "mara")]
    pub login: String,
    #[schema(example = "Mara Lindqvist")]
    pub name: String,
    /// `invited` (has not come yet), `active`, `resetting` (a link chooses the next password) or `deactivated`.
    #[schema(example = "active")]
    pub state: String,
    #[schema(example = json!(["viewer", "support"]))]
    pub roles: Vec<String>,
    /// In a list the first few only.
    pub grants: Vec<GrantHeld>,
    pub grants_total: u32,
    pub made_at: Time,
    /// Exact to a minute; null: never signed in.
    pub last_seen: Option<Time>,
    /// Sessions that live now.
    pub sessions: u32,
    /// When the one-time link that is out runs out; null: there is none.
    pub link_expires: Option<Time>,
    /// Goes up with each change; send it along with yours.
    #[schema(example = "4")]
    pub version: String,
}

const fn state(state: PersonState) -> &'static str {
    match state {
        PersonState::Invited => "invited",
        PersonState::Active => "active",
        PersonState::Resetting => "resetting",
        PersonState::Deactivated => "deactivated",
    }
}

impl From<PersonShown> for Person {
    fn from(p: PersonShown) -> Self {
        Self {
            id: p.id.0,
            login: p.login,
            name: p.name,
            state: state(p.state).to_owned(),
            roles: p.roles.iter().map(|r| r.as_str().to_owned()).collect(),
            grants: p.grants.into_iter().map(GrantHeld::from).collect(),
            grants_total: p.grants_total,
            made_at: p.made_at.into(),
            last_seen: p.last_seen.map(Time::from),
            sessions: p.sessions,
            link_expires: p.link.map(|link| link.expires.into()),
            version: p.version.to_string(),
        }
    }
}

/// Somebody asks for a role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccessRequest {
    #[schema(example = "0193e7a2-4c1b-7d52-a0f3-5b9e6c1d2a4f")]
    pub id: String,
    pub person_id: String,
    #[schema(example = "mara")]
    pub login: String,
    #[schema(example = "Mara Lindqvist")]
    pub name: String,
    #[schema(example = "support")]
    pub role: String,
    /// What they could not do without it, if that led them there.
    #[schema(example = "events.payload")]
    pub permission: Option<String>,
    #[schema(example = "To look into ticket 4711.")]
    pub reason: String,
    pub made_at: Time,
}

impl From<RequestShown> for AccessRequest {
    fn from(r: RequestShown) -> Self {
        Self {
            id: r.id.0,
            person_id: r.person.0,
            login: r.login,
            name: r.name,
            role: r.role.as_str().to_owned(),
            permission: r.permission.map(|p| p.as_str().to_owned()),
            reason: r.reason,
            made_at: r.made_at.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grants_name_places_by_their_ids() {
        let given = |environment: Option<&str>, source: Option<&str>| GrantGiven {
            environment_id: environment.map(str::to_owned),
            source_id: source.map(str::to_owned),
            channels: "order.*".into(),
        };
        let read = grants(vec![given(None, None), given(Some("1"), Some("3"))]).unwrap();
        assert_eq!((read[0].environment, read[0].source), (None, None));
        assert_eq!(read[1].environment.map(|e| e.to_string()).as_deref(), Some("1"));
        assert_eq!(read[1].source.map(|s| s.to_string()).as_deref(), Some("3"));
        let told = grants(vec![given(None, None), given(None, Some("shop"))]).unwrap_err();
        assert_eq!(told.detail, "Grant 2 has a source_id that is no id.");
    }
}
