//! How much there is to be searched.

use super::{list::covered, reach::Asked};
use crate::Store;
use weir_domain::{access::View, events::EventFilter, search::Query};

impl Store {
    /// By the directory: whole buckets, so never less than there are.
    pub(super) async fn extent_of(&self, view: &View, filter: &EventFilter, query: &Query) -> sqlx::Result<u64> {
        let asked = Asked::new(view, filter, query);
        let mut db = self.by_index().await?;
        let Some(reach) = asked.reached(&mut db).await? else { return Ok(0) };
        Ok(covered(&mut db, &reach.ids(), asked.range).await?.0)
    }
}
