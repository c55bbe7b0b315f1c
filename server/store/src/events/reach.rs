//! What a view and a filter reach: partitions, a type's number, a key's hash.

use crate::{capture::key_hash, name::storable};
use sqlx::PgConnection;
use std::collections::HashMap;
use weir_domain::{ChannelId, PartitionId, SourceId, access::View, events::EventFilter};

/// Where a visible partition belongs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) channel: ChannelId,
    pub(super) source: SourceId,
    pub(super) number: i32,
}

/// What is looked for, in the store's own terms.
pub(super) struct Reach {
    /// Those that have carried the type, if one is asked for.
    pub(super) partitions: HashMap<PartitionId, Place>,
    /// And those that have not: what they lost may have been of that type.
    pub(super) others: Vec<PartitionId>,
    pub(super) type_id: Option<i32>,
    /// The key's hash and the key.
    pub(super) key: Option<(i64, Vec<u8>)>,
}

impl Reach {
    pub(super) fn ids(&self) -> Vec<i64> {
        self.partitions.keys().map(|p| p.0).collect()
    }
    /// With [`Reach::others`].
    pub(super) fn all_ids(&self) -> Vec<i64> {
        self.partitions.keys().chain(&self.others).map(|p| p.0).collect()
    }
    pub(super) fn key_hash(&self) -> Option<i64> {
        self.key.as_ref().map(|k| k.0)
    }
}

/// Stands for a type that no event has had yet: the database counts from 1.
const UNHEARD_OF: i32 = 0;

/// `None`: nothing can match. A key is looked for only where the view may see keys; the use case has refused it
/// before, by name.
pub(super) async fn reach(db: &mut PgConnection, view: &View, filter: &EventFilter) -> sqlx::Result<Option<Reach>> {
    let key = filter.key_bytes();
    if key.is_some() && !view.key() {
        return Ok(None);
    }
    let channels: Vec<i64> = match filter.channel {
        Some(c) if view.channels().contains(c) => vec![c.0],
        Some(_) => return Ok(None),
        None => view.channels().ids().iter().map(|c| c.0).collect(),
    };
    let type_id = match &filter.event_type {
        None => None,
        Some(name) => {
            let id = sqlx::query_scalar!("select id from event_type where name = $1", storable(name));
            Some(id.fetch_optional(&mut *db).await?.unwrap_or(UNHEARD_OF))
        }
    };
    let rows = sqlx::query!(
        r#"select p.id, p.number, p.channel_id, c.source_id,
           $3::integer is null or exists (select from partition_type t where t.partition_id = p.id and t.type_id = $3) as "carries!"
         from partition p join channel c on c.id = p.channel_id
         where p.channel_id = any($1)
           and ($2::bigint is null or c.source_id = $2)"#,
        &channels,
        filter.source.map(|s| s.0),
        type_id
    )
    .fetch_all(&mut *db)
    .await?;
    let (mut partitions, mut others) = (HashMap::new(), Vec::new());
    for r in rows {
        let place = Place { channel: ChannelId(r.channel_id), source: SourceId(r.source_id), number: r.number };
        if r.carries {
            partitions.insert(PartitionId(r.id), place);
        } else {
            others.push(PartitionId(r.id));
        }
    }
    Ok(Some(Reach { partitions, others, type_id, key: key.map(|k| (key_hash(&k), k)) }))
}
