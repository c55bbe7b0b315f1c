use super::settings::Ports;
use std::time::Duration;
use tokio::sync::watch;
use tokio_util::task::AbortOnDropHandle;
use weir_domain::SourceId;

/// Follows a person's wish that the source stand still. `None` until the store has answered once:
/// nothing is read before it is known.
pub struct PauseWatch {
    wish: watch::Receiver<Option<bool>>,
    _task: AbortOnDropHandle<()>,
}

impl PauseWatch {
    pub fn start(ports: &Ports, source: SourceId, every: Duration) -> Self {
        let (tell, wish) = watch::channel(None);
        let (catalog, system) = (ports.catalog.clone(), ports.system.clone());
        let task = tokio::spawn(async move {
            loop {
                match catalog.paused(&system, source).await {
                    Ok(paused) => drop(tell.send_if_modified(|w| w.replace(paused) != Some(paused))),
                    // The last known wish holds; without the database nothing is read for long anyway.
                    Err(error) => tracing::debug!(%source, %error, "the wish to pause could not be read"),
                }
                tokio::time::sleep(every).await;
            }
        });
        Self { wish, _task: AbortOnDropHandle::new(task) }
    }

    pub fn now(&self) -> Option<bool> {
        *self.wish.borrow()
    }

    /// Ends when the source shall stand still.
    pub async fn paused(&mut self) {
        if self.wish.wait_for(|w| *w == Some(true)).await.is_err() {
            std::future::pending().await
        }
    }

    /// Ends when the wish is not what it was when last looked at.
    pub async fn changed(&mut self) {
        if self.wish.changed().await.is_err() {
            std::future::pending().await
        }
    }
}
