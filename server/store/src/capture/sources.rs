//! What the configuration wants of sources, and what their taps report.

use crate::{
    error::failed,
    name::{storable, storable_text},
    timestamp::Ts,
};
use sqlx::PgPool;
use weir_domain::{
    EnvironmentId, SourceId, StoreError,
    capture::{SourceReport, WantedEnvironment, WantedSource},
};

/// Names of left-out channels kept for the page; their number is kept in full.
const LEFT_OUT_KEPT: usize = 1000;

pub(super) async fn put(
    pool: &PgPool,
    environments: &[WantedEnvironment],
    sources: &[WantedSource],
) -> Result<Vec<(String, SourceId, EnvironmentId)>, StoreError> {
    let mut tx = pool.begin().await.map_err(failed)?;
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
    sqlx::query!("update source set orphan = true, wish_at = now() where not orphan and id <> all($1)", &kept)
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

pub(super) async fn report(pool: &PgPool, r: &SourceReport) -> sqlx::Result<()> {
    let left_out: Vec<String> = r.left_out.iter().take(LEFT_OUT_KEPT).map(|n| storable(n)).collect();
    sqlx::query_file!(
        "queries/capture/report_source.sql",
        r.source.0,
        r.state.as_str(),
        r.reason.as_deref().map(storable_text),
        Ts(r.at) as Ts,
        r.retry_at.map(Ts) as Option<Ts>,
        &left_out,
        i32::try_from(r.left_out_total).unwrap_or(i32::MAX),
        r.bytes_to_read.map(|b| i64::try_from(b).unwrap_or(i64::MAX)),
        i32::try_from(r.throttled_ms).unwrap_or(i32::MAX)
    )
    .execute(pool)
    .await?;
    Ok(())
}
