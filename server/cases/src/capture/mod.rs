//! What is captured of channels: their policies, and what they cost.

pub mod budget;
pub mod detail;
pub mod list;
pub mod set;
pub mod set_budget;

use crate::views::Views;
use std::sync::Arc;
use weir_domain::{
    Clock,
    capture::{Budgets, ChannelPolicies},
};

pub struct CaptureCases {
    policies: Arc<dyn ChannelPolicies>,
    budgets: Arc<dyn Budgets>,
    views: Arc<Views>,
    clock: Arc<dyn Clock>,
}

impl CaptureCases {
    pub(crate) fn new(
        policies: Arc<dyn ChannelPolicies>,
        budgets: Arc<dyn Budgets>,
        views: Arc<Views>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { policies, budgets, views, clock }
    }
}
