//! People, what they may, invitations and requests for access. Drawn by the server alone; their forms are in the
//! server's `http::forms`.

mod acts;
pub mod api;
mod cells;
mod fields;
mod grants;
mod invite;
mod list;
mod person;
mod requests;
mod words;

pub(crate) use fields::text;
pub(crate) use invite::{default_button, invite};
pub(crate) use list::people;
pub(crate) use person::person;
pub(crate) use words::{grant_words, may};
