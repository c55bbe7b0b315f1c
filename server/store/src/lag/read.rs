use super::{expectation, from_json, readable};
use crate::{Store, error::failed, timestamp::Ts};
use weir_domain::{
    ChannelId, EnvironmentId, GroupId, SourceId, StoreError, Timestamp,
    access::View,
    lag::{
        Archived, ChannelSeen, Expectation, Group, GroupKind, GroupOnChannel, GroupState, Happening, HappeningKind,
        Listed, SourceObserved,
    },
};

/// Told of one group, the newest first.
const MOST_HAPPENED: i64 = 500;

impl Store {
    pub(super) async fn listed_groups(
        &self,
        view: &View,
        past: bool,
        now: Timestamp,
    ) -> Result<Vec<Listed>, StoreError> {
        self.all_listed(self.pages(), view.environment(), None, past, now).await
    }

    /// Groups of one environment or all, each on each of its channels or on one. Not those of sources that were removed:
    /// nobody observes them any more. Those of a paused one are shown, and raise no alarm.
    pub(crate) async fn all_listed(
        &self,
        pool: &sqlx::PgPool,
        environment: Option<EnvironmentId>,
        on: Option<(SourceId, &str)>,
        past: bool,
        now: Timestamp,
    ) -> Result<Vec<Listed>, StoreError> {
        let rows = sqlx::query!(
            r#"select p.standing as "standing!", p.spark, g.archived_at is not null as "archived!",
                      g.gone_at is not null as "gone!", g.owner, g.name, g.expectation, g.learnt,
                      g.last_progress as "last_progress: Ts", s.paused, s.environment_id, s.name as source_name
               from group_channel p
               join consumer_group g on g.id = p.group_id
               join source s on s.id = g.source_id
               where p.standing is not null and not s.orphan and ($1::bigint is null or s.environment_id = $1)
                 and ($2::bigint is null or (g.source_id = $2 and p.channel = $3))
                 and ($4 or g.gone_at is null or g.gone_at > $5)"#,
            environment.map(|e| e.0),
            on.map(|(source, _)| source.0),
            on.map(|(_, channel)| channel),
            past,
            Ts(now.plus_secs(-super::load::GONE_FOR_S)) as Ts
        )
        .fetch_all(pool)
        .await
        .map_err(failed)?;
        let mut listed = Vec::with_capacity(rows.len());
        for r in rows {
            // One of another version is left out until it is observed anew: the others are told.
            let Some(mut standing) = readable::<weir_domain::lag::Standing>(&r.standing, &r.name) else { continue };
            standing.owner = r.owner;
            // A source may have come to another environment since it was observed: rights are of today.
            (standing.environment, standing.source_name) = (EnvironmentId(r.environment_id), r.source_name);
            let expected = expectation(r.expectation.as_deref()).or_else(|| expectation(r.learnt.as_deref()));
            let expected = expected.unwrap_or_default();
            standing.alarms =
                !r.archived && !r.gone && !r.paused && expected.raises_alarms(now, r.last_progress.map(|t| t.0));
            let spark = readable(&r.spark, &r.name).unwrap_or_default();
            let ephemeral = expected == Expectation::Ephemeral;
            listed.push(Listed { standing, spark, archived: r.archived, gone: r.gone, ephemeral });
        }
        Ok(listed)
    }

    pub(super) async fn observed_sources(&self, view: &View) -> Result<Vec<SourceObserved>, StoreError> {
        let rows = sqlx::query!(
            r#"select s.id, s.name, s.environment_id, s.paused or s.orphan as "paused!",
                      l.observed_at as "observed_at?: Ts", l.took_ms as "took_ms?", l.requests as "requests?",
                      l.problems as "problems?", l.failed as "failed?"
               from source s left join lag_source l on l.source_id = s.id
               where $1::bigint is null or s.environment_id = $1
               order by s.name"#,
            view.environment().map(|e| e.0)
        )
        .fetch_all(self.pages())
        .await
        .map_err(failed)?;
        let number = |n: Option<i32>| n.and_then(|n| u32::try_from(n).ok()).unwrap_or(0);
        rows.into_iter()
            .map(|r| {
                let problems = r.problems.as_deref().map(|p| from_json(p, &r.name)).transpose()?;
                Ok(SourceObserved {
                    source: SourceId(r.id),
                    environment: EnvironmentId(r.environment_id),
                    observed_at: r.observed_at.map(|t| t.0),
                    took_ms: number(r.took_ms),
                    requests: number(r.requests),
                    problems: problems.unwrap_or_default(),
                    failed: r.failed,
                    paused: r.paused,
                    name: r.name,
                })
            })
            .collect()
    }

    pub(super) async fn one_group(
        &self,
        view: &View,
        id: GroupId,
        now: Timestamp,
    ) -> Result<Option<(Group, Vec<GroupOnChannel>)>, StoreError> {
        let mut tx = self.for_a_page().await.map_err(failed)?;
        let row = sqlx::query!(
            r#"select g.name, g.source_id, s.name as source_name, s.environment_id, e.name as environment_name, g.kind,
                      g.state, g.assignor, g.coordinator, g.members, g.last_members, g.problem,
                      g.first_seen as "first_seen: Ts", g.last_seen as "last_seen: Ts", g.gone_at as "gone_at: Ts",
                      g.empty_since as "empty_since: Ts", g.last_progress as "last_progress: Ts", g.owner, g.note,
                      g.archived_at as "archived_at: Ts", g.archived_by, g.expectation, g.learnt, s.paused or s.orphan as "paused!"
               from consumer_group g join source s on s.id = g.source_id join environment e on e.id = s.environment_id
               where g.id = $1 and ($2::bigint is null or s.environment_id = $2)"#,
            id.0,
            view.environment().map(|e| e.0)
        )
        .fetch_optional(&mut *tx)
        .await
        .map_err(failed)?;
        let Some(r) = row else { return Ok(None) };
        let paused = r.paused;
        let members = r.members.as_deref().map(|m| from_json(m, &r.name)).transpose()?;
        let set = expectation(r.expectation.as_deref());
        let learnt = expectation(r.learnt.as_deref()).unwrap_or_default();
        let group = Group {
            expectation: set.clone().unwrap_or_else(|| learnt.clone()),
            expectation_set: set.is_some(),
            learnt,
            id,
            environment: EnvironmentId(r.environment_id),
            environment_name: r.environment_name,
            source: SourceId(r.source_id),
            source_name: r.source_name,
            kind: GroupKind::parse(&r.kind).unwrap_or(GroupKind::Classic),
            state: GroupState::parse(&r.state).unwrap_or(GroupState::Unknown),
            assignor: r.assignor,
            coordinator: r.coordinator,
            members,
            last_members: from_json(&r.last_members, &r.name)?,
            problem: r.problem,
            first_seen: r.first_seen.0,
            last_seen: r.last_seen.0,
            gone_at: r.gone_at.map(|t| t.0),
            empty_since: r.empty_since.map(|t| t.0),
            last_progress: r.last_progress.map(|t| t.0),
            archived: r.archived_at.map(|at| Archived { at: at.0, by: r.archived_by.unwrap_or_default() }),
            owner: r.owner,
            note: r.note,
            name: r.name,
        };
        let rows = sqlx::query!(
            r#"select p.channel, p.standing as "standing!", p.partitions as "partitions!", c.id as "channel_id?", p.learnt,
                      l.seen as "seen?"
               from group_channel p
               left join channel c on c.source_id = $2 and c.name = p.channel
               left join lag_channel l on l.source_id = $2 and l.name = p.channel
               where p.group_id = $1 and p.standing is not null and p.partitions is not null
               order by p.channel"#,
            id.0,
            group.source.0
        )
        .fetch_all(&mut *tx)
        .await
        .map_err(failed)?;
        let mut channels = Vec::with_capacity(rows.len());
        for r in rows {
            let partitions = readable(&r.partitions, &r.channel);
            let standing = readable::<weir_domain::lag::Standing>(&r.standing, &r.channel);
            let Some((mut standing, partitions)) = standing.zip(partitions) else { continue };
            standing.owner.clone_from(&group.owner);
            (standing.environment, standing.source_name) = (group.environment, group.source_name.clone());
            standing.alarms = group.archived.is_none()
                && group.gone_at.is_none()
                && !paused
                && group.expectation.raises_alarms(now, group.last_progress);
            let seen = r.seen.as_deref().and_then(|s| readable::<ChannelSeen>(s, &r.channel));
            channels.push(GroupOnChannel {
                standing,
                channel_id: r.channel_id.map(ChannelId),
                partitions,
                keeps: seen.and_then(|s| s.keeps),
                learnt: r.learnt.as_deref().and_then(|l| serde_json::from_str(l).ok()),
            });
        }
        tx.commit().await.map_err(failed)?;
        Ok(Some((group, channels)))
    }

    pub(super) async fn happened_to(
        &self,
        group: GroupId,
        from: Timestamp,
        to: Timestamp,
    ) -> sqlx::Result<Vec<Happening>> {
        let rows = sqlx::query!(
            r#"select at as "at: Ts", kind, channel, partition, text from lag_happened
               where group_id = $1 and at between $2 and $3 order by at desc, id desc limit $4"#,
            group.0,
            Ts(from) as Ts,
            Ts(to) as Ts,
            MOST_HAPPENED
        )
        .fetch_all(self.pages())
        .await?;
        let told = rows.into_iter().filter_map(|r| {
            let kind = HappeningKind::parse(&r.kind)?;
            Some(Happening { at: r.at.0, kind, channel: r.channel, partition: r.partition, text: r.text })
        });
        Ok(told.collect())
    }
}
