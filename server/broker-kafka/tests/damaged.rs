//! What happens below the protocol: a log that a crash cut short, a batch that a disk spoiled, a disk that is gone.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test ends at its first surprise")]

mod cluster;

use cluster::{Cluster, USUAL};
use krafka::Compression;
use std::{
    fs::{self, OpenOptions},
    io::Write as _,
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};
use weir_broker::{
    Assignment, StartAt,
    conformance::{Fixture, Follow},
    memory::NewRecord,
};
use weir_domain::{
    Position,
    capture::{GapReason, TimeKind},
};
use weir_testkit::{Kafka, KafkaOptions};

fn batch(numbers: std::ops::Range<i64>) -> Vec<NewRecord> {
    numbers.map(|n| NewRecord::new(format!("record {n}")).key("k")).collect()
}

/// The directory of a partition, found by its name in whatever directory the broker keeps its logs.
fn log_of(kafka: &Kafka, channel: &str, partition: i32) -> PathBuf {
    kafka.dir().join("data").join(format!("{channel}-{partition}"))
}

fn segment(log: &Path) -> PathBuf {
    log.join("00000000000000000000.log")
}

/// Starts of the batches in a segment: each has its length at byte 8, after which it counts.
fn batches(file: &Path) -> Vec<u64> {
    let bytes = fs::read(file).unwrap();
    let mut starts = Vec::new();
    let mut at = 0;
    while let Some(length) = bytes.get(at + 8..at + 12) {
        starts.push(at as u64);
        at += 12 + usize::try_from(u32::from_be_bytes(length.try_into().unwrap())).unwrap();
    }
    starts
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_cut_by_a_crash_ends_the_incarnation() {
    let kafka = Kafka::start(KafkaOptions::default()).unwrap();
    let mut cluster = Cluster::at(&kafka.bootstrap()).await;
    cluster.abilities = USUAL;
    let channel = cluster.create("cut", 2).await;
    for start in [0, 3, 6] {
        cluster.produce(&channel, 0, batch(start..start + 3)).await;
    }
    cluster.produce(&channel, 1, batch(0..2)).await;
    let mut live = Follow::start(&cluster, &channel, &[0, 1], StartAt::Earliest).await;
    live.until("both", |f| f.of(&channel, 0).is_at_end(9) && f.of(&channel, 1).is_at_end(2)).await;
    let cursor = live.of(&channel, 0).cursor.clone().unwrap();

    // A disk that did not keep what was acknowledged: the last two batches are gone after the crash.
    kafka.kill9();
    let file = segment(&log_of(&kafka, &channel, 0));
    OpenOptions::new().write(true).open(&file).unwrap().set_len(batches(&file)[1]).unwrap();
    kafka.restart().unwrap();
    assert_eq!(cluster.end(&channel, 0).await, 3, "the broker took the cut for what it is");
    // Past the old end, so that no offset is out of range and only the epoch tells.
    cluster.produce(&channel, 0, batch(100..110)).await;
    cluster.produce(&channel, 1, batch(2..4)).await;

    let incarnation = cluster.broker_here();
    let found = weir_broker::Broker::discover(&incarnation).await.unwrap();
    let incarnation = found.channels.into_iter().find(|c| c.channel == channel).unwrap().incarnation;
    let mut late = Follow::start(&cluster, &channel, &[0], StartAt::Cursor(cursor)).await;
    for (name, follow) in [("live", &mut live), ("late", &mut late)] {
        follow.until(&format!("{name}: the end"), |f| f.of(&channel, 0).ended.is_some()).await;
        let ended = follow.of(&channel, 0).ended.clone().unwrap();
        assert_eq!(
            (ended.gap.from, ended.gap.to, ended.reason),
            (Position(3), Some(Position(9)), GapReason::Truncated)
        );
        let (next, start) = ended.successor.unwrap();
        assert_ne!(next, incarnation, "{name}: positions are used again, so they need another incarnation");
        let read = follow.of(&channel, 0).records.len();
        follow.assign(vec![Assignment { address: ended.address, incarnation: next, start }]).await;
        follow.to_end(&channel, 13).await;
        assert_eq!(follow.of(&channel, 0).positions()[read..], (3..13).collect::<Vec<i64>>(), "{name}");
        assert_eq!(follow.of(&channel, 0).records[read].payload.as_deref(), Some(&b"record 100"[..]), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_spoiled_batch_is_told_then_left_out_with_a_gap_and_stops_nobody() {
    let kafka = Kafka::start(KafkaOptions::default()).unwrap();
    let cluster = Cluster::at(&kafka.bootstrap()).await;
    let channel = cluster.create("spoiled", 2).await;
    for start in [0, 3, 6] {
        cluster.produce(&channel, 0, batch(start..start + 3)).await;
    }
    kafka.stop();
    // After a clean stop nobody looks at the bytes again.
    let file = segment(&log_of(&kafka, &channel, 0));
    let second = batches(&file)[1];
    OpenOptions::new().write(true).open(&file).unwrap().write_all_at(&[0xff; 8], second + 70).unwrap();
    kafka.restart().unwrap();
    cluster.end(&channel, 0).await;
    let mut follow = Follow::start(&cluster, &channel, &[0, 1], StartAt::Earliest).await;
    follow.until("the damage", |f| f.of(&channel, 0).stuck.is_some()).await;
    let seen = follow.of(&channel, 0);
    assert_eq!(seen.positions(), [0, 1, 2], "what is sound before it is read");
    assert!(seen.stuck.as_ref().unwrap().contains("damaged") && seen.stuck.as_ref().unwrap().contains('3'), "{seen:?}");
    cluster.produce(&channel, 1, batch(0..2)).await;
    follow.until("the other one", |f| f.of(&channel, 1).is_at_end(2)).await;
    // Asked for again it is no better.
    follow.until("what is behind it", |f| f.of(&channel, 0).is_at_end(9)).await;
    let seen = follow.of(&channel, 0);
    assert_eq!((seen.positions(), &seen.stuck), (vec![0, 1, 2, 6, 7, 8], &None));
    let gap = &seen.gaps[0];
    assert_eq!(
        (seen.gaps.len(), gap.reason, gap.from, gap.to),
        (1, GapReason::CaptureLimit, Position(3), Some(Position(6)))
    );
    assert!(gap.detail.contains("damaged"), "{gap:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_that_unpacks_beyond_all_bounds_is_left_out_with_a_gap() {
    let cluster = Cluster::shared().await;
    let channel = cluster.create("bomb", 1).await;
    cluster.produce(&channel, 0, batch(0..2)).await;
    let mut producer = cluster.producer(&channel, 0).await;
    producer.compression = Compression::Gzip;
    let zeros: Vec<NewRecord> = (0..272).map(|_| NewRecord::new(vec![0; 1 << 20])).collect();
    producer.send(&zeros).await;
    cluster.produce(&channel, 0, batch(2..4)).await;
    let mut follow = Follow::start(&cluster, &channel, &[0], StartAt::Earliest).await;
    follow.to_end(&channel, 276).await;
    let seen = follow.of(&channel, 0);
    assert_eq!(seen.positions(), [0, 1, 274, 275]);
    assert_eq!((seen.gaps.len(), seen.gaps[0].reason), (1, GapReason::CaptureLimit));
    assert_eq!((seen.gaps[0].from, seen.gaps[0].to), (Position(2), Some(Position(274))));
}

fn kcat_zstd(address: &str, topic: &str, records: usize) {
    let mut command = Command::new("kcat");
    let process = command.args(["-b", address, "-P", "-t", topic, "-p", "0", "-z", "zstd"]).stdin(Stdio::piped());
    let mut process = process.spawn().unwrap();
    let lines = format!("{}\n", "x".repeat(1_000)).repeat(records);
    process.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    assert!(process.wait().unwrap().success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_compression_and_the_brokers_own_time_are_read() {
    let cluster = Cluster::shared().await;
    let channel = cluster.create("compressed", 1).await;
    let mut sent = 0;
    for compression in [Compression::None, Compression::Gzip, Compression::Snappy, Compression::Lz4] {
        let mut producer = cluster.producer(&channel, 0).await;
        producer.compression = compression;
        let records: Vec<NewRecord> = (0..50).map(|n| NewRecord::new(vec![b'x'; 1_000]).at(n)).collect();
        producer.send(&records).await;
        sent += 50;
    }
    // zstd by another client: writing it needs a library of C here, reading does not.
    kcat_zstd(&cluster.settings.addresses[0], &channel, 50);
    let mut follow = Follow::start(&cluster, &channel, &[0], StartAt::Earliest).await;
    follow.to_end(&channel, sent + 50).await;
    let (ours, others) = follow.of(&channel, 0).records.split_at(200);
    assert!(others.iter().all(|r| r.payload.as_deref() == Some(&[b'x'; 1_000][..])));
    for record in ours {
        assert_eq!(record.payload.as_deref(), Some(&[b'x'; 1_000][..]));
        assert_eq!((record.time_kind, record.broker_ms), (TimeKind::Create, Some(record.position.0 % 50)));
    }

    let topic = krafka::admin::NewTopic::new(weir_testkit::unique("stamped"), 1, 1).unwrap();
    let stamped = cluster.create_with(topic.with_config("message.timestamp.type", "LogAppendTime")).await;
    cluster.produce(&stamped, 0, vec![NewRecord::new("a").at(5), NewRecord::new("b").at(7)]).await;
    let mut follow = Follow::start(&cluster, &stamped, &[0], StartAt::Earliest).await;
    let read = follow.to_end(&stamped, 2).await;
    for record in &read {
        assert_eq!(record.time_kind, TimeKind::Append);
        assert!(record.broker_ms > Some(1_700_000_000_000), "the broker's time, not the producer's: {record:?}");
    }
    assert_eq!(read[0].broker_ms, read[1].broker_ms);
}
