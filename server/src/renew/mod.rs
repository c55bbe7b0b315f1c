//! Secrets and certificates that are replaced while Weir runs: their files are looked at every few seconds. What is new
//! and good is used for new connections; what can't be read or used leaves the earlier one in use, and is told.

mod broker;
mod database;
mod look;
mod source;

pub use database::database;
pub use source::Credentials;
