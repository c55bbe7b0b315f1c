use super::{RAW_FOR_S, ROLLED_FOR_S, chunk, json};
use crate::{Store, error::failed, timestamp::Ts};
use sqlx::{PgConnection, PgTransaction};
use weir_domain::{
    GroupId, SourceId, StoreError, Timestamp,
    lag::{ChannelSeen, Chunk, GroupKind, GroupSeen, Happening, Observation, PairId, PairSeen},
};

/// Rows of one statement.
const AT_ONCE: usize = 1_000;
/// Happenings deleted in one round.
const TIDIED_AT_ONCE: i64 = 50_000;

impl Store {
    pub(super) async fn interned_groups(
        &self,
        source: SourceId,
        groups: &[(String, GroupKind)],
        now: Timestamp,
    ) -> sqlx::Result<Vec<GroupId>> {
        let names: Vec<&str> = groups.iter().map(|(name, _)| name.as_str()).collect();
        let kinds: Vec<&str> = groups.iter().map(|(_, kind)| kind.as_str()).collect();
        // In the order of names, so that two processes that do so at once wait for each other instead of dead-locking.
        sqlx::query!(
            "insert into consumer_group (source_id, name, kind, first_seen, last_seen)
             select $1, w.name, w.kind, $4, $4 from unnest($2::text[], $3::text[]) as w(name, kind) order by w.name
             on conflict (source_id, name) do nothing",
            source.0,
            &names as &[&str],
            &kinds as &[&str],
            Ts(now) as Ts
        )
        .execute(self.pages())
        .await?;
        let ids = sqlx::query_scalar!(
            r#"select g.id from unnest($2::text[]) with ordinality as w(name, n)
               join consumer_group g on g.source_id = $1 and g.name = w.name order by w.n"#,
            source.0,
            &names as &[&str]
        )
        .fetch_all(self.pages())
        .await?;
        Ok(ids.into_iter().map(GroupId).collect())
    }

    pub(super) async fn interned_pairs(&self, pairs: &[(GroupId, String)]) -> sqlx::Result<Vec<PairId>> {
        let groups: Vec<i64> = pairs.iter().map(|(group, _)| group.0).collect();
        let channels: Vec<&str> = pairs.iter().map(|(_, channel)| channel.as_str()).collect();
        sqlx::query!(
            "insert into group_channel (group_id, channel)
             select w.g, w.c from unnest($1::bigint[], $2::text[]) as w(g, c) order by w.g, w.c
             on conflict (group_id, channel) do nothing",
            &groups,
            &channels as &[&str]
        )
        .execute(self.pages())
        .await?;
        let ids = sqlx::query_scalar!(
            r#"select p.id from unnest($1::bigint[], $2::text[]) with ordinality as w(g, c, n)
               join group_channel p on p.group_id = w.g and p.channel = w.c order by w.n"#,
            &groups,
            &channels as &[&str]
        )
        .fetch_all(self.pages())
        .await?;
        Ok(ids.into_iter().map(PairId).collect())
    }

    pub(super) async fn write_observation(&self, seen: &Observation) -> Result<(), StoreError> {
        let mut tx = self.for_a_page().await.map_err(failed)?;
        for some in seen.groups.chunks(AT_ONCE) {
            groups(&mut tx, some).await?;
        }
        for some in seen.pairs.chunks(AT_ONCE) {
            pairs(&mut tx, some).await?;
        }
        for some in seen.channels.chunks(AT_ONCE) {
            channels(&mut tx, seen.source, some, seen.at).await?;
        }
        if !seen.left.is_empty() {
            let left: Vec<i64> = seen.left.iter().map(|p| p.0).collect();
            sqlx::query!("update group_channel set standing = null, partitions = null where id = any($1)", &left)
                .execute(&mut *tx)
                .await
                .map_err(failed)?;
        }
        if !seen.unread_channels.is_empty() {
            sqlx::query!(
                "delete from lag_channel where source_id = $1 and name = any($2)",
                seen.source.0,
                &seen.unread_channels
            )
            .execute(&mut *tx)
            .await
            .map_err(failed)?;
        }
        packed(&mut tx, &seen.chunks, Kept::Raw).await.map_err(failed)?;
        packed(&mut tx, &seen.rolled, Kept::Rolled).await.map_err(failed)?;
        happened(&mut tx, &seen.happened).await.map_err(failed)?;
        let number = |n: u32| i32::try_from(n).unwrap_or(i32::MAX);
        sqlx::query!(
            "insert into lag_source (source_id, observed_at, took_ms, requests, problems) values ($1, $2, $3, $4, $5)
             on conflict (source_id) do update set observed_at = excluded.observed_at, took_ms = excluded.took_ms,
                 requests = excluded.requests, problems = excluded.problems, failed = null, failed_at = null",
            seen.source.0,
            Ts(seen.at) as Ts,
            number(seen.took_ms),
            number(seen.requests),
            json(&seen.problems)?
        )
        .execute(&mut *tx)
        .await
        .map_err(failed)?;
        tx.commit().await.map_err(failed)
    }

    pub(super) async fn tidied_lag(&self, now: Timestamp) -> sqlx::Result<u64> {
        let (raw, rolled) = (Ts(now.plus_secs(-RAW_FOR_S)), Ts(now.plus_secs(-ROLLED_FOR_S)));
        let mut gone = self.forget_reports(now).await?;
        let mut conn = self.pages().acquire().await?;
        gone += sqlx::query!("delete from lag_observed where until < $1", raw as Ts)
            .execute(&mut *conn)
            .await?
            .rows_affected();
        gone += sqlx::query!("delete from lag_rolled where until < $1", rolled as Ts)
            .execute(&mut *conn)
            .await?
            .rows_affected();
        // A few at a time: the statement's time is bounded, and the next round goes on.
        gone += sqlx::query!(
            "delete from lag_happened where id in (select id from lag_happened where at < $1 limit $2)",
            rolled as Ts,
            TIDIED_AT_ONCE
        )
        .execute(&mut *conn)
        .await?
        .rows_affected();
        gone += sqlx::query!("delete from consumer_group where gone_at < $1", rolled as Ts)
            .execute(&mut *conn)
            .await?
            .rows_affected();
        Ok(gone)
    }
}

async fn groups(conn: &mut PgConnection, some: &[GroupSeen]) -> Result<(), StoreError> {
    let (mut members, mut last, mut learnt) = (Vec::new(), Vec::new(), Vec::new());
    for g in some {
        members.push(g.members.as_ref().map(json).transpose()?);
        last.push(json(&g.last_members)?);
        learnt.push(json(&g.learnt)?);
    }
    let each = |f: fn(&GroupSeen) -> Option<Timestamp>| some.iter().map(|g| f(g).map(Ts)).collect::<Vec<_>>();
    sqlx::query_file!(
        "queries/lag/groups.sql",
        &some.iter().map(|g| g.id.0).collect::<Vec<_>>(),
        &some.iter().map(|g| g.kind.as_str()).collect::<Vec<_>>() as &[&str],
        &some.iter().map(|g| g.state.as_str()).collect::<Vec<_>>() as &[&str],
        &some.iter().map(|g| g.assignor.as_deref()).collect::<Vec<_>>() as &[Option<&str>],
        &some.iter().map(|g| g.coordinator.as_deref()).collect::<Vec<_>>() as &[Option<&str>],
        &members as &[Option<String>],
        &last,
        &some.iter().map(|g| g.problem.as_deref()).collect::<Vec<_>>() as &[Option<&str>],
        &some.iter().map(|g| Ts(g.last_seen)).collect::<Vec<_>>() as &[Ts],
        &each(|g| g.gone_at) as &[Option<Ts>],
        &each(|g| g.empty_since) as &[Option<Ts>],
        &each(|g| g.last_progress) as &[Option<Ts>],
        &some.iter().map(|g| g.activity.bits.as_slice()).collect::<Vec<_>>() as &[&[u8]],
        &some.iter().map(|g| g.activity.hour).collect::<Vec<_>>(),
        &learnt
    )
    .execute(conn)
    .await
    .map_err(failed)?;
    Ok(())
}

async fn pairs(conn: &mut PgConnection, some: &[PairSeen]) -> Result<(), StoreError> {
    let (mut standing, mut partitions, mut spark, mut learnt) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for p in some {
        standing.push(json(&p.standing)?);
        partitions.push(json(&p.partitions)?);
        spark.push(json(&p.spark)?);
        learnt.push(p.learnt.as_ref().map(json).transpose()?);
    }
    sqlx::query!(
        "update group_channel g
         set standing = w.standing, partitions = w.partitions, spark = w.spark, learnt = coalesce(w.learnt, g.learnt),
             observed_at = w.at
         from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[])
              as w(id, standing, partitions, spark, learnt, at)
         where g.id = w.id",
        &some.iter().map(|p| p.id.0).collect::<Vec<_>>(),
        &standing,
        &partitions,
        &spark,
        &learnt as &[Option<String>],
        &some.iter().map(|p| Ts(p.standing.observed_at)).collect::<Vec<_>>() as &[Ts]
    )
    .execute(conn)
    .await
    .map_err(failed)?;
    Ok(())
}

async fn channels(
    conn: &mut PgConnection,
    source: SourceId,
    some: &[ChannelSeen],
    at: Timestamp,
) -> Result<(), StoreError> {
    let seen = some.iter().map(json).collect::<Result<Vec<_>, _>>()?;
    sqlx::query!(
        "insert into lag_channel (source_id, name, seen, observed_at)
         select $1, w.name, w.seen, $4 from unnest($2::text[], $3::text[]) as w(name, seen) order by w.name
         on conflict (source_id, name) do update set seen = excluded.seen, observed_at = excluded.observed_at",
        source.0,
        &some.iter().map(|c| c.name.as_str()).collect::<Vec<_>>() as &[&str],
        &seen,
        Ts(at) as Ts
    )
    .execute(conn)
    .await
    .map_err(failed)?;
    Ok(())
}

#[derive(Clone, Copy)]
enum Kept {
    Raw,
    Rolled,
}

async fn packed(tx: &mut PgTransaction<'_>, chunks: &[(PairId, Chunk)], kept: Kept) -> sqlx::Result<()> {
    for some in chunks.chunks(AT_ONCE) {
        let rows = some.iter().filter_map(|(pair, chunk)| {
            let (first, last) = (chunk.ticks.first()?, chunk.ticks.last()?);
            let began = Timestamp::from_millis(first.at.millis());
            Some((pair.0, Ts(began), Ts(last.at), chunk::pack(chunk, began)))
        });
        let (mut pairs, mut began, mut until, mut packed) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (pair, b, u, p) in rows {
            pairs.push(pair);
            began.push(b);
            until.push(u);
            packed.push(p);
        }
        // What two processes observed at the same moment is kept once.
        match kept {
            Kept::Raw => {
                sqlx::query!(
                    "insert into lag_observed (pair_id, began_at, until, packed)
                     select w.p, w.b, w.u, w.d from unnest($1::bigint[], $2::timestamptz[], $3::timestamptz[], $4::bytea[])
                         as w(p, b, u, d) order by w.p, w.b
                     on conflict (pair_id, began_at) do nothing",
                    &pairs,
                    &began as &[Ts],
                    &until as &[Ts],
                    &packed
                )
                .execute(&mut **tx)
                .await?
            }
            Kept::Rolled => {
                sqlx::query!(
                    "insert into lag_rolled (pair_id, began_at, until, packed)
                     select w.p, w.b, w.u, w.d from unnest($1::bigint[], $2::timestamptz[], $3::timestamptz[], $4::bytea[])
                         as w(p, b, u, d) order by w.p, w.b
                     on conflict (pair_id, began_at) do update set until = excluded.until, packed = excluded.packed
                         where excluded.until > lag_rolled.until",
                    &pairs,
                    &began as &[Ts],
                    &until as &[Ts],
                    &packed
                )
                .execute(&mut **tx)
                .await?
            }
        };
    }
    Ok(())
}

async fn happened(tx: &mut PgTransaction<'_>, all: &[(GroupId, Happening)]) -> sqlx::Result<()> {
    for some in all.chunks(AT_ONCE) {
        sqlx::query!(
            "insert into lag_happened (group_id, channel, partition, at, kind, text)
             select * from unnest($1::bigint[], $2::text[], $3::integer[], $4::timestamptz[], $5::text[], $6::text[])",
            &some.iter().map(|(g, _)| g.0).collect::<Vec<_>>(),
            &some.iter().map(|(_, h)| h.channel.as_deref()).collect::<Vec<_>>() as &[Option<&str>],
            &some.iter().map(|(_, h)| h.partition).collect::<Vec<_>>() as &[Option<i32>],
            &some.iter().map(|(_, h)| Ts(h.at)).collect::<Vec<_>>() as &[Ts],
            &some.iter().map(|(_, h)| h.kind.as_str()).collect::<Vec<_>>() as &[&str],
            &some.iter().map(|(_, h)| h.text.as_str()).collect::<Vec<_>>() as &[&str]
        )
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}
