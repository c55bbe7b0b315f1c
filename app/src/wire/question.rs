use weir_domain::{EnvironmentId, EventId, SourceId};

/// What pages can ask: one per query that the server's functions offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Question {
    /// `catalog::Me`
    Me,
    /// `Completions`
    Complete { env: Option<EnvironmentId>, text: String },
    /// `overview::Summary`
    Summary { env: Option<EnvironmentId> },
    /// `SourceList`
    Sources { env: Option<EnvironmentId> },
    /// `Option<SourceDetail>`
    Source(SourceId),
    /// `events::Listed`; `query` is the page's own query string.
    Events { query: String },
    /// `Option<EventDetail>`
    Event { env: Option<EnvironmentId>, id: EventId },
    /// `drawn::DrawnPage`; `address` is the page's path with its query.
    Drawn { address: String },
    /// Nothing to ask: the answer is `null`.
    Nothing,
}
