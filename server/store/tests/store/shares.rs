//! Who reads which partition, by PostgreSQL's clock and rows.

use crate::common::{append, cursor, event, now, open, opened, psql, system, world};
use std::collections::{BTreeMap, BTreeSet};
use weir_domain::{
    PartitionId, SourceId,
    capture::{
        Begin, Fence, Gap, GapReason, Incarnation, Leases as _, MemberId, NewIncarnation, Plan, Shares as _,
        SourceReport, SourceState, TapCatalog as _,
    },
};
use weir_store::Store;

const TTL: u32 = 60_000;

async fn offered(w: &crate::common::World, count: i32) -> Vec<PartitionId> {
    let mut all = vec![w.partition];
    for number in 1..count {
        all.push(open(&w.store, w.fence, w.channel, number).await);
    }
    assert!(w.store.offer(w.source, w.fence.member(), &all, &[]).await.unwrap());
    // The finder reads nothing in these tests.
    w.store.leave(w.fence.member()).await.unwrap();
    all
}

/// One round of a member: a beat, and what follows from it.
async fn round(store: &Store, source: SourceId, member: MemberId) -> Option<Plan> {
    let beat = store.beat(source, member, TTL, true).await.unwrap()?;
    let plan = Plan::of(&beat, member, 0);
    store.take(source, member, plan.take).await.unwrap();
    let held = store.shares(&system(), source, member).await.unwrap();
    let given: Vec<_> = held.iter().take(plan.give as usize).map(|s| s.open.id).collect();
    store.give_up(member, &given).await.unwrap();
    Some(plan)
}

async fn ids(store: &Store, source: SourceId, member: MemberId) -> BTreeSet<PartitionId> {
    store.shares(&system(), source, member).await.unwrap().into_iter().map(|s| s.open.id).collect()
}

async fn settle(store: &Store, source: SourceId, members: &[MemberId]) {
    for _ in 0..6 {
        let mut settled = true;
        for member in members {
            settled &= round(store, source, *member).await.unwrap().settled;
        }
        if settled {
            return;
        }
    }
    panic!("no end");
}

#[tokio::test]
async fn members_share_what_is_there_and_take_over_from_the_dead() {
    let w = world().await;
    let all: BTreeSet<_> = offered(&w, 24).await.into_iter().collect();
    let mut members = Vec::new();
    for name in ["a", "b", "c"] {
        members.push(w.store.join(w.source, name, TTL).await.unwrap());
        settle(&w.store, w.source, &members).await;
    }
    let mut held = BTreeMap::new();
    for m in &members {
        let ids = ids(&w.store, w.source, *m).await;
        assert_eq!(ids.len(), 8);
        held.insert(*m, ids);
    }
    assert_eq!(held.values().flatten().copied().collect::<BTreeSet<_>>(), all, "each is read once, and all of them");

    // As if the second had stood still for a minute. Its rows are not touched: its death frees them.
    psql(&w.url, &format!("update tap_member set expires = clock_timestamp() where id = {}", members[1].0)).await;
    let epochs = "select max(epoch) from partition_lease";
    let before: i64 = psql(&w.url, epochs).await.parse().unwrap();
    let beat = w.store.beat(w.source, members[0], TTL, false).await.unwrap().unwrap();
    assert_eq!((beat.members.len(), beat.free), (3, 0), "who does not bury counts it as living");
    settle(&w.store, w.source, &[members[0], members[2]]).await;
    for m in [members[0], members[2]] {
        let now = ids(&w.store, w.source, m).await;
        assert!(now.len() == 12 && now.is_superset(&held[&m]), "nothing moved but what the dead one held");
    }
    assert!(psql(&w.url, epochs).await.parse::<i64>().unwrap() >= before + 8);
    // It comes back, learns it, and joins anew.
    assert_eq!(w.store.beat(w.source, members[1], TTL, true).await.unwrap(), None);
    assert_eq!(w.store.take(w.source, members[1], 24).await.unwrap(), 0);
    let again = w.store.join(w.source, "b", TTL).await.unwrap();
    assert!(again > members[2]);
    settle(&w.store, w.source, &[members[0], members[2], again]).await;
    assert_eq!(ids(&w.store, w.source, again).await.len(), 8);
    // One that leaves gives everything up at once.
    w.store.leave(members[0]).await.unwrap();
    settle(&w.store, w.source, &[members[2], again]).await;
    assert_eq!(ids(&w.store, w.source, again).await.len(), 12);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_that_take_at_once_each_gets_its_own() {
    let w = world().await;
    let all = offered(&w, 40).await;
    let tasks: Vec<_> = (0..8)
        .map(|i| {
            let (store, source) = (w.store.clone(), w.source);
            tokio::spawn(async move {
                let member = store.join(source, &format!("m{i}"), TTL).await.unwrap();
                let taken = store.take(source, member, 9).await.unwrap();
                (member, taken)
            })
        })
        .collect();
    let (mut taken, mut held) = (0, Vec::new());
    for t in tasks {
        let (member, n) = t.await.unwrap();
        let ids = ids(&w.store, w.source, member).await;
        assert_eq!(ids.len() as u32, n);
        taken += n;
        held.extend(ids);
    }
    held.sort_unstable();
    assert_eq!((taken, held), (40, all));
}

#[tokio::test]
async fn what_is_offered_is_what_is_read() {
    let w = world().await;
    let [one, two] = [w.partition, open(&w.store, w.fence, w.channel, 1).await];
    let finder = w.fence.member();
    assert!(w.store.offer(w.source, finder, &[one, two], &[]).await.unwrap());
    let reader = w.store.join(w.source, "r", TTL).await.unwrap();
    assert_eq!(w.store.take(w.source, reader, 5).await.unwrap(), 2);
    // No pattern includes it any more; another one was closed by a version that knows no leases.
    psql(&w.url, &format!("update partition set closed_at = now(), closed_reason = 'deleted' where id = {one}")).await;
    assert!(ids(&w.store, w.source, reader).await == BTreeSet::from([two]));
    assert!(w.store.offer(w.source, finder, &[one], &[two]).await.unwrap());
    assert_eq!(psql(&w.url, "select count(*) from partition_lease").await, "0");
    w.store.leave(finder).await.unwrap();
    assert!(!w.store.offer(w.source, finder, &[two], &[]).await.unwrap(), "who is dead offers nothing");
    assert_eq!(psql(&w.url, "select count(*) from partition_lease").await, "0");
}

#[tokio::test]
async fn a_whole_source_read_by_an_older_version_is_left_alone() {
    let w = world().await;
    let old = w.store.acquire("tap/shop", "old", 60_000).await.unwrap().unwrap();
    let beat = w.store.beat(w.source, w.fence.member(), TTL, true).await.unwrap().unwrap();
    assert!(beat.whole && Plan::of(&beat, w.fence.member(), 0) == Plan { settled: true, ..Plan::default() });
    w.store.release(&old).await.unwrap();
    assert!(!w.store.beat(w.source, w.fence.member(), TTL, true).await.unwrap().unwrap().whole);
}

#[tokio::test]
async fn who_was_taken_for_dead_ends_no_incarnation() {
    let w = world().await;
    let all = offered(&w, 2).await;
    append(&w.store, all[0], None, vec![event(0, "k", "{}")]).await;
    let [dead, living] =
        [w.store.join(w.source, "a", TTL).await.unwrap(), w.store.join(w.source, "b", TTL).await.unwrap()];
    assert_eq!(w.store.take(w.source, dead, 2).await.unwrap(), 2);
    let epochs: BTreeMap<_, _> =
        w.store.shares(&system(), w.source, dead).await.unwrap().into_iter().map(|s| (s.open.id, s.epoch)).collect();
    let stale = |id: &PartitionId| Fence::Reader { member: dead, epoch: epochs[id] };
    // It freezes; the other one takes both, and opens a successor of the second.
    psql(&w.url, &format!("update tap_member set expires = clock_timestamp() where id = {}", dead.0)).await;
    w.store.beat(w.source, living, TTL, true).await.unwrap().unwrap();
    let gap =
        |from| Gap { from: weir_domain::Position(from), to: None, reason: GapReason::Recreated, detail: String::new() };
    let mut new = NewIncarnation {
        fence: stale(&all[0]),
        channel: w.channel,
        number: 0,
        incarnation: Incarnation(vec![2]),
        begin: Begin::LogStart,
        replaces: Some((all[0], gap(1))),
    };
    // Buried already, though nobody took its partitions yet.
    assert_eq!(w.store.open_incarnation(&new).await.unwrap(), None);
    assert!(!w.store.close_partition(all[0], GapReason::Deleted, stale(&all[0])).await.unwrap());
    assert_eq!(w.store.take(w.source, living, 2).await.unwrap(), 2);
    assert!(!w.store.close_partition(all[0], GapReason::Deleted, stale(&all[0])).await.unwrap());
    assert_eq!(
        w.store.open_incarnation(&NewIncarnation { fence: Fence::Finder(dead), ..new.clone() }).await.unwrap(),
        None
    );
    assert_eq!(psql(&w.url, "select count(*) filter (where closed_at is null), count(*) from partition").await, "2|2");
    // The same with the lease of another epoch.
    let fences: BTreeMap<_, _> = w
        .store
        .shares(&system(), w.source, living)
        .await
        .unwrap()
        .into_iter()
        .map(|s| (s.open.id, Fence::Reader { member: living, epoch: s.epoch }))
        .collect();
    let Fence::Reader { epoch, .. } = fences[&all[0]] else { panic!() };
    let older = Fence::Reader { member: living, epoch: epoch - 1 };
    assert!(!w.store.close_partition(all[0], GapReason::Deleted, older).await.unwrap());
    // Who holds it goes on with what follows, and so it does after an answer that got lost.
    new.fence = fences[&all[0]];
    let opened_by_reader = w.store.open_incarnation(&new).await.unwrap().unwrap();
    assert!(opened_by_reader.epoch.is_some_and(|e| e > epoch));
    assert_eq!(w.store.open_incarnation(&new).await.unwrap().unwrap(), opened_by_reader);
    let held = ids(&w.store, w.source, living).await;
    assert_eq!(held, BTreeSet::from([opened_by_reader.open.id, all[1]]));
    // Closing one ends its lease; a second time says the same.
    for _ in 0..2 {
        assert!(w.store.close_partition(all[1], GapReason::Deleted, fences[&all[1]]).await.unwrap());
    }
    assert_eq!(ids(&w.store, w.source, living).await, BTreeSet::from([opened_by_reader.open.id]));
    let beat = w.store.beat(w.source, living, TTL, true).await.unwrap().unwrap();
    assert_eq!((beat.partitions, beat.held, beat.free), (1, 1, 0));
    // What a finder opens is nobody's until it is offered and taken.
    let finder = Fence::Finder(living);
    let found = NewIncarnation { fence: finder, number: 9, begin: Begin::At(cursor(4)), replaces: None, ..new };
    assert_eq!(w.store.open_incarnation(&found).await.unwrap().unwrap().epoch, None);
    opened(&w.store, &found).await;
    assert_eq!(ids(&w.store, w.source, living).await.len(), 1);
}

/// It froze while it sent rows: PostgreSQL waits for the rest of them without limit, and with it whoever wants the row.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_dead_one_had_under_way_ends_with_it() {
    use sqlx::{ConnectOptions as _, Connection as _, Executor as _, postgres::PgConnectOptions};
    let w = world().await;
    let all = offered(&w, 1).await;
    append(&w.store, all[0], None, vec![event(0, "k", "{}")]).await;
    let options: PgConnectOptions = w.url.parse().unwrap();
    let mut frozen = options.application_name("weir the-dead-one").connect().await.unwrap();
    let dead = w.store.join(w.source, "weir the-dead-one", TTL).await.unwrap();
    let living = w.store.join(w.source, "weir another", TTL).await.unwrap();
    let mut tx = frozen.begin().await.unwrap();
    tx.execute("update partition_cursor set updated_at = now()").await.unwrap();
    let sending = tx.copy_in_raw("copy gap from stdin").await.unwrap();
    psql(&w.url, &format!("update tap_member set expires = clock_timestamp() where id = {}", dead.0)).await;
    w.store.beat(w.source, living, TTL, true).await.unwrap().unwrap();
    // Within the lock's time limit, and not because of it.
    append(&w.store, all[0], Some(1), vec![event(1, "k", "{}")]).await;
    assert!(sending.finish().await.is_err());
}

#[tokio::test]
async fn a_source_stands_as_its_taps_say_together() {
    let w = world().await;
    let report = |tap: &str, state, secs, reason: Option<&str>| SourceReport {
        source: w.source,
        tap: tap.into(),
        state,
        reason: reason.map(Into::into),
        at: now().plus_secs(secs),
        retry_at: None,
        left_out: (tap == "a").then(|| vec!["audit".into()]),
        left_out_total: 1,
        bytes_to_read: Some(5),
        throttled_ms: 0,
    };
    let standing = "select state, taps, bytes_to_read, left_out, coalesce(reason, '-') from source";
    w.store.report_source(&report("a", SourceState::Up, 0, None)).await.unwrap();
    // Its clock is an hour behind: it counts all the same.
    w.store.report_source(&report("b", SourceState::Up, -3600, None)).await.unwrap();
    assert_eq!(psql(&w.url, standing).await, "up|2|10|{audit}|-");
    w.store.report_source(&report("b", SourceState::Down, -3599, Some("refused"))).await.unwrap();
    assert_eq!(psql(&w.url, standing).await, "up|1|10|{audit}|1 of 2 taps can't reach it: refused");
    // The first was killed.
    psql(&w.url, "update tap_report set said_at = said_at - interval '1 minute' where holder = 'a'").await;
    w.store.report_source(&report("b", SourceState::Down, -3598, Some("refused"))).await.unwrap();
    assert_eq!(psql(&w.url, standing).await, "down|0|5|{audit}|refused");
    psql(&w.url, "update tap_report set said_at = said_at - interval '1 day' where holder = 'a'").await;
    w.store.report_source(&report("b", SourceState::Off, -3597, Some("stopped"))).await.unwrap();
    assert_eq!(psql(&w.url, standing).await, "off|0||{audit}|stopped");
    assert_eq!(psql(&w.url, "select count(*) from tap_report").await, "1", "who said nothing for an hour is forgotten");
}

/// 10,000 partitions cost a member one statement a beat, and none of their rows is written.
#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_partitions_stay_cheap() {
    let w = world().await;
    psql(
        &w.url,
        &format!(
            "with p as (insert into partition (channel_id, number, incarnation)
                        select {}, n, 'x' from generate_series(1, 10000) n returning id)
             insert into partition_cursor (partition_id) select id from p",
            w.channel
        ),
    )
    .await;
    let all: Vec<PartitionId> =
        w.store.open_partitions_of(&system(), w.source).await.unwrap().into_iter().map(|(_, p)| p.id).collect();
    assert_eq!(all.len(), 10_001);
    assert!(w.store.offer(w.source, w.fence.member(), &all, &[]).await.unwrap());
    w.store.leave(w.fence.member()).await.unwrap();
    let mut members = Vec::new();
    for name in ["a", "b", "c"] {
        members.push(w.store.join(w.source, name, TTL).await.unwrap());
    }
    let began = std::time::Instant::now();
    settle(&w.store, w.source, &members).await;
    let took = began.elapsed();
    // Where each row lies, and who wrote it.
    let written = "select md5(string_agg(partition_id || ' ' || ctid::text || ' ' || xmin::text, ',' order by partition_id)) from partition_lease";
    let before = psql(&w.url, written).await;
    psql(&w.url, "vacuum analyze partition_lease").await;
    let mut beats: Vec<_> = Vec::new();
    for _ in 0..50 {
        for m in &members {
            let began = std::time::Instant::now();
            let beat = w.store.beat(w.source, *m, TTL, true).await.unwrap().unwrap();
            assert!(beat.held >= 3_333 && beat.free == 0);
            beats.push(began.elapsed());
        }
    }
    beats.sort_unstable();
    println!("shared among three in {took:?}; a beat takes {:?}, the slowest {:?}", beats[75], beats[149]);
    assert_eq!(psql(&w.url, written).await, before);
}
