//! Lag under the names and labels that other exporters give it, so that dashboards which are there go on. What such an
//! exporter tells and Weir does not know is absent.
//!
//! kminion names no cluster. Weir reads several, so its series have the label `source` besides; a query that adds them up
//! by group or topic finds what it found.

use std::collections::BTreeMap;

use weir_domain::lag::{Figure, Figures, GroupKind, GroupState, Member, PartitionStanding};

use super::groups::{Labels, family};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LagNames {
    Kminion,
    KafkaLagExporter,
}

impl LagNames {
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "kminion" => Some(Self::Kminion),
            "kafka-lag-exporter" => Some(Self::KafkaLagExporter),
            _ => None,
        }
    }
}

type Series = Vec<(Labels, f64)>;

pub(super) fn write(page: &mut String, names: LagNames, of: &Figures) {
    let kafka = |f: &&Figure| {
        matches!(
            f.standing.kind,
            GroupKind::Classic | GroupKind::Consumer | GroupKind::Share | GroupKind::Streams | GroupKind::Reported
        )
    };
    let figures: Vec<&Figure> = of.figures.iter().filter(kafka).collect();
    match names {
        LagNames::Kminion => kminion(page, &figures),
        LagNames::KafkaLagExporter => kafka_lag_exporter(page, &figures),
    }
}

/// Beginning and end of each partition that some group reads.
fn ends<'a>(figures: &[&'a Figure]) -> BTreeMap<(&'a str, &'a str, i32), (Option<i64>, Option<i64>)> {
    let mut ends = BTreeMap::new();
    for f in figures {
        for p in &f.partitions {
            let seen: &mut (Option<i64>, Option<i64>) =
                ends.entry((f.standing.source_name.as_str(), f.standing.channel.as_str(), p.partition)).or_default();
            // Groups of one source are observed together.
            *seen = (p.start.max(seen.0), p.end.max(seen.1));
        }
    }
    ends
}

/// In all partitions together; `None` where one is not known.
fn whole(all: impl Iterator<Item = Option<i64>>) -> Option<f64> {
    all.map(|n| n.map(|n| n as f64)).sum()
}

fn kminion(page: &mut String, figures: &[&Figure]) {
    let (mut info, mut members) = (Series::new(), Series::new());
    let (mut lag, mut offsets, mut partition_lag) = (Series::new(), Series::new(), Series::new());
    for f in figures {
        let s = &f.standing;
        let group = [("group_id", s.name.as_str()), ("source", &s.source_name)];
        let info_labels = [
            ("protocol", f.assignor.as_deref().unwrap_or("")),
            ("protocol_type", if s.kind == GroupKind::Share { "share" } else { "consumer" }),
            ("state", state(s.state)),
            ("coordinator_id", f.coordinator.as_deref().unwrap_or("")),
        ];
        info.push((
            Labels::of(&[&group[..], &info_labels].concat()),
            f64::from(u8::from(s.state == GroupState::Stable)),
        ));
        members.push((Labels::of(&group), s.members.into()));
        let topic = [&group[..], &[("topic_name", s.channel.as_str())]].concat();
        lag.extend(s.lag.map(|n| (Labels::of(&topic), n as f64)));
        let committed: Vec<i64> = f.partitions.iter().filter_map(|p| p.next).collect();
        if !committed.is_empty() {
            offsets.push((Labels::of(&topic), committed.iter().map(|n| *n as f64).sum()));
        }
        for p in &f.partitions {
            let number = p.partition.to_string();
            let labels = [&topic[..], &[("partition_id", number.as_str())]].concat();
            partition_lag.extend(p.lag.map(|n| (Labels::of(&labels), n as f64)));
        }
    }
    let ends = ends(figures);
    let (mut high, mut low, mut high_sum, mut low_sum) = (Series::new(), Series::new(), Series::new(), Series::new());
    let mut topics: BTreeMap<(&str, &str), Vec<(Option<i64>, Option<i64>)>> = BTreeMap::new();
    for ((source, topic, partition), (start, end)) in &ends {
        let number = partition.to_string();
        let labels = Labels::of(&[("topic_name", topic), ("partition_id", &number), ("source", source)]);
        low.extend(start.map(|n| (labels.clone(), n as f64)));
        high.extend(end.map(|n| (labels.clone(), n as f64)));
        topics.entry((source, topic)).or_default().push((*start, *end));
    }
    for ((source, topic), all) in &topics {
        let labels = Labels::of(&[("topic_name", topic), ("source", source)]);
        low_sum.extend(whole(all.iter().map(|p| p.0)).map(|n| (labels.clone(), n)));
        high_sum.extend(whole(all.iter().map(|p| p.1)).map(|n| (labels.clone(), n)));
    }
    let names: [(&str, &str, Series); 9] = [
        ("consumer_group_info", "1 if the consumer group is stable, otherwise 0", info),
        ("consumer_group_members", "Members of the consumer group", members),
        ("consumer_group_topic_lag", "Events of a topic that the consumer group has not read", lag),
        ("consumer_group_topic_partition_lag", "Events of a partition that the group has not read", partition_lag),
        ("consumer_group_topic_offset_sum", "Committed offsets of all partitions of a topic together", offsets),
        ("topic_partition_high_water_mark", "Where a partition ends", high),
        ("topic_partition_low_water_mark", "Where a partition begins", low),
        ("topic_high_water_mark_sum", "Ends of all partitions of a topic together", high_sum),
        ("topic_low_water_mark_sum", "Beginnings of all partitions of a topic together", low_sum),
    ];
    for (name, help, series) in names {
        family(page, &format!("kminion_kafka_{name}"), help, series);
    }
}

/// In Kafka's own words.
const fn state(of: GroupState) -> &'static str {
    match of {
        GroupState::Stable => "Stable",
        GroupState::Rebalancing => "PreparingRebalance",
        GroupState::Empty => "Empty",
        GroupState::Dead => "Dead",
        GroupState::Unknown => "Unknown",
    }
}

fn kafka_lag_exporter(page: &mut String, figures: &[&Figure]) {
    let (mut lag, mut seconds, mut offset) = (Series::new(), Series::new(), Series::new());
    let mut topic_sum = Series::new();
    #[derive(Default)]
    struct OfGroup {
        max: Option<u64>,
        max_seconds: Option<f64>,
        sum: Option<u64>,
    }
    let mut groups: BTreeMap<(&str, &str), OfGroup> = BTreeMap::new();
    for f in figures {
        let s = &f.standing;
        let group = [("cluster_name", s.source_name.as_str()), ("group", &s.name)];
        let topic = [&group[..], &[("topic", s.channel.as_str())]].concat();
        let of_group = groups.entry((&s.source_name, &s.name)).or_default();
        for p in &f.partitions {
            let number = p.partition.to_string();
            let (client, host) = p.held_by.as_ref().map_or(("", ""), |(client, host)| (client.as_str(), host.as_str()));
            let holder = [
                ("partition", number.as_str()),
                ("member_host", host),
                ("consumer_id", consumer(f, p)),
                ("client_id", client),
            ];
            let labels = Labels::of(&[&topic[..], &holder].concat());
            let time = p.time_lag.ms().map(|ms| ms as f64 / 1e3);
            lag.extend(p.lag.map(|n| (labels.clone(), n as f64)));
            seconds.extend(time.map(|n| (labels.clone(), n)));
            offset.extend(p.next.map(|n| (labels, n as f64)));
            of_group.max = of_group.max.max(p.lag);
            of_group.max_seconds = of_group.max_seconds.into_iter().chain(time).reduce(f64::max);
        }
        of_group.sum = of_group.sum.into_iter().chain(s.lag).reduce(u64::saturating_add);
        topic_sum.extend(s.lag.map(|n| (Labels::of(&topic), n as f64)));
    }
    let each = |of: fn(&OfGroup) -> Option<f64>| -> Series {
        let label = |(cluster, group): &(&str, &str)| Labels::of(&[("cluster_name", cluster), ("group", group)]);
        groups.iter().filter_map(|(of_whom, all)| Some((label(of_whom), of(all)?))).collect()
    };
    let ends = ends(figures);
    let place = |of: fn(&(Option<i64>, Option<i64>)) -> Option<i64>| -> Series {
        let label = |(cluster, topic, partition): &(&str, &str, i32)| {
            Labels::of(&[("cluster_name", cluster), ("topic", topic), ("partition", &partition.to_string())])
        };
        ends.iter().filter_map(|(whose, at)| Some((label(whose), of(at)? as f64))).collect()
    };
    let names: [(&str, &str, Series); 9] = [
        ("partition_latest_offset", "Where a partition ends", place(|at| at.1)),
        ("partition_earliest_offset", "Where a partition begins", place(|at| at.0)),
        (
            "consumergroup_group_max_lag",
            "Most events of a partition that the group has not read",
            each(|g| g.max.map(|n| n as f64)),
        ),
        ("consumergroup_group_max_lag_seconds", "How old its oldest unread event is", each(|g| g.max_seconds)),
        ("consumergroup_group_sum_lag", "Events that the group has not read", each(|g| g.sum.map(|n| n as f64))),
        ("consumergroup_group_topic_sum_lag", "Events of a topic that the group has not read", topic_sum),
        ("consumergroup_group_offset", "Committed offset of a partition", offset),
        ("consumergroup_group_lag", "Events of a partition that the group has not read", lag),
        ("consumergroup_group_lag_seconds", "How old the oldest unread event of a partition is", seconds),
    ];
    for (name, help, series) in names {
        family(page, &format!("kafka_{name}"), help, series);
    }
}

/// The broker's own name of the member that holds a partition.
fn consumer<'a>(f: &'a Figure, p: &PartitionStanding) -> &'a str {
    let holds = |m: &&Member| m.holds.iter().any(|(c, all)| *c == f.standing.channel && all.contains(&p.partition));
    f.members.iter().flatten().find(holds).map_or("", |m| m.id.as_str())
}
