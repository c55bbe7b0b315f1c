//! Policies of channels: what they keep out, what they give up, and what channels cost.

use crate::common::{World, append, batch, cursor, event, id, open, psql, view, view_of, world};
use weir_domain::{
    PartitionId, PersonId, Position, Timestamp,
    access::Role,
    capture::{
        AppendOutcome, Beside as _, CaptureMode, CapturedEvent, ChannelPolicies as _, ChannelPolicy, EventLog as _,
        Gap, GapReason, GivenUpBy, GivenUpPayloads, Maintained, Maintenance as _, PolicySet, TapCatalog as _, Withheld,
        WithheldBy,
    },
    events::{Absence, EventFilter, EventRows as _, Fate},
    search::Query,
};

const SOMEBODY: &str = "01935d5e-7c00-7000-8000-000000000001";
const DAY: i64 = 86_400;

async fn person(w: &World) -> PersonId {
    let sql = format!(
        "insert into person (id, login, name, password_hash) values ('{SOMEBODY}', 'mara', 'Mara', 'x') on conflict do nothing"
    );
    psql(&w.url, &sql).await;
    PersonId(SOMEBODY.into())
}

async fn set(w: &World, before: &ChannelPolicy, after: &ChannelPolicy) -> PolicySet {
    let by = person(w).await;
    w.store.set_policy(&view(&w.store).await, w.channel, before, after, &by, clock(w).await).await.unwrap()
}

/// The database's clock.
async fn clock(w: &World) -> Timestamp {
    let us = psql(&w.url, "select (extract(epoch from clock_timestamp()) * 1000000)::bigint").await;
    Timestamp(us.parse().unwrap())
}

async fn give_up(w: &World) -> GivenUpPayloads {
    w.store.give_up_payloads(clock(w).await).await.unwrap()
}

/// Bytes that don't get smaller, so that each event has a block of its own.
fn large(position: i64) -> CapturedEvent {
    let mut n = position.unsigned_abs().wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let bytes = (0..300_000).map(|_| {
        n ^= n << 13;
        n ^= n >> 7;
        n ^= n << 17;
        n.to_le_bytes()[3]
    });
    CapturedEvent { payload: Some(bytes.collect()), ..event(position, &format!("k{position}"), "") }
}

async fn captured(w: &World, partition: PartitionId, position: i64, at: Timestamp) {
    let mut b = batch(partition, (position > 0).then_some(position), vec![large(position)]);
    b.captured_at = at;
    assert!(matches!(w.store.append(&b).await.unwrap(), AppendOutcome::Stored { .. }));
}

async fn absent(w: &World, partition: PartitionId, position: i64) -> Option<Absence> {
    w.store.event(&view(&w.store).await, id(partition, position)).await.unwrap().unwrap().row.absent
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_is_set_once_for_what_was_seen_and_acts_on_capture_at_once() {
    let w = world().await;
    let full = ChannelPolicy::DEFAULT;
    let mode = async || w.store.keeping(&crate::common::system(), w.partition).await.map(|k| k.mode);
    assert_eq!(mode().await.unwrap(), CaptureMode::Full);
    let sample = ChannelPolicy {
        mode: CaptureMode::Sampled { per_mille: 125 },
        payload_days: 30,
        metadata_days: 90,
        payload_limit: Some(5_000_000),
        ..full
    };
    assert_eq!(set(&w, &full, &sample).await, PolicySet::Set);
    assert_eq!(mode().await.unwrap(), sample.mode);
    assert_eq!(set(&w, &full, &full).await, PolicySet::Moved, "somebody else was first");
    let view = view(&w.store).await;
    let now = clock(&w).await;
    let one = w.store.capture_of(&view, w.channel, now).await.unwrap().unwrap();
    assert_eq!(one.policy, sample);
    assert_eq!(one.changed.as_ref().and_then(|c| c.1.as_deref()), Some("Mara"));
    assert_eq!((one.effective(), one.ceiling.as_str()), (sample.mode, "full"));
    // New events go to the new classes.
    append(&w.store, w.partition, None, vec![event(0, "k", "{}")]).await;
    assert_eq!(psql(&w.url, "select b.part, b.class_days from bucket b join partition_bucket d on d.bucket = b.id and d.part = b.part order by 1").await, "metadata|90\npayload|30");
    // Who can't see the channel neither reads nor changes its policy.
    let other = view_of(&w.store, &[Role::Support], "nothing.*").await;
    assert_eq!(w.store.capture_of(&other, w.channel, now).await.unwrap(), None);
    assert!(w.store.captures(&other, None, now).await.unwrap().is_empty());
    let by = person(&w).await;
    assert_eq!(w.store.set_policy(&other, w.channel, &sample, &full, &by, now).await.unwrap(), PolicySet::Gone);
    // An older program wrote nothing of it, a newer one something that is not known here.
    psql(&w.url, "alter table channel drop constraint channel_policy_check; update channel set policy = 'newer', sampled_per_mille = null").await;
    assert_eq!(w.store.capture_of(&view, w.channel, now).await.unwrap().unwrap().policy.mode, CaptureMode::Metadata);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_reason_for_missing_bytes_is_told_apart() {
    let w = world().await;
    let withheld = |position, by| {
        let withheld = Some(Withheld { size: 9, tombstone: false, by });
        CapturedEvent { key: None, payload: None, withheld, ..event(position, "k", "") }
    };
    let events = vec![
        event(0, "k", r#"{"a":1}"#),
        withheld(1, WithheldBy::Ceiling),
        withheld(2, WithheldBy::ChannelPolicy),
        withheld(3, WithheldBy::Sample),
        withheld(4, WithheldBy::NeverStore),
    ];
    append(&w.store, w.partition, None, events).await;
    let want = [
        None,
        Some(Absence::MetadataOnly),
        Some(Absence::ChannelPolicy),
        Some(Absence::SampledOut),
        Some(Absence::NeverStored),
    ];
    let view = view(&w.store).await;
    for (position, want) in (0..).zip(want) {
        assert_eq!(absent(&w, w.partition, position).await, want);
        let missing = w.store.missing(&view, id(w.partition, position)).await.unwrap().unwrap();
        assert_eq!((missing.absent, missing.channel_name.as_str()), (want, "order.placed"));
    }
    assert_eq!(w.store.missing(&view, id(w.partition, 5)).await.unwrap(), None);
    let other = view_of(&w.store, &[Role::Support], "nothing.*").await;
    assert_eq!(w.store.missing(&other, id(w.partition, 2)).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_never_stored_is_not_read_from_the_broker_once_its_row_is_gone_either() {
    let w = world().await;
    let withheld = |position, by| {
        let withheld = Some(Withheld { size: 9, tombstone: false, by });
        CapturedEvent { key: None, payload: None, withheld, ..event(position, "k", "") }
    };
    let events = vec![event(0, "k", "{}"), withheld(1, WithheldBy::Ceiling), withheld(2, WithheldBy::NeverStore)];
    append(&w.store, w.partition, None, events).await;
    let view = view(&w.store).await;
    let all: Vec<Position> = (0..5).map(Position).collect();
    let away = async |ceiling: &str| {
        psql(&w.url, &format!("update source set capture = '{ceiling}'")).await;
        let found = w.store.kept_away(&view, w.partition, &all).await.unwrap().positions;
        found.into_iter().map(|p| p.0).collect::<Vec<_>>()
    };
    assert_eq!(away("full").await, [2]);
    // What was never captured is as unknown as what retired.
    assert_eq!(away("metadata").await, [2, 3, 4]);
    assert_eq!(away("off").await, [0, 1, 2, 3, 4]);
    psql(&w.url, "delete from event_span").await;
    assert_eq!(away("metadata").await, [0, 1, 2, 3, 4]);
    // Who may not see the channel is told nothing of it.
    let other = view_of(&w.store, &[Role::Support], "nothing.*").await;
    assert_eq!(w.store.kept_away(&other, w.partition, &all).await.unwrap().positions.len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_that_is_off_is_compared_by_nobody_and_who_asks_is_told() {
    let w = world().await;
    append(&w.store, w.partition, None, vec![event(0, "k", "{}")]).await;
    let (view, system, now) = (view(&w.store).await, crate::common::system(), clock(&w).await);
    let found = async || {
        use weir_domain::verify::Verifying;
        let by_engines = Verifying::candidates(&w.store, &system, now, PartitionId(0), 10).await.unwrap().len();
        let asked_for = Verifying::partitions(&w.store, &view, w.source, None, now).await.unwrap();
        (by_engines, asked_for.iter().map(|c| c.at.channel_off).collect::<Vec<_>>())
    };
    assert_eq!(found().await, (1, vec![Some(false)]));
    psql(&w.url, "update channel set policy = 'off'").await;
    assert_eq!(found().await, (0, vec![Some(true)]));
    assert_eq!(w.store.at_broker(&view, w.partition).await.unwrap().unwrap().channel_off, Some(true));
}

#[tokio::test(flavor = "multi_thread")]
async fn above_its_limit_a_channel_gives_up_its_oldest_payloads_and_nothing_else() {
    let w = world().await;
    let second = open(&w.store, w.fence, w.channel, 1).await;
    let now = clock(&w).await;
    // Some of yesterday, some of now; 300 KB each.
    for position in 0..6 {
        let at = if position < 4 { now.plus_secs(-DAY) } else { now };
        captured(&w, w.partition, position, at).await;
        captured(&w, second, position, at).await;
    }
    assert_eq!(give_up(&w).await, GivenUpPayloads::default(), "there is no limit yet");
    let full = ChannelPolicy::DEFAULT;
    let limited = ChannelPolicy { payload_limit: Some(2_000_000), ..full };
    assert_eq!(set(&w, &full, &limited).await, PolicySet::Set);
    let done = give_up(&w).await;
    // 3.6 MB are there: 1.6 go, each partition with its half.
    assert_eq!((done.blocks, done.more), (6, false), "{done:?}");
    let view = view(&w.store).await;
    for partition in [w.partition, second] {
        for position in 0..6 {
            let want = (position < 3).then_some(Absence::GivenUp);
            assert_eq!(absent(&w, partition, position).await, want, "{partition} {position}");
        }
    }
    let missing = w.store.missing(&view, id(second, 1)).await.unwrap().unwrap();
    let given_up = missing.given_up.unwrap();
    assert_eq!((given_up.by, given_up.allowed), (GivenUpBy::Limit, 2_000_000));
    // Lists say so too, and no row is lost.
    let query = Query::default();
    let (rows, ..) = w.store.list(&view, &EventFilter::default(), &query, None, 100).await.unwrap();
    assert_eq!(rows.len(), 12);
    assert_eq!(rows.iter().filter(|r| r.absent == Some(Absence::GivenUp)).count(), 6);
    // What the directory says is what is there.
    let said = "select sum(stored_bytes) from partition_bucket where part = 'payload'";
    let there = "select sum(octet_length(body)) from block";
    assert_eq!(psql(&w.url, said).await, psql(&w.url, there).await);
    let shown = w.store.capture_of(&view, w.channel, now).await.unwrap().unwrap();
    assert!(shown.cost.payload_bytes <= 2_000_000 && shown.cost.events == 12, "{:?}", shown.cost);
    assert_eq!(shown.given_up.iter().map(|g| g.bytes).sum::<u64>(), done.bytes);
    assert_eq!(give_up(&w).await, GivenUpPayloads::default(), "it is kept");
    // A lower one takes all of yesterday: its table goes.
    let lower = ChannelPolicy { payload_limit: Some(1_000_000), ..full };
    set(&w, &limited, &lower).await;
    let tables = "select count(*) from bucket where part = 'payload'";
    let before: i32 = psql(&w.url, tables).await.parse().unwrap();
    give_up(&w).await;
    give_up(&w).await;
    assert_eq!(psql(&w.url, "select count(*) from block").await, "2");
    assert_eq!(psql(&w.url, tables).await.parse::<i32>().unwrap(), before - 1);
    // Capture goes on as before.
    captured(&w, second, 6, now).await;
    assert_eq!(absent(&w, second, 6).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shorter_retention_takes_the_older_payloads_and_leaves_their_rows() {
    let w = world().await;
    let now = clock(&w).await;
    let month = ChannelPolicy { payload_days: 30, ..ChannelPolicy::DEFAULT };
    set(&w, &ChannelPolicy::DEFAULT, &month).await;
    for (position, days) in [(0, 20), (1, 12), (2, 3)] {
        captured(&w, w.partition, position, now.plus_secs(-days * DAY)).await;
    }
    assert_eq!(give_up(&w).await, GivenUpPayloads::default());
    set(&w, &month, &ChannelPolicy::DEFAULT).await;
    assert_eq!(give_up(&w).await.blocks, 2);
    assert_eq!(absent(&w, w.partition, 0).await, Some(Absence::GivenUp));
    assert_eq!(absent(&w, w.partition, 1).await, Some(Absence::GivenUp));
    assert_eq!(absent(&w, w.partition, 2).await, None);
    let missing = w.store.missing(&view(&w.store).await, id(w.partition, 0)).await.unwrap().unwrap();
    assert_eq!(missing.given_up.map(|g| (g.by, g.allowed)), Some((GivenUpBy::Retention, 7)));
    assert_eq!(give_up(&w).await, GivenUpPayloads::default());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_off_begins_at_the_end_until_something_of_it_is_stored() {
    let w = world().await;
    append(&w.store, w.partition, None, vec![event(0, "k", "{}")]).await;
    let full = ChannelPolicy::DEFAULT;
    let off = ChannelPolicy { mode: CaptureMode::Off, ..full };
    set(&w, &full, &off).await;
    assert_eq!(w.store.channels_off(&crate::common::system(), w.source).await.unwrap(), ["order.placed"]);
    let begins = async || w.store.open_partitions(&crate::common::system(), w.channel).await.unwrap()[0].from_end;
    assert_eq!(begins().await, None);
    set(&w, &off, &full).await;
    assert_eq!(begins().await, Some(Position(1)));
    assert!(w.store.channels_off(&crate::common::system(), w.source).await.unwrap().is_empty());
    let mut b = batch(w.partition, Some(1), vec![]);
    (b.next, b.next_position) = (cursor(9), Some(Position(9)));
    let detail = "off".to_owned();
    b.gaps = vec![Gap { from: Position(1), to: Some(Position(9)), reason: GapReason::CaptureOff, detail }];
    w.store.append(&b).await.unwrap();
    assert_eq!(begins().await, None);
    assert_eq!(psql(&w.url, "select from_position, to_position, reason from gap").await, "1|9|capture_off");
}

#[tokio::test(flavor = "multi_thread")]
async fn costs_are_what_the_tables_hold() {
    let w = world().await;
    let now = clock(&w).await;
    psql(&w.url, "update partition set opened_at = now() - interval '12 hours'").await;
    captured(&w, w.partition, 0, now).await;
    captured(&w, w.partition, 1, now).await;
    let listed = w.store.captures(&view(&w.store).await, Some(w.source), now).await.unwrap();
    let cost = listed[0].cost;
    assert_eq!(psql(&w.url, "select sum(octet_length(body)) from block").await, cost.payload_bytes.to_string());
    assert_eq!(cost.events, 2);
    // All of the metadata is this channel's.
    let tables: u64 = psql(&w.url, "select sum(pg_total_relation_size(inhrelid)) from pg_inherits where inhparent in ('event_span'::regclass, 'key_segment'::regclass)").await.parse().unwrap();
    assert!(cost.metadata_bytes.abs_diff(tables) <= 2, "{} {tables}", cost.metadata_bytes);
    assert_eq!(cost.events_per_day, Some(4));
    let per_day = cost.payload_per_day.unwrap();
    assert!(per_day.abs_diff(cost.payload_bytes * 2) < cost.payload_bytes / 100, "{per_day}");
    assert!(w.store.captures(&view(&w.store).await, Some(weir_domain::SourceId(99)), now).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shorter_retention_of_metadata_is_out_of_sight_at_once_and_off_the_disk_with_upkeep() {
    let w = world().await;
    let now = clock(&w).await;
    let long = ChannelPolicy { metadata_days: 400, ..ChannelPolicy::DEFAULT };
    set(&w, &ChannelPolicy::DEFAULT, &long).await;
    // The last three lie in one bucket, or in two: what is younger than a week stays.
    for (position, days) in [(0, 100), (1, 60), (2, 9), (3, 8), (4, 1)] {
        captured(&w, w.partition, position, now.plus_secs(-days * DAY)).await;
    }
    assert_eq!(w.store.forget_events(now).await.unwrap(), Maintained::default());
    let see = view(&w.store).await;
    let shown = async || {
        let (rows, ..) = w.store.list(&see, &EventFilter::default(), &Query::default(), None, 100).await.unwrap();
        rows.iter().map(|r| r.id.position.0).collect::<Vec<_>>()
    };
    assert_eq!(shown().await.len(), 5);
    let week = ChannelPolicy { metadata_days: 7, ..long };
    assert_eq!(set(&w, &long, &week).await, PolicySet::Set);
    assert_eq!(shown().await, [4], "from the moment it is set");
    for position in 0..4 {
        assert_eq!(w.store.event(&see, id(w.partition, position)).await.unwrap(), None, "{position}");
    }
    w.store.forget_events(clock(&w).await).await.unwrap();
    // The pages of what is gone say so, and by which retention.
    for position in 0..4 {
        let gone = w.store.gone(&see, id(w.partition, position)).await.unwrap().unwrap();
        assert!(matches!(gone.fate, Fate::Dropped { retention_days: 7, .. }), "{position}: {:?}", gone.fate);
    }
    assert_eq!(psql(&w.url, "select sum(events) from event_span").await, "1");
    assert_eq!(psql(&w.url, "select sum(events) from partition_bucket where part = 'metadata'").await, "1");
    assert_eq!(psql(&w.url, "select count(*) from forgotten").await, "0");
    assert_eq!(shown().await, [4]);
    // It is told, with who did it.
    let told = psql(&w.url, "select title, actor from change order by id desc limit 1").await;
    assert_eq!(told, "What is kept of order.placed was changed|Mara");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_keeps_events_past_a_retention_that_was_made_shorter() {
    let w = world().await;
    let now = clock(&w).await;
    let long = ChannelPolicy { metadata_days: 400, ..ChannelPolicy::DEFAULT };
    set(&w, &ChannelPolicy::DEFAULT, &long).await;
    captured(&w, w.partition, 0, now.plus_secs(-100 * DAY)).await;
    let hold = format!(
        "insert into hold (id, name, kind, channel_id, reason, made_name, made_at, ends_at)
         values (gen_random_uuid(), 'case 7', 'channel', {}, 'a case', 'Mara', now(), now() + interval '1 day')",
        w.channel.0
    );
    psql(&w.url, &hold).await;
    set(&w, &long, &ChannelPolicy { metadata_days: 7, ..long }).await;
    w.store.forget_events(clock(&w).await).await.unwrap();
    assert!(w.store.event(&view(&w.store).await, id(w.partition, 0)).await.unwrap().is_some());
    psql(&w.url, "update hold set ended_at = now()").await;
    w.store.forget_events(clock(&w).await).await.unwrap();
    assert_eq!(w.store.event(&view(&w.store).await, id(w.partition, 0)).await.unwrap(), None);
}
