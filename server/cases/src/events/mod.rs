//! Finding and reading events.

pub mod around;
pub mod breakdown;
mod cells;
mod column_texts;
pub mod detail;
pub mod export;
mod exported;
mod filter;
pub mod from_broker;
pub mod gone;
mod headers;
pub mod keys;
pub mod links;
pub mod list;
pub mod live;
pub mod missing;
pub mod payload;
mod payload_shown;
mod row;
mod summary;
pub mod table;
pub mod tail;
mod text;
mod wanted;

pub use column_texts::column_texts;
pub use export::{Completeness, EventExported, Exported, PayloadExported};
pub use filter::readable;
pub use from_broker::BrokerAsked;
pub use table::TableAsked;
pub(crate) use text::key as key_text;
pub use wanted::Wanted;
pub use weir_cel::{CALLABLE, FIELDS as EXPRESSION_FIELDS, Written};

use crate::{stream::SignOuts, views::Views};
use std::sync::Arc;
use weir_domain::{
    Clock, Timestamp,
    access::{Permission, Role, View},
    audit::Value,
    capture::ChannelPolicies,
    events::{EventRows, LiveReads, Masked, News},
    links::Links,
    sources::Sources,
    verify::Verifying,
};

#[derive(Clone)]
pub struct EventsCases(Arc<Parts>);

pub(crate) struct Parts {
    pub rows: Arc<dyn EventRows>,
    pub live: Arc<dyn LiveReads>,
    pub links: Arc<dyn Links>,
    pub policies: Arc<dyn ChannelPolicies>,
    pub verifying: Arc<dyn Verifying>,
    pub sources: Arc<dyn Sources>,
    pub views: Arc<Views>,
    pub clock: Arc<dyn Clock>,
    pub news: Arc<dyn News>,
    pub sign_outs: Arc<SignOuts>,
}

impl EventsCases {
    pub(crate) fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// The server's clock: ranges such as "the last hour" count from it, not from a browser's.
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }
}

/// The parts of an event that a view shows, for the audit log.
fn parts(view: &View) -> Value {
    let parts = [("key", view.key()), ("headers", view.headers()), ("payload", view.payload())];
    parts.into_iter().filter(|(_, may)| *may).map(|(part, _)| part).collect()
}

/// The one masking step: what may be shown, or who may see it. `shown` runs only when it may.
pub(crate) fn masked<T>(may: bool, needs: Permission, shown: impl FnOnce() -> T) -> Masked<T> {
    if may {
        Masked::Shown(shown())
    } else {
        Masked::NeedsRole {
            permission: needs.as_str().to_owned(),
            roles: Role::with(needs).into_iter().map(str::to_owned).collect(),
        }
    }
}
