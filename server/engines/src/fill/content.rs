//! Fills the content of what was stored without it. Each stretch is read from the broker and stored with how far its
//! partition was looked at, by compare-and-set; rows that have their content by then stay as they are.

use super::{AGAIN, Came, Filler, HELD, STRETCH, TURN};
use crate::{EnginePorts, NotRead, verify::read_at};
use std::time::Duration;
use tokio::time::{Instant, sleep};
use weir_broker::RangeLimits;
use weir_domain::{
    Position, StoreError,
    backfill::{ContentPart, ContentRead, ContentStored, ContentWork, FillState, Next},
};
use weir_tap::{policy::Ceiling, rate::Rate};

/// Looks that found nothing to fill, after which their place is stored: whoever goes on does not look at all of it again.
const LOOKS: u32 = 32;
/// Between two such looks: pages come first.
const PAUSE: Duration = Duration::from_millis(5);

pub(super) async fn round(filler: &Filler, ports: &EnginePorts) -> Result<(), StoreError> {
    let ended = async |work: &ContentWork, state, reason: Option<&str>| {
        filler.contents.content_ended(work, state, reason, ports.clock.now()).await
    };
    for work in filler.contents.contents_to_fill(&ports.system).await? {
        let held = async {
            while filler.contents.content_goes_on(&ports.system, &work).await.unwrap_or(true) {
                sleep(HELD).await;
            }
        };
        let filled = tokio::select! {
            () = held => continue,
            filled = channel(filler, ports, &work) => filled,
        };
        match filled {
            Ok(Some((state, reason))) => ended(&work, state, reason.as_deref()).await?,
            Ok(None) => {}
            Err(error @ StoreError::Unavailable(_)) => return Err(error),
            // The others have their turn.
            Err(error) => {
                tracing::error!(channel = work.channel.0, %error, "content can't be filled");
                ended(&work, FillState::Failed, Some("The store could not carry it out; the log says why.")).await?;
            }
        }
    }
    Ok(())
}

/// Goes through its partitions for one turn; how it ended, if it did. What is in the way of one keeps no other waiting.
async fn channel(
    filler: &Filler,
    ports: &EnginePorts,
    work: &ContentWork,
) -> Result<Option<(FillState, Option<String>)>, StoreError> {
    let (mut rate, until) = (Rate::new(Some(work.bytes_per_s), Instant::now()), Instant::now() + TURN);
    let mut away = None;
    for of in &work.parts {
        match part(filler, ports, work, of, (&mut rate, until)).await? {
            Came::ToItsEnd => filler.contents.content_over(work, of.partition).await?,
            Came::Away(why) => away = away.or(Some(why)),
            Came::Nowhere => return Ok(None),
            Came::Refused(why) => return Ok(Some((FillState::Failed, Some(why)))),
        }
    }
    match away {
        None => Ok(Some((FillState::Done, None))),
        Some(why) => {
            filler.contents.content_ended(work, FillState::Running, Some(&why), ports.clock.now()).await?;
            sleep(AGAIN).await;
            Ok(None)
        }
    }
}

async fn part(
    filler: &Filler,
    ports: &EnginePorts,
    work: &ContentWork,
    of: &ContentPart,
    (rate, until): (&mut Option<Rate>, Instant),
) -> Result<Came, StoreError> {
    let spec = match filler.readers.spec(&of.at).await? {
        Ok(spec) => spec,
        Err(NotRead { what, what_to_do, .. }) => return Ok(Came::Away(format!("{what} {what_to_do}"))),
    };
    if Ceiling::parse(&spec.wanted.capture) != Some(Ceiling::Full) {
        return Ok(Came::Refused(format!(
            "{} is set to capture = \"{}\": no content of it may be stored.",
            of.at.source_name, spec.wanted.capture
        )));
    }
    let bytes = Rate::read_bytes(Some(work.bytes_per_s), STRETCH.bytes);
    let (mut expected, mut at, mut looks) = (of.done, of.done, 0);
    loop {
        // What was changed of source, channel and job since is seen with the next turn.
        if Instant::now() >= until {
            return Ok(Came::Nowhere);
        }
        let (from, to) = match filler.contents.next_lacking(&ports.system, of.partition, work.times, at).await? {
            Next::Lacks { from, to } => (from, to),
            Next::Below(position) => {
                (at, looks) = (position, looks + 1);
                if looks % LOOKS == 0 {
                    match stored(filler, ports, work, of, (expected, at, at), Vec::new()).await? {
                        Some(came) => return Ok(came),
                        None => expected = at,
                    }
                }
                sleep(PAUSE).await;
                continue;
            }
            Next::AtItsEnd => return Ok(Came::ToItsEnd),
        };
        if let Some(rate) = rate {
            sleep(rate.wait(Instant::now())).await;
        }
        let read = match filler.readers.read(&of.at, (from, to), RangeLimits { bytes, ..STRETCH }).await? {
            Ok(read) => read,
            Err(NotRead { what, what_to_do, .. }) => return Ok(Came::Away(format!("{what} {what_to_do}"))),
        };
        if let Some(rate) = rate {
            rate.take(read.broker_bytes, Instant::now());
        }
        // Of an incarnation that is over the broker has nothing: what is left counts as gone.
        let next = if read.ended.is_some() { to } else { read.next.min(to) };
        if next <= from {
            return Ok(Came::Away("The broker does not come as far as what is stored.".into()));
        }
        let records = read.records.into_iter().filter(|r| (from..next).contains(&r.position)).map(read_at).collect();
        match stored(filler, ports, work, of, (expected, from, next), records).await? {
            Some(came) => return Ok(came),
            None => (expected, at) = (next, next),
        }
    }
}

/// `None`: it is, and its place with it.
async fn stored(
    filler: &Filler,
    ports: &EnginePorts,
    work: &ContentWork,
    of: &ContentPart,
    (expected, from, next): (Position, Position, Position),
    records: Vec<weir_domain::verify::ReadAt>,
) -> Result<Option<Came>, StoreError> {
    let read = ContentRead {
        channel: work.channel,
        asked_at: work.asked_at,
        partition: of.partition,
        expected,
        from,
        next,
        times: work.times,
        records,
        at: ports.clock.now(),
    };
    Ok(match filler.contents.fill_content(&read).await? {
        ContentStored::Stored(_) => None,
        ContentStored::Moved => Some(Came::Nowhere),
        ContentStored::Waits(why) if why.ends_it() => Some(Came::Refused(why.words().into())),
        ContentStored::Waits(why) => Some(Came::Away(why.words().into())),
    })
}
