//! Somebody is told: rules over consumer groups and sources, the alerts they raise, and where those are sent.
//!
//! | module | holds |
//! |---|---|
//! | `rule` | what is watched, how strictly, and where |
//! | `finding` | what a rule says of a group or a source now |
//! | `marks` | how long a tap has been behind |
//! | `alert` | what was raised, until it is over |
//! | `judge` | the pure step from what is seen to alerts |
//! | `tell` | which messages are due, and to whom |
//! | `message` | what is sent, in words |
//! | `outlet` | where it is sent to, and how that may be set |
//! | `window` | times in which nobody is told |
//! | `delivery` | attempts, and when the next one is due |
//! | `port` | what the engine and the pages ask the store for |

mod alert;
mod delivery;
mod finding;
mod judge;
mod marks;
mod message;
mod outlet;
mod port;
mod rule;
mod tell;
mod watched;
mod window;
mod words;

pub use alert::{Act, Alert, AlertState, LONGEST_SNOOZE_SECS, MOST_SHOWN, Part, SnoozeFor};
pub use delivery::{Attempt, Delivery, DeliveryState, GIVEN_UP_AFTER, Tried, left_alone, next_try};
pub use finding::is_blind;
pub use judge::{CLEAR_FOR, Judged, Memory, Seen, judge};
pub use marks::TapMarks;
pub use message::{Cause, Message};
pub use outlet::{
    HEARTBEAT, MOST_OUTLETS, MailTls, Outlet, OutletDraft, OutletField, OutletKind, OutletSettings, Takes, URL_HINT,
    masked_url,
};
pub use port::{
    AlertShown, Alerting, AlertsAsked, Changes, Due, Heartbeat, Monitors, NotSent, OutletShown, OutletVault, Refused,
    Sender, Told, Watch,
};
pub use rule::{MOST_RULES, Rule, RuleDraft, RuleKind, Scope, Severity, effective, with_defaults};
pub use tell::{AGAIN_AFTER, MOST_AT_ONCE, Outgoing};
pub use watched::{SourceHealth, TapBehind, Watched};
pub use window::{LONGEST_WINDOW_SECS, MOST_WINDOWS, Window, WindowDraft};
pub use words::{forecast, loss, span};
