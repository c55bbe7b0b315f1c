//! Small parts that every page is made of. Markup and class names follow the design's components.

mod calendar;
mod channel_cells;
pub(crate) mod clock;
mod copy;
pub mod format;
mod how;
mod icon;
mod message;
pub(crate) mod once;
mod order;
mod pill;
mod skeleton;
mod source_badge;
mod spark;
pub(crate) mod time;

pub(crate) use calendar::Civil;
pub(crate) use channel_cells::{channel_name, last_event};
pub use clock::{Zone, use_now, use_zone};
pub use copy::CopyButton;
pub(crate) use copy::copy;
pub use how::HowCounted;
pub use icon::Icon;
#[cfg(feature = "ssr")]
pub use icon::Sprite;
pub use message::{Banner, Empty, ErrorPanel, FailureText};
pub(crate) use once::varying;
pub(crate) use order::{order, sort_by, sort_by_key};
pub use pill::{Kbd, Pill, Tone};
pub use skeleton::SkeletonRows;
pub use source_badge::SourceBadge;
pub(crate) use source_badge::broker;
pub use spark::spark_last_hour;
pub use time::{Time, TimeForm};
