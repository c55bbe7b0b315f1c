use super::readable;
use crate::{Store, error::failed, timestamp::Ts};
use async_trait::async_trait;
use weir_domain::{
    EnvironmentId, SourceId, StoreError,
    access::SystemView,
    lag::{Figure, Figures, LagFigures, SourceObserved},
};

#[async_trait]
impl LagFigures for Store {
    async fn lag_figures(&self, _: &SystemView, groups: u32, partitions: bool) -> Result<Figures, StoreError> {
        let mut tx = self.for_a_page().await.map_err(failed)?;
        let rows = sqlx::query!(
            r#"select p.channel, p.standing as "standing!", case when $2 then p.partitions end as partitions,
                      case when $2 then g.members end as members, g.assignor, g.coordinator, g.owner,
                      g.environment_id, g.source_name
               from (
                   select g.*, s.environment_id, s.name as source_name from consumer_group g join source s on s.id = g.source_id
                   where g.archived_at is null and g.gone_at is null and not (s.paused or s.orphan)
                     and coalesce(g.expectation, g.learnt)::jsonb->>'kind' is distinct from 'ephemeral'
                   order by g.id limit $1
               ) g
               join group_channel p on p.group_id = g.id
               where p.standing is not null
               order by g.id, p.channel"#,
            i64::from(groups),
            partitions
        )
        .fetch_all(&mut *tx)
        .await
        .map_err(failed)?;
        let all = sqlx::query_scalar!(
            r#"select count(*) as "n!" from consumer_group g join source s on s.id = g.source_id
               where g.archived_at is null and g.gone_at is null and not (s.paused or s.orphan)
                 and coalesce(g.expectation, g.learnt)::jsonb->>'kind' is distinct from 'ephemeral'"#
        )
        .fetch_one(&mut *tx)
        .await
        .map_err(failed)?;
        let sources = sqlx::query!(
            r#"select s.id, s.name, s.environment_id, l.observed_at as "observed_at: Ts", l.took_ms, l.requests, l.failed
               from lag_source l join source s on s.id = l.source_id where not (s.paused or s.orphan) order by s.name"#
        )
        .fetch_all(&mut *tx)
        .await
        .map_err(failed)?;
        tx.commit().await.map_err(failed)?;
        let mut figures = Vec::with_capacity(rows.len());
        for r in rows {
            let Some(mut standing) = readable::<weir_domain::lag::Standing>(&r.standing, &r.channel) else { continue };
            standing.owner = r.owner;
            (standing.environment, standing.source_name) = (EnvironmentId(r.environment_id), r.source_name);
            let partitions = r.partitions.as_deref().and_then(|p| readable(p, &r.channel));
            let members = r.members.as_deref().and_then(|m| readable(m, &standing.name));
            figures.push(Figure {
                standing,
                partitions: partitions.unwrap_or_default(),
                assignor: r.assignor,
                coordinator: r.coordinator,
                members,
            });
        }
        let number = |n: i32| u32::try_from(n).unwrap_or(0);
        let sources = sources.into_iter().map(|r| SourceObserved {
            source: SourceId(r.id),
            environment: EnvironmentId(r.environment_id),
            observed_at: r.observed_at.map(|t| t.0),
            took_ms: number(r.took_ms),
            requests: number(r.requests),
            problems: Vec::new(),
            failed: r.failed,
            paused: false,
            name: r.name,
        });
        let more_groups = u64::try_from(all).unwrap_or(0).saturating_sub(groups.into());
        Ok(Figures { figures, more_groups, sources: sources.collect() })
    }
}
