//! From what the use cases give.

use weir_domain::{
    Position,
    sources::{ChannelShown, GapShown, PartitionShown, SourceDetail, SourceShown},
};

use super::shapes::{Channel, Gap, Held, Partition, Source, SourceInFull};
use crate::http::v1::shared::{ChannelRef, EnvironmentRef, Time};

fn text(position: Option<Position>) -> Option<String> {
    position.map(|p| p.to_string())
}

impl From<SourceShown> for Source {
    fn from(s: SourceShown) -> Self {
        Self {
            id: s.id.to_string(),
            name: s.name,
            kind: s.kind,
            environment: EnvironmentRef { id: s.environment.to_string(), name: s.environment_name },
            production: s.production,
            description: s.description,
            state: s.state.as_str().to_owned(),
            since: s.since.map(Time),
            reason: s.reason,
            retry_at: s.retry_at.map(Time),
            reported_at: s.reported_at.map(Time),
            channels: s.channels,
            channels_left_out: s.left_out_total,
            partitions: s.partitions,
            events_per_s: s.events_per_s,
            broker_bytes_per_s: s.broker_bytes_per_s,
            behind: s.behind,
            gaps: s.gaps,
            throttled_ms: s.throttled_ms,
            events_per_minute: s.spark,
            orphan: s.orphan,
            may_pause: s.may_pause,
            may_edit: s.may_edit,
            capture: s.capture,
            act: s.act,
            read_only: s.read_only,
            taps: s.taps,
            bytes_to_read: s.bytes_to_read,
        }
    }
}

impl From<PartitionShown> for Partition {
    fn from(p: PartitionShown) -> Self {
        Self {
            id: p.id.to_string(),
            number: p.number,
            next: text(p.next),
            start: text(p.start),
            end: text(p.end),
            behind: p.behind,
            held: p.held.map(|h| Held { since: h.since.into(), transactional_id: h.transactional_id }),
            error: p.error,
            updated_at: p.updated_at.map(Time),
            closed: p.closed.map(|why| why.as_str().to_owned()),
        }
    }
}

impl From<ChannelShown> for Channel {
    fn from(c: ChannelShown) -> Self {
        Self {
            id: c.id.to_string(),
            name: c.name,
            events_per_s: c.events_per_s,
            events_24h: c.events_24h,
            last_event: c.last_event.map(Time),
            behind: c.behind,
            partitions: c.partitions.into_iter().map(Partition::from).collect(),
            events_per_minute: c.spark,
        }
    }
}

impl From<GapShown> for Gap {
    fn from(g: GapShown) -> Self {
        Self {
            id: g.id.to_string(),
            channel: ChannelRef { id: g.channel.to_string(), name: g.channel_name },
            partition: g.partition_number,
            from: g.from.to_string(),
            to: text(g.to),
            reason: g.reason.as_str().to_owned(),
            detail: g.detail,
            found_at: g.found_at.into(),
        }
    }
}

impl From<SourceDetail> for SourceInFull {
    fn from(d: SourceDetail) -> Self {
        let hidden_channels = d.source.hidden_channels;
        Self {
            source: d.source.into(),
            captured: d.channels.into_iter().map(Channel::from).collect(),
            recent_gaps: d.gaps.into_iter().map(Gap::from).collect(),
            left_out: d.left_out,
            hidden_channels,
            more_partitions: d.more_partitions,
        }
    }
}
