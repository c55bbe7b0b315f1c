//! One file per command.

pub mod admin_link;
pub mod adopt;
pub mod check;
pub mod doctor;
pub mod estimate;
pub mod events;
pub mod keys;
pub mod lag;
pub mod migrate;
pub mod remote;
pub mod secrets_key;
pub mod serve;
pub mod sources;
pub mod verify;
