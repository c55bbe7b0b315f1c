//! Personal tokens: programs that come as a person, never above that person's own rights.

pub mod caller;
pub mod create;
pub mod list;
pub mod revoke;
mod text;

pub use caller::TokenRecheck;
pub use create::{Asked, Made};

use crate::{audit::Auditor, stream::SignOuts, views::Views};
use std::sync::Arc;
use weir_domain::{Clock, tokens::Tokens};

/// Living tokens of one person, at most.
pub const MOST: u32 = 50;
/// The longest life of a token.
pub const MOST_DAYS: u32 = 366;

#[derive(Clone)]
pub struct TokensCases(Arc<Parts>);

struct Parts {
    tokens: Arc<dyn Tokens>,
    views: Arc<Views>,
    clock: Arc<dyn Clock>,
    sign_outs: Arc<SignOuts>,
    auditor: Auditor,
}

impl TokensCases {
    pub(crate) fn new(
        tokens: Arc<dyn Tokens>,
        views: Arc<Views>,
        clock: Arc<dyn Clock>,
        sign_outs: Arc<SignOuts>,
        auditor: Auditor,
    ) -> Self {
        Self(Arc::new(Parts { tokens, views, clock, sign_outs, auditor }))
    }

    /// The server's clock: when a token expires is told in words that count from now.
    pub fn now(&self) -> weir_domain::Timestamp {
        self.0.clock.now()
    }
}
