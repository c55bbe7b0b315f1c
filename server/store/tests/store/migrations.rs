use crate::common::{append, event, now, psql, world};
use weir_domain::{
    StoreError,
    capture::{Leases as _, Maintenance as _, TimeKind, Withheld, WithheldBy},
};

/// What the schema is, as text.
const SCHEMA: &str = "select string_agg(d, E'\\n' order by d) from (
    select format('%s.%s %s %s %s', attrelid::regclass, attname, format_type(atttypid, atttypmod), attnotnull, attstorage) as d
    from pg_attribute join pg_class c on c.oid = attrelid where relnamespace = 'public'::regnamespace and attnum > 0 and not attisdropped and relkind in ('r', 'p')
    union all select pg_get_indexdef(indexrelid) from pg_index join pg_class c on c.oid = indexrelid where relnamespace = 'public'::regnamespace
    union all select pg_get_constraintdef(oid) from pg_constraint where connamespace = 'public'::regnamespace) x";

/// Somebody who is here, somebody invited, and a request for access.
const PEOPLE: &str = "
    insert into person (id, login, name, password_hash, joined_at)
    values (gen_random_uuid(), 'ann', 'Ann', 'x', now()), (gen_random_uuid(), 'bob', 'Bob', '', null);
    insert into session (token_hash, person_id, made_at, expires, last_seen)
    select sha256(id::text::bytea), id, now(), now(), now() from person;
    insert into person_link (person_id, token_hash, made_at, made_by, expires)
    select b.id, sha256('b'), now(), a.id, now() from person a, person b where a.login = 'ann' and b.login = 'bob';
    insert into access_request (id, person_id, role, permission, path, reason, made_at)
    select gen_random_uuid(), id, 'support', '', '', 'why', now() from person";

/// All that is known of all events, whether they are rows or packed.
const ROWS: &str = "select count(*), md5(string_agg(r, E'\\n' order by r)) from (
    select row(partition_id, position, sort_time, captured_at, block_first, broker_ms, key_hash, ce_time, bucket, type_id, size,
               block_bucket, ordinal, flags)::text as r from event) x";

#[tokio::test(flavor = "multi_thread")]
async fn up_down_up_on_a_filled_database() {
    let w = world().await;
    let fresh = psql(&w.url, SCHEMA).await;
    w.store.migrate().await.unwrap();
    assert_eq!(psql(&w.url, SCHEMA).await, fresh, "a second run changes nothing");
    w.store.ensure_buckets(now()).await.unwrap();
    append(&w.store, w.partition, None, (0..500).map(|i| event(i, "k", "{}")).collect()).await;
    // Holes, null keys, withheld bytes, times of all kinds.
    let odd = (0..40).map(|i| {
        let mut e = event(500 + 7 * i, "k", "{}");
        e.key = (i % 3 > 0).then(|| format!("key-{i}").into_bytes());
        e.broker_ms = (i % 5 > 0).then_some(crate::common::NOW_MS - i * 1234);
        e.time_kind = if i % 5 > 0 { TimeKind::Create } else { TimeKind::Absent };
        e.ce_time = (i % 4 > 0).then(|| now().plus_micros(-i * 1_234_567));
        e.withheld = (i % 6 == 0).then_some(Withheld { size: 7, tombstone: false, by: WithheldBy::Ceiling });
        e
    });
    append(&w.store, w.partition, Some(500), odd.collect()).await;
    w.store.acquire("x", "y", 1000).await.unwrap();
    psql(&w.url, PEOPLE).await;
    let rows = psql(&w.url, ROWS).await;
    w.store.migrate_down(20_261_127_120_000).await.unwrap();
    assert_eq!(psql(&w.url, ROWS).await, rows, "each event as it was, one row each");
    w.store.migrate().await.unwrap();
    assert_eq!(psql(&w.url, ROWS).await, rows, "and packed again");
    w.store.migrate_down(0).await.unwrap();
    let left = "select count(*) from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and relname <> '_sqlx_migrations'";
    assert_eq!(psql(&w.url, left).await, "0");
    w.store.migrate().await.unwrap();
    assert_eq!(psql(&w.url, SCHEMA).await, fresh);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_step_down_can_be_taken_up_again() {
    let w = world().await;
    append(&w.store, w.partition, None, vec![event(0, "k", "{}")]).await;
    psql(&w.url, PEOPLE).await;
    let fresh = psql(
        &w.url,
        "select count(*) from pg_class where relnamespace = 'public'::regnamespace and relname !~ '_b[0-9]'",
    )
    .await;
    let versions =
        psql(&w.url, "select string_agg(version::text, ',' order by version desc) from _sqlx_migrations").await;
    for version in versions.split(',').skip(1).map(|v| v.parse().unwrap()) {
        w.store.migrate_down(version).await.unwrap();
        w.store.migrate().await.unwrap();
        let now = psql(
            &w.url,
            "select count(*) from pg_class where relnamespace = 'public'::regnamespace and relname !~ '_b[0-9]'",
        )
        .await;
        assert_eq!(now, fresh, "down to {version} and up");
    }
}

#[tokio::test]
async fn a_schema_from_the_future_is_refused_in_words() {
    let w = world().await;
    let future = "insert into _sqlx_migrations (version, description, installed_on, success, checksum, execution_time) values (99990101000000, 'x', now(), true, '', 0)";
    psql(&w.url, future).await;
    match w.store.migrate().await {
        Err(StoreError::Internal(text)) => {
            assert!(text.contains("newer than this program knows") && text.contains("99990101000000"), "{text}")
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_that_start_together_migrate_once() {
    let (url, _guard) = weir_testkit::fresh_database().await.unwrap();
    let starts: Vec<_> = (0..4)
        .map(|_| {
            let url = url.clone();
            tokio::spawn(async move {
                weir_store::Store::connect(&url, Default::default()).await.unwrap().migrate().await.unwrap();
            })
        })
        .collect();
    for s in starts {
        s.await.unwrap();
    }
    assert_eq!(psql(&url, "select bool_and(success) from _sqlx_migrations").await, "t");
}
