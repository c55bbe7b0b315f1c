//! Sources that people make while Weir runs: looked for every few seconds and at every hint, begun, begun anew when they
//! were changed, and ended when they are gone.

use crate::{EnginePorts, SourceSpec, off::say_off};
use async_trait::async_trait;
use futures::future::BoxFuture;
use std::{collections::HashMap, time::Duration};
use tokio::{
    task::{Id, JoinSet},
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use weir_domain::{SourceId, StoreError, sources::MadeVersion};
use weir_tap::Pace;

/// Between two looks: what a person changes acts well within 10 s even if no hint comes.
const LOOK: Duration = Duration::from_secs(3);

/// A source as it was made, ready to be read.
#[derive(Clone)]
pub struct MadeSpec {
    pub source: SourceId,
    pub name: String,
    pub version: i64,
    /// Or why it can't be read, for its page: its secrets can't be opened, say.
    pub spec: Result<SourceSpec, String>,
}

/// Where sources made in the browser come from; the composition root builds them.
#[async_trait]
pub trait MadeSpecs: Send + Sync {
    /// All there are.
    async fn versions(&self) -> Result<Vec<MadeVersion>, StoreError>;
    /// `Ok(None)`: it is gone.
    async fn spec(&self, source: SourceId) -> Result<Option<MadeSpec>, StoreError>;
    /// Ends when they may have changed; a hint that may never come.
    async fn hint(&self);
}

/// None are ever made.
pub struct NothingMade;

#[async_trait]
impl MadeSpecs for NothingMade {
    async fn versions(&self) -> Result<Vec<MadeVersion>, StoreError> {
        Ok(Vec::new())
    }
    async fn spec(&self, _: SourceId) -> Result<Option<MadeSpec>, StoreError> {
        Ok(None)
    }
    async fn hint(&self) {
        std::future::pending().await
    }
}

struct Begun {
    version: i64,
    end: CancellationToken,
    task: Id,
}

/// Keeps the reading of every made source going until `stop`, and returns when all of it has ended. `read` reads one
/// source until its token is cancelled.
pub async fn keep(
    ports: &EnginePorts,
    stop: &CancellationToken,
    mut read: impl FnMut(SourceId, SourceSpec, CancellationToken) -> BoxFuture<'static, ()>,
) {
    let mut begun: HashMap<SourceId, Begun> = HashMap::new();
    let mut tasks = JoinSet::new();
    while !stop.is_cancelled() {
        match ports.made.versions().await {
            // What is read goes on: without the database nothing is lost by it.
            Err(error) => tracing::debug!(%error, "sources could not be looked for; tried again"),
            Ok(wanted) => {
                for (source, one) in &begun {
                    let as_it_is = wanted.iter().any(|w| w.source == *source && w.version == one.version);
                    if !as_it_is {
                        one.end.cancel();
                    }
                }
                // One that ends is begun anew only when it has ended: two of this process would not keep each other out.
                let new: Vec<_> = wanted.into_iter().map(|w| w.source).filter(|id| !begun.contains_key(id)).collect();
                for source in new {
                    let Ok(Some(made)) = ports.made.spec(source).await else { continue };
                    let end = stop.child_token();
                    tracing::info!(source = made.name, version = made.version, "reads a source made in the browser");
                    let reading = match made.spec {
                        Ok(spec) => read(source, spec, end.clone()),
                        Err(why) => Box::pin(say_why(ports.clone(), made.name, source, why, end.clone())),
                    };
                    let task = tasks.spawn(reading).id();
                    begun.insert(source, Begun { version: made.version, end, task });
                }
            }
        }
        tokio::select! {
            () = stop.cancelled() => {}
            Some(ended) = tasks.join_next_with_id() => {
                let task = match ended {
                    Ok((task, ())) => task,
                    Err(error) => {
                        tracing::error!(%error, "the reading of a source broke off; it is begun anew");
                        // Not at once and for ever.
                        sleep(LOOK).await;
                        error.id()
                    }
                };
                begun.retain(|_, one| one.task != task);
            }
            () = ports.made.hint() => {}
            () = sleep(LOOK) => {}
        }
    }
    while tasks.join_next().await.is_some() {}
}

/// Its page says what stands in the way, for as long as it does.
async fn say_why(ports: EnginePorts, name: String, source: SourceId, why: String, end: CancellationToken) {
    let saying = async {
        loop {
            say_off(&ports, &name, source, &why).await;
            sleep(Pace::default().heartbeat).await;
        }
    };
    end.run_until_cancelled(saying).await;
}

/// Names of all that are made, for an installation that may not read them.
pub async fn names(ports: &EnginePorts) -> Vec<String> {
    match timeout(LOOK, ports.made.versions()).await {
        Ok(Ok(all)) => all.into_iter().map(|made| made.name).collect(),
        _ => Vec::new(),
    }
}
