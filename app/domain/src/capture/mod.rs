//! From a broker's batch to one transaction (product.md, "Capture"; decisions 1, 4, 6, 8-10).

mod batch;
mod beside;
mod channels;
mod policy;
mod port;
mod share;
mod standing;

pub use batch::{CaptureBatch, CapturedEvent, Gap, GapReason, Header, HeaderType, TimeKind, Withheld, WithheldBy};
pub use beside::{AtBroker, Beside};
pub use channels::{
    CaptureDetail, CaptureList, ChannelCapture, ChannelPolicies, Cost, GivenUp, GivenUpBy, Missing, PolicySet,
};
pub use policy::{CaptureMode, ChannelPolicy, RETENTION_DAYS, SampledBy};
pub use port::{
    AppendOutcome, Begin, Cursor, EventLog, GivenUpPayloads, Held, Incarnation, Indexed, Lease, Leases, Maintained,
    Maintenance, NewIncarnation, OpenPartition, Opened, PartitionProgress, SourceReport, SourceState, TapCatalog,
    WantedEnvironment, WantedSource,
};
pub use share::{Beat, Fence, MemberId, Plan, Share, Shares, quota};
pub use standing::{FRESH_US, Standing, standing};
