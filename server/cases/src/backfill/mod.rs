//! Filling from what brokers still have: what lies before capture began, and the content of what was stored without it.

pub mod content;
pub mod hold;
pub mod list;
pub mod start;

pub use content::ContentStanding;
pub use list::Listed;

use crate::views::{Sight, Views};
use std::sync::Arc;
use weir_domain::{
    CaseError, ChannelId, Clock, SourceId, StoreError,
    audit::{About, Object},
    backfill::{Backfills, Contents, LEAST_BYTES_PER_S, MOST_BYTES_PER_S},
    sources::Sources,
};

pub struct BackfillCases(Parts);

pub(crate) struct Parts {
    pub backfills: Arc<dyn Backfills>,
    pub contents: Arc<dyn Contents>,
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

fn no_rate(bytes_per_s: u64) -> CaseError {
    CaseError::Invalid {
        what: format!("{bytes_per_s} bytes a second is no rate to fill at."),
        what_to_do: format!(
            "Give one from {LEAST_BYTES_PER_S} to {MOST_BYTES_PER_S} bytes a second: from 0.07 to 1073 MB/s."
        ),
    }
}

fn held(held: Result<bool, StoreError>) -> Result<(), CaseError> {
    match held.map_err(CaseError::from)? {
        true => Ok(()),
        false => Err(CaseError::Conflict {
            what: "No filling of this channel goes on.".into(),
            what_to_do: "It is paused, stopped, or done already: the page says which.".into(),
        }),
    }
}
