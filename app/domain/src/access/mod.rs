//! Who may see and do what (decisions 12 and 13). The only maker of [`View`].

mod accounts;
mod grant;
mod permission;
mod role;
mod use_case;
mod view;

pub use accounts::{Accounts, NewPerson, PersonCredentials, SessionPerson};
pub use grant::{Grant, channel_pattern_matches};
pub use permission::Permission;
pub use role::Role;
pub use use_case::{Access, Kind, USE_CASES, UseCase, use_case};
pub use view::{Caller, Denied, SystemView, View, VisibleChannels, authorise};
