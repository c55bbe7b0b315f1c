//! Fills the content of what was stored without it. Each stretch is read from the broker and stored with how far its
//! partition was looked at, by compare-and-set; rows that have their content by then stay as they are.

use super::{AGAIN, Came, Filler, HELD, STRETCH};
use crate::{EnginePorts, NotRead, verify::read_at};
use tokio::time::{Instant, sleep};
use weir_broker::RangeLimits;
use weir_domain::{
    StoreError,
    backfill::{ContentPart, ContentRead, ContentStored, ContentWaits, ContentWork, FillState, Next},
};
use weir_tap::{policy::Ceiling, rate::Rate};

pub(super) async fn round(filler: &Filler, ports: &EnginePorts) -> Result<(), StoreError> {
    for work in filler.contents.contents_to_fill(&ports.system).await? {
        let held = async {
            loop {
                match filler.contents.content_goes_on(&ports.system, work.channel).await {
                    Ok(Some(rate)) if rate == work.bytes_per_s => sleep(HELD).await,
                    Ok(_) => return,
                    Err(_) => sleep(HELD).await,
                }
            }
        };
        let filled = tokio::select! {
            () = held => continue,
            filled = channel(filler, ports, &work) => filled?,
        };
        if let Some((state, reason)) = filled {
            filler.contents.content_ended(work.channel, state, reason.as_deref(), ports.clock.now()).await?;
        }
    }
    Ok(())
}

async fn channel(
    filler: &Filler,
    ports: &EnginePorts,
    work: &ContentWork,
) -> Result<Option<(FillState, Option<String>)>, StoreError> {
    let mut rate = Rate::new(Some(work.bytes_per_s), Instant::now());
    for of in &work.parts {
        match part(filler, ports, work, of, &mut rate).await? {
            Came::ToItsEnd => filler.contents.content_over(of.partition).await?,
            Came::Away(why) => {
                filler.contents.content_ended(work.channel, FillState::Running, Some(&why), ports.clock.now()).await?;
                sleep(AGAIN).await;
                return Ok(None);
            }
            Came::Nowhere => return Ok(None),
            Came::Refused(why) => return Ok(Some((FillState::Failed, Some(why)))),
        }
    }
    Ok(Some((FillState::Done, None)))
}

async fn part(
    filler: &Filler,
    ports: &EnginePorts,
    work: &ContentWork,
    of: &ContentPart,
    rate: &mut Option<Rate>,
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
    let (mut expected, mut at) = (of.done, of.done);
    loop {
        let (from, to) = match filler.contents.next_lacking(&ports.system, of.partition, work.times, at).await? {
            Next::Lacks { from, to } => (from, to),
            Next::Below(position) => {
                at = position;
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
        let content = ContentRead {
            channel: work.channel,
            partition: of.partition,
            expected,
            from,
            next,
            times: work.times,
            records: read.records.into_iter().filter(|r| (from..next).contains(&r.position)).map(read_at).collect(),
            at: ports.clock.now(),
        };
        match filler.contents.fill_content(&content).await {
            Ok(ContentStored::Stored(_)) => (expected, at) = (next, next),
            Ok(ContentStored::Moved) => return Ok(Came::Nowhere),
            Ok(ContentStored::Waits(why @ ContentWaits::Erases)) => return Ok(Came::Refused(why.words().into())),
            Ok(ContentStored::Waits(why)) => return Ok(Came::Away(why.words().into())),
            Err(error @ StoreError::Unavailable(_)) => return Err(error),
            Err(error) => {
                tracing::error!(channel = of.at.channel, partition = of.at.number, %error, "content can't be filled");
                return Ok(Came::Refused(format!(
                    "The content of position {from} of partition {} could not be stored; the log says why.",
                    of.at.number
                )));
            }
        }
    }
}
