//! The contract every broker keeps. Discovery, reading, trying a connection out and asking
//! who reads are separate; `publish` joins them when replay needs it. One conformance suite ([`conformance`]) runs against the
//! in-memory broker and every real one. What changes a broker needs a permit ([`guard`]): positions of idle groups can be
//! moved, and nothing else.

pub mod conformance;
mod contract;
mod examine;
pub mod guard;
mod lag;
pub mod memory;
mod range;
mod reach;
mod settings;

pub use contract::{
    Assignment, Broker, BrokerError, ChannelSize, Chunk, Discovered, DiscoveredPartition, Discovery, Ended,
    EstimatedRead, PartitionAddress, ReadLimits, Reader, Reading, Record, StartAt,
};
pub use examine::{AFTER_A_FAILURE, EXAMINED_WITHIN, Wanted, examined};
pub use guard::{Guarded, Permit};
pub use lag::{
    ChannelObserved, DELETED, EndObserved, GroupObserved, Keeps, LagObserved, LagProbe, LagWanted, MOST_GROUPS, Move,
    Moved, PositionObserved,
};
pub use range::{Range, RangeError, RangeLimits, RangeRead, read_range};
pub use reach::{AddressRule, Gate, Network, NotReached, Reach};
pub use settings::{AwsIam, OAuth, Sasl, SaslMechanism, Secret, Settings, SignIn, Tls, TokenEndpoint, TokenFrom};
