//! Sources: where events come from and how capture stands there.

mod port;
mod shown;

pub use port::Sources;
pub use shown::{ChannelShown, GapShown, PartitionShown, SourceDetail, SourceShown};
