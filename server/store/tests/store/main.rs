//! The store against a real PostgreSQL. One program, so that it is linked once and its tests share one server.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking, its helpers too"
)]

mod accounts;
mod any_bytes;
mod append;
mod audit;
mod blanked;
mod block;
mod buckets;
mod budget;
mod cancelled;
mod catalog;
mod changes;
mod channel;
mod common;
mod contents;
mod erasures;
mod figures;
mod keys;
mod lag;
mod leases;
mod links;
mod list;
mod made;
mod many_tombstones;
mod migrations;
mod monitors;
mod monitors_told;
mod news;
mod partitions;
mod people;
mod policy;
mod requests;
mod resets;
mod search;
mod searches;
mod shares;
mod spread;
mod tail;
mod tokens;
mod tombstones;
mod whole;
