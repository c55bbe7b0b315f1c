//! Reading the log: newest first, by number.

use crate::{Store, events::key_of, timestamp::Ts};
use sqlx::PgConnection;
use weir_domain::{
    ChannelId, PersonId, SourceId,
    audit::{AuditFilter, AuditPage, Entry, EntryId, Facts, Matter, ObjectKind},
};

/// The most entries of one page.
const LARGEST_PAGE: i64 = 500;
/// Entries with one key that are looked at for one page; with more, the page says where it stopped.
const MOST_OF_KEY: i64 = 20_000;

struct Row {
    id: i64,
    at: Ts,
    person_id: Option<String>,
    login: Option<String>,
    via: Option<String>,
    token_id: Option<String>,
    remote: String,
    request_id: String,
    use_case: String,
    outcome: String,
    reason: Option<String>,
    object_kind: Option<String>,
    object_id: Option<String>,
    object_name: Option<String>,
    source_id: Option<i64>,
    channel_id: Option<i64>,
    shape: Option<String>,
    before: Option<String>,
    after: Option<String>,
    count: Option<i64>,
    keys: i32,
}

impl Row {
    fn entry(self) -> Entry {
        Entry {
            id: EntryId(self.id),
            at: self.at.0,
            person: self.person_id.map(PersonId),
            login: self.login,
            via: self.via,
            token: self.token_id,
            remote: self.remote,
            request: self.request_id,
            use_case: self.use_case,
            outcome: self.outcome,
            reason: self.reason,
            object_kind: self.object_kind,
            object: self.object_id,
            object_name: self.object_name,
            source: self.source_id.map(SourceId),
            channel: self.channel_id.map(ChannelId),
            shape: facts(self.shape),
            before: facts(self.before),
            after: facts(self.after),
            count: self.count.and_then(|n| u64::try_from(n).ok()),
            keys: u32::try_from(self.keys).unwrap_or(0),
            masked: false,
        }
    }
}

/// What a newer Weir may have written and this one can't read is left out rather than keeping the entry away.
fn facts(json: Option<String>) -> Facts {
    json.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default()
}

impl Store {
    pub(super) async fn audit_entries(
        &self,
        filter: &AuditFilter,
        before: Option<EntryId>,
        limit: u32,
    ) -> sqlx::Result<AuditPage> {
        let limit = i64::from(limit).clamp(1, LARGEST_PAGE);
        let mut db = self.for_a_page().await?;
        // The planner takes a bloom index for useless, and a month that has just begun for empty.
        sqlx::raw_sql("set local enable_seqscan = off").execute(&mut *db).await?;
        let named = named(&mut db, filter, before).await?;
        let (mut channels, mut sources, mut kind, mut object) = (None, None, None, None);
        match &filter.object {
            Some(Matter::Channels(ids)) => channels = Some(ids.iter().map(|c| c.0).collect::<Vec<_>>()),
            Some(Matter::Sources(ids)) => sources = Some(ids.iter().map(|s| s.0).collect::<Vec<_>>()),
            Some(Matter::Object(of, id)) => (kind, object) = (Some(of.as_str()), Some(id.as_str())),
            None => {}
        }
        let rows = sqlx::query_file_as!(
            Row,
            "queries/audit/entries.sql",
            before.map(|b| b.0),
            filter.range.from.map(Ts) as Option<Ts>,
            filter.range.to.map(Ts) as Option<Ts>,
            filter.login,
            filter.use_case,
            filter.outcome.map(|o| o.as_str()),
            kind,
            object,
            channels as Option<Vec<i64>>,
            sources as Option<Vec<i64>>,
            named.as_deref() as Option<&[i64]>,
            limit + 1
        )
        .fetch_all(&mut *db)
        .await?;
        let mut entries: Vec<_> = rows.into_iter().map(Row::entry).collect();
        let next = if entries.len() as i64 > limit {
            entries.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
            entries.last().map(|e| e.id)
        } else {
            // Not all that have the key were looked at: the older ones are for the next page.
            named.filter(|ids| ids.len() as i64 >= MOST_OF_KEY).and_then(|ids| ids.last().copied()).map(EntryId)
        };
        Ok(AuditPage { entries, next })
    }

    pub(super) async fn audit_entry(&self, id: EntryId) -> sqlx::Result<Option<Entry>> {
        let row = sqlx::query_file_as!(Row, "queries/audit/entry.sql", id.0).fetch_optional(self.pages()).await?;
        Ok(row.map(Row::entry))
    }
}

/// The numbers of entries with the key or about the event that is asked for, newest first; `None`: neither is.
async fn named(db: &mut PgConnection, filter: &AuditFilter, before: Option<EntryId>) -> sqlx::Result<Option<Vec<i64>>> {
    let key = match (filter.key, filter.seen) {
        (None, None) => return Ok(None),
        (Some(key), _) => Some(key.0),
        (None, Some(event)) => key_of(db, event).await?,
    };
    let event = filter.seen.map(|event| event.to_string());
    sqlx::query_file_scalar!(
        "queries/audit/named.sql",
        key,
        ObjectKind::Event.as_str(),
        event,
        before.map(|b| b.0),
        filter.range.from.map(Ts) as Option<Ts>,
        filter.range.to.map(Ts) as Option<Ts>,
        MOST_OF_KEY
    )
    .fetch_all(db)
    .await
    .map(Some)
}
