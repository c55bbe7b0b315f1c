//! Consumer groups: how they stand, how they stood, and what may be done about it.

pub mod archive;
pub mod delete;
pub mod export;
pub mod group;
pub mod groups;
pub mod history;
pub mod hot_key;
pub mod report;
mod reports;
pub mod reset;
mod seen;
pub mod settings;

use crate::{
    stream::SignOuts,
    views::{Sight, Views},
};
use std::{collections::HashMap, sync::Arc};
use weir_domain::{
    Clock, EnvironmentId, SourceId,
    events::EventRows,
    lag::{GroupActs, Lag, LagKeeper, Standing},
};

#[derive(Clone)]
pub struct LagCases(Arc<Parts>, Arc<reports::Reports>);

pub(crate) struct Parts {
    pub lag: Arc<dyn Lag>,
    pub keeper: Arc<dyn LagKeeper>,
    pub acts: Arc<dyn GroupActs>,
    /// For the key of an event.
    pub rows: Arc<dyn EventRows>,
    pub views: Arc<Views>,
    pub clock: Arc<dyn Clock>,
    pub sign_outs: Arc<SignOuts>,
}

impl LagCases {
    pub(crate) fn new(parts: Parts) -> Self {
        Self(Arc::new(parts), Arc::default())
    }
}

/// Of the environment that was chosen, if one was.
fn in_environment(sight: &Sight, environment: EnvironmentId) -> bool {
    sight.view.environment().is_none_or(|chosen| chosen == environment)
}

/// Which channels may be seen, by their names: groups read channels that are not captured, which no view knows.
struct Reach<'a> {
    sight: &'a Sight,
    known: HashMap<(SourceId, String), bool>,
}

impl<'a> Reach<'a> {
    fn new(sight: &'a Sight) -> Self {
        Self { sight, known: HashMap::new() }
    }

    fn sees(&mut self, of: &Standing) -> bool {
        if !in_environment(self.sight, of.environment) {
            return false;
        }
        // Thousands of groups read the same few channels.
        if let Some(seen) = self.known.get(&(of.source, of.channel.clone())) {
            return *seen;
        }
        let seen = self.sight.reaches_name(of.environment, of.source, &of.channel);
        self.known.insert((of.source, of.channel.clone()), seen);
        seen
    }
}
