//! What of a source is captured, and how much of it (decision 14).

mod ceiling;
mod channel;
mod channels;

pub use ceiling::Ceiling;
pub use channel::keep;
pub use channels::{LEFT_OUT_SHOWN, LeftOut, Policy};
