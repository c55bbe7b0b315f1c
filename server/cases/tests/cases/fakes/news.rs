use async_trait::async_trait;
use tokio::sync::broadcast;
use weir_domain::{
    PartitionId,
    events::{News, NewsFeed},
};

pub struct FakeNews(broadcast::Sender<Vec<PartitionId>>);

impl Default for FakeNews {
    fn default() -> Self {
        Self(broadcast::Sender::new(64))
    }
}

impl FakeNews {
    pub fn hint(&self, partitions: &[PartitionId]) {
        // Nobody listening is fine: a hint is only a hint.
        let _ = self.0.send(partitions.to_vec());
    }
}

impl News for FakeNews {
    fn subscribe(&self) -> Box<dyn NewsFeed> {
        Box::new(Feed(self.0.subscribe()))
    }
}

struct Feed(broadcast::Receiver<Vec<PartitionId>>);

#[async_trait]
impl NewsFeed for Feed {
    async fn next(&mut self) -> Vec<PartitionId> {
        match self.0.recv().await {
            Ok(partitions) => partitions,
            Err(broadcast::error::RecvError::Lagged(_)) => Vec::new(),
            Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
        }
    }
}
