use super::Trail;
use std::{collections::HashSet, mem, time::Duration};
use tokio::time::Instant;
use weir_domain::{
    CaseError,
    audit::{About, Facts, Field, Outcome},
    events::KeyHash,
};

/// What goes on leaves an entry this often while it shows something …
const EVERY: Duration = Duration::from_secs(60);
/// … or when it has shown so many different keys: who saw which key must stay complete, and memory bounded.
const MOST_KEYS: usize = 8192;
/// After an entry that could not be written.
const AGAIN: Duration = Duration::from_secs(5);
/// Beyond this nothing more is shown until an entry can be written.
const TOO_MANY_KEYS: usize = 2 * MOST_KEYS;

/// Something that goes on for a while and has begun in the log. Dropped, it ends there.
pub(crate) struct Batch {
    trail: Trail,
    /// Of the beginning: object and shape.
    about: About,
    /// When the next entry is due.
    due: Instant,
    count: u64,
    keys: HashSet<KeyHash>,
    total: u64,
    ended: &'static str,
}

impl Batch {
    pub(super) fn new(trail: Trail, about: About) -> Self {
        let (due, keys) = (Instant::now() + EVERY, HashSet::new());
        // However it ends: whoever hung up told nobody.
        Self { trail, about, due, count: 0, keys, total: 0, ended: "left" }
    }

    /// Call it before each part is looked for. Writes what has been shown, if it is time to.
    ///
    /// # Errors
    /// `Unavailable` if too much has been shown without an entry: show nothing more now.
    pub async fn before_more(&mut self) -> Result<(), CaseError> {
        let now = Instant::now();
        if self.count == 0 || (now < self.due && self.keys.len() < MOST_KEYS) {
            return Ok(());
        }
        let about = self.since_last();
        match self.trail.write(Outcome::Continued, None, about).await {
            Ok(()) => {
                (self.due, self.count) = (now + EVERY, 0);
                self.keys.clear();
                Ok(())
            }
            Err(error) if self.keys.len() >= TOO_MANY_KEYS => Err(error),
            Err(_) => {
                // Kept for the next try.
                self.due = now + AGAIN;
                Ok(())
            }
        }
    }

    /// So many are being shown, with these keys.
    pub fn shown(&mut self, count: u64, keys: impl IntoIterator<Item = KeyHash>) {
        self.count += count;
        self.total += count;
        self.keys.extend(keys);
    }

    /// Why it is about to end.
    pub fn ending(&mut self, why: &'static str) {
        self.ended = why;
    }

    fn since_last(&self) -> About {
        self.about.clone().count(self.count).keys(self.keys.iter().copied())
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        let shape = mem::take(&mut self.about.shape);
        let total = i64::try_from(self.total).unwrap_or(i64::MAX);
        let about = self.since_last().shape(Facts::with(shape, Field::Total, total));
        self.trail.later(Outcome::Ended, Some(self.ended), about);
    }
}
