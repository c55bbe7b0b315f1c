//! What the configuration wants of sources, and what their taps report.

use crate::{
    error::failed,
    name::{storable, storable_text},
    timestamp::Ts,
};
use sqlx::PgPool;
use weir_domain::{
    EnvironmentId, SourceId, StoreError,
    capture::{SourceReport, SourceState, WantedEnvironment, WantedSource, standing},
};

/// What a process said so long ago is forgotten.
const FORGOTTEN_US: i64 = 3_600_000_000;
/// Names of left-out channels kept for the page; their number is kept in full.
const LEFT_OUT_KEPT: usize = 1000;

pub(super) async fn put(
    pool: &PgPool,
    environments: &[WantedEnvironment],
    sources: &[WantedSource],
) -> Result<Vec<(String, SourceId, EnvironmentId)>, StoreError> {
    let mut tx = crate::pool::begin(pool).await.map_err(failed)?;
    // Processes that start together do the same work: one after the other.
    sqlx::query("lock table environment, source in share row exclusive mode")
        .execute(&mut *tx)
        .await
        .map_err(failed)?;
    for e in environments {
        sqlx::query!(
            "insert into environment (name, production, colour) values ($1, $2, $3)
             on conflict (name) do update set production = excluded.production, colour = excluded.colour
             where (environment.production, environment.colour) is distinct from (excluded.production, excluded.colour)",
            storable(&e.name),
            e.production,
            e.colour.as_deref()
        )
        .execute(&mut *tx)
        .await
        .map_err(failed)?;
    }
    let mut put = Vec::with_capacity(sources.len());
    for s in sources {
        let row = sqlx::query_file!(
            "queries/capture/put_source.sql",
            storable(&s.environment),
            storable(&s.name),
            storable(&s.kind),
            storable_text(&s.description),
            s.capture,
            s.act,
            s.read_only
        )
        .fetch_optional(&mut *tx)
        .await
        .map_err(failed)?;
        let row = row.ok_or_else(|| {
            StoreError::Internal(format!(
                "source {} names the environment {}, which was not given",
                s.name, s.environment
            ))
        })?;
        put.push((s.name.clone(), SourceId(row.id), EnvironmentId(row.environment_id)));
    }
    let kept: Vec<i64> = put.iter().map(|p| p.1.0).collect();
    // With what it was reached by, secrets too.
    let taken = sqlx::query!(
        "delete from source_made m using source s where s.id = m.source_id and s.origin = 'file' returning s.name"
    )
    .fetch_all(&mut *tx)
    .await
    .map_err(failed)?;
    for source in taken {
        tracing::warn!(
            source = source.name,
            "the configuration has this name too: what was made in the browser is gone"
        );
    }
    sqlx::query!(
        "update source set orphan = true, wish_at = now() where not orphan and origin = 'file' and id <> all($1)",
        &kept
    )
    .execute(&mut *tx)
    .await
    .map_err(failed)?;
    // A server that did not know of sources made in the browser took them for gone.
    sqlx::query!(
        "update source s set orphan = false from source_made m where m.source_id = s.id and s.orphan and s.origin = 'browser'"
    )
    .execute(&mut *tx)
    .await
    .map_err(failed)?;
    tx.commit().await.map_err(failed)?;
    Ok(put)
}

/// Writes nothing.
pub(super) async fn find(pool: &PgPool, names: &[String]) -> sqlx::Result<Vec<(String, SourceId)>> {
    let names: Vec<String> = names.iter().map(|n| storable(n)).collect();
    let rows = sqlx::query!("select name, id from source where name = any($1)", &names).fetch_all(pool).await?;
    Ok(rows.into_iter().map(|r| (r.name, SourceId(r.id))).collect())
}

/// Keeps what one tap says; the source's row then holds what all of them come to.
pub(super) async fn report(pool: &PgPool, r: &SourceReport) -> sqlx::Result<()> {
    let mut tx = crate::pool::begin(pool).await?;
    // One report after the other, each seeing the ones before.
    sqlx::query!("select id from source where id = $1 for no key update", r.source.0).fetch_optional(&mut *tx).await?;
    sqlx::query!(
        "insert into tap_report as t (source_id, holder, state, reason, reported_at, said_at, retry_at, bytes_to_read,
                                      throttled_ms)
         values ($1, $2, $3, $4, $5, clock_timestamp(), $6, $7, $8)
         on conflict (source_id, holder) do update set
             state = excluded.state, reason = excluded.reason, reported_at = excluded.reported_at,
             said_at = excluded.said_at, retry_at = excluded.retry_at, bytes_to_read = excluded.bytes_to_read,
             throttled_ms = excluded.throttled_ms
         -- One that was overtaken by a newer one says nothing.
         where t.reported_at <= excluded.reported_at",
        r.source.0,
        storable(&r.tap),
        r.state.as_str(),
        r.reason.as_deref().map(storable_text),
        Ts(r.at) as Ts,
        r.retry_at.map(Ts) as Option<Ts>,
        r.bytes_to_read.map(|b| i64::try_from(b).unwrap_or(i64::MAX)),
        i32::try_from(r.throttled_ms).unwrap_or(i32::MAX)
    )
    .execute(&mut *tx)
    .await?;
    let rows = sqlx::query!(
        r#"select holder, state, reason, said_at as "said_at: Ts", retry_at as "retry_at: Ts", bytes_to_read,
                  throttled_ms, clock_timestamp() as "now!: Ts"
           from tap_report where source_id = $1"#,
        r.source.0
    )
    .fetch_all(&mut *tx)
    .await?;
    let now = rows.first().map_or(r.at, |t| t.now.0);
    // Processes that ended long ago.
    if rows.iter().any(|t| now.micros_since(t.said_at.0) > FORGOTTEN_US) {
        sqlx::query!(
            "delete from tap_report where source_id = $1 and said_at < clock_timestamp() - interval '1 hour'",
            r.source.0
        )
        .execute(&mut *tx)
        .await?;
    }
    let said: Vec<SourceReport> = rows
        .into_iter()
        .map(|t| SourceReport {
            source: r.source,
            tap: t.holder,
            state: SourceState::parse(&t.state),
            reason: t.reason,
            at: t.said_at.0,
            retry_at: t.retry_at.map(|t| t.0),
            left_out: None,
            left_out_total: 0,
            bytes_to_read: t.bytes_to_read.and_then(|b| u64::try_from(b).ok()),
            throttled_ms: u32::try_from(t.throttled_ms).unwrap_or(0),
        })
        .collect();
    let all = standing(&said, now);
    let left_out: Option<Vec<String>> =
        r.left_out.as_ref().map(|names| names.iter().take(LEFT_OUT_KEPT).map(|n| storable(n)).collect());
    sqlx::query_file!(
        "queries/capture/report_source.sql",
        r.source.0,
        all.state.as_str(),
        all.reason.as_deref().map(storable_text),
        Ts(r.at) as Ts,
        all.retry_at.map(Ts) as Option<Ts>,
        left_out.as_deref() as Option<&[String]>,
        i32::try_from(r.left_out_total).unwrap_or(i32::MAX),
        all.bytes_to_read.map(|b| i64::try_from(b).unwrap_or(i64::MAX)),
        i32::try_from(all.throttled_ms).unwrap_or(i32::MAX),
        i32::try_from(all.taps).unwrap_or(i32::MAX)
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await
}
