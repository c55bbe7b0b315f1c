//! Sources: state, positions, gaps, pause.

pub mod detail;
pub mod list;
pub mod pause;
mod reach;
pub mod resume;
mod standing;

use crate::views::Views;
use std::sync::Arc;
use weir_domain::{Clock, sources::Sources};

pub struct SourcesCases {
    sources: Arc<dyn Sources>,
    views: Arc<Views>,
    clock: Arc<dyn Clock>,
}

impl SourcesCases {
    pub(crate) fn new(sources: Arc<dyn Sources>, views: Arc<Views>, clock: Arc<dyn Clock>) -> Self {
        Self { sources, views, clock }
    }
}

pub(crate) use reach::{known_behind, visible_sources};
