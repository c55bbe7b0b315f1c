use weir_domain::{EnvironmentId, EventId, SourceId};

/// What pages can ask: one per query that the server's functions offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Question {
    /// `catalog::Me`
    Me,
    /// `Vec<Completion>`
    Complete { env: Option<EnvironmentId>, text: String },
    /// `overview::Summary`
    Summary { env: Option<EnvironmentId> },
    /// `Vec<SourceShown>`
    Sources { env: Option<EnvironmentId> },
    /// `Option<SourceDetail>`
    Source(SourceId),
    /// `events::Listed`; `query` is the page's own query string.
    Events { query: String },
    /// `Option<EventDetail>`
    Event { env: Option<EnvironmentId>, id: EventId },
    /// Nothing to ask: the answer is `null`.
    Nothing,
}
