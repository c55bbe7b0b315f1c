//! Personal tokens: how programs come as a person, with at most that person's rights.

mod port;
mod roles;
mod shown;

pub use port::{Kept, NewToken, TokenPerson, Tokens};
pub use roles::in_both;
pub use shown::TokenShown;
