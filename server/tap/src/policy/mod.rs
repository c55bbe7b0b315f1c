//! What of a source is captured, and how much of it (decision 14).

mod ceiling;
mod channels;

pub use ceiling::Ceiling;
pub use channels::{LEFT_OUT_SHOWN, LeftOut, Policy};
