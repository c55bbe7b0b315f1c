//! The figures for Prometheus: what they tell of a real source, and that they are written as Prometheus reads them.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test ends at its first surprise")]

mod broker;
mod common;

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    time::Instant,
};

use broker::{Topic, source};
use common::{
    LIMIT, World,
    client::{Ask, ask, open},
    lag::{On, observe},
};
use weir_domain::lag::Status;
use weir_testkit::Kafka;

/// One value and its labels.
#[derive(Debug, Clone, PartialEq)]
struct Sample {
    name: String,
    labels: BTreeMap<String, String>,
    value: f64,
}

/// Reads a page as strictly as `promtool check metrics`: every family has its help and type before its samples, stands
/// in one piece, and is named as its type demands; no series comes twice; histograms add up.
fn parse(page: &str) -> Vec<Sample> {
    let (mut helped, mut types) = (BTreeSet::new(), BTreeMap::<String, String>::new());
    let (mut samples, mut seen, mut order) = (Vec::new(), BTreeSet::new(), Vec::<String>::new());
    assert!(page.ends_with('\n'), "the last line is not ended");
    for line in page.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, help) = rest.split_once(' ').expect(line);
            assert!(!help.trim().is_empty() && helped.insert(name.to_owned()), "{line}");
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').expect(line);
            assert!(helped.contains(name), "no help before: {line}");
            assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
            assert_eq!(kind == "counter", name.ends_with("_total"), "{line}");
            assert!(types.insert(name.to_owned(), kind.to_owned()).is_none(), "twice: {line}");
            order.push(name.to_owned());
        } else {
            let sample = sample(line);
            let family = family(&sample.name, &types).unwrap_or_else(|| panic!("of no family: {line}"));
            assert_eq!(order.last(), Some(&family), "not together with its family: {line}");
            assert!(seen.insert((sample.name.clone(), sample.labels.clone())), "twice: {line}");
            samples.push(sample);
        }
    }
    for (name, _) in types.iter().filter(|(_, kind)| *kind == "histogram") {
        histogram(name, &samples);
    }
    samples
}

fn family(sample: &str, types: &BTreeMap<String, String>) -> Option<String> {
    let parts = ["_bucket", "_sum", "_count"].iter().filter_map(|suffix| sample.strip_suffix(suffix));
    let histogram = parts.into_iter().find(|name| types.get(*name).is_some_and(|kind| kind == "histogram"));
    histogram.or_else(|| types.contains_key(sample).then_some(sample)).map(str::to_owned)
}

fn sample(line: &str) -> Sample {
    let is_name = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b':')
    };
    let end = line.find(['{', ' ']).expect(line);
    let (name, mut rest) = line.split_at(end);
    assert!(is_name(name), "{line}");
    let mut labels = BTreeMap::new();
    if let Some(inner) = rest.strip_prefix('{') {
        rest = inner;
        while !rest.starts_with('}') {
            let (label, after) = rest.split_once("=\"").expect(line);
            assert!(is_name(label), "{line}");
            let mut value = String::new();
            let mut chars = after.char_indices();
            let end = loop {
                match chars.next().expect(line) {
                    (at, '"') => break at,
                    (_, '\\') => value.push(match chars.next().expect(line).1 {
                        'n' => '\n',
                        c @ ('\\' | '"') => c,
                        c => panic!("\\{c} is no escape: {line}"),
                    }),
                    (_, c) => value.push(c),
                }
            };
            assert!(labels.insert(label.to_owned(), value).is_none(), "{line}");
            rest = &after[end + 1..];
            rest = rest.strip_prefix(',').unwrap_or(rest);
        }
        rest = &rest[1..];
    }
    let value = rest.strip_prefix(' ').expect(line);
    let value = value.replace("+Inf", "inf").parse().unwrap_or_else(|e| panic!("{e}: {line}"));
    Sample { name: name.to_owned(), labels, value }
}

fn histogram(name: &str, samples: &[Sample]) {
    let of = |suffix: &'static str| samples.iter().filter(move |s| s.name == format!("{name}{suffix}"));
    for count in of("_count") {
        let same = |s: &&Sample| s.labels.iter().filter(|(k, _)| *k != "le").eq(count.labels.iter());
        let buckets: Vec<_> = of("_bucket").filter(same).collect();
        assert!(buckets.is_sorted_by(|a, b| a.value <= b.value), "{name} shrinks");
        let bound = |s: &Sample| s.labels["le"].replace("+Inf", "inf").parse::<f64>().unwrap();
        assert!(buckets.is_sorted_by(|a, b| bound(a) < bound(b)), "{name} is out of order");
        assert_eq!(buckets.last().map(|s| (s.labels["le"].as_str(), s.value)), Some(("+Inf", count.value)), "{name}");
        assert_eq!(of("_sum").filter(same).count(), 1, "{name}");
    }
}

async fn scrape(address: SocketAddr) -> Vec<Sample> {
    let answer = ask(address, Ask::get("/metrics").header("host", "prometheus.example:9464")).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    parse(&answer.text())
}

/// The value of the one series with these labels among its own.
fn value(samples: &[Sample], name: &str, labels: &[(&str, &str)]) -> Option<f64> {
    let fits = |s: &&Sample| s.name == name && labels.iter().all(|(k, v)| s.labels.get(*k).is_some_and(|l| l == v));
    let found: Vec<_> = samples.iter().filter(fits).collect();
    assert!(found.len() < 2, "{name}{labels:?}: {found:?}");
    found.first().map(|s| s.value)
}

async fn until(address: SocketAddr, what: &str, wanted: impl Fn(&[Sample]) -> bool) -> Vec<Sample> {
    let begun = Instant::now();
    loop {
        let samples = scrape(address).await;
        if wanted(&samples) {
            return samples;
        }
        assert!(begun.elapsed() < LIMIT, "never so: {what}: {samples:#?}");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_and_the_requests_are_counted() {
    let bootstrap = Kafka::shared().unwrap();
    let (one, other) = (Topic::create(&bootstrap, "one", 2).await, Topic::create(&bootstrap, "other", 1).await);
    for n in 0..20 {
        one.send(&format!("key-{n}"), "{\"secret\":\"hunter2\"}").await;
    }
    let channels = format!("{}\", \"{}", one.name, other.name);
    let more = "metrics_listen = \"127.0.0.1:0\"\nmetrics_channels = 1\n".to_owned();
    let world = World::start_with(&(more + &source(&bootstrap, &channels, ""))).await;
    let metrics = world.running.metrics.unwrap();
    let shop = [("source", "shop")];
    until(metrics, "20 events are stored", |s| value(s, "weir_source_events_total", &shop) == Some(20.0)).await;
    for _ in 0..5 {
        other.send("key", "{}").await;
    }
    let samples = until(metrics, "25 events are stored, and none is missing", |s| {
        value(s, "weir_source_events_total", &shop) == Some(25.0)
            && value(s, "weir_source_partitions", &shop) == Some(3.0)
            && value(s, "weir_source_behind_events", &shop) == Some(0.0)
            && value(s, "weir_source_up", &shop) == Some(1.0)
    })
    .await;
    assert_eq!(value(&samples, "weir_source_state", &[("source", "shop"), ("state", "up")]), Some(1.0));
    assert_eq!(value(&samples, "weir_source_state", &[("source", "shop"), ("state", "down")]), Some(0.0));
    assert_eq!(value(&samples, "weir_source_delay_seconds_count", &shop), Some(25.0));
    assert!(value(&samples, "weir_source_append_seconds_count", &shop).unwrap() >= 2.0);
    let bytes =
        ["bytes", "stored_bytes", "broker_bytes"].map(|b| value(&samples, &format!("weir_source_{b}_total"), &shop));
    assert!(bytes.iter().all(|b| b.unwrap() > 0.0), "{bytes:?}");
    // As many channels by name as may be, and the others in one.
    let by_channel = |channel: &str| value(&samples, "weir_channel_events_total", &[("channel", channel)]);
    assert_eq!(by_channel(&one.name), Some(20.0));
    assert_eq!((by_channel("other"), by_channel(&other.name)), (Some(5.0), None));
    assert!(value(&samples, "weir_leases_held", &[]).unwrap() >= 2.0, "the upkeep and the feed");

    let cookie = world.administrator().await;
    for path in ["/events?key=hunter2", "/events/999998-1", "/events/999999-1", "/no/such/page-hunter2", "/"] {
        world.ask(Ask::get(path).cookie(&cookie)).await;
    }
    world.ask(Ask::new("BREW-hunter2".parse().unwrap(), "/").cookie(&cookie)).await;
    let stream = open(world.address, Ask::get("/live?topics=overview").cookie(&cookie)).await.unwrap();
    let samples = until(metrics, "the stream is open", |s| value(s, "weir_live_streams", &[]) == Some(1.0)).await;
    drop(stream);
    let requests = |route: &str, status: &str| {
        value(&samples, "weir_http_requests_total", &[("method", "GET"), ("route", route), ("status", status)])
    };
    assert_eq!(requests("/events", "200"), Some(1.0));
    assert_eq!(requests("/events/{id}", "404"), Some(2.0), "counted by template");
    assert_eq!(requests("/{*any}", "404"), Some(1.0));
    let seconds = [("method", "GET"), ("route", "/events")];
    assert_eq!(value(&samples, "weir_http_request_seconds_count", &seconds), Some(1.0));
    for pool in ["capture", "pages"] {
        let most = value(&samples, "weir_database_connections_max", &[("pool", pool)]);
        let open = value(&samples, "weir_database_connections_open", &[("pool", pool)]).unwrap();
        let used = value(&samples, "weir_database_connections_used", &[("pool", pool)]).unwrap();
        assert!(most == Some(8.0) && open >= 1.0 && used <= open, "{pool}: {most:?} {open} {used}");
    }
    assert_eq!(value(&samples, "weir_build_info", &[("version", env!("CARGO_PKG_VERSION"))]), Some(1.0));
    assert!(value(&samples, "process_resident_memory_bytes", &[]).unwrap() > 1e6);
    for sample in &samples {
        let labels = format!("{:?}", sample.labels);
        assert!(!labels.contains("hunter2") && !labels.contains("key-"), "{sample:?}");
    }
    // On its own listener only, and nothing else there.
    assert_eq!(world.ask(Ask::get("/metrics").cookie(&cookie)).await.status, 404);
    assert_eq!(ask(metrics, Ask::get("/events")).await.status, 404);
    assert_eq!(ask(metrics, Ask::form("/metrics", &[])).await.status, 405);
    assert!(documented(&samples).is_empty(), "README.md does not name {:?}", documented(&samples));
    world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_are_told_by_name_and_under_the_names_of_other_exporters() {
    let more = "metrics_listen = \"127.0.0.1:0\"\nmetrics_groups = 2\n\
        metrics_lag_names = [\"kminion\", \"kafka-lag-exporter\"]\n[environments.test]\nkind = \"other\"";
    let world = World::start_with(more).await;
    let seeded = world.seed().await;
    let on = |group, channel, status, lag, loses_in_s| On { group, channel, status, lag, loses_in_s };
    let all = [
        on("a \"b\"\\c\nd", "order.placed", Status::Stop, Some(1_204), Some(-60)),
        on("dark", "payment.failed", Status::Unknown, None, None),
        on("zebra", "order.placed", Status::Ok, Some(0), None),
    ];
    observe(&world.running.parts.store, (seeded.shop, "shop"), &all).await;
    let metrics = world.running.metrics.unwrap();
    let odd = [("source", "shop"), ("group", all[0].group), ("channel", "order.placed")];
    let dark = [("source", "shop"), ("group", "dark"), ("channel", "payment.failed")];
    let samples = until(metrics, "groups are told", |s| value(s, "weir_group_lag_events", &odd) == Some(1_204.0)).await;
    assert_eq!(value(&samples, "weir_group_lag_events", &dark), None, "unknown is absent");
    assert_eq!(value(&samples, "weir_group_status", &odd), Some(5.0));
    assert_eq!(value(&samples, "weir_group_status", &dark), Some(1.0));
    assert_eq!(value(&samples, "weir_group_time_lag_seconds", &odd), Some(250.0));
    assert!(value(&samples, "weir_group_loss_seconds", &odd).unwrap() < -59.0);
    assert_eq!(value(&samples, "weir_group_loss_seconds", &dark), None);
    assert!(value(&samples, "weir_lag_observed_seconds_ago", &[("source", "shop")]).is_some());
    assert_eq!(value(&samples, "weir_groups_unnamed", &[]), Some(1.0));
    assert_eq!(value(&samples, "weir_group_lag_events", &[("group", "zebra")]), None);

    let group = ("group_id", all[0].group);
    let topic = [group, ("topic_name", "order.placed")];
    let of = |name: &str, labels: &[(&str, &str)]| value(&samples, name, labels);
    assert_eq!(of("kminion_kafka_consumer_group_topic_lag", &topic), Some(1_204.0));
    let partition = [&topic[..], &[("partition_id", "1")]].concat();
    assert_eq!(of("kminion_kafka_consumer_group_topic_partition_lag", &partition), Some(602.0));
    assert_eq!(of("kminion_kafka_consumer_group_topic_offset_sum", &topic), Some(8_796.0));
    assert_eq!(
        of("kminion_kafka_consumer_group_info", &[group, ("state", "Stable"), ("protocol", "range")]),
        Some(1.0)
    );
    assert_eq!(of("kminion_kafka_consumer_group_members", &[group]), Some(1.0));
    let ends = [("topic_name", "order.placed"), ("partition_id", "0")];
    assert_eq!(of("kminion_kafka_topic_partition_high_water_mark", &ends), Some(5_000.0));
    assert_eq!(of("kminion_kafka_topic_partition_low_water_mark", &ends), Some(0.0));
    assert_eq!(of("kminion_kafka_topic_high_water_mark_sum", &ends[..1]), Some(10_000.0));

    let group = [("cluster_name", "shop"), ("group", all[0].group)];
    let place = [("topic", "order.placed"), ("partition", "0")];
    let holder = [("member_host", "10.0.0.7"), ("client_id", "app-1"), ("consumer_id", "app-1-0193")];
    let whole = [&group[..], &place, &holder].concat();
    assert_eq!(of("kafka_consumergroup_group_lag", &whole), Some(602.0));
    assert_eq!(of("kafka_consumergroup_group_lag_seconds", &whole), Some(250.0));
    assert_eq!(of("kafka_consumergroup_group_offset", &whole), Some(4_398.0));
    assert_eq!(of("kafka_consumergroup_group_max_lag", &group), Some(602.0));
    assert_eq!(of("kafka_consumergroup_group_max_lag_seconds", &group), Some(250.0));
    assert_eq!(of("kafka_consumergroup_group_sum_lag", &group), Some(1_204.0));
    assert_eq!(of("kafka_consumergroup_group_topic_sum_lag", &[&group[..], &place[..1]].concat()), Some(1_204.0));
    let place = [&group[..1], &place].concat();
    assert_eq!(of("kafka_partition_latest_offset", &place), Some(5_000.0));
    assert_eq!(of("kafka_partition_earliest_offset", &place), Some(0.0));
    assert!(documented(&samples).is_empty(), "README.md does not name {:?}", documented(&samples));
    world.running.end().await;
}

/// Families that README.md does not name.
fn documented(samples: &[Sample]) -> BTreeSet<String> {
    let readme = include_str!("../../README.md");
    let families = samples.iter().map(|s| {
        ["_bucket", "_sum", "_count"]
            .iter()
            .find_map(|suffix| s.name.strip_suffix(suffix))
            .unwrap_or(&s.name)
            .to_owned()
    });
    // `weir_database_connections_max`, `_open`, `_used` are written so in the table.
    families
        .filter(|name| !readme.contains(&format!("`{name}`")) && !name.starts_with("weir_database_connections_"))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_setting_nothing_is_served_and_a_source_that_is_gone_is_not_told_of() {
    let world = World::start().await;
    assert_eq!(world.running.metrics, None);
    world.running.end().await;

    // A broker that is away: the source is down, and what is unknown is absent.
    let free = weir_testkit::free_port(None).unwrap();
    let more = "metrics_listen = \"127.0.0.1:0\"\n".to_owned();
    let world = World::start_with(&(more + &source(&format!("127.0.0.1:{free}"), "x", ""))).await;
    let metrics = world.running.metrics.unwrap();
    let down = [("source", "shop"), ("state", "down")];
    let samples = until(metrics, "it is down", |s| value(s, "weir_source_state", &down) == Some(1.0)).await;
    assert_eq!(value(&samples, "weir_source_up", &[("source", "shop")]), Some(0.0));
    assert_eq!(value(&samples, "weir_source_behind_events", &[("source", "shop")]), None);
    world.running.end().await;
}

#[test]
fn the_reader_of_this_test_is_strict() {
    for bad in [
        "a 1\n",
        "# HELP a x\n# TYPE a counter\na 1\n",
        "# HELP a x\n# TYPE a gauge\na 1\na 1\n",
        "# HELP a x\n# TYPE a gauge\na{b=\"c} 1\n",
        "# HELP a x\n# TYPE a gauge\na 1",
        "# HELP a x\n# TYPE a histogram\na_bucket{le=\"1\"} 2\na_bucket{le=\"+Inf\"} 1\na_sum 1\na_count 1\n",
    ] {
        assert!(std::panic::catch_unwind(|| parse(bad)).is_err(), "{bad}");
    }
    assert_eq!(parse("# HELP a x\n# TYPE a gauge\na{b=\"c\\\"d\"} 1.5\n")[0].labels["b"], "c\"d");
}
