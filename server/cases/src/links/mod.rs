//! Short links to searches, and templates of links from values of events.

pub mod add;
pub mod keep;
pub mod open;
pub mod remove;
pub mod templates;

use crate::views::Views;
use std::sync::Arc;
use weir_domain::{Clock, links::Links};

#[derive(Clone)]
pub struct LinksCases(Arc<Parts>);

struct Parts {
    links: Arc<dyn Links>,
    views: Arc<Views>,
    clock: Arc<dyn Clock>,
}

impl LinksCases {
    pub(crate) fn new(links: Arc<dyn Links>, views: Arc<Views>, clock: Arc<dyn Clock>) -> Self {
        Self(Arc::new(Parts { links, views, clock }))
    }
}
