use super::{Held, Hold};
use crate::{HoldId, StoreError, Timestamp, access::View, erasures::By};
use async_trait::async_trait;

#[derive(Debug, Clone)]
pub struct NewHold {
    pub id: HoldId,
    pub name: String,
    pub held: Held,
    pub reason: String,
    pub by: By,
    pub ends_at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HoldRefused {
    TooMany,
    Absent,
    /// It has ended already.
    Ended,
}

#[async_trait]
pub trait Holds: Send + Sync {
    /// Those that stand by their end, then those that ended last first; at most [`super::MOST_SHOWN`].
    async fn holds(&self, view: &View) -> Result<Vec<Hold>, StoreError>;
    /// At most `most` may stand. From then on nothing that it keeps is dropped or erased.
    async fn place_hold(&self, view: &View, new: &NewHold, most: u32) -> Result<Result<(), HoldRefused>, StoreError>;
    async fn end_hold(&self, view: &View, id: &HoldId, by: &By) -> Result<Result<(), HoldRefused>, StoreError>;
}
