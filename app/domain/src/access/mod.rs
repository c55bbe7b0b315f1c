//! Who may see and do what (decisions 12 and 13). The only maker of [`View`].

mod accounts;
mod grant;
mod origin;
pub mod people;
mod permission;
mod role;
mod use_case;
mod view;

pub use accounts::{Accounts, NewPerson, PersonCredentials, SessionPerson};
pub use grant::{Grant, channel_pattern_matches};
pub use origin::{Origin, Via};
pub use permission::Permission;
pub use role::Role;
pub use use_case::{Access, Audit, Kind, USE_CASES, UseCase, use_case};
pub use view::{AuditView, Caller, Credential, Denied, SystemView, View, VisibleChannels, authorise};
