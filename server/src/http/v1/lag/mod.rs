//! Consumer groups: how far behind they are, how they were, and what may be done about it.

pub mod acts;
pub mod detail;
pub mod export;
pub mod history;
pub mod hot_key;
pub mod list;
pub mod report;
pub mod reset;
pub mod shapes;

use super::problem::Problem;
use weir_domain::GroupId;

fn named(id: &str) -> Result<GroupId, Problem> {
    id.parse().map_err(|_| absent())
}

fn absent() -> Problem {
    Problem::not_found("consumer group")
}
