use super::{chunk, expectation, from_json, readable};
use crate::{Store, error::failed, timestamp::Ts};
use weir_domain::{
    GroupId, SourceId, StoreError, Timestamp,
    lag::{Activity, ChannelSeen, Chunk, GroupKind, GroupSeen, GroupState, KeptLag, PairId, PairKept, PairSeen},
};

/// Groups that are gone are remembered so long by who observes; their rows stay for as long as their past does.
pub(super) const GONE_FOR_S: i64 = 3_600;

impl Store {
    pub(super) async fn kept_lag(&self, source: SourceId, now: Timestamp) -> Result<KeptLag, StoreError> {
        // Those that left long ago begin anew if they come back.
        let lately = Ts(now.plus_secs(-GONE_FOR_S));
        let mut tx = self.for_a_page().await.map_err(failed)?;
        let rows = sqlx::query!(
            r#"select id, name, kind, state, assignor, coordinator, members, last_members, problem,
                      first_seen as "first_seen: Ts", last_seen as "last_seen: Ts", gone_at as "gone_at: Ts", empty_since as "empty_since: Ts",
                      last_progress as "last_progress: Ts", activity, activity_hour, learnt
               from consumer_group where source_id = $1 and (gone_at is null or gone_at > $2) order by id"#,
            source.0,
            lately as Ts
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
        let rows = sqlx::query!(
            r#"select p.id, p.group_id, p.channel, p.standing, p.partitions, p.spark, p.learnt
               from group_channel p join consumer_group g on g.id = p.group_id
               where g.source_id = $1 and (g.gone_at is null or g.gone_at > $2) and p.standing is not null order by p.id"#,
            source.0,
            lately as Ts
        )
        .fetch_all(&mut *tx)
        .await
        .map_err(failed)?;
        let mut pairs = Vec::with_capacity(rows.len());
        for r in rows {
            let what = format!("lag of group {} on {}", r.group_id, r.channel);
            let standing = r.standing.and_then(|s| readable(&s, &what));
            let seen = match standing.zip(r.partitions.and_then(|p| readable(&p, &what))) {
                Some((standing, partitions)) => Some(PairSeen {
                    id: PairId(r.id),
                    standing,
                    partitions,
                    spark: readable(&r.spark, &what).unwrap_or_default(),
                    // One of another writing is learnt anew.
                    learnt: r.learnt.as_deref().and_then(|l| serde_json::from_str(l).ok()),
                }),
                None => None,
            };
            pairs.push(PairKept { id: PairId(r.id), group: GroupId(r.group_id), channel: r.channel, seen });
        }
        let rows = sqlx::query!("select name, seen from lag_channel where source_id = $1 order by name", source.0)
            .fetch_all(&mut *tx)
            .await
            .map_err(failed)?;
        let channels = rows.iter().filter_map(|r| readable::<ChannelSeen>(&r.seen, &r.name)).collect();
        tx.commit().await.map_err(failed)?;
        Ok(KeptLag { groups, pairs, channels })
    }

    pub(super) async fn recent_chunks(
        &self,
        pairs: &[PairId],
        since: Timestamp,
    ) -> Result<Vec<(PairId, Chunk)>, StoreError> {
        let rows = sqlx::query!(
            r#"select pair_id, began_at as "began_at: Ts", packed from lag_observed
               where pair_id = any($1) and until >= $2 order by pair_id, began_at"#,
            &pairs.iter().map(|p| p.0).collect::<Vec<_>>(),
            Ts(since) as Ts
        )
        .fetch_all(self.pages())
        .await
        .map_err(failed)?;
        let mut recent = Vec::with_capacity(rows.len());
        for r in rows {
            // One that can't be read is history that is missing, no reason not to go on.
            match chunk::unpack(&r.packed, r.began_at.0) {
                Some(chunk) => recent.push((PairId(r.pair_id), chunk)),
                None => tracing::warn!(pair = r.pair_id, "observations of a group are damaged; left out"),
            }
        }
        Ok(recent)
    }
}
