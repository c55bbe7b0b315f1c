//! What is captured of channels: their policies, and what they cost.

pub mod detail;
pub mod list;
pub mod set;

use crate::views::Views;
use std::sync::Arc;
use weir_domain::{Clock, capture::ChannelPolicies};

pub struct CaptureCases {
    policies: Arc<dyn ChannelPolicies>,
    views: Arc<Views>,
    clock: Arc<dyn Clock>,
}

impl CaptureCases {
    pub(crate) fn new(policies: Arc<dyn ChannelPolicies>, views: Arc<Views>, clock: Arc<dyn Clock>) -> Self {
        Self { policies, views, clock }
    }
}
