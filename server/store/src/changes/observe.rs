//! One look at the catalog: what is not as it was when the observer looked last.

use super::{partitions, sources, write};
use crate::{name::storable, pool::begin, timestamp::Ts};
use sqlx::{PgConnection, PgPool};
use weir_domain::{
    ChannelId, EnvironmentId, SourceId, Timestamp,
    capture::GapReason,
    changes::{ChangeKind, NewChange},
};

/// Gaps found earlier were told of already, or before there was a feed.
const GAPS_OF_SECS: i64 = 86_400;
const MOST_GAPS: i64 = 200;

/// Two that look at once would tell a change of configuration twice: the second waits, and finds it told.
const LOCK: i64 = 0x7765_6972_6368_616e;

pub(super) async fn observe(pool: &PgPool, now: Timestamp) -> sqlx::Result<u32> {
    let mut tx = begin(pool).await?;
    sqlx::query!("select pg_advisory_xact_lock($1)", LOCK).execute(&mut *tx).await?;
    let mut found = sources::changed(&mut tx, now).await?;
    found.extend(partitions::changed(&mut tx, now).await?);
    found.extend(gaps(&mut tx, now).await?);
    let mut written = 0;
    for change in &found {
        written += u32::from(write::append(&mut tx, change).await?.is_some());
    }
    tx.commit().await?;
    Ok(written)
}

async fn gaps(connection: &mut PgConnection, now: Timestamp) -> sqlx::Result<Vec<NewChange>> {
    let rows = sqlx::query!(
        r#"select g.id, g.from_position, g.to_position, g.reason, g.detail, g.found_at as "found_at: Ts",
                  p.number, c.id as channel_id, c.name as channel_name, s.id as source_id, s.environment_id
           from gap g join partition p on p.id = g.partition_id join channel c on c.id = p.channel_id
           join source s on s.id = c.source_id
           where g.found_at >= $1 and not exists (select from change where once = 'gap/' || g.id)
           order by g.id limit $2"#,
        Ts(now.plus_secs(-GAPS_OF_SECS)) as Ts,
        MOST_GAPS
    )
    .fetch_all(connection)
    .await?;
    let change = rows.into_iter().map(|r| {
        let lost = match r.to_position {
            Some(to) => format!("positions {} to {}", r.from_position, to.saturating_sub(1).max(r.from_position)),
            None => format!("positions from {} on", r.from_position),
        };
        let reason = GapReason::ALL.iter().find(|g| g.as_str() == r.reason).copied();
        NewChange {
            at: r.found_at.0,
            kind: ChangeKind::Gap,
            environment: Some(EnvironmentId(r.environment_id)),
            source: Some(SourceId(r.source_id)),
            channel: Some(ChannelId(r.channel_id)),
            subject: None,
            title: format!("Gap on {}/{}: {lost}", storable(&r.channel_name), r.number),
            detail: reason.map_or(r.detail.clone(), |g| words(g).to_owned()),
            link: Some(format!("/sources/{}", r.source_id)),
            actor: None,
            once: Some(format!("gap/{}", r.id)),
        }
    });
    Ok(change.collect())
}

const fn words(reason: GapReason) -> &'static str {
    match reason {
        GapReason::RetentionTrimmed => "Retention, or somebody, removed them at the broker before they were read.",
        GapReason::Truncated => "The broker's log was cut below the position that had been read.",
        GapReason::Recreated => "The channel was deleted and made again.",
        GapReason::Deleted => "The channel was deleted.",
        GapReason::CaptureOff => "The channel's capture was switched off, and went on at the end of its log.",
        GapReason::CaptureLimit => "They were left out: damaged, or larger than what is read.",
    }
}
