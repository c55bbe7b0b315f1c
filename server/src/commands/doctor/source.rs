//! One source, step by step: name, port, TLS, sign-in, what may be listed, what may be read. It joins no group, commits
//! nothing, and reads a few events at most, which it drops.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use tokio::time::Instant;
use weir_broker::{Assignment, Broker, BrokerError, Discovery, PartitionAddress, ReadLimits, Reading, StartAt};
use weir_domain::access::channel_pattern_matches;

use super::{addresses, report::Report};
use crate::{client::tls, config::Source, ended::Ended};

/// Addresses of one source that are tried, at most.
const ADDRESSES: usize = 5;
/// Channels that are read from, at most: each shows whether the right is there.
const CHANNELS: usize = 50;
/// For all of them together.
const READ: Duration = Duration::from_secs(8);
const TOLD: usize = 5;

pub async fn look(source: &Source, broker: &dyn Broker, report: &mut Report) -> Result<(), Ended> {
    let security = match source.tls.as_ref().map(tls_of).transpose() {
        Ok(security) => security.map(Arc::new),
        Err(why) => return report.failed("TLS", why, "Check ca_file, cert_file and key_file."),
    };
    let mut open = false;
    for address in source.bootstrap.iter().take(ADDRESSES) {
        let Some((host, port)) = address.rsplit_once(':').and_then(|(h, p)| Some((h, p.parse().ok()?))) else {
            continue;
        };
        let host = host.trim_start_matches('[').trim_end_matches(']');
        open |= addresses::look(host, port, security.as_ref(), report).await?;
    }
    if !open {
        for check in ["sign-in", "may list", "may read"] {
            report.skipped(check, "no address could be reached")?;
        }
        return Ok(());
    }
    match broker.discover().await {
        Ok(found) => {
            report.ok("sign-in", signed_in(source))?;
            channels(source, broker, &found, report).await
        }
        Err(why) => unsigned(&why, report),
    }
}

fn tls_of(tls: &weir_broker::Tls) -> Result<rustls::ClientConfig, String> {
    let identity = match (&tls.client_cert_pem, &tls.client_key_pem) {
        (Some(certificate), Some(key)) => Some((certificate.as_str(), key.expose())),
        _ => None,
    };
    tls::config(tls.ca_pem.as_deref(), identity)
}

fn signed_in(source: &Source) -> String {
    match (&source.sasl, source.tls.as_ref().is_some_and(|t| t.client_cert_pem.is_some())) {
        (Some(sasl), _) => format!("let in as {:?}", sasl.user()),
        (None, true) => "let in by the client's certificate".into(),
        (None, false) => "let in without one".into(),
    }
}

fn unsigned(why: &BrokerError, report: &mut Report) -> Result<(), Ended> {
    match why {
        BrokerError::NotAuthorised(why) => {
            report.ok("sign-in", "let in")?;
            report.failed("may list", why, "Ask who runs the broker for the right it names.")?;
        }
        BrokerError::Refused(why) => {
            report.failed("sign-in", why, "Put it right in the configuration, or ask who runs the broker.")?;
            report.skipped("may list", "not let in")?;
        }
        why => {
            report.failed("sign-in", why.to_string(), "See the steps before; ask who runs the broker.")?;
            report.skipped("may list", "not let in")?;
        }
    }
    report.skipped("may read", "nothing could be listed")
}

async fn channels(source: &Source, broker: &dyn Broker, found: &Discovery, report: &mut Report) -> Result<(), Ended> {
    let included = |name: &str| source.channels.iter().any(|pattern| channel_pattern_matches(pattern, name));
    let wanted: Vec<_> =
        found.channels.iter().filter(|c| (!c.internal || source.include_internal) && included(&c.channel)).collect();
    let said = format!("{} channels are seen, and {} of them are included", found.channels.len(), wanted.len());
    if wanted.is_empty() {
        let out =
            "Check channels in the configuration, and DESCRIBE on the topics: what may not be described is not seen.";
        report.note("may list", said, out)?;
        return report.skipped("may read", "no channel is included");
    }
    report.ok("may list", said)?;
    let mut problems = BTreeMap::new();
    let mut assignments = Vec::new();
    for channel in wanted.iter().take(CHANNELS) {
        match channel.partitions.iter().find(|p| p.problem.is_none()) {
            Some(partition) => assignments.push(Assignment {
                address: PartitionAddress { channel: channel.channel.clone(), number: partition.number },
                incarnation: channel.incarnation.clone(),
                start: StartAt::Latest,
            }),
            None => {
                let why = channel.partitions.first().and_then(|p| p.problem.clone());
                problems.insert(channel.channel.clone(), why.unwrap_or_else(|| "it has no partition".into()));
            }
        }
    }
    let silent = match read(broker, assignments, &mut problems).await {
        Ok(silent) => silent,
        Err(why) => {
            return report.failed("may read", why.to_string(), "Ask who runs the broker for READ on the topics.");
        }
    };
    let tried = wanted.len().min(CHANNELS);
    for (channel, why) in problems.iter().take(TOLD) {
        report.failed(
            "may read",
            format!("{channel}: {why}"),
            "Grant what is missing; the other channels are read.",
        )?;
    }
    if problems.len() > TOLD {
        let more = problems.len() - TOLD;
        report.failed("may read", format!("{more} more channels"), "The same holds for them, most likely.")?;
    }
    if silent > 0 {
        let said = format!("{silent} of {tried} channels did not answer within {} s", READ.as_secs());
        report.note("may read", said, "The broker is slow or busy; try again.")?;
    }
    if problems.is_empty() && silent == 0 {
        report.ok("may read", format!("{tried} of {} channels were tried", wanted.len()))?;
    }
    Ok(())
}

/// Begins to read each, and returns how many said nothing at all. Those that can't be read go to `problems`.
async fn read(
    broker: &dyn Broker,
    assignments: Vec<Assignment>,
    problems: &mut BTreeMap<String, String>,
) -> Result<usize, BrokerError> {
    let mut waiting: BTreeSet<String> = assignments.iter().map(|a| a.address.channel.clone()).collect();
    // Small: nothing is wanted but the first word of each.
    let mut reader = broker.reader(ReadLimits { bytes: 64 << 10, records: 100, ..ReadLimits::default() }).await?;
    reader.assign(assignments).await?;
    let until = Instant::now() + READ;
    while !waiting.is_empty() && Instant::now() < until {
        let Ok(readings) = tokio::time::timeout_at(until, reader.read()).await else { break };
        for reading in readings? {
            match reading {
                Reading::Chunk(chunk) => {
                    waiting.remove(&chunk.address.channel);
                }
                Reading::Ended(ended) => {
                    waiting.remove(&ended.address.channel);
                }
                Reading::Stuck { address, reason } => {
                    waiting.remove(&address.channel);
                    problems.insert(address.channel, reason);
                }
            }
        }
    }
    Ok(waiting.len())
}
