//! Capture of one source: read, identify, append; positions commit with the data (product.md, "Capture").

mod announce;
pub mod backoff;
pub mod identify;
pub mod memory;
mod meter;
pub mod policy;
pub mod rate;
mod source;
mod start;

pub use announce::Announcer;
pub use meter::{Meter, NoMeter, Standing, Stored};
pub use source::{Pace, Ports, Settings, TTL, Tap, captured};
pub use start::StartAt;
