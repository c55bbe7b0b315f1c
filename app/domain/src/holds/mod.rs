//! Legal holds: events that stay past their retention and that nobody erases, until a day.

mod hold;
mod port;

pub use hold::{HELD_AT_MOST, Held, Hold, LONGEST_DAYS, LONGEST_NAME, LONGEST_REASON, MOST_SHOWN, hold_name};
pub use port::{HoldRefused, Holds, NewHold};
