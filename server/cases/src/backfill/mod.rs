//! Filling what lies before capture began.

pub mod hold;
pub mod list;
pub mod start;

pub use list::Listed;

use crate::views::{Sight, Views};
use std::sync::Arc;
use weir_domain::{
    ChannelId, Clock, SourceId,
    audit::{About, Object},
    backfill::Backfills,
    sources::Sources,
};

pub struct BackfillCases(Parts);

pub(crate) struct Parts {
    pub backfills: Arc<dyn Backfills>,
    pub sources: Arc<dyn Sources>,
    pub views: Arc<Views>,
    pub clock: Arc<dyn Clock>,
}

impl BackfillCases {
    pub(crate) const fn new(parts: Parts) -> Self {
        Self(parts)
    }
}

/// The channel as the log knows it, with its source; `None`: it is hidden, or there is none.
fn about(sight: &Sight, channel: ChannelId) -> Option<(SourceId, About)> {
    let entry = sight.channel(channel)?;
    Some((entry.source, About::object(Object::channel(channel, entry.source, &entry.channel_name))))
}
