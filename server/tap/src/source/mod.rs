//! The state machine of one source: find, read, store; stand still, stop, and try again.

mod find;
mod partitions;
mod pause;
mod report;
mod round;
mod session;
mod settings;
mod storing;
mod tap;

pub use settings::{Pace, Ports, Settings};
pub use tap::Tap;
