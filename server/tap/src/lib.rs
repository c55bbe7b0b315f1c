//! Capture of one source: read, identify, append; positions commit with the data (product.md, "Capture").

mod start;

pub use start::StartAt;
