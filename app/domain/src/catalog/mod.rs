//! Environments, sources, channels and event types: names for ids, learnt from traffic.

mod port;
mod shown;

pub use port::{Catalog, CatalogEntry};
pub use shown::{Completion, CompletionKind, Completions, EnvironmentShown, Me};
