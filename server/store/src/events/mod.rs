//! Finding and reading events. Rows are found by spans and the directory, never by counting or by a global order;
//! blocks are opened only for what is shown.

mod around;
pub(crate) mod blank;
mod breakdown;
mod by_position;
mod detail;
mod extent;
mod fill;
mod given_up;
mod gone;
mod kept_away;
mod keys;
mod list;
mod look;
mod missing;
mod names;
mod needle;
mod of_key;
mod order;
mod reach;
mod rows;
mod tail;
mod walk;
mod whole;

pub(crate) use by_position::{RowOfStretch, rows_of_stretch};
pub(crate) use detail::key_of;
pub(crate) use fill::{KEYS_PREFIX, bodies as packed_bodies, damaged};
pub(crate) use of_key::of_key;
pub(crate) use rows::{Span, packed as packed_rows};

use crate::{Store, error::failed};
use async_trait::async_trait;
use list::Page;
use sqlx::{Postgres, Transaction};
use weir_domain::{
    EventId, PartitionId, Position, StoreError,
    access::View,
    events::{
        EventFilter, EventRows, Gone, KeptAway, PageCursor, Positions, Scanned, StoredAround, StoredBreakdown,
        StoredEvent, StoredKeys, StoredRow, Stretch, Unshown,
    },
    search::{Path, Query},
};

/// How these statements are to be carried out, whatever the planner believes: a bucket fills within minutes, long before
/// it has statistics, and one wrong guess reads all of it. Every statement here names rows by an index and in its order.
pub(crate) const BY_INDEX: &str =
    "set local enable_seqscan = off; set local enable_bitmapscan = off; set local enable_hashjoin = off;
    set local enable_mergejoin = off; set local enable_sort = off";

/// What segments tell and what is in none yet must be one picture.
const ONE_MOMENT: &str = "set transaction isolation level repeatable read";

impl Store {
    /// One transaction for all that a page needs.
    async fn by_index(&self) -> sqlx::Result<Transaction<'static, Postgres>> {
        let mut tx = self.for_a_page().await?;
        sqlx::raw_sql(ONE_MOMENT).execute(&mut *tx).await?;
        sqlx::raw_sql(BY_INDEX).execute(&mut *tx).await?;
        Ok(tx)
    }
}

/// The most rows one call returns.
const LARGEST_PAGE: u32 = 500;
/// And of those with all their bytes, which are bounded by these: exports read page after page, and each page that ends in
/// the middle of a block opens it once more.
const LARGEST_STRETCH: u32 = 2000;

#[async_trait]
impl EventRows for Store {
    async fn list(
        &self,
        view: &View,
        filter: &EventFilter,
        query: &Query,
        before: Option<PageCursor>,
        limit: u32,
    ) -> Result<(Vec<StoredRow>, Scanned, Option<PageCursor>), StoreError> {
        let page = Page { before, limit: limit.clamp(1, LARGEST_PAGE) as usize };
        self.list_events(view, filter, query, page).await.map_err(failed)
    }
    async fn list_whole(
        &self,
        view: &View,
        filter: &EventFilter,
        query: &Query,
        before: Option<PageCursor>,
        limit: u32,
    ) -> Result<Stretch, StoreError> {
        let page = Page { before, limit: limit.clamp(1, LARGEST_STRETCH) as usize };
        self.list_whole_events(view, filter, query, page).await.map_err(failed)
    }
    async fn extent(&self, view: &View, filter: &EventFilter, query: &Query) -> Result<u64, StoreError> {
        self.extent_of(view, filter, query).await.map_err(failed)
    }
    async fn keys(&self, view: &View, filter: &EventFilter, keys: &[Vec<u8>]) -> Result<StoredKeys, StoreError> {
        self.keys_found(view, filter, keys).await.map_err(failed)
    }
    async fn event(&self, view: &View, id: EventId) -> Result<Option<StoredEvent>, StoreError> {
        self.one_event(view, id).await.map_err(failed)
    }
    async fn tail_start(&self, view: &View, filter: &EventFilter) -> Result<Positions, StoreError> {
        self.tail_from_now(view, filter).await.map_err(failed)
    }
    async fn tail(
        &self,
        view: &View,
        filter: &EventFilter,
        query: &Query,
        after: &Positions,
        limit: u32,
    ) -> Result<(Vec<StoredRow>, Positions, Unshown), StoreError> {
        self.tail_after(view, filter, query, after, limit.clamp(1, LARGEST_PAGE) as usize).await.map_err(failed)
    }
    async fn kept_away(
        &self,
        view: &View,
        partition: PartitionId,
        positions: &[Position],
    ) -> Result<KeptAway, StoreError> {
        self.kept_away_of(view, partition, positions).await.map_err(failed)
    }
    async fn gone(&self, view: &View, id: EventId) -> Result<Option<Gone>, StoreError> {
        self.what_became_of(view, id).await.map_err(failed)
    }
    async fn around(&self, view: &View, id: EventId, each: u32) -> Result<Option<StoredAround>, StoreError> {
        self.event_around(view, id, each.clamp(1, 50)).await.map_err(failed)
    }
    async fn breakdown(
        &self,
        view: &View,
        filter: &EventFilter,
        query: &Query,
        field: Option<&Path>,
        bins: usize,
        top: usize,
    ) -> Result<StoredBreakdown, StoreError> {
        self.break_down(view, filter, query, field, bins.clamp(1, 500), top.clamp(1, 100)).await.map_err(failed)
    }
}
