//! How many streams there may be, in all and of one session.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use sha2::{Digest as _, Sha256};

/// Counts streams. Sessions are known by a digest of their token.
#[derive(Debug, Clone)]
pub struct Desk(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    in_all: usize,
    of_one: usize,
    taken: Mutex<HashMap<[u8; 32], usize>>,
}

/// One stream's place; free again when dropped.
#[derive(Debug)]
pub struct Seat {
    desk: Desk,
    session: [u8; 32],
}

impl Desk {
    pub fn new(in_all: usize, of_one: usize) -> Self {
        Self(Arc::new(Inner { in_all, of_one, taken: Mutex::default() }))
    }

    /// Streams that are open.
    pub fn taken(&self) -> usize {
        self.0.taken.lock().unwrap_or_else(PoisonError::into_inner).values().sum()
    }

    /// `None` if all are taken, or all that this session may take.
    pub fn sit(&self, session: &str) -> Option<Seat> {
        let session: [u8; 32] = Sha256::digest(session).into();
        let mut taken = self.0.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.values().sum::<usize>() >= self.0.in_all {
            return None;
        }
        let mine = taken.entry(session).or_default();
        if *mine >= self.0.of_one {
            return None;
        }
        *mine += 1;
        Some(Seat { desk: self.clone(), session })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.desk.0.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(mine) = taken.get_mut(&self.session) {
            *mine -= 1;
            if *mine == 0 {
                taken.remove(&self.session);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Desk;

    #[test]
    fn places_are_counted_and_freed() {
        let desk = Desk::new(3, 2);
        let first = desk.sit("a").unwrap();
        let _second = desk.sit("a").unwrap();
        assert!(desk.sit("a").is_none(), "one session has two");
        let other = desk.sit("b").unwrap();
        assert!(desk.sit("c").is_none(), "three in all");
        drop(other);
        assert!(desk.sit("a").is_none());
        drop(first);
        assert!(desk.sit("a").is_some());
        assert_eq!(desk.0.taken.lock().unwrap().len(), 1);
    }
}
