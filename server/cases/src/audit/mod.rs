//! The audit log: written for every use case, read here. [`trail::Trail`] is what a use case writes its entries with;
//! it comes with the authorisation, so that a refusal can't be forgotten.

mod asked;
mod auditor;
mod batch;
pub mod detail;
mod door;
pub mod export;
pub mod list;
mod masked;
mod trail;

pub use auditor::Auditor;
pub(crate) use batch::Batch;
pub use export::Exported;
pub(crate) use trail::{Act, Trail};

use crate::{
    stream::SignOuts,
    views::{Sight, Views},
};
use std::sync::Arc;
use weir_domain::{
    CaseError,
    access::{AuditView, Caller},
    audit::AuditLog,
};

#[derive(Clone)]
pub struct AuditCases(Arc<Parts>);

pub(crate) struct Parts {
    pub log: Arc<dyn AuditLog>,
    pub views: Arc<Views>,
    pub sign_outs: Arc<SignOuts>,
}

impl AuditCases {
    pub(crate) fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// The log is of all environments, whichever one is looked at: people sign in to none.
    async fn sight(&self, caller: &Caller, name: &str) -> Result<(Sight, AuditView), CaseError> {
        let caller = Caller { environment: None, ..caller.clone() };
        let sight = self.0.views.authorise(&caller, name).await?;
        match sight.view.audit() {
            Some(view) => Ok((sight, view)),
            None => Err(CaseError::Internal(format!("{name} asks for another permission than the log's"))),
        }
    }
}
