//! The audit log on a real database: it takes entries, gives them back, and is never changed.

use crate::common::{self, World, now, psql, world};
use sqlx::{Connection as _, Executor as _, PgConnection};
use weir_domain::{
    PersonId, SourceId, Timestamp,
    access::{AuditView, Role, Via, VisibleChannels, authorise},
    audit::{
        About, AuditFilter, AuditLog as _, EntryId, Facts, Field, Matter, NewEntry, Object, ObjectKind, Outcome,
        Secret, Who,
    },
    capture::Maintenance as _,
    events::{KeyHash, TimeRange},
};

const DAY: i64 = 86_400;

pub fn who(login: &str) -> Who {
    Who {
        person: Some(PersonId(format!("id-{login}"))),
        login: Some(login.into()),
        via: Some(Via::Session),
        remote: "192.0.2.1".into(),
        request_id: "r".into(),
    }
}

pub fn entry(login: &str, use_case: &'static str, about: About) -> NewEntry {
    NewEntry { at: now(), who: who(login), use_case, outcome: Outcome::Allowed, reason: None, about }
}

#[tokio::test]
async fn a_month_is_made_where_upkeep_is_late_and_one_ahead_where_it_is_not() {
    let w = world().await;
    let months = "select coalesce(string_agg(inhrelid::regclass::text, ' ' order by inhrelid::regclass::text), '') from pg_inherits where inhparent in ('audit_entry'::regclass, 'audit_key'::regclass)";
    assert_eq!(psql(&w.url, months).await, "");
    let key = w.store.key_hash(b"ord-4711");
    let both =
        [entry("ann", "events/detail", About::nothing().keys([key])), entry("ann", "events/list", About::nothing())];
    let ids = w.store.append(&both).await.unwrap();
    assert!(ids[0] < ids[1]);
    assert_eq!(psql(&w.url, months).await, "audit_entry_m202611 audit_key_m202611");
    w.store.ensure_buckets(now()).await.unwrap();
    assert_eq!(
        psql(&w.url, months).await,
        "audit_entry_m202611 audit_entry_m202612 audit_key_m202611 audit_key_m202612"
    );
    assert_eq!(psql(&w.url, "select key_hash from audit_key").await, key.0.to_string());
    // The very hash that an event's row keeps.
    common::append(&w.store, w.partition, None, vec![common::event(0, "ord-4711", "{}")]).await;
    assert_eq!(psql(&w.url, "select key_hash from event").await, key.0.to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_on_a_month_that_is_not_there_lose_nothing() {
    let w = world().await;
    let all: Vec<_> = (0..16)
        .map(|n| {
            let store = w.store.clone();
            tokio::spawn(async move {
                let keys = (0..50).map(|k| KeyHash(n * 50 + k));
                let entries = [
                    entry("ann", "events/list", About::nothing().keys(keys)),
                    entry("bob", "events/list", About::nothing()),
                ];
                store.append(&entries).await.unwrap()
            })
        })
        .collect();
    let mut ids = Vec::new();
    for task in all {
        ids.extend(task.await.unwrap());
    }
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 32);
    assert_eq!(psql(&w.url, "select count(*), count(distinct key_hash) from audit_key").await, "800|800");
    assert_eq!(psql(&w.url, "select count(*) from audit_entry").await, "32");
}

#[tokio::test]
async fn nothing_is_changed_deleted_or_emptied_not_even_a_month_by_name() {
    let w = world().await;
    let key = w.store.key_hash(b"k");
    w.store.append(&[entry("ann", "events/detail", About::nothing().keys([key]))]).await.unwrap();
    w.store.ensure_buckets(now()).await.unwrap();
    let mut db = PgConnection::connect(&w.url).await.unwrap();
    for table in ["audit_entry", "audit_entry_m202611", "audit_key", "audit_key_m202611"] {
        let column = if table.starts_with("audit_entry") { "login = 'eve'" } else { "key_hash = 0" };
        for sql in [
            format!("update {table} set {column}"),
            format!("delete from {table}"),
            format!("truncate {table}"),
            format!("with gone as (delete from {table} returning 1) select count(*) from gone"),
        ] {
            let refused = db.execute(sqlx::AssertSqlSafe(sql.clone())).await.unwrap_err();
            let code = refused.as_database_error().and_then(|e| e.code()).unwrap_or_default().into_owned();
            assert_eq!(code, "42501", "{sql}: {refused}");
        }
    }
    let upsert = "insert into audit_entry select * from audit_entry on conflict (id, at) do update set login = 'eve'";
    assert!(db.execute(upsert).await.is_err());
    assert_eq!(psql(&w.url, "select login from audit_entry").await, "ann");
    assert_eq!(psql(&w.url, "select count(*) from audit_key").await, "1");
}

#[tokio::test]
async fn months_past_their_retention_go_whole() {
    let w = world().await;
    let us: i64 =
        psql(&w.url, "select (extract(epoch from clock_timestamp()) * 1000000)::bigint").await.parse().unwrap();
    let now = Timestamp(us);
    let key = w.store.key_hash(b"k");
    for days in [0, 399, 432] {
        let mut old = entry("ann", "events/detail", About::nothing().keys([key]));
        old.at = now.plus_secs(-days * DAY);
        w.store.append(&[old]).await.unwrap();
    }
    let done = w.store.retire_buckets(now).await.unwrap();
    assert_eq!((done.dropped, done.deferred), (2, 0), "entries and keys of one month");
    assert_eq!(psql(&w.url, "select count(*) from audit_entry").await, "2");
    assert_eq!(psql(&w.url, "select count(*) from audit_key").await, "2");
    assert_eq!(w.store.retire_buckets(now).await.unwrap().dropped, 0);
}

#[tokio::test]
async fn an_entry_outlives_whom_and_what_it_is_about() {
    let w = world().await;
    let facts = Facts::new().with(Field::Paused, true).replaced(Secret::Credentials);
    let about = About::object(Object::source(SourceId(77), Some("gone\0source"))).change(Facts::new(), facts).count(3);
    w.store.append(&[entry("nobody-of-that-name", "sources/pause", about)]).await.unwrap();
    assert_eq!(
        psql(&w.url, "select login, person_id, via, object_kind, object_id, source_id, count, before, after, object_name from audit_entry").await,
        "nobody-of-that-name|id-nobody-of-that-name|session|source|77|77|3||{\"paused\": true, \"credentials\": \"(replaced)\"}|gone\u{fffd}source"
    );
}

/// What an auditor brings.
fn view() -> AuditView {
    let auditor = common::caller(&[Role::Auditor]);
    let none = VisibleChannels::from_catalog(&auditor, std::iter::empty());
    authorise(&auditor, "audit/list", none).unwrap().audit().unwrap()
}

async fn found(w: &World, filter: AuditFilter) -> Vec<i64> {
    let page = w.store.entries(&view(), &filter, None, 100).await.unwrap();
    page.entries.iter().map(|e| e.count.unwrap() as i64).collect()
}

#[test]
fn only_who_may_read_the_log_has_its_view() {
    for role in Role::ALL {
        let caller = common::caller(&[*role]);
        let none = VisibleChannels::from_catalog(&caller, std::iter::empty());
        let view = authorise(&caller, "access/me", none).unwrap();
        assert_eq!(view.audit().is_some(), [Role::Auditor, Role::Admin].contains(role), "{role:?}");
    }
}

#[tokio::test]
async fn each_filter_finds_its_entries_and_all_parts_must_hold() {
    let w = world().await;
    let event = Object::event(common::id(w.partition, 7), Some((w.source, w.channel, "order.placed")));
    let entries = [
        ("ann", "events/detail", Outcome::Allowed, Some(event)),
        ("ann", "events/list", Outcome::Refused, Some(Object::channel(w.channel, w.source, "order.placed"))),
        ("bob", "sources/pause", Outcome::Allowed, Some(Object::source(w.source, Some("shop")))),
        ("bob", "events/tail", Outcome::Began, None),
        ("bob", "access/log_in", Outcome::Failed, Some(Object::person(&PersonId("p-bob".into()), "bob"))),
    ];
    for (n, (login, use_case, outcome, object)) in entries.into_iter().enumerate() {
        let mut new = entry(login, use_case, About::nothing().on(object).count(n as u64));
        (new.outcome, new.at) = (outcome, now().plus_secs(n as i64 * 60));
        w.store.append(&[new]).await.unwrap();
    }
    let any = AuditFilter::default;
    let one = |kind, id: String| Some(Matter::Object(kind, id));
    let event = common::id(w.partition, 7).to_string();
    for (what, filter, want) in [
        ("all", any(), vec![4, 3, 2, 1, 0]),
        ("person", AuditFilter { login: Some("bob".into()), ..any() }, vec![4, 3, 2]),
        ("nobody", AuditFilter { login: Some("eve' or 1=1 --".into()), ..any() }, vec![]),
        ("act", AuditFilter { use_case: Some("events/list".into()), ..any() }, vec![1]),
        ("refused", AuditFilter { outcome: Some(Outcome::Refused), ..any() }, vec![1]),
        ("event", AuditFilter { object: one(ObjectKind::Event, event), ..any() }, vec![0]),
        ("person by login", AuditFilter { object: one(ObjectKind::Person, "bob".into()), ..any() }, vec![4]),
        ("person by id", AuditFilter { object: one(ObjectKind::Person, "p-bob".into()), ..any() }, vec![4]),
        ("channel", AuditFilter { object: Some(Matter::Channels(vec![w.channel])), ..any() }, vec![1, 0]),
        ("source", AuditFilter { object: Some(Matter::Sources(vec![w.source])), ..any() }, vec![2, 1, 0]),
        ("no channel", AuditFilter { object: Some(Matter::Channels(vec![])), ..any() }, vec![]),
        ("since", AuditFilter { range: range(Some(120), None), ..any() }, vec![4, 3, 2]),
        ("until", AuditFilter { range: range(None, Some(120)), ..any() }, vec![1, 0]),
        ("two parts", AuditFilter { login: Some("bob".into()), range: range(Some(180), Some(240)), ..any() }, vec![3]),
    ] {
        assert_eq!(found(&w, filter).await, want, "{what}");
    }
    // Page by page, and one by its number.
    let first = w.store.entries(&view(), &any(), None, 2).await.unwrap();
    let second = w.store.entries(&view(), &any(), first.next, 2).await.unwrap();
    let third = w.store.entries(&view(), &any(), second.next, 2).await.unwrap();
    let counts: Vec<_> = [&first, &second, &third].map(|p| p.entries.iter().filter_map(|e| e.count).collect()).into();
    assert_eq!((counts, third.next), (vec![vec![4, 3], vec![2, 1], vec![0]], None));
    let one = w.store.entry(&view(), first.entries[0].id).await.unwrap();
    assert_eq!(one.as_ref(), first.entries.first());
    assert_eq!(w.store.entry(&view(), EntryId(9999)).await.unwrap(), None);
}

fn range(from: Option<i64>, to: Option<i64>) -> TimeRange {
    let at = |secs: Option<i64>| secs.map(|s| now().plus_secs(s));
    TimeRange { from: at(from), to: at(to) }
}

#[tokio::test]
async fn who_saw_a_key_is_one_question_over_views_lists_and_tails() {
    let w = world().await;
    let events = (0..3).map(|n| common::event(n, &format!("ord-{n}"), "{}")).collect();
    common::append(&w.store, w.partition, None, events).await;
    let hash = |key: &str| w.store.key_hash(key.as_bytes());
    let saw = |login: &str, use_case, count, keys: &[&str]| {
        entry(login, use_case, About::nothing().keys(keys.iter().map(|k| hash(k))).count(count))
    };
    let event = Object::event(common::id(w.partition, 1), None);
    w.store
        .append(&[
            saw("ann", "events/list", 0, &["ord-0", "ord-1", "ord-2"]),
            saw("bob", "events/detail", 1, &["ord-2"]),
            saw("bob", "events/tail", 2, &["ord-1"]),
            // Opened when its key was not known any more.
            entry("eve", "events/detail", About::object(event).count(3)),
            saw("eve", "events/list", 4, &[]),
        ])
        .await
        .unwrap();
    // Many others in between, so that ranges of the index are passed over.
    let noise = (0..200_i64).map(|n| {
        let keys = (0..100).map(|k| KeyHash(n * 1_000_003 + k * 7919));
        entry("noise", "events/list", About::nothing().keys(keys).count(99))
    });
    w.store.append(&noise.collect::<Vec<_>>()).await.unwrap();
    let by_key = |key: &str| AuditFilter { key: Some(hash(key)), ..AuditFilter::default() };
    for _ in 0..2 {
        assert_eq!(found(&w, by_key("ord-1")).await, [2, 0]);
        assert_eq!(found(&w, by_key("ord-2")).await, [1, 0]);
        assert_eq!(found(&w, by_key("ord-4711")).await, [0; 0]);
        assert_eq!(found(&w, AuditFilter { login: Some("bob".into()), ..by_key("ord-1") }).await, [2]);
        // By the event: those with its key, and those about it.
        let seen = |position| AuditFilter { seen: Some(common::id(w.partition, position)), ..AuditFilter::default() };
        assert_eq!(found(&w, seen(1)).await, [3, 2, 0]);
        assert_eq!(found(&w, seen(9)).await, [0; 0], "no such event");
        // Once more with the index summarised, as upkeep does.
        psql(&w.url, "select brin_summarize_new_values('audit_key_m202611_key_hash_idx')").await;
    }
}
