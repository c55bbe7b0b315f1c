//! The state machine of one source: find, read, store; stand still, stop, and try again.

mod beating;
mod find;
mod member;
mod partitions;
mod pause;
mod report;
mod round;
mod session;
mod settings;
mod storing;
mod taking;
mod tap;
mod work;

pub use member::TTL;
pub use settings::{Pace, Ports, Settings};
pub use tap::Tap;
pub use work::captured;
