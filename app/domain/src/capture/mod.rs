//! From a broker's batch to one transaction (product.md, "Capture"; decisions 1, 4, 6, 8-10).

mod batch;
mod beside;
mod budget;
mod channels;
mod policy;
mod port;
mod share;
mod standing;

pub use batch::{CaptureBatch, CapturedEvent, Gap, GapReason, Header, HeaderType, TimeKind, Withheld, WithheldBy};
pub use beside::{AtBroker, Beside};
pub use budget::{
    BELOW_PER_CENT, BudgetDone, BudgetOutlook, BudgetPlan, BudgetSet, BudgetSetting, BudgetShown, BudgetStanding,
    BudgetStep, BudgetTold, Budgets, Captured, DEFAULT_TURN, FULL_PER_CENT, Fill, Flow, Forecast, GivingWay,
    LEAST_BUDGET, MOST_BUDGET, MOST_TOLD, Planned, ROOM_PER_CENT, Stake, TURNS, WARN_PER_CENT, check_budget, forecast,
    in_order, steps as budget_steps,
};
pub use channels::{
    CaptureDetail, CaptureList, ChannelCapture, ChannelPolicies, Cost, GivenUp, GivenUpBy, Missing, PolicySet,
};
pub use policy::{CaptureMode, ChannelPolicy, Keeping, RETENTION_DAYS, SampledBy};
pub use port::{
    AppendOutcome, Begin, Cursor, EventLog, GivenUpPayloads, Held, Incarnation, Indexed, Lease, Leases, Maintained,
    Maintenance, NewIncarnation, OpenPartition, Opened, PartitionProgress, SourceReport, SourceState, TapCatalog,
    WantedEnvironment, WantedSource,
};
pub use share::{Beat, Fence, MemberId, Plan, Share, Shares, quota};
pub use standing::{FRESH_US, Standing, standing};
