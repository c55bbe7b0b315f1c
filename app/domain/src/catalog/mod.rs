//! Environments, sources, channels and event types: names for ids, learnt from traffic.

mod channel;
mod port;
mod production;
mod shown;

pub use channel::{ChannelFacts, ChannelPage, Hours, Oldest, Readers, STEP_S, STEPS};
pub use port::{Catalog, CatalogEntry};
pub use production::{Measured, Production};
pub use shown::{Completion, CompletionKind, Completions, EnvironmentShown, Me};
