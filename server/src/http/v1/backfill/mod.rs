//! Filling from what brokers still have.

pub mod act;
pub mod content;
pub mod list;
