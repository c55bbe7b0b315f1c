use crate::common::{NOW_MS, append, batch, cursor, event, id, now, psql, view, world};
use weir_domain::{
    Timestamp,
    capture::{EventLog as _, Maintained, Maintenance as _},
    events::{Absence, EventRows as _},
};

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
    // Now and the next, for rows of 30 days and blocks of 7.
    assert_eq!(made, 4);
    assert_eq!(w.store.ensure_buckets(now()).await.unwrap(), Maintained::default());
    psql(&w.url, "update channel set payload_class = 1").await;
    assert_eq!(w.store.ensure_buckets(now()).await.unwrap().made, 2);
    let parents = "select inhparent::regclass::text, count(*) from pg_inherits join pg_class c on c.oid = inhrelid where c.relkind = 'r' group by 1 order by 1";
    assert_eq!(psql(&w.url, parents).await, "block|4\nevent|2\nevent_span|2");
    // Where upkeep is late or not there at all, an append makes what it needs; two at once agree.
    let far = now().plus_secs(100 * DAY);
    let other = crate::common::open(&w.store, w.channel, 1).await;
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

#[tokio::test(flavor = "multi_thread")]
async fn buckets_go_whole_when_their_retention_has_passed() {
    let w = world().await;
    append(&w.store, w.partition, None, vec![event(0, "k", "old")]).await;
    let mut b = batch(w.partition, Some(1), vec![event(1, "k", "new")]);
    b.captured_at = now().plus_secs(20 * DAY);
    w.store.append(&b).await.unwrap();
    assert_eq!(w.store.retire_buckets(now().plus_secs(7 * DAY)).await.unwrap(), Maintained::default());
    let view = view(&w.store).await;

    // The old payload goes after seven days and its bucket's period; its row stays.
    assert_eq!(w.store.retire_buckets(now().plus_secs(8 * DAY)).await.unwrap().dropped, 1);
    let old = w.store.event(&view, id(w.partition, 0)).await.unwrap().unwrap();
    assert_eq!((old.raw, old.row.absent), (None, Some(Absence::Expired)));
    assert!(w.store.event(&view, id(w.partition, 1)).await.unwrap().unwrap().raw.is_some());

    // While somebody reads, removal waits for another time and nothing is broken.
    let (go, held) = tokio::sync::oneshot::channel::<()>();
    let (ready, is_ready) = tokio::sync::oneshot::channel::<()>();
    let reader = {
        let url = w.url.clone();
        tokio::spawn(async move {
            use sqlx::{Connection as _, Executor as _};
            let mut connection = sqlx::PgConnection::connect(&url).await.unwrap();
            let mut tx = connection.begin().await.unwrap();
            tx.execute("select count(*) from event").await.unwrap();
            ready.send(()).unwrap();
            held.await.unwrap();
            tx.rollback().await.unwrap();
        })
    };
    is_ready.await.unwrap();
    let done = w.store.retire_buckets(now().plus_secs(32 * DAY)).await.unwrap();
    assert_eq!((done.dropped, done.deferred), (1, 1), "the newer payload goes, the row that is being read stays");
    assert!(w.store.event(&view, id(w.partition, 0)).await.unwrap().is_none(), "out of view at once");
    go.send(()).unwrap();
    reader.await.unwrap();
    assert_eq!(w.store.retire_buckets(now().plus_secs(32 * DAY)).await.unwrap().dropped, 1);
    assert_eq!(psql(&w.url, "select count(*) from event").await, "1");
    assert_eq!(psql(&w.url, "select part, count(*) from bucket group by 1").await, "metadata|1");
    assert_eq!(psql(&w.url, "select part, first_position from partition_bucket").await, "metadata|1");
    // The table itself is gone.
    assert_eq!(
        psql(&w.url, "select count(*) from pg_class where relname ~ '^(event|event_span|block)_b[0-9]+$'").await,
        "2"
    );
}

#[tokio::test]
async fn small_tables_are_kept_small() {
    let w = world().await;
    append(&w.store, w.partition, None, vec![event(0, "k", "{}")]).await;
    let far = Timestamp::from_millis(NOW_MS).plus_secs(500 * DAY);
    let mut b = batch(w.partition, Some(1), Vec::new());
    (b.captured_at, b.next) = (far, cursor(2));
    w.store.append(&b).await.unwrap();
    psql(&w.url, "insert into log_in_attempt values (sha256('a'), 5, now(), now())").await;
    w.store.retire_buckets(far).await.unwrap();
    assert_eq!(psql(&w.url, "select (select count(*) from partition_minute), (select count(*) from partition_hour), (select count(*) from log_in_attempt)").await, "1|1|0");
}
