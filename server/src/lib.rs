//! The `weir` server: composition root, configuration, HTTP, live streams, security.

// Leptos views are types: a page is one deep type.
#![recursion_limit = "512"]

pub mod audit_lines;
pub mod brokers;
pub mod cli;
pub mod client;
pub mod clock;
pub mod commands;
pub mod compose;
pub mod config;
mod csv;
pub mod ended;
pub mod estimate;
mod group_acts;
pub mod http;
pub mod instance;
mod live_read;
mod logs;
pub mod made;
pub mod metrics;
pub mod outlets;
pub mod print;
mod renew;
pub mod roles;
pub mod telemetry;
pub mod vault;
