//! The `weir` server: composition root, configuration, HTTP, live streams, security.

pub mod brokers;
pub mod config;
