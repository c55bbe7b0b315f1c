//! Figures of the first page: sums of what capture has counted, never a count of events.

use crate::{
    Store,
    capture::delay,
    error::failed,
    sources::figures::{self, ChannelFigures, SPARK, add, begun_now, count, minute, small},
    timestamp::Ts,
};
use async_trait::async_trait;
use std::collections::HashMap;
use weir_domain::{
    SourceId, StoreError, Timestamp,
    access::View,
    overview::{ChannelLine, Overview, Summary},
};

/// Channels listed, the busiest first; all are counted.
const CHANNELS: usize = 50;
const GAPS: i64 = 10;
const DELAY_MINUTES: i32 = 5;

#[async_trait]
impl Overview for Store {
    async fn summary(&self, view: &View, now: Timestamp) -> Result<Summary, StoreError> {
        self.summed_up(view, now).await.map_err(failed)
    }
}

impl Store {
    async fn summed_up(&self, view: &View, now: Timestamp) -> sqlx::Result<Summary> {
        let channels: Vec<i64> = view.channels().ids().iter().map(|c| c.0).collect();
        let figures = self.channel_figures(view, None, now).await?;
        let sources = self.source_names().await?;
        // A rate is known if some tap has reported lately; without one, silence says nothing.
        let reported = sources.values().filter_map(|s| s.2).max();
        let known = reported.is_some_and(|at| now.micros_since(at) < 120_000_000);
        let mut throughput = vec![0_u32; SPARK];
        for f in &figures {
            throughput.iter_mut().zip(&f.spark).for_each(|(sum, n)| *sum = sum.saturating_add(*n));
        }
        let minutes = figures.iter().map(|f| f.minutes).max().unwrap_or(0);
        let last_minute: u64 = figures.iter().map(|f| f.events_last_minute).sum();
        let sizes = self.sizes(&channels).await?;
        let gaps_24h = sqlx::query_scalar!(
            r#"select count(*) as "n!" from gap g join partition p on p.id = g.partition_id
               where p.channel_id = any($1) and g.found_at >= $2"#,
            &channels,
            Ts(now.plus_secs(-86_400)) as Ts
        )
        .fetch_one(self.pages())
        .await?;
        Ok(Summary {
            at: now,
            events_per_s: (known && !begun_now(&figures)).then_some(last_minute as f64 / 60.0),
            throughput: figures::known(throughput, minutes),
            events_24h: figures.iter().map(|f| f.events_24h).sum(),
            tap_delay_ms: self.tap_delay(&channels, now).await?,
            gaps_24h: small(gaps_24h),
            behind: figures.iter().fold(None, |sum, f| add(sum, f.behind)),
            stored_bytes: sizes.0,
            raw_bytes: sizes.1,
            sources: Vec::new(),
            channels: lines(figures, &sources, known),
            recent_gaps: self.newest_gaps(view, None, GAPS).await?,
            changes: Vec::new(),
            changes_total: 0,
            more_changes: false,
            attention: Vec::new(),
            hidden_channels: view.channels().hidden(),
        })
    }

    /// Name, kind, last report.
    async fn source_names(&self) -> sqlx::Result<HashMap<SourceId, (String, String, Option<Timestamp>)>> {
        let rows = sqlx::query!(r#"select id, name, kind, reported_at as "reported_at: Ts" from source"#)
            .fetch_all(self.pages())
            .await?;
        Ok(rows.into_iter().map(|r| (SourceId(r.id), (r.name, r.kind, r.reported_at.map(|t| t.0)))).collect())
    }

    async fn tap_delay(&self, channels: &[i64], now: Timestamp) -> sqlx::Result<Option<(u32, u32)>> {
        let this = minute(now);
        let rows = sqlx::query_file!("queries/overview/delays.sql", channels, this.saturating_sub(DELAY_MINUTES), this)
            .fetch_all(self.pages())
            .await?;
        let mut delays = [0; delay::CLASSES];
        for r in rows {
            if let Some(place) = usize::try_from(r.class - 1).ok().and_then(|i| delays.get_mut(i)) {
                *place += r.events;
            }
        }
        Ok(delay::percentile(&delays, 50).zip(delay::percentile(&delays, 95)))
    }

    /// Bytes of blocks on disk, and of what is in them, from the directory.
    async fn sizes(&self, channels: &[i64]) -> sqlx::Result<(u64, u64)> {
        let row = sqlx::query!(
            r#"select coalesce(sum(d.stored_bytes), 0)::bigint as "stored!", coalesce(sum(d.raw_bytes), 0)::bigint as "raw!"
               from partition_bucket d join partition p on p.id = d.partition_id
               where d.part = 'payload' and p.channel_id = any($1)"#,
            channels
        )
        .fetch_one(self.pages())
        .await?;
        Ok((count(row.stored), count(row.raw)))
    }
}

fn lines(
    mut figures: Vec<ChannelFigures>,
    sources: &HashMap<SourceId, (String, String, Option<Timestamp>)>,
    known: bool,
) -> Vec<ChannelLine> {
    figures.sort_by_key(|f| std::cmp::Reverse(f.spark.iter().map(|n| u64::from(*n)).sum::<u64>()));
    figures.truncate(CHANNELS);
    let line = |f: ChannelFigures| {
        let last_minute = f.last_minute().filter(|_| known);
        let (name, kind, _) = sources.get(&f.source).cloned().unwrap_or_default();
        ChannelLine {
            id: f.id,
            name: f.name,
            source_name: name,
            source_kind: kind,
            events_per_s_x100: last_minute.map(|n| n * 100 / 60),
            spark: figures::known(f.spark, f.minutes),
            behind: f.behind,
            last_event: f.last_event,
        }
    };
    figures.into_iter().map(line).collect()
}
