//! Can this server serve? It starts while the database is away, and says so.

use std::sync::{Arc, PoisonError, RwLock};

/// Why not yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotReady {
    /// Just started.
    Starting,
    /// The database can't be reached, or is held up; the reason is for the log.
    Away(String),
    /// The schema can't be brought to what this program knows: somebody must act.
    Schema(String),
}

impl NotReady {
    pub fn message(&self) -> &'static str {
        match self {
            Self::Starting => "Weir is starting.",
            Self::Away(_) => "Weir can't reach its database.",
            Self::Schema(_) => "Weir can't use its database as it is.",
        }
    }
    pub fn what_to_do(&self) -> &'static str {
        match self {
            Self::Starting => "This page tries again by itself.",
            Self::Away(_) => "It tries again by itself, and so does this page; nothing is lost.",
            Self::Schema(_) => "An administrator finds the reason in Weir's log.",
        }
    }
    pub fn reason(&self) -> &str {
        match self {
            Self::Starting => "starting",
            Self::Away(why) | Self::Schema(why) => why,
        }
    }
}

/// What is known about the taps, once they have been decided on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Taps {
    #[default]
    Undecided,
    On,
    Off(String),
}

#[derive(Debug, Clone)]
pub struct Readiness(Arc<RwLock<State>>);

#[derive(Debug)]
struct State {
    not_ready: Option<NotReady>,
    taps: Taps,
}

impl Default for Readiness {
    fn default() -> Self {
        Self(Arc::new(RwLock::new(State { not_ready: Some(NotReady::Starting), taps: Taps::default() })))
    }
}

impl Readiness {
    /// # Errors
    /// Why not.
    pub fn ready(&self) -> Result<(), NotReady> {
        match &self.0.read().unwrap_or_else(PoisonError::into_inner).not_ready {
            None => Ok(()),
            Some(why) => Err(why.clone()),
        }
    }
    pub fn taps(&self) -> Taps {
        self.0.read().unwrap_or_else(PoisonError::into_inner).taps.clone()
    }
    pub fn set_not_ready(&self, why: NotReady) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).not_ready = Some(why);
    }
    pub fn set_ready(&self, taps: Taps) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = State { not_ready: None, taps };
    }
}
