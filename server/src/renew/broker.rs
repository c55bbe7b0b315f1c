//! A broker whose credentials may be replaced: another connection takes the place of the one before.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use futures::future::BoxFuture;
use tokio::sync::watch;
use weir_broker::{
    Assignment, Broker, BrokerError, ChannelSize, Discovery, EstimatedRead, LagProbe, ReadLimits, Reader, Wanted,
};
use weir_domain::sources::Step;

/// Cheap to clone.
#[derive(Clone)]
pub struct Renewable {
    now: watch::Sender<Arc<dyn Broker>>,
    notice: Arc<Mutex<Option<String>>>,
}

impl Renewable {
    pub fn new(broker: Arc<dyn Broker>) -> Self {
        Self { now: watch::Sender::new(broker), notice: Arc::default() }
    }

    /// New connections are made by this one from now on, and readers are told to make new ones.
    pub fn replace(&self, broker: Arc<dyn Broker>) {
        self.now.send_replace(broker);
    }

    /// What a person should know while it works all the same; `None` if nothing.
    pub fn tell(&self, notice: Option<String>) {
        *self.notice.lock().unwrap_or_else(PoisonError::into_inner) = notice;
    }

    /// The connection that is used now.
    pub fn now(&self) -> Arc<dyn Broker> {
        Arc::clone(&self.now.borrow())
    }
}

#[async_trait]
impl Broker for Renewable {
    async fn examine(&self, wanted: &Wanted, tell: &mut (dyn FnMut(Step) + Send)) {
        self.now().examine(wanted, tell).await;
    }
    async fn sizes(&self, channels: &[String]) -> Result<Vec<ChannelSize>, BrokerError> {
        self.now().sizes(channels).await
    }
    async fn discover(&self) -> Result<Discovery, BrokerError> {
        self.now().discover().await
    }
    async fn reader(&self, limits: ReadLimits) -> Result<Box<dyn Reader>, BrokerError> {
        self.now().reader(limits).await
    }
    async fn estimate(&self, assignments: &[Assignment]) -> Result<EstimatedRead, BrokerError> {
        self.now().estimate(assignments).await
    }
    fn replaced(&self) -> BoxFuture<'static, ()> {
        let mut now = self.now.subscribe();
        Box::pin(async move {
            if now.changed().await.is_err() {
                // Whoever could replace it is gone.
                std::future::pending().await
            }
        })
    }
    fn lag(&self) -> Option<Arc<dyn LagProbe>> {
        self.now().lag()
    }
    fn notice(&self) -> Option<String> {
        self.notice.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
