//! The `weir` server: composition root, configuration, HTTP, live streams, security.

// Leptos views are types: a page is one deep type.
#![recursion_limit = "512"]

pub mod brokers;
pub mod cli;
pub mod clock;
pub mod commands;
pub mod compose;
pub mod config;
pub mod http;
pub mod instance;
mod logs;
