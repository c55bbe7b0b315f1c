//! What changed: the feed, and what is reported to it from outside.

pub mod list;
pub mod report;
mod visible;

use crate::views::Views;
use std::sync::Arc;
use weir_domain::{Clock, changes::Changes};

pub use list::MOST_CHANGES;
pub use report::{Report, Reported};
pub(crate) use visible::visible_changes;

pub struct ChangesCases {
    changes: Arc<dyn Changes>,
    views: Arc<Views>,
    clock: Arc<dyn Clock>,
}

impl ChangesCases {
    pub(crate) fn new(changes: Arc<dyn Changes>, views: Arc<Views>, clock: Arc<dyn Clock>) -> Self {
        Self { changes, views, clock }
    }
}
