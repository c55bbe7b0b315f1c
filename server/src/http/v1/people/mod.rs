//! People as administrators manage them: who may what where, invitations, requests for access.

pub mod acts;
pub mod read;
pub mod requests;
pub mod rights;
mod shapes;
