use crate::{Store, name::storable, timestamp::Ts};
use sqlx::PgExecutor;
use weir_domain::audit::{EntryId, Facts, NewEntry};

pub(super) async fn append(store: &Store, entries: &[NewEntry]) -> sqlx::Result<Vec<EntryId>> {
    if let [entry] = entries {
        // One statement is its own transaction, and one way to the database and back.
        return Ok(vec![insert(store.pages(), entry).await?]);
    }
    let mut tx = store.for_a_page().await?;
    let mut ids = Vec::with_capacity(entries.len());
    for entry in entries {
        ids.push(insert(&mut *tx, entry).await?);
    }
    tx.commit().await?;
    Ok(ids)
}

async fn insert(db: impl PgExecutor<'_>, entry: &NewEntry) -> sqlx::Result<EntryId> {
    let (who, about) = (&entry.who, &entry.about);
    let object = about.object.as_ref();
    let keys: Vec<i64> = about.keys.iter().map(|k| k.0).collect();
    let id = sqlx::query_file_scalar!(
        "queries/audit/append.sql",
        Ts(entry.at) as Ts,
        who.person.as_ref().map(|p| storable(&p.0)),
        who.login.as_deref().map(storable),
        who.via.as_ref().map(|v| v.as_str()),
        who.via.as_ref().and_then(|v| v.token()).map(storable),
        storable(&who.remote),
        storable(&who.request_id),
        entry.use_case,
        entry.outcome.as_str(),
        entry.reason,
        object.map(|o| o.kind.as_str()),
        object.map(|o| storable(&o.id)),
        object.and_then(|o| o.name.as_deref()).map(storable),
        object.and_then(|o| o.source).map(|s| s.0),
        object.and_then(|o| o.channel).map(|c| c.0),
        json(&about.shape)?,
        json(&about.before)?,
        json(&about.after)?,
        about.count.map(|n| i64::try_from(n).unwrap_or(i64::MAX)),
        i32::try_from(keys.len()).unwrap_or(i32::MAX),
        &keys
    )
    .fetch_one(db)
    .await?;
    Ok(EntryId(id))
}

fn json(facts: &Facts) -> sqlx::Result<Option<String>> {
    if facts.is_empty() {
        return Ok(None);
    }
    serde_json::to_string(facts).map(Some).map_err(|e| sqlx::Error::Encode(e.into()))
}
