//! Alerts, rules, maintenance windows and outlets.

pub mod alerts;
pub mod outlets;
pub mod rules;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_domain::{CaseError, monitors::Scope};

/// Which groups and sources something is about, by names; `*` stands for any run of characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Covers {
    #[serde(default = "any")]
    #[schema(example = "billing-*", max_length = 200)]
    pub groups: String,
    #[serde(default = "any")]
    #[schema(example = "*", max_length = 200)]
    pub sources: String,
    #[serde(default = "any")]
    #[schema(example = "production", max_length = 200)]
    pub environments: String,
}

impl Default for Covers {
    fn default() -> Self {
        Self { groups: any(), sources: any(), environments: any() }
    }
}

fn any() -> String {
    "*".to_owned()
}

impl Covers {
    fn read(&self) -> Result<Scope, CaseError> {
        Scope::read(&self.sources, &self.environments, &self.groups)
    }
}

impl From<Scope> for Covers {
    fn from(scope: Scope) -> Self {
        Self { groups: scope.group, sources: scope.source, environments: scope.environment }
    }
}

fn invalid(what: &str, what_to_do: &str) -> CaseError {
    CaseError::Invalid { what: what.to_owned(), what_to_do: what_to_do.to_owned() }
}
