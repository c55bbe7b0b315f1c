use super::Trail;
use std::{collections::HashSet, time::Duration};
use tokio::time::Instant;
use weir_domain::{
    CaseError,
    audit::{About, Field, Outcome},
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
    /// Its end is written.
    over: bool,
}

impl Batch {
    pub(super) fn new(trail: Trail, about: About) -> Self {
        let (due, keys) = (Instant::now() + EVERY, HashSet::new());
        // However it ends: whoever hung up told nobody.
        Self { trail, about, due, count: 0, keys, total: 0, ended: "left", over: false }
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

    /// Writes its end before the last of it is handed out. Given up halfway, or failed, it ends like one that is dropped.
    ///
    /// # Errors
    /// `Unavailable` if it can't be written: hand nothing out.
    pub async fn end(mut self, why: &'static str) -> Result<(), CaseError> {
        let about = self.at_end();
        self.trail.write(Outcome::Ended, Some(why), about).await.inspect_err(|_| self.ended = "failed")?;
        self.over = true;
        Ok(())
    }

    fn since_last(&self) -> About {
        self.about.clone().count(self.count).keys(self.keys.iter().copied())
    }

    fn at_end(&self) -> About {
        let total = i64::try_from(self.total).unwrap_or(i64::MAX);
        let about = self.since_last();
        let shape = about.shape.clone().with(Field::Total, total);
        about.shape(shape)
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        if !self.over {
            self.trail.later(Outcome::Ended, Some(self.ended), self.at_end());
        }
    }
}
