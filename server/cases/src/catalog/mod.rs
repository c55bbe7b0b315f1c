//! Names for the shell, the palette and the filters.

pub mod complete;

use crate::views::Views;
use std::sync::Arc;
use weir_domain::catalog::Catalog;

pub struct CatalogCases {
    catalog: Arc<dyn Catalog>,
    views: Arc<Views>,
}

impl CatalogCases {
    pub(crate) fn new(catalog: Arc<dyn Catalog>, views: Arc<Views>) -> Self {
        Self { catalog, views }
    }
}
