//! Sources: state, positions, gaps, pause; and those that people make: tried out, added, changed, removed.

pub mod add;
pub mod detail;
pub mod edit;
pub mod examine;
pub mod list;
mod made;
pub mod pause;
pub mod policy;
pub mod preview;
mod reach;
pub mod remove;
pub mod resume;
pub mod settings;
mod standing;
mod told;

use crate::views::Views;
use std::sync::Arc;
use tokio::sync::Semaphore;
use weir_domain::{
    Clock,
    sources::{MadeSources, Prober, Sources, Vault},
};

pub use examine::TrialDraft;
pub use made::{Checked, KEY_FIELD};

/// Connections tried out at once.
const TRIALS: usize = 4;

pub struct SourcesCases {
    sources: Arc<dyn Sources>,
    made: Arc<dyn MadeSources>,
    vault: Arc<dyn Vault>,
    prober: Arc<dyn Prober>,
    views: Arc<Views>,
    clock: Arc<dyn Clock>,
    trials: Semaphore,
}

pub(crate) struct Parts {
    pub sources: Arc<dyn Sources>,
    pub made: Arc<dyn MadeSources>,
    pub vault: Arc<dyn Vault>,
    pub prober: Arc<dyn Prober>,
    pub views: Arc<Views>,
    pub clock: Arc<dyn Clock>,
}

impl SourcesCases {
    pub(crate) fn new(parts: Parts) -> Self {
        let Parts { sources, made, vault, prober, views, clock } = parts;
        Self { sources, made, vault, prober, views, clock, trials: Semaphore::new(TRIALS) }
    }
}

pub(crate) use reach::{finish, known_behind_in, visible_sources};
