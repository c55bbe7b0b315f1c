use super::{chunk, expectation, from_json};
use crate::{Store, error::failed, timestamp::Ts};
use std::collections::HashMap;
use weir_domain::{
    GroupId, SourceId, StoreError, Timestamp,
    lag::{Activity, ChannelSeen, Chunk, GroupKind, GroupSeen, GroupState, KeptLag, PairId, PairKept, PairSeen},
};

impl Store {
    pub(super) async fn kept_lag(&self, source: SourceId, since: Timestamp) -> Result<KeptLag, StoreError> {
        let mut tx = self.for_a_page().await.map_err(failed)?;
        let rows = sqlx::query!(
            r#"select id, name, kind, state, assignor, coordinator, members, last_members, problem,
                      first_seen as "first_seen: Ts", last_seen as "last_seen: Ts", gone_at as "gone_at: Ts", empty_since as "empty_since: Ts",
                      last_progress as "last_progress: Ts", activity, activity_hour, learnt
               from consumer_group where source_id = $1 order by id"#,
            source.0
        )
        .fetch_all(&mut *tx)
        .await
        .map_err(failed)?;
        let mut groups = Vec::with_capacity(rows.len());
        for r in rows {
            let what = format!("group {}", r.id);
            let members = r.members.as_deref().map(|m| from_json(m, &what)).transpose()?;
            let seen = GroupSeen {
                id: GroupId(r.id),
                kind: GroupKind::parse(&r.kind).unwrap_or(GroupKind::Classic),
                state: GroupState::parse(&r.state).unwrap_or(GroupState::Unknown),
                assignor: r.assignor,
                coordinator: r.coordinator,
                members,
                last_members: from_json(&r.last_members, &what)?,
                problem: r.problem,
                first_seen: r.first_seen.0,
                last_seen: r.last_seen.0,
                gone_at: r.gone_at.map(|t| t.0),
                empty_since: r.empty_since.map(|t| t.0),
                last_progress: r.last_progress.map(|t| t.0),
                activity: Activity { hour: r.activity_hour, bits: r.activity },
                learnt: expectation(r.learnt.as_deref()).unwrap_or_default(),
            };
            groups.push((r.name, seen));
        }
        let mut recent: HashMap<i64, Vec<Chunk>> = HashMap::new();
        let rows = sqlx::query!(
            r#"select o.pair_id, o.began_at as "began_at: Ts", o.packed
               from lag_observed o join group_channel p on p.id = o.pair_id join consumer_group g on g.id = p.group_id
               where g.source_id = $1 and o.until >= $2 order by o.pair_id, o.began_at"#,
            source.0,
            Ts(since) as Ts
        )
        .fetch_all(&mut *tx)
        .await
        .map_err(failed)?;
        for r in rows {
            // One that can't be read is history that is missing, no reason not to go on.
            match chunk::unpack(&r.packed, r.began_at.0) {
                Some(chunk) => recent.entry(r.pair_id).or_default().push(chunk),
                None => tracing::warn!(pair = r.pair_id, "observations of a group are damaged; left out"),
            }
        }
        let rows = sqlx::query!(
            r#"select p.id, p.group_id, p.channel, p.standing, p.partitions, p.spark, p.learnt
               from group_channel p join consumer_group g on g.id = p.group_id where g.source_id = $1 order by p.id"#,
            source.0
        )
        .fetch_all(&mut *tx)
        .await
        .map_err(failed)?;
        let mut pairs = Vec::with_capacity(rows.len());
        for r in rows {
            let what = format!("lag of group {} on {}", r.group_id, r.channel);
            let seen = match (r.standing, r.partitions) {
                (Some(standing), Some(partitions)) => Some(PairSeen {
                    id: PairId(r.id),
                    standing: from_json(&standing, &what)?,
                    partitions: from_json(&partitions, &what)?,
                    spark: from_json(&r.spark, &what)?,
                    // One of another writing is learnt anew.
                    learnt: r.learnt.as_deref().and_then(|l| serde_json::from_str(l).ok()),
                }),
                _ => None,
            };
            let recent = recent.remove(&r.id).unwrap_or_default();
            pairs.push(PairKept { id: PairId(r.id), group: GroupId(r.group_id), channel: r.channel, seen, recent });
        }
        let rows = sqlx::query!("select name, seen from lag_channel where source_id = $1 order by name", source.0)
            .fetch_all(&mut *tx)
            .await
            .map_err(failed)?;
        let channels = rows.iter().map(|r| from_json::<ChannelSeen>(&r.seen, &r.name)).collect::<Result<_, _>>()?;
        tx.commit().await.map_err(failed)?;
        Ok(KeptLag { groups, pairs, channels })
    }
}
