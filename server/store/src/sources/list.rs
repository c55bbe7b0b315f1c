use super::figures::{self, ChannelFigures, SPARK, add, begun_now, small};
use crate::{Store, timestamp::Ts};
use weir_domain::{EnvironmentId, SourceId, Timestamp, access::View, capture::SourceState, sources::SourceShown};

/// A tap that has not reported for this long knows nothing of its rate.
const RATE_UNKNOWN_AFTER_US: i64 = 120_000_000;

impl Store {
    pub(super) async fn sources_shown(
        &self,
        view: &View,
        one: Option<SourceId>,
        now: Timestamp,
    ) -> sqlx::Result<Vec<SourceShown>> {
        let mut sources = self.source_rows(view, one).await?.into_iter().map(|(s, _)| s).collect::<Vec<_>>();
        if !sources.is_empty() {
            let figures = self.channel_figures(view, one, now).await?;
            sources.iter_mut().for_each(|s| fill(s, &figures, now));
        }
        Ok(sources)
    }

    /// Visible sources without figures, each with the channels left out of it.
    pub(crate) async fn source_rows(
        &self,
        view: &View,
        one: Option<SourceId>,
    ) -> sqlx::Result<Vec<(SourceShown, Vec<String>)>> {
        let channels: Vec<i64> = view.channels().ids().iter().map(|c| c.0).collect();
        let rows =
            sqlx::query_file!("queries/sources/list.sql", view.environment().map(|e| e.0), one.map(|s| s.0), &channels)
                .fetch_all(self.pages())
                .await?;
        Ok(rows
            .into_iter()
            .map(|r| {
                let from_file = r.origin == "file";
                // What a person or the configuration wants comes before what the tap last said: it obeys within a second.
                let (state, since, reason) = if r.orphan {
                    let gone = if from_file { "It is no longer in the configuration" } else { "It was removed" };
                    (SourceState::Paused, r.wish_at, Some(format!("{gone}; its events are kept.")))
                } else if r.paused {
                    (SourceState::Paused, r.wish_at, Some("A person paused it.".to_owned()))
                } else {
                    match SourceState::parse(&r.state) {
                        // The wish is gone and the tap has not woken yet.
                        SourceState::Paused => (SourceState::Starting, r.wish_at, None),
                        state => (state, r.since, r.reason),
                    }
                };
                let shown = SourceShown {
                    id: SourceId(r.id),
                    name: r.name,
                    kind: r.kind,
                    environment: EnvironmentId(r.environment_id),
                    environment_name: r.environment_name,
                    production: r.production,
                    description: if from_file { format!("{}, from weir.toml", r.description) } else { r.description },
                    state,
                    since: since.map(|Ts(t)| t),
                    reason,
                    retry_at: r.retry_at.map(|Ts(t)| t),
                    reported_at: r.reported_at.map(|Ts(t)| t),
                    channels: 0,
                    hidden_channels: 0,
                    left_out_total: small(i64::from(r.left_out_total)),
                    partitions: 0,
                    events_per_s: None,
                    broker_bytes_per_s: None,
                    behind: None,
                    gaps: 0,
                    throttled_ms: small(i64::from(r.throttled_ms)),
                    spark: vec![0; SPARK],
                    orphan: r.orphan,
                    may_pause: false,
                    may_edit: !from_file && !r.orphan,
                    capture: r.capture,
                    act: r.act,
                    read_only: r.read_only,
                    taps: small(i64::from(r.taps)),
                    bytes_to_read: r.bytes_to_read.and_then(|b| u64::try_from(b).ok()),
                };
                (shown, r.left_out)
            })
            .collect())
    }
}

/// Adds up the figures of a source's visible channels.
pub(super) fn fill(source: &mut SourceShown, channels: &[ChannelFigures], now: Timestamp) {
    let own = || channels.iter().filter(|f| f.source == source.id);
    let known = reports(source, now) && !begun_now(own());
    let (mut events, mut bytes) = (0, 0);
    let mut minutes = 0;
    for f in own() {
        source.channels += 1;
        source.partitions = source.partitions.saturating_add(f.partitions);
        source.behind = add(source.behind, f.behind);
        source.gaps = source.gaps.saturating_add(f.gaps);
        minutes = minutes.max(f.minutes);
        events += f.events_last_minute;
        bytes += f.broker_bytes_last_minute;
        for (sum, n) in source.spark.iter_mut().zip(&f.spark) {
            *sum = sum.saturating_add(*n);
        }
    }
    source.spark = figures::known(std::mem::take(&mut source.spark), minutes);
    source.events_per_s = known.then_some(events as f64 / 60.0);
    source.broker_bytes_per_s = known.then_some(bytes as f64 / 60.0);
}

/// Has its tap reported lately?
pub(super) fn reports(source: &SourceShown, now: Timestamp) -> bool {
    source.reported_at.is_some_and(|at| now.micros_since(at) < RATE_UNKNOWN_AFTER_US)
}
