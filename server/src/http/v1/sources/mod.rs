//! Sources: state, positions, gaps, pause; and those that people make.

pub mod add;
pub mod change;
pub mod detail;
pub mod list;
mod made;
pub mod settings;
pub mod shapes;
pub mod standing;
pub mod trial;
mod wanted;

use super::problem::Problem;
use weir_domain::SourceId;

/// The source that a path names; what is no id names none.
fn named(id: &str) -> Result<SourceId, Problem> {
    id.parse().map_err(|_| Problem::not_found("source"))
}
