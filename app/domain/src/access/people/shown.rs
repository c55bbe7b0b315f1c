use crate::{
    EnvironmentId, PersonId, SourceId, Timestamp,
    access::{Grant, Role},
    catalog::EnvironmentShown,
};
use serde::{Deserialize, Serialize};

/// A grant with the names of what it names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantShown {
    pub grant: Grant,
    pub environment: Option<String>,
    pub source: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PersonState {
    /// Has not followed the link yet: no password, no session ever.
    Invited,
    Active,
    /// An administrator took the password back; a link chooses the next one.
    Resetting,
    Deactivated,
}

/// The one-time link that is out for a person. Only its digest is kept: nobody can read it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkShown {
    pub made_at: Timestamp,
    pub expires: Timestamp,
    /// The administrator's name; `None`: made on the server's command line, or by somebody who is gone.
    pub by: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedBy {
    pub at: Timestamp,
    /// As [`LinkShown::by`].
    pub by: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonShown {
    pub id: PersonId,
    pub login: String,
    pub name: String,
    pub state: PersonState,
    pub roles: Vec<Role>,
    /// In a list the first few only.
    pub grants: Vec<GrantShown>,
    pub grants_total: u32,
    pub made_at: Timestamp,
    /// Exact to a minute; `None`: never signed in, or not since Weir keeps this.
    pub last_seen: Option<Timestamp>,
    /// Sessions that live now.
    pub sessions: u32,
    pub link: Option<LinkShown>,
    /// Goes up with each change of name, roles, grants or state; a form carries it along.
    pub version: i64,
    pub changed: Option<ChangedBy>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeopleList {
    /// By name; invited people first.
    pub people: Vec<PersonShown>,
    /// How many there are that fit the text; more than are listed if there are too many for one page.
    pub total: u64,
    /// How many there are at all.
    pub everybody: u64,
    pub at: Timestamp,
}

/// A source as a grant can name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourcePlace {
    pub id: SourceId,
    pub name: String,
    pub environment: EnvironmentId,
    pub environment_name: String,
}

/// Everything a grant can name.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Places {
    pub environments: Vec<EnvironmentShown>,
    pub sources: Vec<SourcePlace>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonDetail {
    pub person: PersonShown,
    pub places: Places,
    /// The person who looks: their own rights can only be taken away, and their password changes under *Your account*.
    pub own: bool,
    pub at: Timestamp,
}

/// What a one-time link is for, told to who holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invited {
    pub id: PersonId,
    pub login: String,
    pub name: String,
    /// `false`: they have an account, and the link chooses a new password.
    pub new: bool,
    pub roles: Vec<Role>,
    pub by: Option<String>,
    pub expires: Timestamp,
}
