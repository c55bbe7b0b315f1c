//! The one place where views are made. The catalog they are cut from is read at most once a second.

use crate::audit::{Auditor, Trail};
use futures::{
    FutureExt as _,
    future::{BoxFuture, Shared},
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;
use weir_domain::{
    CaseError, ChannelId, EnvironmentId, SourceId, StoreError,
    access::{Caller, Denied, Grant, SystemView, View, VisibleChannels, authorise, channel_pattern_matches, use_case},
    audit::About,
    catalog::{Catalog, CatalogEntry, EnvironmentShown},
};

/// Authorisation reads the catalog at most this often; a new channel is seen after as long.
const FRESH: Duration = Duration::from_secs(1);
/// After a failed read all who wait get the same answer for this long, instead of queueing to fail one by one.
const FAILED_FOR: Duration = Duration::from_millis(250);
/// In the audit log, of a token that was used for what it never may.
pub(crate) const SESSIONS_ONLY: &str = "only for a signed-in person";

pub(crate) struct Views {
    catalog: Arc<dyn Catalog>,
    system: SystemView,
    auditor: Auditor,
    /// The last read, done or not: whoever comes meanwhile waits for that one (single flight).
    last: Mutex<Option<Shared<BoxFuture<'static, Read>>>>,
}

/// What was read, and when.
#[derive(Clone)]
struct Read {
    at: Instant,
    result: Result<Arc<Snapshot>, Arc<StoreError>>,
}

impl Read {
    fn still_good(&self) -> bool {
        self.at.elapsed() < if self.result.is_ok() { FRESH } else { FAILED_FOR }
    }
}

/// The whole catalog at one moment. Never leaves this crate; what a caller gets passes [`Sight`].
pub(crate) struct Snapshot {
    entries: Vec<CatalogEntry>,
    by_channel: HashMap<ChannelId, usize>,
}

/// An authorised call: its view, the names of what it may see, and its trail in the audit log.
pub(crate) struct Sight {
    pub view: View,
    pub trail: Trail,
    caller: Caller,
    snapshot: Arc<Snapshot>,
    /// Lasts as long as the use case has its sight: the time it took.
    _span: tracing::Span,
}

impl Views {
    pub fn new(catalog: Arc<dyn Catalog>, system: SystemView, auditor: Auditor) -> Self {
        Self { catalog, system, auditor, last: Mutex::new(None) }
    }

    /// The one check. A refusal comes before anything is read, and is in the audit log.
    pub async fn authorise(&self, caller: &Caller, name: &str) -> Result<Sight, CaseError> {
        let case = use_case(name).ok_or(Denied::Unlisted)?;
        let request = &caller.origin.request_id;
        let span = tracing::info_span!(target: "weir::trace", "use case", use_case = name, request);
        let trail = Trail::new(&self.auditor, caller.into(), case.name);
        match authorise(caller, name, VisibleChannels::from_catalog(caller, std::iter::empty())) {
            Ok(_) => {}
            Err(Denied::Needs(permission)) => return Err(trail.refuse(permission, About::nothing()).await),
            Err(denied) => {
                if denied == Denied::SessionsOnly {
                    trail.refused(SESSIONS_ONLY, About::nothing()).await;
                }
                return Err(denied.into());
            }
        }
        let snapshot = self.snapshot().await?;
        let channels = VisibleChannels::from_catalog(
            caller,
            snapshot.entries.iter().map(|e| (e.channel, e.environment, e.source, e.channel_name.as_str())),
        );
        let view = authorise(caller, name, channels)?;
        Ok(Sight { view, trail, caller: caller.clone(), snapshot, _span: span })
    }

    /// Environments, for [`Sight::environments`] to choose from.
    pub async fn all_environments(&self) -> Result<Vec<EnvironmentShown>, StoreError> {
        self.catalog.environments(&self.system).await
    }

    /// The environment that a program names: by its name, else by its id. For making a caller, before anything is
    /// authorised. `Invalid` tells an unknown one like one that no grant of the caller reaches.
    pub async fn environment(&self, caller: &Caller, wanted: &str) -> Result<EnvironmentId, CaseError> {
        let snapshot = self.snapshot().await?;
        let all = self.all_environments().await?;
        let known = all.iter().find(|e| e.name == wanted && reaches_environment(caller, &snapshot, e.id));
        // One that is not there, or not to be seen, holds nothing that could be shown.
        let by_id = || wanted.parse().ok();
        known.map(|e| e.id).or_else(by_id).ok_or_else(|| CaseError::Invalid {
            what: format!("There is no environment {wanted:?}, or none that you may see."),
            what_to_do: "Use a name or an id of those that /api/v1/environments lists.".into(),
        })
    }

    async fn snapshot(&self) -> Result<Arc<Snapshot>, CaseError> {
        let read = self.reading().await;
        read.result.map_err(|failed| match &*failed {
            StoreError::Unavailable(why) => CaseError::Unavailable(why.clone()),
            StoreError::Conflict(why) => StoreError::Conflict(why.clone()).into(),
            StoreError::Internal(why) => StoreError::Internal(why.clone()).into(),
        })
    }

    /// The read to wait for. It is a task of its own and nobody holds a lock while it runs: whoever asked may stop being
    /// polled half-way (a part of a page that waits for another part) without keeping all others from their answer.
    fn reading(&self) -> Shared<BoxFuture<'static, Read>> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        // One that is not done is under way.
        let usable = last.as_ref().filter(|reading| reading.peek().is_none_or(Read::still_good));
        if let Some(reading) = usable {
            return reading.clone();
        }
        let (catalog, system) = (Arc::clone(&self.catalog), self.system.clone());
        let task = tokio::spawn(async move { catalog.entries(&system).await });
        let reading = async move {
            let result = match task.await {
                Ok(Ok(entries)) => Ok(Arc::new(Snapshot::new(entries))),
                Ok(Err(failed)) => Err(Arc::new(failed)),
                Err(ended) => Err(Arc::new(StoreError::Internal(format!("reading the catalog ended early: {ended}")))),
            };
            Read { at: Instant::now(), result }
        };
        let reading = reading.boxed().shared();
        *last = Some(reading.clone());
        reading
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

    /// The name of a source, where one of its channels is visible.
    pub fn source_name(&self, id: SourceId) -> Option<&str> {
        self.channels().find(|e| e.source == id).map(|e| e.source_name.as_str())
    }

    /// May a source be named, whichever environment it is in? Yes if one of its channels is visible, or a grant covers
    /// the whole of it anywhere.
    pub fn names_source(&self, id: SourceId) -> bool {
        let anywhere =
            |g: &Grant| whole(&g.channel_pattern) && g.environment.is_none() && g.source.is_none_or(|s| s == id);
        self.source_name(id).is_some() || self.caller.grants.iter().any(anywhere)
    }

    /// Visible channels, in the catalog's order.
    pub fn channels(&self) -> impl Iterator<Item = &CatalogEntry> {
        self.snapshot.entries.iter().filter(|e| self.view.channels().contains(e.channel))
    }

    /// How many channels of a source the caller may not see.
    pub fn hidden_of(&self, source: SourceId) -> u32 {
        let channels = self.view.channels();
        let hidden = self.snapshot.entries.iter().filter(|e| e.source == source && !channels.contains(e.channel));
        u32::try_from(hidden.count()).unwrap_or(u32::MAX)
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

    /// Does one grant cover whatever source this environment has or will have?
    pub fn reaches_whole_environment(&self, environment: EnvironmentId) -> bool {
        let everywhere = |g: &Grant| g.environment.is_none_or(|e| e == environment) && g.source.is_none();
        self.caller.grants.iter().any(|g| whole(&g.channel_pattern) && everywhere(g))
    }

    /// Does one grant cover whatever there is or will be?
    pub fn reaches_everything(&self) -> bool {
        let everywhere = |g: &Grant| g.environment.is_none() && g.source.is_none();
        self.caller.grants.iter().any(|g| whole(&g.channel_pattern) && everywhere(g))
    }

    /// Would a channel of this name be visible, were it captured?
    pub fn reaches_name(&self, environment: EnvironmentId, source: SourceId, channel: &str) -> bool {
        self.caller.grants.iter().any(|g| g.covers(environment, source, channel))
    }

    /// Does a grant hold in this environment?
    pub fn reaches_environment(&self, id: EnvironmentId) -> bool {
        reaches_environment(&self.caller, &self.snapshot, id)
    }

    /// The environments that a grant reaches, whichever one is chosen now: the switcher offers them.
    pub fn environments(&self, all: Vec<EnvironmentShown>) -> Vec<EnvironmentShown> {
        all.into_iter().filter(|e| reaches_environment(&self.caller, &self.snapshot, e.id)).collect()
    }
}

fn reaches_environment(caller: &Caller, snapshot: &Snapshot, id: EnvironmentId) -> bool {
    caller.grants.iter().any(|g| {
        g.environment.is_none_or(|e| e == id)
            && (g.environment == Some(id)
                || (g.source.is_none() && whole(&g.channel_pattern))
                || snapshot.entries.iter().any(|e| {
                    e.environment == id
                        && g.source.is_none_or(|s| s == e.source)
                        && channel_pattern_matches(&g.channel_pattern, &e.channel_name)
                }))
    })
}

fn whole(pattern: &str) -> bool {
    !pattern.is_empty() && pattern.bytes().all(|b| b == b'*')
}
