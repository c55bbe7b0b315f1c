//! Filling what lies before capture began.

pub mod act;
pub mod list;
