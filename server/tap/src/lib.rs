//! Capture of one source: read, identify, append; positions commit with the data (product.md, "Capture").

pub mod backoff;
pub mod identify;
pub mod policy;
pub mod rate;
mod start;

pub use start::StartAt;
