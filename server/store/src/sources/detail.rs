use super::{
    figures::known,
    list::{fill, reports},
};
use crate::Store;
use weir_domain::{
    SourceId, Timestamp,
    access::View,
    sources::{ChannelShown, SourceDetail},
};

/// Channels listed on a source's page; all are counted in its figures.
const CHANNELS: usize = 1000;
const GAPS: i64 = 100;

impl Store {
    pub(super) async fn source_detail(
        &self,
        view: &View,
        id: SourceId,
        now: Timestamp,
    ) -> sqlx::Result<Option<SourceDetail>> {
        let Some((mut source, left_out)) = self.source_rows(view, Some(id)).await?.pop() else { return Ok(None) };
        let figures = self.channel_figures(view, Some(id), now).await?;
        fill(&mut source, &figures, now);
        let reports = reports(&source, now);
        let channels: Vec<i64> = figures.iter().take(CHANNELS).map(|f| f.id.0).collect();
        let (mut partitions, more_partitions) = self.partitions_shown(&channels).await?;
        let channels = figures.into_iter().take(CHANNELS).map(|f| ChannelShown {
            events_per_s: f.last_minute().filter(|_| reports).map(|n| n as f64 / 60.0),
            partitions: partitions.remove(&f.id).unwrap_or_default(),
            id: f.id,
            name: f.name,
            events_24h: f.events_24h,
            last_event: f.last_event,
            behind: f.behind,
            spark: known(f.spark, f.minutes),
        });
        let all = sqlx::query_scalar!(r#"select count(*) as "n!" from channel where source_id = $1"#, id.0)
            .fetch_one(self.pages())
            .await?;
        source.hidden_channels = super::figures::small(all).saturating_sub(source.channels);
        Ok(Some(SourceDetail {
            channels: channels.collect(),
            gaps: self.newest_gaps(view, Some(id), GAPS).await?,
            // Names of channels nobody has granted: only for who sees all of this source.
            left_out: if source.hidden_channels == 0 { left_out } else { Vec::new() },
            more_partitions,
            source,
        }))
    }
}
