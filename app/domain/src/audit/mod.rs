//! Who did what, and who saw what: one append-only entry each. Entries hold identities and the shapes of queries,
//! never a key, a header or a payload; of keys they hold the hash that the store keeps anyway.

mod entry;
mod facts;
mod object;
mod port;
mod query;

pub use entry::{About, Entry, EntryId, NewEntry, Outcome, Who};
pub use facts::{Facts, Field, Secret, Value};
pub use object::{Object, ObjectKind};
pub use port::AuditLog;
pub use query::{AuditFilter, AuditPage, Matter, Question};
