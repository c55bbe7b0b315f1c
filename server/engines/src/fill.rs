//! Fills what lies before capture began, at the rate that was asked for, for as long as it is to go on. Each stretch is
//! stored as capture stores: with the cursor of the partition that holds it, by compare-and-set. So whoever is killed in the
//! middle, or two who both believe that it is theirs, store nothing twice. Beside it, the [`content`] of what was stored
//! without.

mod content;

use crate::{EnginePorts, NotRead, Readers, lease::under_lease};
use rand::{SeedableRng, rngs::StdRng};
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use weir_broker::{RangeLimits, RangeRead};
use weir_domain::{
    Position, StoreError,
    backfill::{BackfillWork, Backfills, Contents, FillState, Filling},
    capture::{AppendOutcome, CaptureBatch, CaptureMode, Cursor, GapReason},
};
use weir_tap::{
    captured,
    identify::Identify,
    policy::{Ceiling, keep},
    rate::Rate,
};

/// Between two looks whether something is to be filled.
const LOOK: Duration = Duration::from_secs(1);
/// What a person holds stands still within this.
const HELD: Duration = Duration::from_millis(400);
/// What was changed of a source and a channel meanwhile is seen after this.
const TURN: Duration = Duration::from_secs(15);
/// After a broker that could not be read.
const AGAIN: Duration = Duration::from_secs(5);
const STRETCH: RangeLimits = RangeLimits { bytes: 4 << 20, records: 10_000, within: Duration::from_secs(10) };
/// Positions asked for at once; a stretch ends at its bytes long before.
const POSITIONS: i64 = 1 << 40;

/// What filling works through, besides the ports of all engines.
#[derive(Clone)]
pub struct Filler {
    pub readers: Arc<Readers>,
    pub jobs: Arc<dyn Backfills>,
    pub contents: Arc<dyn Contents>,
}

/// In one process at a time, one channel after the other of each of the two.
pub(crate) async fn run(filler: Filler, ports: EnginePorts, stop: CancellationToken) {
    let mut rng = StdRng::seed_from_u64(ports.seed.rotate_left(29));
    under_lease("backfill", &ports, &mut rng, &stop, |token| {
        let (filler, ports) = (&filler, &ports);
        async move {
            let before = async {
                loop {
                    told(round(filler, ports).await);
                    sleep(LOOK).await;
                }
            };
            let content = async {
                loop {
                    told(content::round(filler, ports).await);
                    sleep(LOOK).await;
                }
            };
            token.run_until_cancelled(async { tokio::join!(before, content) }).await;
        }
    })
    .await;
}

fn told(done: Result<(), StoreError>) {
    if let Err(error) = done {
        tracing::debug!(%error, "nothing could be filled; tried again");
    }
}

async fn round(filler: &Filler, ports: &EnginePorts) -> Result<(), StoreError> {
    for work in filler.jobs.to_fill(&ports.system).await? {
        let held = async {
            loop {
                match filler.jobs.goes_on(&ports.system, work.channel).await {
                    Ok(Some(rate)) if rate == work.bytes_per_s => sleep(HELD).await,
                    // Held, or to go on at another rate.
                    Ok(_) => return,
                    Err(_) => sleep(HELD).await,
                }
            }
        };
        // A stretch that is held before it is stored is read again when it goes on.
        let filled = tokio::select! {
            () = held => continue,
            filled = channel(filler, ports, &work) => filled?,
        };
        if let Some((state, reason)) = filled {
            filler.jobs.ended(work.channel, state, reason.as_deref(), ports.clock.now()).await?;
        }
    }
    Ok(())
}

/// Goes through its partitions; how it ended, if it did, or what stands in the way now.
async fn channel(
    filler: &Filler,
    ports: &EnginePorts,
    work: &BackfillWork,
) -> Result<Option<(FillState, Option<String>)>, StoreError> {
    let now = Instant::now();
    let (mut rate, until) = (Rate::new(Some(work.bytes_per_s), now), now + TURN);
    let mut away = None;
    for filling in &work.parts {
        match part(filler, ports, work, filling, (&mut rate, until)).await? {
            Came::ToItsEnd => {}
            // What is in the way of one keeps no other waiting.
            Came::Away(why) => away = away.or(Some(why)),
            Came::Nowhere => return Ok(None),
            Came::Refused(why) => return Ok(Some((FillState::Failed, Some(why)))),
        }
    }
    match away {
        None => Ok(Some((FillState::Done, None))),
        Some(why) => {
            filler.jobs.ended(work.channel, FillState::Running, Some(&why), ports.clock.now()).await?;
            sleep(AGAIN).await;
            Ok(None)
        }
    }
}

/// How far the filling of one partition came.
enum Came {
    ToItsEnd,
    /// The broker could not be read; the words are for a person.
    Away(String),
    /// Its turn is over, or somebody else went on with it: look anew.
    Nowhere,
    Refused(String),
}

async fn part(
    filler: &Filler,
    ports: &EnginePorts,
    work: &BackfillWork,
    filling: &Filling,
    (rate, until): (&mut Option<Rate>, Instant),
) -> Result<Came, StoreError> {
    let spec = match filler.readers.spec(&filling.at).await? {
        Ok(spec) => spec,
        Err(NotRead { what, what_to_do, .. }) => return Ok(Came::Away(format!("{what} {what_to_do}"))),
    };
    let identify = Identify::new(spec.type_header.as_deref(), spec.type_field.as_deref());
    let ceiling = Ceiling::parse(&spec.wanted.capture).unwrap_or(Ceiling::Off);
    // A quarter of a second's worth, so that it runs evenly.
    let bytes = Rate::read_bytes(Some(work.bytes_per_s), STRETCH.bytes);
    let (mut from, mut cursor) = (filling.done, filling.cursor.clone());
    while from < filling.to {
        if Instant::now() >= until {
            return Ok(Came::Nowhere);
        }
        if let Some(rate) = rate {
            sleep(rate.wait(Instant::now())).await;
        }
        let to = filling.to.min(Position(from.0.saturating_add(POSITIONS)));
        let read = match filler.readers.read(&filling.at, (from, to), RangeLimits { bytes, ..STRETCH }).await? {
            Ok(read) => read,
            Err(NotRead { what, what_to_do, .. }) => return Ok(Came::Away(format!("{what} {what_to_do}"))),
        };
        if let Some(rate) = rate {
            rate.take(read.broker_bytes, Instant::now());
        }
        if read.ended.is_some() {
            // What the broker had of it is gone with the channel, or was cut.
            filler.jobs.ends_at(filling.partition, from).await?;
            return Ok(Came::ToItsEnd);
        }
        let next = read.next.min(to);
        if next <= from {
            return Ok(Came::Away("The broker does not come as far as what capture has.".into()));
        }
        if cursor.is_none() {
            filler.jobs.began_at(filling.partition, start_of(&read, from)).await?;
        }
        let keeping = ports.catalog.keeping(&ports.system, filling.partition).await?;
        if keeping.mode == CaptureMode::Off {
            return Ok(Came::Away("The channel's policy is off: nothing of it is stored.".into()));
        }
        let batch = CaptureBatch {
            partition: filling.partition,
            expected: cursor.clone(),
            next: cursor_at(next),
            next_position: Some(next),
            captured_at: ports.clock.now(),
            // Retention took what was never promised: only what the connector left out is a gap.
            gaps: read.gaps.into_iter().filter(|gap| gap.reason == GapReason::CaptureLimit).collect(),
            events: read
                .records
                .into_iter()
                .filter(|record| record.position < next)
                .map(|record| {
                    keep(keeping, filling.partition, captured(record, &filling.at.channel, &identify, ceiling))
                })
                .collect(),
            broker_bytes: read.broker_bytes,
            end: None,
            held: None,
        };
        match ports.log.append(&batch).await {
            // What stood in its way does no longer.
            Ok(AppendOutcome::Stored { .. }) if from == filling.done => {
                filler.jobs.ended(work.channel, FillState::Running, None, ports.clock.now()).await?;
            }
            Ok(AppendOutcome::Stored { .. }) => {}
            Ok(AppendOutcome::CursorMoved) => return Ok(Came::Nowhere),
            Err(error @ StoreError::Unavailable(_)) => return Err(error),
            Err(error) => {
                tracing::error!(channel = filling.at.channel, partition = filling.at.number, %error, "can't be filled");
                return Ok(Came::Refused(format!(
                    "Position {from} of partition {} could not be stored; the log says why.",
                    filling.at.number
                )));
            }
        }
        if ports.log.announce(&[filling.partition]).await.is_err() {
            tracing::debug!("what was filled could not be announced");
        }
        (from, cursor) = (next, Some(batch.next));
    }
    Ok(Came::ToItsEnd)
}

/// Where the broker's log begins.
fn start_of(read: &RangeRead, from: Position) -> Position {
    let after = read.gaps.iter().filter_map(|gap| gap.to).max();
    read.start.or(after).unwrap_or(from).max(from)
}

/// Of what is filled, in words of its own: no tap ever reads on from it.
fn cursor_at(next: Position) -> Cursor {
    let mut bytes = b"fill".to_vec();
    bytes.extend(next.0.to_be_bytes());
    Cursor(bytes)
}
