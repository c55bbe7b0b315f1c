//! The store against a real PostgreSQL. One program, so that it is linked once and its tests share one server.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking, its helpers too")]

mod accounts;
mod any_bytes;
mod append;
mod blanked;
mod block;
mod buckets;
mod catalog;
mod common;
mod figures;
mod leases;
mod list;
mod migrations;
mod news;
mod partitions;
mod tail;
