//! Comparing what is stored with what the brokers have.

pub mod list;
pub mod run;
