use super::Message;
use crate::Failure;
use async_trait::async_trait;

/// What a service of the shop needs of a broker.
#[async_trait]
pub trait Bus: Send + Sync {
    /// Makes channels that are not there yet.
    async fn declare(&self, channels: &[(&str, i32)]) -> Result<(), Failure>;
    async fn publish(&self, channel: &str, message: Message) -> Result<(), Failure>;
    /// Joins as one consumer of a service; positions are kept between runs.
    async fn consume(&self, service: &str, channels: &[&str]) -> Result<Box<dyn Inbox>, Failure>;
}

/// A delivered message and where it came from.
pub struct Delivery {
    pub channel: String,
    pub partition: i32,
    pub offset: i64,
    pub timestamp_ms: i64,
    pub message: Message,
}

#[async_trait]
pub trait Inbox: Send {
    async fn next(&mut self) -> Result<Delivery, Failure>;
    /// Everything delivered so far is done with.
    async fn commit(&mut self) -> Result<(), Failure>;
}
