//! What capturing a source would cost, asked of its broker before anything is stored: `weir estimate`.
//!
//! Rates come from positions (now, and a day ago), sizes from a bounded sample that is packed as the store would pack
//! it and then thrown away. Bytes on the wire come from the broker's own sizes, where it lets us see them.

mod figures;
mod sample;
mod table;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures::{StreamExt as _, stream};
use tokio::time::{Instant, sleep_until, timeout};
use weir_broker::{Assignment, Broker, BrokerError, Discovered, PartitionAddress, StartAt};
use weir_domain::Timestamp;

pub use figures::{ChannelEstimate, Kept, Total};
pub use table::text;

/// Channels asked about at once, and how long one may take.
const AT_ONCE: usize = 4;
const CHANNEL_WITHIN: Duration = Duration::from_secs(30);
const DAY_SECS: i64 = 86_400;

/// Bounds of the sample.
#[derive(Debug, Clone, Copy)]
pub struct Sampling {
    /// Raw bytes read of all channels together, at most about this.
    pub bytes: usize,
    /// The most bytes a second, on the average.
    pub bytes_per_s: Option<u64>,
}

/// What one source would cost.
#[derive(Debug, Clone)]
pub struct SourceEstimate {
    /// In the order of their names.
    pub channels: Vec<ChannelEstimate>,
    /// Channels that no pattern includes.
    pub left_out: u32,
}

/// Asks the broker. `includes` says whether a pattern reaches a channel (its name, and whether it is the broker's own).
///
/// # Errors
/// When the broker can't be asked at all; what fails for one channel is said in its line.
pub async fn source(
    broker: &Arc<dyn Broker>,
    includes: impl Fn(&str, bool) -> bool,
    now: Timestamp,
    sampling: Sampling,
) -> Result<SourceEstimate, BrokerError> {
    let found = broker.discover().await?;
    let (wanted, rest): (Vec<_>, Vec<_>) = found.channels.into_iter().partition(|c| includes(&c.channel, c.internal));
    let left_out = rest.iter().filter(|c| !c.internal).count();
    let share = sampling.bytes / wanted.len().max(1);
    let pace = &Pace::new(sampling.bytes_per_s);
    let mut channels: Vec<_> = stream::iter(wanted)
        .map(|channel| {
            let broker = Arc::clone(broker);
            async move { one(&*broker, channel, now, share, pace).await }
        })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    channels.sort_by(|a, b| a.channel.cmp(&b.channel));
    Ok(SourceEstimate { channels, left_out: u32::try_from(left_out).unwrap_or(u32::MAX) })
}

/// Whoever reads waits until what was read before is paid for.
struct Pace {
    bytes_per_s: Option<u64>,
    paid_until: Mutex<Instant>,
}

impl Pace {
    fn new(bytes_per_s: Option<u64>) -> Self {
        Self { bytes_per_s, paid_until: Mutex::new(Instant::now()) }
    }

    /// Waits for its turn to read `bytes`, and pays for them.
    async fn turn(&self, bytes: usize) {
        let Some(per_s) = self.bytes_per_s else { return };
        let costs = Duration::from_secs_f64(bytes as f64 / per_s.max(1) as f64);
        let begins = {
            let mut paid = self.paid_until.lock().unwrap_or_else(PoisonError::into_inner);
            let begins = (*paid).max(Instant::now());
            *paid = begins + costs;
            begins
        };
        sleep_until(begins).await;
    }
}

async fn one(broker: &dyn Broker, channel: Discovered, now: Timestamp, share: usize, pace: &Pace) -> ChannelEstimate {
    // Not part of the time that the broker has.
    pace.turn(sample::bounded(share)).await;
    let (name, partitions) = (channel.channel.clone(), channel.partitions.len());
    let asked = timeout(CHANNEL_WITHIN, ask(broker, channel, now, share)).await;
    let failed = |problem: String| ChannelEstimate::unknown(name.clone(), partitions, problem);
    match asked {
        Ok(Ok(estimate)) => estimate,
        Ok(Err(error)) => failed(error.to_string()),
        Err(_) => failed(format!("no answer within {} s", CHANNEL_WITHIN.as_secs())),
    }
}

async fn ask(
    broker: &dyn Broker,
    channel: Discovered,
    now: Timestamp,
    share: usize,
) -> Result<ChannelEstimate, BrokerError> {
    let assignments = |start: &StartAt| -> Vec<Assignment> {
        let one = |number| Assignment {
            address: PartitionAddress { channel: channel.channel.clone(), number },
            incarnation: channel.incarnation.clone(),
            start: start.clone(),
        };
        channel.partitions.iter().filter(|p| p.problem.is_none()).map(|p| one(p.number)).collect()
    };
    let yesterday = StartAt::Time(now.plus_secs(-DAY_SECS));
    let day = broker.estimate(&assignments(&yesterday)).await?;
    let all = broker.estimate(&assignments(&StartAt::Earliest)).await?;
    // What is there in all is read only where the last day has nothing to show.
    let from = if day.records.is_some_and(|n| n > 0) { yesterday } else { StartAt::Earliest };
    let sample = match all.records {
        Some(0) => sample::Sample::default(),
        _ => sample::take(broker, assignments(&from), share).await?,
    };
    let unread = channel.partitions.iter().filter(|p| p.problem.is_some()).count();
    Ok(ChannelEstimate::new(channel.channel, channel.partitions.len(), unread, day, all, &sample))
}
