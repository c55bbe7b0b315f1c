//! What is there to read? Discovery beside the catalog, by one tap of a source: every wanted partition has an open
//! incarnation afterwards, and is offered to all of them.

use super::settings::{Ports, Settings};
use crate::policy::{LeftOut, Policy};
use std::collections::{HashMap, HashSet};
use weir_broker::{BrokerError, Discovered, PartitionAddress};
use weir_domain::{
    SourceId, StoreError,
    capture::{Begin, Fence, GapReason, Incarnation, MemberId, NewIncarnation, OpenPartition},
};

#[derive(Debug)]
pub enum NotFound {
    Broker(BrokerError),
    Store(StoreError),
    /// Taken for dead: another one looks now.
    Outdated,
}

impl From<BrokerError> for NotFound {
    fn from(error: BrokerError) -> Self {
        Self::Broker(error)
    }
}

impl From<StoreError> for NotFound {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// What no pattern includes. A partition that the catalog knows and the broker does not is offered too: its reader
/// finds out what became of it, and says so.
pub async fn find(source: SourceId, settings: &Settings, ports: &Ports, finder: MemberId) -> Result<LeftOut, NotFound> {
    let fence = Fence::Finder(finder);
    let discovery = ports.broker.discover().await?;
    let internal: HashSet<_> = discovery.channels.iter().filter(|c| c.internal).map(|c| c.channel.clone()).collect();
    let (wanted, left_out) = settings.policy.split(discovery);
    let existing: HashSet<_> = wanted.iter().flat_map(addresses).collect();
    let present: HashMap<_, _> = wanted.iter().map(|c| (c.channel.as_str(), &c.incarnation)).collect();
    let begun = ports.catalog.begun(&ports.system, source).await?;
    let policy = settings.policy.to_text();
    let before = begun.as_deref().map(Policy::from_text);
    let off: HashSet<_> = ports.catalog.channels_off(&ports.system, source).await?.into_iter().collect();
    let (mut open, mut leave) = (HashMap::new(), Vec::new());
    for (channel, partition) in ports.catalog.open_partitions_of(&ports.system, source).await? {
        let address = PartitionAddress { channel, number: partition.number };
        let channel = present.get(address.channel.as_str()).filter(|_| !existing.contains(&address));
        if let (None, Some(incarnation)) = (&partition.cursor, channel) {
            // Of a channel made again with fewer partitions, and nothing was ever read of it.
            close(ports, &partition, incarnation, fence).await?;
        } else if settings.policy.includes(&address.channel, internal.contains(&address.channel)) {
            open.insert(address, partition.id);
        } else {
            leave.push(partition.id);
        }
    }
    for channel in &wanted {
        let missing: Vec<_> = addresses(channel).into_iter().filter(|a| !open.contains_key(a)).collect();
        if missing.is_empty() {
            continue;
        }
        let id = ports.catalog.put_channel(source, &channel.channel).await?;
        for address in missing {
            let new = NewIncarnation {
                fence,
                channel: id,
                number: address.number,
                incarnation: channel.incarnation.clone(),
                begin: begin(before.as_ref(), channel),
                replaces: None,
            };
            let opened = ports.catalog.open_incarnation(&new).await?.ok_or(NotFound::Outdated)?;
            open.insert(address, opened.open.id);
        }
    }
    // Those that are switched off have their incarnations, and nobody reads them.
    let (unread, open): (Vec<_>, Vec<_>) = open.into_iter().partition(|(a, _)| off.contains(&a.channel));
    let open: Vec<_> = open.into_iter().map(|(_, id)| id).collect();
    leave.extend(unread.into_iter().map(|(_, id)| id));
    if !ports.shares.offer(source, finder, &open, &leave).await? {
        return Err(NotFound::Outdated);
    }
    if begun.as_ref() != Some(&policy) {
        ports.catalog.set_begun(source, &policy).await?;
    }
    Ok(left_out)
}

/// A channel that still is the same never loses a partition: the one that is missing was never part of it. It was
/// opened because its predecessor had been, and so nothing is missing of it. Of a channel that is gone, who knows.
async fn close(ports: &Ports, partition: &OpenPartition, channel: &Incarnation, fence: Fence) -> Result<(), NotFound> {
    let closed = match partition.incarnation == *channel {
        true => ports.catalog.close_unmade(partition.id, fence).await?,
        false => ports.catalog.close_partition(partition.id, GapReason::Deleted, fence).await?,
    };
    if closed { Ok(()) } else { Err(NotFound::Outdated) }
}

fn addresses(channel: &Discovered) -> Vec<PartitionAddress> {
    let address = |number| PartitionAddress { channel: channel.channel.clone(), number };
    channel.partitions.iter().map(|p| address(p.number)).collect()
}

/// What would have been captured had it been there when the source was last looked at is new, and its first
/// events count. What was there before the source, or was left out by the policy then, is not.
fn begin(before: Option<&Policy>, channel: &Discovered) -> Begin {
    match before {
        Some(policy) if policy.includes(&channel.channel, channel.internal) => Begin::LogStart,
        _ => Begin::Configured,
    }
}
