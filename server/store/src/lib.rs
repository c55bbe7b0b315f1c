//! Weir's PostgreSQL: the only crate that knows sqlx. Implements the domain's ports on [`Store`].
//!
//! SQL is checked at compile time against the migrations (`query!`, `.sqlx`); long statements live in `queries/`.
//! Two kinds of statement can't be checked so: COPY, and the DDL that makes and removes buckets, whose names hold a
//! number of ours and nothing else.

mod access;
mod audit;
mod backfill;
pub mod block;
mod capture;
mod catalog;
mod changes;
mod erasures;
mod error;
mod events;
mod health;
mod holds;
mod lag;
mod leases;
mod links;
mod maintenance;
mod migrate;
mod monitors;
mod name;
mod news;
mod overview;
mod people;
mod pool;
mod searches;
mod segments;
mod sources;
mod span;
mod timestamp;
mod tokens;
mod verify;

pub use health::Health;
pub use pool::{PoolFigures, Store, StoreOptions};
