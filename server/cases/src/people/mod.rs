//! People as administrators manage them: who may what where, invitations, requests for access. Each act goes to its port
//! in one place, and the port decides under one lock whether it may be.

pub mod accept;
pub mod answer_request;
pub mod change;
pub mod deactivate;
pub mod detail;
pub mod invite;
mod link;
pub mod list;
pub mod reactivate;
mod refused;
pub mod requests;
pub mod reset;
pub mod revoke_invite;
mod rights;
mod told;

pub use link::{LINK_SECS, OneTimeLink};
pub(crate) use refused::words;

use crate::{access::AccessCases, audit::Auditor, stream::SignOuts, views::Views};
use std::sync::Arc;
use weir_domain::{
    Clock,
    access::{
        Caller,
        people::{By, People, Requests},
    },
};

#[derive(Clone)]
pub struct PeopleCases(Arc<Parts>);

pub(crate) struct Parts {
    pub people: Arc<dyn People>,
    pub requests: Arc<dyn Requests>,
    pub access: AccessCases,
    pub auditor: Auditor,
    pub views: Arc<Views>,
    pub clock: Arc<dyn Clock>,
    pub sign_outs: Arc<SignOuts>,
}

impl PeopleCases {
    pub(crate) fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    fn by<'a>(&self, caller: &'a Caller) -> By<'a> {
        By { person: &caller.person, at: self.0.clock.now() }
    }
}
