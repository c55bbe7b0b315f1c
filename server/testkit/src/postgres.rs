//! A private PostgreSQL server.

mod bin;
mod data;
mod database;
mod server;

pub use database::{Database, fresh_database};
pub use server::{Options, Postgres};
