//! Names for the shell, the palette and the filters, and what is known of a channel.

pub mod channel;
pub mod complete;

use crate::views::Views;
use std::sync::Arc;
use weir_domain::{Clock, capture::ChannelPolicies, catalog::Catalog, lag::Lag};

pub struct CatalogCases(Parts);

pub(crate) struct Parts {
    pub catalog: Arc<dyn Catalog>,
    pub policies: Arc<dyn ChannelPolicies>,
    pub lag: Arc<dyn Lag>,
    pub views: Arc<Views>,
    pub clock: Arc<dyn Clock>,
}

impl CatalogCases {
    pub(crate) const fn new(parts: Parts) -> Self {
        Self(parts)
    }
}
