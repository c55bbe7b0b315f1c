//! One file per command.

pub mod admin_link;
pub mod adopt;
pub mod check;
pub mod migrate;
pub mod serve;
