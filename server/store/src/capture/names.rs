//! Event types by number: interned outside the capture transaction and remembered, so that taps never lock one another.

use crate::{Store, name::storable};
use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, PoisonError},
};
use weir_domain::{PartitionId, capture::CapturedEvent};

/// Types kept apart. A producer that puts an id into its type would fill the catalog: what comes later shares a name.
const MOST_TYPES: i32 = 100_000;
const OVERFLOW: &str = "(more than 100,000 event types)";
/// What a process remembers before it starts anew.
const REMEMBERED: usize = 20_000;

#[derive(Default)]
pub(crate) struct TypeNames {
    ids: Mutex<HashMap<String, i32>>,
    carried: Mutex<HashSet<(PartitionId, i32)>>,
}

impl TypeNames {
    pub(super) fn clear(&self) {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.carried.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn id(&self, name: &str) -> Option<i32> {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner).get(name).copied()
    }

    fn keep(&self, name: &str, id: i32) {
        let mut ids = self.ids.lock().unwrap_or_else(PoisonError::into_inner);
        if ids.len() >= REMEMBERED {
            ids.clear();
        }
        ids.insert(name.to_owned(), id);
    }

    fn new_pairs(&self, partition: PartitionId, ids: &HashMap<&str, i32>) -> Vec<i32> {
        let carried = self.carried.lock().unwrap_or_else(PoisonError::into_inner);
        let new: HashSet<i32> = ids.values().copied().filter(|id| !carried.contains(&(partition, *id))).collect();
        new.into_iter().collect()
    }

    fn keep_pairs(&self, partition: PartitionId, ids: &[i32]) {
        let mut carried = self.carried.lock().unwrap_or_else(PoisonError::into_inner);
        if carried.len() >= 10 * REMEMBERED {
            carried.clear();
        }
        carried.extend(ids.iter().map(|id| (partition, *id)));
    }
}

impl Store {
    /// The number of each type among `events`, by the name as the tap gave it.
    pub(super) async fn type_ids<'e>(
        &self,
        partition: PartitionId,
        events: &'e [CapturedEvent],
    ) -> sqlx::Result<HashMap<&'e str, i32>> {
        let mut ids = HashMap::new();
        let mut last = None;
        for e in events {
            let name = e.event_type.as_str();
            // Neighbours are mostly alike.
            if last == Some(name) || ids.contains_key(name) {
                continue;
            }
            last = Some(name);
            let stored = storable(name);
            let id = match self.caches().types.id(&stored) {
                Some(id) => id,
                None => {
                    let id = self.intern(&stored).await?;
                    self.caches().types.keep(&stored, id);
                    id
                }
            };
            ids.insert(name, id);
        }
        let new = self.caches().types.new_pairs(partition, &ids);
        if !new.is_empty() {
            sqlx::query!(
                "insert into partition_type (partition_id, type_id) select $1::bigint, t from unnest($2::integer[]) t on conflict do nothing",
                partition.0,
                &new
            )
            .execute(self.capture_pool())
            .await?;
            self.caches().types.keep_pairs(partition, &new);
        }
        Ok(ids)
    }

    async fn intern(&self, name: &str) -> sqlx::Result<i32> {
        if let Some(id) = self.find_or_add(name, MOST_TYPES).await? {
            return Ok(id);
        }
        let id = self.find_or_add(OVERFLOW, i32::MAX).await?;
        id.ok_or_else(|| crate::error::corrupt("an event type was removed while it was looked up"))
    }

    /// `None`: not there, and no room for more.
    async fn find_or_add(&self, name: &str, most: i32) -> sqlx::Result<Option<i32>> {
        for _ in 0..2 {
            let found = sqlx::query_scalar!("select id from event_type where name = $1", name)
                .fetch_optional(self.capture_pool())
                .await?;
            if found.is_some() {
                return Ok(found);
            }
            let added = sqlx::query_scalar!(
                "insert into event_type (name) select $1 where coalesce((select max(id) from event_type), 0) < $2
                 on conflict (name) do nothing returning id",
                name,
                most
            )
            .fetch_optional(self.capture_pool())
            .await?;
            if added.is_some() {
                return Ok(added);
            }
            // Another process added it just now, or there is no room: the second look tells.
        }
        Ok(None)
    }
}
