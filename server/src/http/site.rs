//! What every handler can reach.

use std::{ops::Deref, sync::Arc};

use tokio_util::sync::CancellationToken;
use weir_cases::Cases;
use weir_store::Store;

use super::{
    bundle::Bundle, export::Exports, live::Desk, origin::OriginPolicy, payload::Downloads, readiness::Readiness,
    remote::Proxies, v1::Attempts,
};
use crate::{config::Limits, metrics::Web};

/// Shared by all requests; cheap to clone.
#[derive(Clone)]
pub struct Site(Arc<Parts>);

pub struct Parts {
    pub cases: Arc<Cases>,
    /// For `/readyz` only: data goes through the use cases.
    pub database: Store,
    pub readiness: Readiness,
    pub bundle: Bundle,
    pub origin: OriginPolicy,
    pub proxies: Proxies,
    pub limits: Limits,
    pub streams: Desk,
    /// Requests of programs that are being answered, by token.
    pub calls: Desk,
    /// Wrong tokens.
    pub attempts: Attempts,
    pub downloads: Downloads,
    pub exports: Exports,
    /// Counts what is answered.
    pub web: Web,
    /// The server is ending: streams close.
    pub stop: CancellationToken,
}

impl Site {
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
    /// The style sheet for pages that are drawn without the console.
    pub fn css(&self) -> Option<&str> {
        self.bundle.assets.as_ref().map(|a| a.css.as_str())
    }
}

impl Deref for Site {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}
