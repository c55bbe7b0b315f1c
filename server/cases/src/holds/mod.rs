//! Legal holds: placed, listed, ended.

pub mod end;
pub mod list;
pub mod place;

use crate::views::Views;
use std::sync::Arc;
use weir_domain::{
    CaseError, Clock,
    access::Caller,
    audit::AuditLog,
    erasures::{By, Erasures},
    holds::{HELD_AT_MOST, HoldRefused, Holds},
};

#[derive(Clone)]
pub struct HoldsCases(Arc<Parts>);

pub(crate) struct Parts {
    pub holds: Arc<dyn Holds>,
    pub erasures: Arc<dyn Erasures>,
    /// For the hash of a key.
    pub log: Arc<dyn AuditLog>,
    pub views: Arc<Views>,
    pub clock: Arc<dyn Clock>,
}

impl HoldsCases {
    pub(crate) fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    fn by(&self, caller: &Caller) -> By {
        By { person: caller.person.clone(), name: caller.name.clone(), at: self.0.clock.now() }
    }
}

fn words(why: HoldRefused) -> CaseError {
    let conflict = |what: String, what_to_do: &str| CaseError::Conflict { what, what_to_do: what_to_do.into() };
    match why {
        HoldRefused::TooMany => conflict(
            format!("{HELD_AT_MOST} holds stand, which is as many as there may be."),
            "End one that is no longer needed.",
        ),
        HoldRefused::Absent => conflict("There is no such hold.".into(), "The list shows those there are."),
        HoldRefused::Ended => conflict("This hold has ended already.".into(), "The list shows when."),
    }
}
