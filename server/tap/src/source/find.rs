//! What is there to read? Discovery beside the catalog: every wanted partition has an open incarnation afterwards.

use super::settings::{Ports, Settings};
use crate::policy::{LeftOut, Policy};
use std::collections::{HashMap, HashSet};
use weir_broker::{BrokerError, Discovered, PartitionAddress};
use weir_domain::{
    PartitionId, SourceId, StoreError,
    capture::{Begin, GapReason, NewIncarnation, OpenPartition},
};

#[derive(Debug)]
pub struct Found {
    /// Those that were not known: new ones, and at first all.
    pub open: Vec<(PartitionAddress, OpenPartition)>,
    /// Known ones that do not exist, and of which nothing was ever read: a channel made again with fewer partitions.
    pub gone: Vec<PartitionAddress>,
    pub left_out: LeftOut,
}

#[derive(Debug)]
pub enum NotFound {
    Broker(BrokerError),
    Store(StoreError),
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

/// What the tap already reads: with its id, where nothing was read of it yet.
pub type Known = HashMap<PartitionAddress, Option<PartitionId>>;

/// `known` partitions are left alone. One that the catalog knows and the broker does not is returned too:
/// the reader finds out what became of it, and says so.
pub async fn find(source: SourceId, settings: &Settings, ports: &Ports, known: &Known) -> Result<Found, NotFound> {
    let discovery = ports.broker.discover().await?;
    let internal: HashSet<_> = discovery.channels.iter().filter(|c| c.internal).map(|c| c.channel.clone()).collect();
    let (wanted, left_out) = settings.policy.split(discovery);
    let existing: HashSet<_> = wanted.iter().flat_map(addresses).collect();
    let channels: HashSet<_> = wanted.iter().map(|c| c.channel.as_str()).collect();
    let missing = |a: &PartitionAddress| channels.contains(a.channel.as_str()) && !existing.contains(a);
    let mut gone = Vec::new();
    for (address, unread) in known {
        if let Some(id) = unread
            && missing(address)
        {
            ports.catalog.close_partition(*id, GapReason::Deleted).await?;
            gone.push(address.clone());
        }
    }
    let begun = ports.catalog.begun(&ports.system, source).await?;
    let policy = settings.policy.to_text();
    let nothing_new = !known.is_empty() && existing.iter().all(|a| known.contains_key(a));
    if nothing_new && begun.as_ref() == Some(&policy) {
        return Ok(Found { open: Vec::new(), gone, left_out });
    }
    let before = begun.as_deref().map(Policy::from_text);
    let mut open = HashMap::new();
    for (channel, partition) in ports.catalog.open_partitions_of(&ports.system, source).await? {
        let address = PartitionAddress { channel, number: partition.number };
        if partition.cursor.is_none() && missing(&address) {
            ports.catalog.close_partition(partition.id, GapReason::Deleted).await?;
        } else if !known.contains_key(&address)
            && settings.policy.includes(&address.channel, internal.contains(&address.channel))
        {
            open.insert(address, partition);
        }
    }
    for channel in &wanted {
        let missing: Vec<_> =
            addresses(channel).into_iter().filter(|a| !known.contains_key(a) && !open.contains_key(a)).collect();
        if missing.is_empty() {
            continue;
        }
        let id = ports.catalog.put_channel(source, &channel.channel).await?;
        for address in missing {
            let new = NewIncarnation {
                channel: id,
                number: address.number,
                incarnation: channel.incarnation.clone(),
                begin: begin(before.as_ref(), channel),
                replaces: None,
            };
            open.insert(address, ports.catalog.open_incarnation(&new).await?);
        }
    }
    if begun.as_ref() != Some(&policy) {
        ports.catalog.set_begun(source, &policy).await?;
    }
    Ok(Found { open: open.into_iter().collect(), gone, left_out })
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
