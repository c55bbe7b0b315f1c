//! What is stored, compared with what the brokers have.

pub mod list;
pub mod run;

pub use run::Asked;

use crate::views::Views;
use std::sync::Arc;
use weir_domain::{
    Clock,
    sources::Sources,
    verify::{VerifyNow, Verifying},
};

pub struct VerifyCases(Parts);

pub(crate) struct Parts {
    pub verifying: Arc<dyn Verifying>,
    pub now: Arc<dyn VerifyNow>,
    pub sources: Arc<dyn Sources>,
    pub views: Arc<Views>,
    pub clock: Arc<dyn Clock>,
}

impl VerifyCases {
    pub(crate) const fn new(parts: Parts) -> Self {
        Self(parts)
    }
}
