//! What lies around one event.

use super::{EventRow, StoredRow};
use serde::Serialize;

/// Both sides begin with the nearest.
#[derive(Debug, Clone, Serialize)]
pub struct Neighbours<T> {
    pub before: Vec<T>,
    pub after: Vec<T>,
}

impl<T> Default for Neighbours<T> {
    fn default() -> Self {
        Self { before: Vec::new(), after: Vec::new() }
    }
}

impl<T> Neighbours<T> {
    pub fn len(&self) -> usize {
        self.before.len() + self.after.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn filter_map<U>(self, mut f: impl FnMut(T) -> Option<U>) -> Neighbours<U> {
        Neighbours {
            before: self.before.into_iter().filter_map(&mut f).collect(),
            after: self.after.into_iter().filter_map(f).collect(),
        }
    }
}

#[derive(Debug, Clone)]
pub struct StoredAround {
    pub event: StoredRow,
    /// By position.
    pub in_partition: Neighbours<StoredRow>,
    /// By time, over all channels in view; empty where the view may not see keys.
    pub of_key: Neighbours<StoredRow>,
    /// The key has too many events to be told which are next.
    pub busy_key: bool,
}

/// The same as a person may see it.
#[derive(Debug, Clone, Serialize)]
pub struct Around {
    pub event: EventRow,
    pub in_partition: Neighbours<EventRow>,
    pub of_key: Neighbours<EventRow>,
    pub busy_key: bool,
}
