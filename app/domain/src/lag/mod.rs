//! Consumer lag: which group is behind, by how much, whether it recovers, and when retention takes what it has not read.
//!
//! | module | holds |
//! |---|---|
//! | `group` | groups of every kind of broker, their members |
//! | `standing` | what is known of one group on one channel now: what pages, programs and alerts read |
//! | `status` | verdicts |

mod group;
mod standing;
mod status;

pub use group::{GroupKind, GroupState, Member};
pub use standing::{Forecast, Loss, Standing, TimeLag};
pub use status::{Status, Verdict};
