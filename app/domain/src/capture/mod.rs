//! From a broker's batch to one transaction (product.md, "Capture"; decisions 1, 4, 6, 8-10).

mod batch;
mod port;

pub use batch::{CaptureBatch, CapturedEvent, Gap, GapReason, Header, HeaderType, TimeKind, Withheld, WithheldBy};
pub use port::{
    AppendOutcome, Begin, Cursor, EventLog, Held, Incarnation, Lease, Leases, Maintained, Maintenance, NewIncarnation,
    OpenPartition, PartitionProgress, SourceReport, SourceState, TapCatalog, WantedEnvironment, WantedSource,
};
