//! Weir's vocabulary, rules and ports. Compiles to wasm: no I/O, no clock, no randomness.
//!
//! Slices have the same names here as in every other crate. Ports are traits named for what the
//! caller needs; one port method is one transaction. Every port method that *reads* takes a
//! [`access::View`] (or [`access::SystemView`]), which only [`access`] can make.

pub mod access;
pub mod audit;
pub mod backfill;
pub mod capture;
pub mod catalog;
pub mod changes;
pub mod erasures;
pub mod error;
pub mod events;
pub mod figures;
pub mod holds;
pub mod ids;
pub mod lag;
pub mod links;
pub mod monitors;
pub mod overview;
pub mod search;
pub mod searches;
mod secret;
pub mod sources;
pub mod time;
pub mod tokens;
pub mod verify;

pub use error::{AppError, CaseError, ErrorKind, StoreError};
pub use ids::*;
pub use secret::Secret;
pub use time::{Clock, Timestamp};
