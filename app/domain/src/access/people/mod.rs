//! People as administrators see them and as they see themselves: who may what where, by which link they came, and what
//! they asked for. Signing in and out is [`super::Accounts`].

mod account;
mod port;
mod refused;
mod request;
mod rights;
mod shown;

pub use account::{AccountShown, EndSessions, OwnAccount, SessionShown};
pub use port::{Acted, By, Change, NewInvite, NewLink, People};
pub use refused::Refused;
pub use request::{Answer, AnswerShown, NewRequest, RequestShown, Requests};
pub use rights::{LONGEST_PATTERN, MOST_GRANTS, Rights, RightsError};
pub use shown::{
    ChangedBy, GrantShown, Invited, LinkShown, PeopleList, PersonDetail, PersonShown, PersonState, Places, SourcePlace,
};
