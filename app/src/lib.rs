//! Weir's web console: the shell, pages and components by slice, and the thin server functions.
//!
//! Built twice: `ssr` renders pages inside the server, `hydrate` brings them to life in the browser.
//! This crate never knows the store or a broker: server functions call `weir-cases`.

// Leptos views are types: a page is one deep type.
#![recursion_limit = "512"]

#[cfg(not(any(feature = "hydrate", feature = "ssr")))]
compile_error!("build weir-app with the feature `ssr` (server) or `hydrate` (browser)");

pub mod access;
mod address;
mod app;
#[cfg(feature = "ssr")]
mod around;
#[cfg(feature = "ssr")]
mod at_broker;
#[cfg(feature = "ssr")]
pub mod audit;
#[cfg(feature = "ssr")]
mod breakdown;
#[cfg(feature = "ssr")]
pub mod capture;
mod changes;
#[cfg(feature = "ssr")]
mod channel;
#[cfg(feature = "ssr")]
mod compare;
#[cfg(feature = "ssr")]
mod context;
pub mod drawn;
mod env;
#[cfg(feature = "ssr")]
mod erasures;
mod error;
pub mod events;
pub mod help;
#[cfg(feature = "ssr")]
mod holds;
#[cfg(feature = "ssr")]
pub mod interface;
#[cfg(feature = "ssr")]
pub mod key_list;
#[cfg(feature = "ssr")]
pub mod lag;
#[cfg(feature = "ssr")]
pub mod links;
pub mod live;
#[cfg(feature = "ssr")]
mod monitors;
pub mod overview;
pub mod palette;
#[cfg(feature = "ssr")]
pub mod people;
#[cfg(feature = "ssr")]
mod rollout;
#[cfg(feature = "ssr")]
pub mod searches;
pub mod shell;
pub mod sources;
#[cfg(feature = "ssr")]
pub mod table;
#[cfg(feature = "ssr")]
pub mod tokens;
pub mod ui;
mod wire;

pub use app::App;
#[cfg(feature = "ssr")]
pub use context::{Assets, RequestContext, request_context};
pub use env::{Env, use_env};
pub use error::Failure;
#[cfg(feature = "ssr")]
pub use shell::document;
