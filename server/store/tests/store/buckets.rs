use crate::common::{World, batch, cursor, event, id, now, psql, view, world};
use std::time::Duration;
use tokio::{sync::oneshot, task::JoinHandle};
use weir_domain::{
    PartitionId, Position, StoreError, Timestamp,
    capture::{EventLog as _, Maintained, Maintenance as _},
    events::{Absence, EventRows as _, Fate},
};
use weir_store::{Store, StoreOptions};

const DAY: i64 = 86_400;

#[tokio::test(flavor = "multi_thread")]
async fn buckets_are_made_ahead_once_by_however_many() {
    let w = world().await;
    let makers: Vec<_> = (0..4)
        .map(|_| {
            let store = w.store.clone();
            tokio::spawn(async move { store.ensure_buckets(now()).await.unwrap().made })
        })
        .collect();
    let mut made = 0;
    for m in makers {
        made += m.await.unwrap();
    }
    // Now and the next: for rows of 30 days, blocks of 7, and months of the audit log.
    assert_eq!(made, 6);
    assert_eq!(w.store.ensure_buckets(now()).await.unwrap(), Maintained::default());
    psql(&w.url, "update channel set payload_class = 1").await;
    assert_eq!(w.store.ensure_buckets(now()).await.unwrap().made, 2);
    let parents = "select inhparent::regclass::text, count(*) from pg_inherits join pg_class c on c.oid = inhrelid where c.relkind = 'r' and relname !~ '^audit' group by 1 order by 1";
    assert_eq!(psql(&w.url, parents).await, "block|4\nevent_span|2\nkey_segment|2\nword_segment|4");
    // Where upkeep is late or not there at all, an append makes what it needs; two at once agree.
    let far = now().plus_secs(100 * DAY);
    let other = crate::common::open(&w.store, w.fence, w.channel, 1).await;
    let at = |partition| {
        let mut b = batch(partition, None, vec![event(0, "k", "{}")]);
        b.captured_at = far;
        b
    };
    let (a, b) = (at(w.partition), at(other));
    let (a, b) = tokio::join!(w.store.append(&a), w.store.append(&b));
    a.unwrap();
    b.unwrap();
    assert_eq!(psql(&w.url, "select count(*) from event").await, "2");
}

/// The database's clock: what is removed is removed by it.
async fn clock(w: &World) -> Timestamp {
    let us = psql(&w.url, "select (extract(epoch from clock_timestamp()) * 1000000)::bigint").await;
    Timestamp(us.parse().unwrap())
}

/// One event at the next position, captured so many days ago.
async fn captured(w: &World, position: i64, days_ago: i64) {
    let mut b = batch(w.partition, (position > 0).then_some(position), vec![event(position, "k", "{}")]);
    b.captured_at = clock(w).await.plus_secs(-days_ago * DAY);
    w.store.append(&b).await.unwrap();
}

/// Holds a lock on all events until it is told to let go.
async fn a_reader(url: &str) -> (oneshot::Sender<()>, JoinHandle<()>) {
    let (go, held) = oneshot::channel::<()>();
    let (ready, is_ready) = oneshot::channel::<()>();
    let url = url.to_owned();
    let reader = tokio::spawn(async move {
        use sqlx::{Connection as _, Executor as _};
        let mut connection = sqlx::PgConnection::connect(&url).await.unwrap();
        let mut tx = connection.begin().await.unwrap();
        tx.execute("select count(*) from event").await.unwrap();
        ready.send(()).unwrap();
        held.await.unwrap();
        tx.rollback().await.unwrap();
    });
    is_ready.await.unwrap();
    (go, reader)
}

async fn retire(w: &World) -> Maintained {
    w.store.retire_buckets(clock(w).await).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn buckets_go_whole_when_their_retention_has_passed() {
    let w = world().await;
    captured(&w, 0, 6).await;
    captured(&w, 1, 0).await;
    assert_eq!(retire(&w).await, Maintained::default());
    let view = view(&w.store).await;

    // The payload goes after seven days and its bucket's period; its row stays.
    captured(&w, 2, 8).await;
    assert_eq!(retire(&w).await.dropped, 1);
    let old = w.store.event(&view, id(w.partition, 2)).await.unwrap().unwrap();
    assert_eq!((old.raw, old.row.absent), (None, Some(Absence::Expired)));
    for position in [0, 1] {
        assert!(w.store.event(&view, id(w.partition, position)).await.unwrap().unwrap().raw.is_some());
    }

    // While somebody reads, removal waits for another time and nothing is broken.
    captured(&w, 3, 32).await;
    let (go, reader) = a_reader(&w.url).await;
    let done = retire(&w).await;
    assert_eq!((done.dropped, done.deferred), (1, 1), "the payload goes, the row that is being read stays");
    assert!(w.store.event(&view, id(w.partition, 3)).await.unwrap().is_none(), "out of view at once");
    go.send(()).unwrap();
    reader.await.unwrap();
    assert_eq!(retire(&w).await.dropped, 1);
    assert_eq!(psql(&w.url, "select string_agg(position::text, ',' order by position) from event").await, "0,1,2");
    assert_eq!(psql(&w.url, "select part, count(*) from bucket group by 1 order by 1").await, "metadata|3\npayload|2");
    // The tables themselves are gone.
    assert_eq!(
        psql(
            &w.url,
            "select count(*) from pg_class where relname ~ '^(event_span|key_segment|block|word_segment)_b[0-9]+$'"
        )
        .await,
        "10"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_gone_is_told_and_nothing_of_it_guessed() {
    let w = world().await;
    let see = view(&w.store).await;
    let fate = async |position: i64| {
        let gone = w.store.gone(&see, id(w.partition, position)).await.unwrap().unwrap();
        (gone.fate, gone.before.map(|p| p.0), gone.after.map(|p| p.0))
    };
    assert_eq!(fate(7).await, (Fate::Unknown, None, None), "nothing was ever stored");
    let at = |position: i64, expected: Option<i64>, days_ago: i64, now: Timestamp| {
        let mut b = batch(w.partition, expected, vec![event(position, "k", "{}")]);
        b.captured_at = now.plus_secs(-days_ago * DAY);
        b
    };
    let now = clock(&w).await;
    for (position, expected, days_ago) in [(10, None, 40), (14, Some(11), 40), (20, Some(15), 0), (23, Some(21), 0)] {
        w.store.append(&at(position, expected, days_ago, now)).await.unwrap();
    }
    psql(
        &w.url,
        &format!(
            "insert into gap (partition_id, from_position, to_position, reason, detail, found_at)
             values ({}, 15, 18, 'retention_trimmed', 'the broker dropped them', now())",
            w.partition.0
        ),
    )
    .await;
    assert_eq!(fate(10).await.0, Fate::Stored);
    assert_eq!(fate(9).await.0, Fate::Before { first: Position(10) });
    assert_eq!(fate(24).await.0, Fate::Ahead { last: Position(23) });
    assert_eq!(fate(22).await, (Fate::Hole, Some(20), Some(23)));
    assert_eq!(retire(&w).await.dropped, 2, "the block and the rows of what is 40 days old");
    for position in [10, 12, 14] {
        let (fate, before, after) = fate(position).await;
        let Fate::Dropped { at, retention_days, first, last, from, to } = fate else { panic!("{fate:?}") };
        assert_eq!((retention_days, first.0, last.0, before, after), (30, 10, 14, None, Some(20)));
        assert!(from <= to && at >= now, "{from:?} {to:?} {at:?}");
    }
    assert!(matches!(fate(16).await.0, Fate::Gap { to: Some(Position(18)), .. }));
    assert_eq!(fate(9).await.0, Fate::Before { first: Position(10) });
    assert_eq!(fate(18).await.0, Fate::Hole, "between what was dropped and what is stored");
    // A partition that there is not, and one that may not be seen.
    assert_eq!(w.store.gone(&see, id(PartitionId(999_999), 1)).await.unwrap(), None);
    // Told for as long as the longest retention, and no longer.
    psql(&w.url, "update bucket_dropped set dropped_at = now() - interval '401 days'").await;
    retire(&w).await;
    assert_eq!(psql(&w.url, "select count(*) from bucket_dropped").await, "0");
    assert_eq!(fate(10).await.0, Fate::Before { first: Position(20) });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_gone_wrong_removes_nothing() {
    let w = world().await;
    captured(&w, 0, 0).await;
    captured(&w, 1, 40).await;
    let there = psql(&w.url, "select count(*) from bucket").await;
    for wrong in [3650 * DAY, -3650 * DAY, 660, -660] {
        let refused = w.store.retire_buckets(clock(&w).await.plus_secs(wrong)).await;
        assert!(matches!(&refused, Err(StoreError::Conflict(why)) if why.contains("clocks")), "{refused:?}");
    }
    assert_eq!(psql(&w.url, "select count(*) from bucket").await, there);
    // A little is no reason.
    assert_eq!(w.store.retire_buckets(clock(&w).await.plus_secs(300)).await.unwrap().dropped, 2);
    assert_eq!(psql(&w.url, "select position from event").await, "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removal_cut_short_lets_go_of_its_lock() {
    let w = world().await;
    // Several, each of which it waits for in turn.
    for position in 0..4 {
        captured(&w, position, 40 + position).await;
    }
    let held = "select count(*) from pg_locks where locktype = 'advisory' and objid = x'72656275'::int
                and database = (select oid from pg_database where datname = current_database())";
    let (go, reader) = a_reader(&w.url).await;
    let (store, at) = (w.store.clone(), clock(&w).await);
    let removing = tokio::spawn(async move { store.retire_buckets(at).await });
    while psql(&w.url, held).await != "1" {
        assert!(!removing.is_finished(), "it waits for the reader with the lock in hand");
    }
    // As when the lease is lost in the middle.
    removing.abort();
    assert!(removing.await.unwrap_err().is_cancelled());
    go.send(()).unwrap();
    reader.await.unwrap();
    let begun = std::time::Instant::now();
    while psql(&w.url, held).await != "0" {
        assert!(begun.elapsed() < Duration::from_secs(30), "nobody else can ever remove anything");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let other = Store::connect(&w.url, StoreOptions::default()).await.unwrap();
    other.retire_buckets(clock(&w).await).await.unwrap();
    assert_eq!(psql(&w.url, "select count(*) from bucket").await, "0");
}

#[tokio::test]
async fn small_tables_are_kept_small() {
    let w = world().await;
    let far = clock(&w).await;
    let mut b = batch(w.partition, None, vec![event(0, "k", "{}")]);
    b.captured_at = far.plus_secs(-500 * DAY);
    w.store.append(&b).await.unwrap();
    let mut b = batch(w.partition, Some(1), Vec::new());
    (b.captured_at, b.next) = (far, cursor(2));
    w.store.append(&b).await.unwrap();
    let old = "now() - interval '2 hours'";
    psql(&w.url, &format!("insert into log_in_attempt values (sha256('a'), 5, {old}, {old})")).await;
    w.store.retire_buckets(far).await.unwrap();
    assert_eq!(psql(&w.url, "select (select count(*) from partition_minute), (select count(*) from partition_hour), (select count(*) from log_in_attempt)").await, "1|1|0");
}
