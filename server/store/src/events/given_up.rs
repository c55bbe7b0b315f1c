//! Payloads that were deleted before their time are told from those whose retention has passed.

use crate::timestamp::Ts;
use sqlx::PgConnection;
use weir_domain::{
    EventId,
    capture::{GivenUp, GivenUpBy},
    events::{Absence, StoredRow},
};

/// Of rows whose block is gone.
pub(super) async fn tell<'r>(db: &mut PgConnection, rows: impl Iterator<Item = &'r mut StoredRow>) -> sqlx::Result<()> {
    let mut gone: Vec<&mut StoredRow> = rows.filter(|r| r.absent == Some(Absence::Expired)).collect();
    if gone.is_empty() {
        return Ok(());
    }
    let given_up = sqlx::query_scalar!(
        r#"select w.n as "n!" from unnest($1::bigint[], $2::bigint[]) with ordinality as w(partition_id, position, n)
           where exists (select from payload_given_up g
                         where g.partition_id = w.partition_id and w.position between g.first_position and g.last_position)"#,
        &gone.iter().map(|r| r.id.partition.0).collect::<Vec<_>>(),
        &gone.iter().map(|r| r.id.position.0).collect::<Vec<_>>()
    )
    .fetch_all(db)
    .await?;
    for n in given_up {
        let row = usize::try_from(n - 1).ok().and_then(|n| gone.get_mut(n));
        row.into_iter().for_each(|row| row.absent = Some(Absence::GivenUp));
    }
    Ok(())
}

/// What is known of one.
pub(super) async fn of(db: &mut PgConnection, id: EventId) -> sqlx::Result<Option<GivenUp>> {
    let row = sqlx::query!(
        r#"select reason, bytes, allowed, first_at as "first_at: Ts", last_at as "last_at: Ts" from payload_given_up
           where partition_id = $1 and $2 between first_position and last_position order by hour limit 1"#,
        id.partition.0,
        id.position.0
    )
    .fetch_optional(db)
    .await?;
    Ok(row.and_then(|r| {
        Some(GivenUp {
            by: GivenUpBy::parse(&r.reason)?,
            first_at: r.first_at.0,
            last_at: r.last_at.0,
            bytes: r.bytes.unsigned_abs(),
            allowed: r.allowed.unsigned_abs(),
        })
    }))
}
