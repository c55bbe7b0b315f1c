//! Policies of channels, and what channels cost.

use super::budget::told_policy;
use crate::{
    Store, changes,
    error::{corrupt, failed},
    maintenance::bucket::{Bucket, Part},
    timestamp::Ts,
};
use async_trait::async_trait;
use std::{cmp::Reverse, collections::HashMap};
use uuid::Uuid;
use weir_domain::{
    ChannelId, EventId, PersonId, SourceId, StoreError, Timestamp,
    access::View,
    capture::{
        CaptureMode, ChannelCapture, ChannelPolicies, ChannelPolicy, Cost, DEFAULT_TURN, GivenUp, GivenUpBy, Missing,
        PolicySet,
    },
    changes::{ChangeKind, NewChange},
};

const HOUR_US: i64 = 3_600_000_000;
/// What comes in is told by so many hours.
const LATELY: i64 = 24;
/// Over less than this nobody can tell what a day brings.
const TOO_SHORT_US: i64 = 10 * 60 * 1_000_000;

#[async_trait]
impl ChannelPolicies for Store {
    async fn captures(
        &self,
        view: &View,
        source: Option<SourceId>,
        now: Timestamp,
    ) -> Result<Vec<ChannelCapture>, StoreError> {
        let ids: Vec<i64> = view.channels().ids().iter().map(|c| c.0).collect();
        let mut found = self.captures_of(&ids, source, now).await.map_err(failed)?;
        dearest_first(&mut found);
        Ok(found)
    }

    async fn capture_of(
        &self,
        view: &View,
        channel: ChannelId,
        now: Timestamp,
    ) -> Result<Option<ChannelCapture>, StoreError> {
        if !view.channels().contains(channel) {
            return Ok(None);
        }
        Ok(self.captures_of(&[channel.0], None, now).await.map_err(failed)?.pop())
    }

    async fn set_policy(
        &self,
        view: &View,
        channel: ChannelId,
        before: &ChannelPolicy,
        after: &ChannelPolicy,
        by: &PersonId,
        at: Timestamp,
    ) -> Result<PolicySet, StoreError> {
        if !view.channels().contains(channel) {
            return Ok(PolicySet::Gone);
        }
        let set = self.set(channel, before, after, by, at).await.map_err(failed)?;
        if set == PolicySet::Set && after.metadata_days < before.metadata_days {
            // The policy is set: what is not done now comes with upkeep.
            if let Err(error) = self.forget_at_once(channel, at).await {
                tracing::warn!(%error, "events past a shorter retention are deleted later");
            }
        }
        if set == PolicySet::Set {
            // Here at once; other processes look every few seconds.
            self.caches().classes.clear();
        }
        Ok(set)
    }

    async fn missing(&self, view: &View, id: EventId) -> Result<Option<Missing>, StoreError> {
        self.missing_of(view, id).await.map_err(failed)
    }
}

pub(super) fn dearest_first(channels: &mut [ChannelCapture]) {
    channels.sort_by_cached_key(|c| (Reverse(c.cost.bytes()), c.source_name.clone(), c.name.clone()));
}

/// From its columns. A word of a newer program keeps no bytes: what it means may be that none are wanted.
pub(crate) fn mode(policy: &str, per_mille: Option<i16>) -> CaptureMode {
    let per_mille = per_mille.and_then(|n| u16::try_from(n).ok());
    CaptureMode::parse(policy, per_mille).unwrap_or(CaptureMode::Metadata)
}

/// The columns of a channel's policy.
pub(crate) struct PolicyRow<'a> {
    pub(crate) policy: &'a str,
    pub(crate) per_mille: Option<i16>,
    /// Of payloads and metadata.
    pub(crate) days: (i16, i16),
    pub(crate) payload_limit: Option<i64>,
    pub(crate) turn: i16,
    pub(crate) erase_on_tombstone: bool,
}

pub(crate) fn channel_policy(row: &PolicyRow<'_>) -> ChannelPolicy {
    ChannelPolicy {
        mode: mode(row.policy, row.per_mille),
        payload_days: row.days.0,
        metadata_days: row.days.1,
        payload_limit: row.payload_limit.map(i64::unsigned_abs),
        turn: u8::try_from(row.turn).unwrap_or(DEFAULT_TURN),
        erase_on_tombstone: row.erase_on_tombstone,
    }
}

impl Store {
    async fn set(
        &self,
        channel: ChannelId,
        before: &ChannelPolicy,
        after: &ChannelPolicy,
        by: &PersonId,
        at: Timestamp,
    ) -> sqlx::Result<PolicySet> {
        let by = by.0.parse::<Uuid>().map_err(|e| corrupt(format!("a person's id: {e}")))?;
        let mut tx = crate::pool::begin(self.pages()).await?;
        let row = sqlx::query!(
            "select name, source_id, policy, sampled_per_mille, payload_class, metadata_class, payload_limit, budget_turn,
                    erase_on_tombstone
             from channel where id = $1 for no key update",
            channel.0
        )
        .fetch_optional(&mut *tx)
        .await?;
        let Some(r) = row else { return Ok(PolicySet::Gone) };
        let now = channel_policy(&PolicyRow {
            policy: &r.policy,
            per_mille: r.sampled_per_mille,
            days: (r.payload_class, r.metadata_class),
            payload_limit: r.payload_limit,
            turn: r.budget_turn,
            erase_on_tombstone: r.erase_on_tombstone,
        });
        if now != *before {
            return Ok(PolicySet::Moved);
        }
        let actor = sqlx::query_scalar!("select name from person where id = $1", by);
        let actor = actor.fetch_optional(&mut *tx).await?.unwrap_or_else(|| "somebody who is gone".into());
        sqlx::query!(
            "update channel set policy = $2, sampled_per_mille = $3, payload_class = $4, metadata_class = $5,
                 payload_limit = $6, policy_changed_at = $7, policy_changed_by = $8, budget_turn = $9,
                 erase_on_tombstone = $10,
                 tombstones_by = case when not $10 then null when erase_on_tombstone then tombstones_by else $11 end,
                 tombstones_since = case when not $10 then null when erase_on_tombstone then tombstones_since else $7 end
             where id = $1",
            channel.0,
            after.mode.as_str(),
            after.mode.per_mille().and_then(|n| i16::try_from(n).ok()),
            after.payload_days,
            after.metadata_days,
            after.payload_limit.map(|n| i64::try_from(n).unwrap_or(i64::MAX)),
            Ts(at) as Ts,
            by,
            i16::from(after.turn),
            after.erase_on_tombstone,
            actor
        )
        .execute(&mut *tx)
        .await?;
        if after.erase_on_tombstone && !before.erase_on_tombstone {
            self.begin_at_the_end(&mut tx, channel).await?;
            // It would bring in, later, what a tombstone has erased by then.
            sqlx::query!(
                "update backfill set state = 'stopped', changed_at = $2, reason = 'Tombstones of this channel erase.'
                 where channel_id = $1 and state in ('running', 'paused')",
                channel.0,
                Ts(at) as Ts
            )
            .execute(&mut *tx)
            .await?;
        }
        if after.metadata_days < before.metadata_days {
            // Out of every page's sight with the policy itself; off the disk with upkeep.
            self.hide_outdated(&mut tx, Some(channel), at).await?;
        }
        let change = NewChange {
            at,
            kind: ChangeKind::Configuration,
            environment: None,
            source: Some(SourceId(r.source_id)),
            channel: Some(channel),
            subject: None,
            title: format!("What is kept of {} was changed", r.name),
            detail: format!("Now: {}. Before: {}.", told_policy(after), told_policy(before)),
            link: Some(format!("/channels/{channel}/capture")),
            actor: Some(actor),
            once: None,
        };
        changes::append(&mut tx, &change).await?;
        if before.mode == CaptureMode::Off && after.mode != CaptureMode::Off {
            sqlx::query!(
                "update partition_cursor c set from_end = true from partition p
                 where p.id = c.partition_id and p.channel_id = $1 and not c.closed",
                channel.0
            )
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        Ok(PolicySet::Set)
    }

    pub(super) async fn captures_of(
        &self,
        ids: &[i64],
        source: Option<SourceId>,
        now: Timestamp,
    ) -> sqlx::Result<Vec<ChannelCapture>> {
        let this_hour = now.0.div_euclid(HOUR_US);
        let since = i32::try_from(this_hour - LATELY).unwrap_or(0);
        let held = self.held_buckets(now).await?;
        let rows = sqlx::query_file!("queries/capture/channels.sql", ids, source.map(|s| s.0), since, &held)
            .fetch_all(self.pages())
            .await?;
        let per_event = self.metadata_per_event().await?;
        let mut given_up = self.given_up_lately(ids, now).await?;
        let channels = rows.into_iter().map(|r| {
            let began = r.opened_at.map_or(now.0, |t| t.0.0).max((i64::from(since) + 1) * HOUR_US);
            let per_day = Rate { over_us: now.0.saturating_sub(began) };
            let cost = Cost {
                payload_bytes: r.payload.unsigned_abs(),
                metadata_bytes: per_event.of(r.events),
                events: r.events.unsigned_abs(),
                events_per_day: per_day.of(r.lately),
                payload_per_day: per_day.of(r.written),
                metadata_per_day: per_day.of(i64::try_from(per_event.of(r.lately)).unwrap_or(i64::MAX)),
            };
            ChannelCapture {
                channel: ChannelId(r.id),
                source: SourceId(r.source_id),
                source_name: r.source_name,
                source_kind: r.kind,
                ceiling: r.ceiling,
                policy: channel_policy(&PolicyRow {
                    policy: &r.policy,
                    per_mille: r.sampled_per_mille,
                    days: (r.payload_class, r.metadata_class),
                    payload_limit: r.payload_limit,
                    turn: r.budget_turn,
                    erase_on_tombstone: r.erase_on_tombstone,
                }),
                changed: r.changed_at.map(|at| (at.0, r.changed_by)),
                cost,
                held_bytes: r.held.unsigned_abs(),
                given_up: given_up.remove(&r.id).unwrap_or_default(),
                withheld: r.withheld_at.map(|at| at.0),
                tombstones: r.tombstones_since.map(|at| at.0).zip(r.tombstones_by),
                name: r.name,
            }
        });
        Ok(channels.collect())
    }

    /// The buckets of payloads that holds keep, as upkeep knows them.
    async fn held_buckets(&self, now: Timestamp) -> sqlx::Result<Vec<i32>> {
        sqlx::query_file_scalar!("queries/holds/pinned.sql", Part::Payload.as_str(), Ts(now) as Ts)
            .fetch_all(self.pages())
            .await
    }

    /// What one event takes of the tables of metadata, with their indexes.
    async fn metadata_per_event(&self) -> sqlx::Result<PerEvent> {
        let buckets = sqlx::query!("select part, id from bucket where part = 'metadata' and detached_at is null")
            .fetch_all(self.pages())
            .await?;
        let known = buckets.iter().filter_map(|b| Bucket::known(&b.part, b.id));
        let tables: Vec<String> = known.flat_map(|b| b.tables().map(|(_, table)| table).collect::<Vec<_>>()).collect();
        let bytes = sqlx::query_scalar!(
            r#"select coalesce(sum(pg_total_relation_size(to_regclass(t))), 0)::bigint as "bytes!" from unnest($1::text[]) t"#,
            &tables
        )
        .fetch_one(self.pages())
        .await?;
        let events = sqlx::query_scalar!(
            r#"select coalesce(sum(events), 0)::bigint as "events!" from partition_bucket where part = $1"#,
            Part::Metadata.as_str()
        )
        .fetch_one(self.pages())
        .await?;
        Ok(PerEvent { bytes, events })
    }

    async fn given_up_lately(&self, ids: &[i64], now: Timestamp) -> sqlx::Result<HashMap<i64, Vec<GivenUp>>> {
        let rows = sqlx::query!(
            r#"select p.channel_id, g.reason, min(g.first_at) as "first_at!: Ts", max(g.last_at) as "last_at!: Ts",
                      sum(g.bytes)::bigint as "bytes!", (array_agg(g.allowed order by g.hour desc))[1] as "allowed!"
               from payload_given_up g join partition p on p.id = g.partition_id
               where p.channel_id = any($1) and g.hour > $2
               group by p.channel_id, g.reason order by p.channel_id, g.reason"#,
            ids,
            i32::try_from(now.0.div_euclid(HOUR_US) - LATELY).unwrap_or(0)
        )
        .fetch_all(self.pages())
        .await?;
        let mut found: HashMap<i64, Vec<GivenUp>> = HashMap::new();
        for r in rows {
            let Some(by) = GivenUpBy::parse(&r.reason) else { continue };
            found.entry(r.channel_id).or_default().push(GivenUp {
                by,
                first_at: r.first_at.0,
                last_at: r.last_at.0,
                bytes: r.bytes.unsigned_abs(),
                allowed: r.allowed.unsigned_abs(),
            });
        }
        Ok(found)
    }
}

struct PerEvent {
    bytes: i64,
    events: i64,
}

impl PerEvent {
    fn of(&self, events: i64) -> u64 {
        let bytes = i128::from(self.bytes) * i128::from(events) / i128::from(self.events.max(1));
        u64::try_from(bytes).unwrap_or(0)
    }
}

struct Rate {
    over_us: i64,
}

impl Rate {
    fn of(&self, n: i64) -> Option<u64> {
        if self.over_us < TOO_SHORT_US {
            return None;
        }
        u64::try_from(i128::from(n) * i128::from(24 * HOUR_US) / i128::from(self.over_us)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_told_by_what_came_and_an_event_by_the_tables() {
        assert_eq!(Rate { over_us: 12 * HOUR_US }.of(50), Some(100));
        assert_eq!(Rate { over_us: HOUR_US / 12 }.of(50), None);
        assert_eq!(PerEvent { bytes: 1000, events: 10 }.of(3), 300);
        assert_eq!(PerEvent { bytes: 8192, events: 0 }.of(0), 0);
    }

    #[test]
    fn what_is_not_understood_keeps_no_bytes() {
        assert_eq!(mode("full", None), CaptureMode::Full);
        assert_eq!(mode("sampled", Some(5)), CaptureMode::Sampled { per_mille: 5 });
        assert_eq!([mode("newer", None), mode("sampled", Some(-3))], [CaptureMode::Metadata; 2]);
    }
}
