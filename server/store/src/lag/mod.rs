//! Consumer groups as their brokers tell them, how they stand now, and how they stood.

mod chunk;
mod figures;
mod history;
mod keep;
mod load;
mod newest;
mod read;
mod reported;
mod times;
mod write;

use crate::{Store, error::failed, timestamp::Ts};
use async_trait::async_trait;
use weir_domain::{
    ChannelId, EnvironmentId, GroupId, SourceId, StoreError, Timestamp,
    access::{SystemView, View},
    lag::{
        Chunk, EventAt, EventTime, Expectation, Group, GroupKind, GroupOnChannel, Happening, KeptLag, Lag, LagLog,
        Listed, NewestKeys, Observation, PairId, ReportedGroup, SourceObserved, WatchedSource,
    },
};

#[async_trait]
impl LagLog for Store {
    async fn watched(&self, _: &SystemView) -> Result<Vec<WatchedSource>, StoreError> {
        let rows = sqlx::query_file!("queries/lag/watched.sql").fetch_all(self.pages()).await.map_err(failed)?;
        Ok(rows
            .into_iter()
            .map(|r| WatchedSource {
                id: SourceId(r.id),
                name: r.name,
                environment: EnvironmentId(r.environment),
                of_file: r.of_file,
                capture: r.capture,
                stands_still: r.stands_still,
            })
            .collect())
    }

    async fn kept(&self, _: &SystemView, source: SourceId, now: Timestamp) -> Result<KeptLag, StoreError> {
        self.kept_lag(source, now).await
    }

    async fn recent(
        &self,
        _: &SystemView,
        pairs: &[PairId],
        since: Timestamp,
    ) -> Result<Vec<(PairId, Chunk)>, StoreError> {
        self.recent_chunks(pairs, since).await
    }

    async fn intern_groups(
        &self,
        source: SourceId,
        groups: &[(String, GroupKind)],
        now: Timestamp,
    ) -> Result<Vec<GroupId>, StoreError> {
        self.interned_groups(source, groups, now).await.map_err(failed)
    }

    async fn intern_pairs(&self, pairs: &[(GroupId, String)]) -> Result<Vec<PairId>, StoreError> {
        self.interned_pairs(pairs).await.map_err(failed)
    }

    async fn observed(&self, seen: &Observation) -> Result<(), StoreError> {
        self.write_observation(seen).await
    }

    async fn not_observed(&self, source: SourceId, why: &str, at: Timestamp) -> Result<(), StoreError> {
        sqlx::query!(
            "insert into lag_source (source_id, failed, failed_at) values ($1, $2, $3)
             on conflict (source_id) do update set failed = excluded.failed, failed_at = excluded.failed_at",
            source.0,
            why,
            Ts(at) as Ts
        )
        .execute(self.pages())
        .await
        .map_err(failed)?;
        Ok(())
    }

    async fn event_times(
        &self,
        _: &SystemView,
        source: SourceId,
        wanted: &[EventAt],
    ) -> Result<Vec<EventTime>, StoreError> {
        self.times_of_events(source, wanted).await
    }

    async fn reported(&self, _: &SystemView, source: SourceId) -> Result<Vec<ReportedGroup>, StoreError> {
        self.reported_groups(source).await
    }

    async fn tidy_lag(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.tidied_lag(now).await.map_err(failed)
    }
}

#[async_trait]
impl Lag for Store {
    async fn listed(&self, view: &View, past: bool, now: Timestamp) -> Result<Vec<Listed>, StoreError> {
        self.listed_groups(view, past, now).await
    }

    async fn listed_on(
        &self,
        view: &View,
        source: SourceId,
        channel: &str,
        now: Timestamp,
    ) -> Result<Vec<Listed>, StoreError> {
        self.all_listed(self.pages(), view.environment(), Some((source, channel)), false, now).await
    }

    async fn lag_sources(&self, view: &View) -> Result<Vec<SourceObserved>, StoreError> {
        self.observed_sources(view).await
    }

    async fn lag_group(
        &self,
        view: &View,
        id: GroupId,
        now: Timestamp,
    ) -> Result<Option<(Group, Vec<GroupOnChannel>)>, StoreError> {
        self.one_group(view, id, now).await
    }

    async fn lag_history(
        &self,
        _: &View,
        group: GroupId,
        channel: &str,
        range: (Timestamp, Timestamp),
        take: &mut (dyn FnMut(Chunk) + Send),
    ) -> Result<(), StoreError> {
        self.history_of(group, channel, range, take).await
    }

    async fn newest_keys(&self, view: &View, channel: ChannelId, partition: i32) -> Result<NewestKeys, StoreError> {
        self.keys_of_newest(view, channel, partition).await.map_err(failed)
    }

    async fn lag_happened(
        &self,
        _: &View,
        group: GroupId,
        (from, to): (Timestamp, Timestamp),
    ) -> Result<Vec<Happening>, StoreError> {
        self.happened_to(group, from, to).await.map_err(failed)
    }
}

/// What is written as JSON in a column of ours.
fn json<T: serde::Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|e| StoreError::Internal(format!("lag could not be written as JSON: {e}")))
}

/// What we wrote before; a damaged row is a defect, said with its place.
pub(crate) fn from_json<T: serde::de::DeserializeOwned>(text: &str, what: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|e| StoreError::Internal(format!("{what} is damaged: {e}")))
}

/// The same where others are told without it: one that can't be read, perhaps of another version's writing, is said and
/// left out.
fn readable<T: serde::de::DeserializeOwned>(text: &str, what: &str) -> Option<T> {
    from_json(text, what).inspect_err(|error| tracing::warn!(%error, "left out until it is observed anew")).ok()
}

/// What may be expected of a group; one of another writing counts as none.
fn expectation(text: Option<&str>) -> Option<Expectation> {
    text.and_then(|t| serde_json::from_str(t).ok())
}

/// An observation is kept so long, whole.
const RAW_FOR_S: i64 = 6 * 3_600;
/// Five-minute points, and what happened.
const ROLLED_FOR_S: i64 = 90 * 86_400;
