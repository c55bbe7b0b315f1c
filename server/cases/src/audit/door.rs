//! Whoever is not signed in can be refused as often as they like: what that writes has to be bounded.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// Refusals alike within this time are one entry.
pub(super) const WINDOW: Duration = Duration::from_secs(60);
/// Windows open at once; networks beyond are counted together.
const MOST: usize = 1000;
/// Stands for them.
const OTHERS: &str = "others";

/// Use case, reason, network.
type Alike = (&'static str, &'static str, String);

/// Counts refusals alike.
#[derive(Default)]
pub(super) struct Door(Mutex<HashMap<Alike, u64>>);

impl Door {
    fn windows(&self) -> MutexGuard<'_, HashMap<Alike, u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The network to write for, if this refusal opens a window; else it is counted.
    pub fn first(&self, use_case: &'static str, reason: &'static str, remote: &str) -> Option<String> {
        let mut windows = self.windows();
        let known = (use_case, reason, remote.to_owned());
        let crowded = windows.len() >= MOST && !windows.contains_key(&known);
        let alike = if crowded { (use_case, reason, OTHERS.to_owned()) } else { known };
        match windows.get_mut(&alike) {
            Some(more) => {
                *more += 1;
                None
            }
            None => {
                let network = alike.2.clone();
                windows.insert(alike, 0);
                Some(network)
            }
        }
    }

    /// How many followed the first.
    pub fn close(&self, use_case: &'static str, reason: &'static str, remote: &str) -> u64 {
        self.windows().remove(&(use_case, reason, remote.to_owned())).unwrap_or(0)
    }

    pub fn open(&self) -> Vec<Alike> {
        self.windows().keys().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alike_is_counted_and_networks_are_bounded() {
        let door = Door::default();
        assert_eq!(door.first("a/b", "x", "192.0.2.1").as_deref(), Some("192.0.2.1"));
        assert_eq!(door.first("a/b", "x", "192.0.2.1"), None);
        assert!(door.first("a/b", "y", "192.0.2.1").is_some(), "another reason");
        assert_eq!(door.close("a/b", "x", "192.0.2.1"), 1);
        assert_eq!(door.close("a/b", "x", "192.0.2.1"), 0);
        assert!(door.first("a/b", "x", "192.0.2.1").is_some(), "a new window");
        let written = (0..100_000).filter(|n| door.first("a/b", "x", &format!("n{n}")).is_some()).count();
        assert!(written <= MOST && door.open().len() <= MOST + 2, "{written}");
    }
}
