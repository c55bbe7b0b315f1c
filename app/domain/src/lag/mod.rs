//! Consumer lag: which group is behind, by how much, whether it recovers, and when retention takes what it has not read.
//!
//! | module | holds |
//! |---|---|
//! | `group` | groups of every kind of broker, their members |
//! | `standing` | what is known of one group on one channel now: what pages, programs and alerts read |
//! | `detail` | a group with its partitions |
//! | `expectation` | when a group is expected to read, learnt or set |
//! | `forecast` | where lag goes |
//! | `rules` | verdicts of observations, by Weir's rules and by Burrow's |
//! | `history` | observations over time, and what happened |
//! | `time_lag` | how old the oldest unread event is |
//! | `trend` | what is made of a long past while it is read |
//! | `status` | verdicts |
//! | `list` | the page of all groups |
//! | `reported` | positions that applications keep elsewhere and report |
//! | `reset` | positions moved by hand |
//! | `skew` | a partition, and the key of it, that gets more than its share |
//! | `port` | what observing writes and pages read |

mod detail;
mod expectation;
mod forecast;
mod group;
mod history;
mod list;
mod port;
mod reported;
mod reset;
pub mod rules;
mod skew;
mod standing;
mod status;
mod time_lag;
mod trend;

pub use detail::{Archived, Group, GroupOnChannel, GroupShown, PartitionStanding};
pub use expectation::{Days, Expectation, Habits, Window, learn, usual_interval};
pub use forecast::{Ahead, History, Kept, Outlook, Point, Profile, Restart, Unread, first_loss, positions_expire};
pub use group::{GroupKind, GroupState, Member};
pub use history::{Chunk, Happening, HappeningKind, Place, ROLLED_EVERY_S, Tick};
pub use list::{GroupRow, GroupSort, GroupsPage, GroupsWanted, groups_page, row_of, worst_time};
pub use port::{
    Activity, ChannelSeen, EventAt, EventTime, Figure, Figures, GroupSeen, KeptLag, Lag, LagFigures, LagLog, Listed,
    Observation, PairId, PairKept, PairSeen, SourceObserved, WatchedSource,
};
pub use reported::{MOST_REPORTED, MOST_REPORTING, NotReported, REPORTED_FOR_S, ReportedGroup, ReportedPosition};
pub use reset::{
    GroupActs, GroupNow, GroupSaid, LagKeeper, MoveDone, NotBegun, Planned, PositionNow, Refused, ResetDone, ResetPlan,
    ResetTo, ResetWanted, UNDER_WAY_FOR_S, active, plan,
};
pub use skew::{HotKey, HotKeyShown, HotPartition, NEWEST, NewestKeys, TIMES as SKEWED_TIMES, hot_key, hot_partition};
pub use standing::{Forecast, Loss, Standing, TimeLag};
pub use status::{Status, Verdict};
pub use time_lag::{Held, Stand, TRAILS, time_lag};
pub use trend::{Picking, Thinned, Thinning, Trend, TrendPoint};
