use serde::{Deserialize, Serialize};
use weir_domain::{
    Timestamp,
    catalog::Completion,
    events::{EventFilter, EventPage},
};

/// A page of the list with what its question turned out to mean.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Listed {
    pub page: EventPage,
    /// The question in ids and absolute times.
    pub filter: EventFilter,
    /// The server's clock when it was asked.
    pub at: Timestamp,
    /// The names behind the filter's ids, where known.
    pub source: Option<Completion>,
    pub channel: Option<Completion>,
    /// The asked name belongs to several channels: choose one. `page` is empty then.
    pub choices: Vec<Completion>,
}
