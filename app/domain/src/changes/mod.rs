//! The change feed: what changed, when, and by whom. Append-only; every slice writes to it.

mod port;
mod shown;

pub use port::{ChangeCursor, ChangeFilter, Changes, NewChange, Observer};
pub use shown::{ChangeKind, ChangePage, ChangeShown};
