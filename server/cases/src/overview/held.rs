use crate::views::Sight;
use std::time::Duration;
use tokio::time::Instant;
use weir_domain::{
    CaseError, SourceId, Timestamp,
    capture::Held,
    sources::{SourceShown, Sources},
};

/// What is held is told only after a minute, so that a look every ten seconds is enough.
const LOOK_AGAIN: Duration = Duration::from_secs(10);
/// Sources looked into at one time; the furthest behind come first.
const MOST_SOURCES: usize = 10;

/// A partition that an open transaction holds back.
#[derive(Debug, Clone)]
pub(super) struct HeldPartition {
    pub source: SourceId,
    pub channel_name: String,
    pub number: i32,
    pub held: Held,
}

/// Partitions held back, as last looked up.
#[derive(Default)]
pub(super) struct HeldPartitions {
    looked: Option<Instant>,
    found: Vec<HeldPartition>,
}

impl HeldPartitions {
    /// A held partition is always behind its end, so sources that are not behind need no look.
    pub async fn refreshed(
        &mut self,
        port: &dyn Sources,
        sight: &Sight,
        sources: &[SourceShown],
        now: Timestamp,
    ) -> Result<&[HeldPartition], CaseError> {
        if self.looked.is_none_or(|at| at.elapsed() >= LOOK_AGAIN) {
            let mut behind: Vec<_> = sources.iter().filter(|s| s.behind != Some(0)).collect();
            behind.sort_by_key(|s| std::cmp::Reverse(s.behind));
            let mut found = Vec::new();
            for source in behind.into_iter().take(MOST_SOURCES) {
                let Some(detail) = port.detail(&sight.view, source.id, now).await? else { continue };
                for channel in detail.channels {
                    let name = &channel.name;
                    let visible = sight.view.channels().contains(channel.id);
                    found.extend(channel.partitions.into_iter().filter(|_| visible).filter_map(|p| {
                        let held = p.held.filter(|_| p.closed.is_none())?;
                        Some(HeldPartition { source: source.id, channel_name: name.clone(), number: p.number, held })
                    }));
                }
            }
            self.found = found;
            self.looked = Some(Instant::now());
        }
        Ok(&self.found)
    }
}
