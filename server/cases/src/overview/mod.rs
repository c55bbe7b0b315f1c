//! The first page: figures of the store, ranked by what needs a person.

mod attention;
mod held;
pub mod live;
pub mod summary;

use crate::{stream::SignOuts, views::Views};
use std::sync::Arc;
use weir_domain::{
    Clock, capture::Budgets, changes::Changes, events::News, overview::Overview, sources::Sources, verify::Verifying,
};

#[derive(Clone)]
pub struct OverviewCases(Arc<Parts>);

pub(crate) struct Parts {
    pub overview: Arc<dyn Overview>,
    pub verifying: Arc<dyn Verifying>,
    pub budgets: Arc<dyn Budgets>,
    pub changes: Arc<dyn Changes>,
    pub sources: Arc<dyn Sources>,
    pub views: Arc<Views>,
    pub clock: Arc<dyn Clock>,
    pub news: Arc<dyn News>,
    pub sign_outs: Arc<SignOuts>,
}

impl OverviewCases {
    pub(crate) fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
}
