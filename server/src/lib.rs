//! The `weir` server: composition root, configuration, HTTP, live streams, security.

pub mod brokers;
pub mod cli;
pub mod clock;
pub mod commands;
pub mod compose;
pub mod config;
pub mod http;
pub mod instance;
mod logs;
