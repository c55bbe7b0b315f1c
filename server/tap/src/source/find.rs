//! What is there to read? Discovery beside the catalog: every wanted partition has an open incarnation afterwards.

use super::settings::{Ports, Settings};
use crate::policy::{LeftOut, Policy};
use std::collections::{HashMap, HashSet};
use weir_broker::{BrokerError, Discovered, PartitionAddress};
use weir_domain::{
    SourceId, StoreError,
    capture::{Begin, NewIncarnation, OpenPartition},
};

#[derive(Debug)]
pub struct Found {
    /// Those that were not known: new ones, and at first all.
    pub open: Vec<(PartitionAddress, OpenPartition)>,
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

/// `known` partitions are left alone. One that the catalog knows and the broker does not is returned too:
/// the reader finds out what became of it, and says so.
pub async fn find(
    source: SourceId,
    settings: &Settings,
    ports: &Ports,
    known: &HashSet<PartitionAddress>,
) -> Result<Found, NotFound> {
    let discovery = ports.broker.discover().await?;
    let internal: HashSet<_> = discovery.channels.iter().filter(|c| c.internal).map(|c| c.channel.clone()).collect();
    let (wanted, left_out) = settings.policy.split(discovery);
    let addresses = |c: &Discovered| {
        let channel = c.channel.clone();
        c.partitions.iter().map(move |p| PartitionAddress { channel: channel.clone(), number: p.number }).collect::<Vec<_>>()
    };
    let begun = ports.catalog.begun(&ports.system, source).await?;
    let policy = settings.policy.to_text();
    if begun.as_ref() == Some(&policy) && wanted.iter().flat_map(addresses).all(|a| known.contains(&a)) && !known.is_empty() {
        return Ok(Found { open: Vec::new(), left_out });
    }
    let before = begun.as_deref().map(Policy::from_text);
    let mut open = HashMap::new();
    for (channel, partition) in ports.catalog.open_partitions_of(&ports.system, source).await? {
        let address = PartitionAddress { channel, number: partition.number };
        if !known.contains(&address) && settings.policy.includes(&address.channel, internal.contains(&address.channel)) {
            open.insert(address, partition);
        }
    }
    for channel in &wanted {
        let missing: Vec<_> =
            addresses(channel).into_iter().filter(|a| !known.contains(a) && !open.contains_key(a)).collect();
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
    Ok(Found { open: open.into_iter().collect(), left_out })
}

/// What would have been captured had it been there when the source was last looked at is new, and its first
/// events count. What was there before the source, or was left out by the policy then, is not.
fn begin(before: Option<&Policy>, channel: &Discovered) -> Begin {
    match before {
        Some(policy) if policy.includes(&channel.channel, channel.internal) => Begin::LogStart,
        _ => Begin::Configured,
    }
}
