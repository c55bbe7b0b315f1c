//! The one place where views are made. The catalog they are cut from is read at most once a second.

use std::{collections::HashMap, sync::Arc, time::Duration};
use tokio::{sync::Mutex, time::Instant};
use weir_domain::{
    CaseError, ChannelId, EnvironmentId, SourceId, StoreError,
    access::{Caller, SystemView, View, VisibleChannels, authorise, channel_pattern_matches},
    catalog::{Catalog, CatalogEntry, EnvironmentShown},
};

/// Authorisation reads the catalog at most this often; a new channel is seen after as long.
const FRESH: Duration = Duration::from_secs(1);
/// After a failed read all who wait get the same answer for this long, instead of queueing to fail one by one.
const FAILED_FOR: Duration = Duration::from_millis(250);

pub(crate) struct Views {
    catalog: Arc<dyn Catalog>,
    system: SystemView,
    /// Held while reading: whoever comes meanwhile waits for that one read (single flight).
    cache: Mutex<Option<Cached>>,
}

struct Cached {
    at: Instant,
    read: Result<Arc<Snapshot>, String>,
}

/// The whole catalog at one moment. Never leaves this crate; what a caller gets passes [`Sight`].
pub(crate) struct Snapshot {
    entries: Vec<CatalogEntry>,
    by_channel: HashMap<ChannelId, usize>,
}

/// An authorised call: its view, and the names of what it may see.
pub(crate) struct Sight {
    pub view: View,
    caller: Caller,
    snapshot: Arc<Snapshot>,
}

impl Views {
    pub fn new(catalog: Arc<dyn Catalog>, system: SystemView) -> Self {
        Self { catalog, system, cache: Mutex::new(None) }
    }

    /// The one check. A refusal comes before anything is read.
    pub async fn authorise(&self, caller: &Caller, name: &str) -> Result<Sight, CaseError> {
        authorise(caller, name, VisibleChannels::from_catalog(caller, std::iter::empty()))?;
        let snapshot = self.snapshot().await?;
        let channels = VisibleChannels::from_catalog(
            caller,
            snapshot.entries.iter().map(|e| (e.channel, e.environment, e.source, e.channel_name.as_str())),
        );
        let view = authorise(caller, name, channels)?;
        Ok(Sight { view, caller: caller.clone(), snapshot })
    }

    /// Environments, for [`Sight::environments`] to choose from.
    pub async fn all_environments(&self) -> Result<Vec<EnvironmentShown>, StoreError> {
        self.catalog.environments(&self.system).await
    }

    async fn snapshot(&self) -> Result<Arc<Snapshot>, CaseError> {
        let mut cache = self.cache.lock().await;
        let still_good = cache.as_ref().filter(|c| c.at.elapsed() < if c.read.is_ok() { FRESH } else { FAILED_FOR });
        let read = match still_good {
            Some(cached) => cached.read.clone(),
            None => {
                let read = match self.catalog.entries(&self.system).await {
                    Ok(entries) => Ok(Arc::new(Snapshot::new(entries))),
                    Err(StoreError::Unavailable(why)) => Err(why),
                    Err(other) => return Err(other.into()),
                };
                *cache = Some(Cached { at: Instant::now(), read: read.clone() });
                read
            }
        };
        read.map_err(CaseError::Unavailable)
    }
}

impl Snapshot {
    fn new(entries: Vec<CatalogEntry>) -> Self {
        let by_channel = entries.iter().enumerate().map(|(i, e)| (e.channel, i)).collect();
        Self { entries, by_channel }
    }
}

impl Sight {
    /// A visible channel's names; `None` if hidden or unknown.
    pub fn channel(&self, id: ChannelId) -> Option<&CatalogEntry> {
        if !self.view.channels().contains(id) {
            return None;
        }
        self.snapshot.by_channel.get(&id).and_then(|i| self.snapshot.entries.get(*i))
    }

    /// Visible channels, in the catalog's order.
    pub fn channels(&self) -> impl Iterator<Item = &CatalogEntry> {
        self.snapshot.entries.iter().filter(|e| self.view.channels().contains(e.channel))
    }

    /// May this source be named to the caller? Yes if a grant covers the whole of it or one of its channels.
    pub fn reaches_source(&self, environment: EnvironmentId, source: SourceId) -> bool {
        self.view.environment().is_none_or(|e| e == environment)
            && (self.reaches_whole_source(environment, source) || self.channels().any(|e| e.source == source))
    }

    /// Does one grant cover whatever channel this source has or will have? What acts on the whole
    /// source (pausing) asks for this, since it also touches channels that the caller can't see.
    pub fn reaches_whole_source(&self, environment: EnvironmentId, source: SourceId) -> bool {
        self.caller.grants.iter().any(|g| {
            whole(&g.channel_pattern)
                && g.environment.is_none_or(|e| e == environment)
                && g.source.is_none_or(|s| s == source)
        })
    }

    /// Would a channel of this name be visible, were it captured?
    pub fn reaches_name(&self, environment: EnvironmentId, source: SourceId, channel: &str) -> bool {
        self.caller.grants.iter().any(|g| g.covers(environment, source, channel))
    }

    /// The environments that a grant reaches, whichever one is chosen now: the switcher offers them.
    pub fn environments(&self, all: Vec<EnvironmentShown>) -> Vec<EnvironmentShown> {
        all.into_iter().filter(|e| self.reaches_environment(e.id)).collect()
    }

    fn reaches_environment(&self, id: EnvironmentId) -> bool {
        self.caller.grants.iter().any(|g| {
            g.environment.is_none_or(|e| e == id)
                && (g.environment == Some(id)
                    || (g.source.is_none() && whole(&g.channel_pattern))
                    || self.snapshot.entries.iter().any(|e| {
                        e.environment == id
                            && g.source.is_none_or(|s| s == e.source)
                            && channel_pattern_matches(&g.channel_pattern, &e.channel_name)
                    }))
        })
    }
}

fn whole(pattern: &str) -> bool {
    !pattern.is_empty() && pattern.bytes().all(|b| b == b'*')
}
