//! An erased subject is nowhere in the database any more, whoever looks and however the walk was cut off.

use crate::common::{World, append, batch, event, id, now, psql, system, view, world};
use sqlx::{ConnectOptions as _, postgres::PgConnectOptions};
use std::collections::BTreeSet;
use weir_domain::{
    ErasureId, EventId, HoldId, PersonId, Position, SearchId, Timestamp,
    access::Via,
    audit::{About, AuditLog, NewEntry, Outcome, Who},
    capture::{CapturedEvent, EventLog, Header, HeaderType, Maintenance as _},
    erasures::{
        By, Decision, Eraser as _, ErasureRefused, ErasureState, Erasures as _, KeptSubject, NewErasure, Subject,
        SubjectKind, Walked,
    },
    events::{Absence, EventFilter, EventRows as _},
    holds::{Held, HoldRefused, Holds as _, NewHold},
    links::{Links as _, NewLink, link_id},
    search::Query,
    searches::{EventsAddress, NewSearch, SavedSearches as _},
};

pub const ANN: &str = "0193e7a2-4c1b-7d52-a0f3-000000000001";
const BOB: &str = "0193e7a2-4c1b-7d52-a0f3-000000000002";
pub const KEY: &str = "zq-customer-77041";
/// The greatest number of its span, which the span's zones therefore hold.
pub const NUMBER: i64 = 77_041_993;

pub async fn people(w: &World) {
    let sql = format!(
        "insert into person (id, login, name, password_hash, joined_at)
         values ('{ANN}', 'ann', 'Ann', 'x', now()), ('{BOB}', 'bob', 'Bob', 'x', now())"
    );
    psql(&w.url, &sql).await;
}

fn by(person: &str, at: Timestamp) -> By {
    By { person: PersonId(person.into()), name: if person == ANN { "Ann" } else { "Bob" }.into(), at }
}

fn erasure(n: u32) -> ErasureId {
    ErasureId(format!("0193e7a2-4c1b-7d52-a0f3-{n:012}"))
}

pub async fn ask(w: &World, n: u32, subject: &Subject) -> ErasureId {
    let see = view(&w.store).await;
    let new = NewErasure {
        id: erasure(n),
        subject: KeptSubject { kind: subject.kind(), key_id: None, bytes: subject.to_bytes() },
        channels: None,
        reason: "They asked for it".into(),
        by: by(ANN, now()),
        ends_at: now().plus_secs(7 * 86_400),
    };
    w.store.ask_erasure(&see, &new, 9).await.unwrap().unwrap();
    new.id
}

/// The engine's work on one request, up to the end of its present state.
async fn walk(w: &World, subject: &Subject) -> ErasureState {
    let walk = w.store.next_erasure(&system(), &[], now()).await.unwrap().unwrap();
    loop {
        match w.store.walk_erasure(&system(), &walk, subject, now()).await.unwrap() {
            Walked::More => {}
            Walked::Through => return walk.state,
            other => panic!("{other:?}"),
        }
    }
}

pub async fn clean(w: &World, id: &ErasureId) {
    // A connection that has just given an answer may still be seen in its transaction.
    loop {
        match w.store.clean_erasure(&system(), id).await.unwrap() {
            Walked::Waits => tokio::task::yield_now().await,
            end => break assert_eq!(end, Walked::Through),
        }
    }
    assert!(w.store.finish_erasure(&system(), id, now()).await.unwrap());
}

pub async fn approved(w: &World, id: &ErasureId) {
    let see = view(&w.store).await;
    w.store.decide_erasure(&see, id, &Decision::Approve, &by(BOB, now())).await.unwrap().unwrap();
}

pub async fn whole(w: &World, n: u32, subject: &Subject) -> ErasureId {
    let id = ask(w, n, subject).await;
    assert_eq!(walk(w, subject).await, ErasureState::Counting);
    approved(w, &id).await;
    assert_eq!(walk(w, subject).await, ErasureState::Running);
    clean(w, &id).await;
    id
}

pub fn marked(position: i64, payload: &str) -> CapturedEvent {
    CapturedEvent {
        headers: vec![Header { name: b"for".to_vec(), kind: HeaderType::Bytes, value: Some(KEY.into()) }],
        ..event(position, KEY, payload)
    }
}

/// Events of the subject among those of others, in several blocks, one of them with nothing else; a block that is gone.
pub async fn fill(w: &World) -> BTreeSet<i64> {
    let number = format!(r#"{{"amount":{NUMBER}}}"#);
    let of = |i: i64| match i {
        7 => marked(7, &number),
        260 => marked(260, r#"{"who":"\u007aq-customer-77041"}"#),
        _ => event(i, &format!("ord-{i}"), &format!(r#"{{"amount":{i}}}"#)),
    };
    append(&w.store, w.partition, None, (0..300).map(of).collect()).await;
    append(&w.store, w.partition, Some(300), vec![marked(300, "x")]).await;
    append(&w.store, w.partition, Some(301), vec![marked(301, "gone soon")]).await;
    psql(&w.url, "delete from block where first_position = 301").await;
    // As if its buckets' time were over: all of it is in segments.
    while w.store.index(now().plus_secs(100 * 86_400)).await.unwrap().more {}
    // By what somebody saw and what somebody looked for.
    let who = Who {
        person: None,
        login: Some("ann".into()),
        via: Some(Via::Session),
        remote: String::new(),
        request_id: "r".into(),
    };
    let keys = [KEY, "ord-3"].map(|k| w.store.key_hash(k.as_bytes())).to_vec();
    let about = About { keys, ..About::nothing() };
    let entry = NewEntry { at: now(), who, use_case: "events/list", outcome: Outcome::Allowed, reason: None, about };
    AuditLog::append(&w.store, &[entry]).await.unwrap();
    let see = view(&w.store).await;
    for (n, address) in [(1_u128, format!("q=key%3A{KEY}&from=-1h")), (2, "q=ord-3".to_owned())] {
        let new = NewSearch {
            id: SearchId(format!("0193e7a2-4c1b-7d52-a0f3-{n:012}")),
            owner: PersonId(ANN.into()),
            name: format!("search {n}"),
            address: EventsAddress::new(address).unwrap(),
            shared: false,
            made: now(),
        };
        let link = NewLink { id: link_id(n), address: new.address.clone(), made_by: PersonId(ANN.into()), made: now() };
        w.store.keep_search(&see, new, 9).await.unwrap();
        w.store.keep_link(&see, link, 9).await.unwrap();
    }
    [7, 260, 300, 301].into()
}

/// Everything that the database holds, as text: each row of each table, and the blocks unpacked.
pub async fn everything(w: &World) -> String {
    let tables = psql(
        &w.url,
        "select relname from pg_class where relkind = 'r' and relnamespace = current_schema()::regnamespace order by 1",
    )
    .await;
    let mut all = String::new();
    for table in tables.lines() {
        all.push_str(&psql(&w.url, &format!("select * from {table}")).await);
        all.push('\n');
    }
    for body in psql(&w.url, "select encode(body, 'hex') from block").await.lines() {
        let bytes: Vec<u8> =
            (0..body.len()).step_by(2).map(|i| u8::from_str_radix(&body[i..i + 2], 16).unwrap()).collect();
        all.push_str(&String::from_utf8_lossy(&unpacked(&bytes)));
    }
    all.to_lowercase()
}

/// Head and body of a block, whatever they hold.
fn unpacked(block: &[u8]) -> Vec<u8> {
    let size = |at: usize| u32::from_le_bytes(block[at..at + 4].try_into().unwrap()) as usize;
    let (head, body) = block[28..].split_at(size(16));
    let part = |codec: u8, bytes: &[u8]| match codec {
        1 => zstd::decode_all(bytes).unwrap(),
        _ => bytes.to_vec(),
    };
    [part(block[1], head), part(block[2], body)].concat()
}

/// The subject in every way in which it could stand somewhere.
fn traces(w: &World) -> Vec<String> {
    let hash = w.store.key_hash(KEY.as_bytes()).0;
    let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
    let number = NUMBER as f32;
    vec![
        KEY.to_owned(),
        r"\u007aq-customer".to_owned(),
        hex(KEY.as_bytes()),
        hash.to_string(),
        hex(&hash.to_be_bytes()),
        hex(&hash.to_le_bytes()),
        NUMBER.to_string(),
        hex(&number.to_le_bytes()),
        hex(&number.to_be_bytes()),
    ]
}

pub async fn found(w: &World) -> Vec<String> {
    let all = everything(w).await;
    traces(w).into_iter().filter(|t| all.contains(&t.to_lowercase())).collect()
}

/// Nor do the files of the tables that held it as text, free space and all. (Those of buckets are vacuumed, and what their
/// pages held before may stand in their free space.)
async fn files_hold(w: &World) -> bool {
    psql(&w.url, "checkpoint").await;
    let sql = format!(
        "with tables as (select 'saved_search'::regclass as t union select 'search_link'::regclass union select 'erasure'::regclass), files as (
            select t as f from tables union select indexrelid from pg_index, tables where indrelid = t
            union select reltoastrelid from pg_class, tables where oid = t and reltoastrelid <> 0)
         select count(*) >= 5, count(*) filter (
             where position('{KEY}'::bytea in pg_read_binary_file(pg_relation_filepath(f))) > 0) from files"
    );
    let told = psql(&w.url, &sql).await;
    assert!(told.starts_with("t|"), "{told}");
    told != "t|0"
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_key_is_in_no_table_index_or_block() {
    let w = world().await;
    people(&w).await;
    let erased = fill(&w).await;
    let before = found(&w).await;
    assert!(before.len() >= 5 && files_hold(&w).await, "the test would not notice: {before:?}");
    let subject = Subject::Key(KEY.into());
    let id = ask(&w, 9, &subject).await;
    walk(&w, &subject).await;
    let see = view(&w.store).await;
    let detail = w.store.erasure(&see, &id).await.unwrap().unwrap();
    let counted: Vec<_> = detail.counted.iter().map(|c| (c.channel, c.events, c.bare, c.held)).collect();
    assert_eq!(counted, [(w.channel, 4, 1, 0)]);
    assert_eq!((detail.request.state, detail.request.searches), (ErasureState::Waiting, 2));
    assert!(detail.subject.is_some());
    approved(&w, &id).await;
    walk(&w, &subject).await;
    clean(&w, &id).await;

    assert_eq!(found(&w).await, [] as [String; 0]);
    assert!(!files_hold(&w).await);
    // What others have is as it was, and the erased ones say so.
    for i in 0..302 {
        let stored = w.store.event(&see, self::id(w.partition, i)).await.unwrap().unwrap();
        let gone = erased.contains(&i);
        assert_eq!((stored.raw.is_none(), stored.row.absent == Some(Absence::Erased)), (gone, gone), "{i}");
        let told = w.store.erased_by(&see, self::id(w.partition, i)).await.unwrap();
        let told = told.map(|e| (e.asked_name, e.approved_name, e.reason));
        assert_eq!(told, gone.then(|| ("Ann".into(), "Bob".into(), "They asked for it".into())), "{i}");
    }
    let above = Query::parse("amount>298").unwrap();
    let (rows, ..) = w.store.list(&see, &EventFilter::default(), &above, None, 10).await.unwrap();
    assert_eq!(rows.iter().map(|r| r.id.position.0).collect::<Vec<_>>(), [299], "zones still lead to what is left");
    let request = w.store.erasure(&see, &id).await.unwrap().unwrap();
    let done = request.request;
    assert_eq!((done.state, done.erased, done.unreadable, done.searches), (ErasureState::Done, 4, 0, 2));
    assert_eq!((request.subject, done.decided_name.as_deref()), (None, Some("Bob")));
    assert_eq!(psql(&w.url, "select name from saved_search").await, "search 2");
    assert_eq!(psql(&w.url, "select address from search_link").await, "q=ord-3");
    assert_eq!(psql(&w.url, "select count(*) from audit_key").await, "1", "who saw another key stays known");
    // What comes later with the key is stored.
    append(&w.store, w.partition, Some(302), vec![marked(302, "y")]).await;
    assert!(w.store.event(&see, self::id(w.partition, 302)).await.unwrap().unwrap().raw.is_some());
}

/// It keeps dead rows here: a snapshot stands back behind the oldest transaction of the whole server.
#[tokio::test(flavor = "multi_thread")]
async fn who_writes_in_another_database_keeps_the_clean_up_waiting() {
    let w = world().await;
    people(&w).await;
    fill(&w).await;
    let elsewhere = w.url.parse::<PgConnectOptions>().unwrap().database("postgres");
    let mut other = elsewhere.connect().await.unwrap();
    sqlx::raw_sql("begin; select pg_current_xact_id()").execute(&mut other).await.unwrap();
    let subject = Subject::Key(KEY.into());
    let id = ask(&w, 9, &subject).await;
    walk(&w, &subject).await;
    approved(&w, &id).await;
    walk(&w, &subject).await;
    for _ in 0..3 {
        assert_eq!(w.store.clean_erasure(&system(), &id).await.unwrap(), Walked::Waits);
    }
    sqlx::raw_sql("rollback").execute(&mut other).await.unwrap();
    clean(&w, &id).await;
    assert_eq!(found(&w).await, [] as [String; 0]);
    assert!(!files_hold(&w).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_is_erased_wherever_it_stands_and_the_keys_that_hold_it() {
    let w = world().await;
    people(&w).await;
    fill(&w).await;
    let value = "customer-77041";
    append(
        &w.store,
        w.partition,
        Some(302),
        vec![
            event(302, "other", &format!(r#"{{"note":"call {value} back"}}"#)),
            event(303, "other", r#"{"note":"customer-770412"}"#),
        ],
    )
    .await;
    // Packed, so that its bytes don't hold the value.
    let words: String = (0..400).map(|n| format!("order {n} of the day, ")).collect();
    let packed =
        zstd::encode_all(format!(r#"{{"words":"{words}","note":"call {value} back"}}"#).as_bytes(), 19).unwrap();
    assert!(!String::from_utf8_lossy(&packed).contains(value));
    let packed = CapturedEvent { payload: Some(packed), ..event(304, "other", "") };
    append(&w.store, w.partition, Some(304), vec![packed]).await;
    let subject = Subject::read(SubjectKind::Value, value).unwrap();
    whole(&w, 9, &subject).await;
    let see = view(&w.store).await;
    let mut gone = Vec::new();
    for i in 0..305 {
        if w.store.event(&see, id(w.partition, i)).await.unwrap().unwrap().row.absent == Some(Absence::Erased) {
            gone.push(i);
        }
    }
    assert_eq!(gone, [7, 260, 300, 302, 304], "whose bytes are gone has no value that could be found");
    let left = everything(&w).await;
    // One event's payload was gone before: its row still has the hash of its key.
    assert!(!left.replace("customer-770412", "").contains(value));
    assert_eq!(psql(&w.url, "select count(*) from audit_key").await, "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn single_events_are_erased_and_a_cut_off_walk_goes_on() {
    let w = world().await;
    people(&w).await;
    append(&w.store, w.partition, None, (0..600).map(|i| event(i, &format!("k{i}"), "{}")).collect()).await;
    let ids: Vec<EventId> = [3, 251, 599].map(|i| id(w.partition, i)).to_vec();
    let subject = Subject::Events(ids.clone());
    let request = ask(&w, 9, &subject).await;
    walk(&w, &subject).await;
    approved(&w, &request).await;
    // As when the process is killed: whatever a stretch had begun is rolled back, what was committed stays.
    let system = system();
    let running = w.store.next_erasure(&system, &[], now()).await.unwrap().unwrap();
    for n in 0..40_u64 {
        let stretch = w.store.walk_erasure(&system, &running, &subject, now());
        let patience = std::time::Duration::from_micros(n * n * 20);
        match tokio::time::timeout(patience, stretch).await {
            Ok(Ok(Walked::Through)) => break,
            Ok(Ok(Walked::More)) | Err(_) => {}
            // A stretch that was cut off may still hold the place for a moment.
            Ok(Ok(Walked::Lost)) => {}
            other => panic!("{other:?}"),
        }
    }
    loop {
        let Some(walk) = w.store.next_erasure(&system, &[], now()).await.unwrap() else { panic!("nothing to do") };
        if walk.state == ErasureState::Cleaning {
            break;
        }
        w.store.walk_erasure(&system, &walk, &subject, now()).await.unwrap();
    }
    clean(&w, &request).await;
    let see = view(&w.store).await;
    for i in 0..600 {
        let raw = w.store.event(&see, id(w.partition, i)).await.unwrap().unwrap().raw;
        assert_eq!(raw.is_none(), [3, 251, 599].contains(&i), "{i}");
    }
    let done = w.store.erasure(&see, &request).await.unwrap().unwrap().request;
    assert_eq!((done.state, done.erased), (ErasureState::Done, 3), "counted once each");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_person_decides_once_and_in_time() {
    let w = world().await;
    people(&w).await;
    fill(&w).await;
    let (see, subject) = (view(&w.store).await, Subject::Key(KEY.into()));
    let request = ask(&w, 9, &subject).await;
    let decide = async |decision: Decision, who: &str, at: Timestamp| {
        w.store.decide_erasure(&see, &request, &decision, &by(who, at)).await.unwrap()
    };
    let state = ErasureRefused::State;
    assert_eq!(decide(Decision::Approve, BOB, now()).await, Err(state(ErasureState::Counting)));
    walk(&w, &subject).await;
    assert_eq!(decide(Decision::Approve, ANN, now()).await, Err(ErasureRefused::Own));
    assert_eq!(decide(Decision::Withdraw, BOB, now()).await, Err(ErasureRefused::NotOwn));
    let late = now().plus_secs(8 * 86_400);
    assert_eq!(decide(Decision::Approve, BOB, late).await, Err(state(ErasureState::Expired)));
    let (a, b) =
        tokio::join!(decide(Decision::Approve, BOB, now()), decide(Decision::Decline("no".into()), BOB, now()));
    assert_eq!([a, b].iter().filter(|d| d.is_ok()).count(), 1);
    // Nothing is left of one that is withdrawn, declined or forgotten.
    let second = ask(&w, 10, &Subject::Key(b"zq-other".to_vec())).await;
    w.store.decide_erasure(&see, &second, &Decision::Withdraw, &by(ANN, now())).await.unwrap().unwrap();
    let third = ask(&w, 11, &Subject::Key(b"zq-other".to_vec())).await;
    w.store.next_erasure(&system(), &[], late).await.unwrap();
    for (id, want) in [(second, ErasureState::Withdrawn), (third, ErasureState::Expired)] {
        let found = w.store.erasure(&see, &id).await.unwrap().unwrap();
        assert_eq!((found.request.state, found.subject), (want, None));
    }
    assert!(!everything(&w).await.contains("zq-other"));
    // The audit log gives up no key without an erasure that runs.
    let refused = psql_fails(&w, "delete from audit_key").await;
    assert!(refused.contains("append-only"), "{refused}");
    // Nothing of it is there: nothing to approve.
    let nothing = ask(&w, 12, &Subject::Key(b"no such key".to_vec())).await;
    psql(&w.url, "update erasure set state = 'withdrawn', subject = null, ended_at = now() where state = 'running'")
        .await;
    walk(&w, &Subject::Key(b"no such key".to_vec())).await;
    let approved = w.store.decide_erasure(&see, &nothing, &Decision::Approve, &by(BOB, now())).await.unwrap();
    assert_eq!(approved, Err(ErasureRefused::Nothing));
}

async fn psql_fails(w: &World, sql: &str) -> String {
    let done = tokio::process::Command::new("psql").args(["-XAtq", "-d", &w.url, "-c", sql]).output().await.unwrap();
    assert!(!done.status.success());
    String::from_utf8_lossy(&done.stderr).into_owned()
}

fn hold(n: u32, held: Held, at: Timestamp, days: i64) -> NewHold {
    NewHold {
        id: HoldId(format!("0193e7a2-4c1b-7d52-a0f3-{n:012}")),
        name: format!("Case {n}"),
        held,
        reason: "A court asked".into(),
        by: by(ANN, at),
        ends_at: at.plus_secs(days * 86_400),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_held_is_not_erased() {
    let w = world().await;
    people(&w).await;
    fill(&w).await;
    let (see, subject) = (view(&w.store).await, Subject::Key(KEY.into()));
    let real = clock(&w).await;
    let event = Held::Events(vec![id(w.partition, 7)]);
    w.store.place_hold(&see, &hold(1, event, real, 1), 9).await.unwrap().unwrap();
    let request = ask(&w, 9, &subject).await;
    walk(&w, &subject).await;
    let detail = w.store.erasure(&see, &request).await.unwrap().unwrap();
    assert_eq!((detail.counted[0].held, detail.holds.as_slice()), (1, &["Case 1".to_owned()][..]));
    let refused = w.store.decide_erasure(&see, &request, &Decision::Approve, &by(BOB, now())).await.unwrap();
    assert_eq!(refused, Err(ErasureRefused::Held(1, vec!["Case 1".into()])));
    let ended = w.store.end_hold(&see, &HoldId("0193e7a2-4c1b-7d52-a0f3-000000000001".into()), &by(BOB, real)).await;
    ended.unwrap().unwrap();
    approved(&w, &request).await;
    // Placed after it was approved: it keeps what is left, and who saw the key stays known.
    let hash = w.store.key_hash(KEY.as_bytes());
    w.store.place_hold(&see, &hold(2, Held::Key(Some(hash)), real, 1), 9).await.unwrap().unwrap();
    walk(&w, &subject).await;
    clean(&w, &request).await;
    let done = w.store.erasure(&see, &request).await.unwrap().unwrap().request;
    assert_eq!((done.state, done.erased, done.left_held), (ErasureState::Done, 0, 4));
    assert!(w.store.event(&see, id(w.partition, 7)).await.unwrap().unwrap().raw.is_some());
    assert_eq!(psql(&w.url, "select count(*) from audit_key").await, "2");
}

async fn clock(w: &World) -> Timestamp {
    let us = psql(&w.url, "select (extract(epoch from clock_timestamp()) * 1000000)::bigint").await;
    Timestamp(us.parse().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_held_outlives_its_retention_until_the_hold_ends() {
    let w = world().await;
    people(&w).await;
    let see = view(&w.store).await;
    let now = clock(&w).await;
    for (position, days) in [(0, 60), (1, 50), (2, 40)] {
        let mut b = batch(
            w.partition,
            (position > 0).then_some(position),
            vec![event(position, &format!("k{position}"), "{}")],
        );
        b.captured_at = now.plus_secs(-days * 86_400);
        EventLog::append(&w.store, &b).await.unwrap();
    }
    let hash = w.store.key_hash(b"k2");
    let one = Held::Events(vec![id(w.partition, 1)]);
    w.store.place_hold(&see, &hold(1, one, now, 1), 9).await.unwrap().unwrap();
    w.store.place_hold(&see, &hold(2, Held::Key(Some(hash)), now, 1), 9).await.unwrap().unwrap();
    let full = w.store.place_hold(&see, &hold(3, Held::Key(Some(hash)), now, 1), 2).await.unwrap();
    assert_eq!(full, Err(HoldRefused::TooMany));
    let retired = w.store.retire_buckets(now).await.unwrap();
    assert_eq!(retired.dropped, 2, "rows and block of the one that nothing holds");
    let there = async |position: i64| {
        w.store
            .event(&see, EventId { partition: w.partition, position: Position(position) })
            .await
            .unwrap()
            .and_then(|e| e.raw)
    };
    assert_eq!([there(0).await.is_some(), there(1).await.is_some(), there(2).await.is_some()], [false, true, true]);
    let held = w.store.holds(&see).await.unwrap();
    assert!(held.iter().all(|h| h.pinned_buckets == 2 && h.pinned_bytes > 0), "{held:?}");
    // One is ended by somebody, the other by itself.
    w.store
        .end_hold(&see, &HoldId("0193e7a2-4c1b-7d52-a0f3-000000000002".into()), &by(BOB, now))
        .await
        .unwrap()
        .unwrap();
    let again = w.store.end_hold(&see, &HoldId("0193e7a2-4c1b-7d52-a0f3-000000000002".into()), &by(BOB, now)).await;
    assert_eq!(again.unwrap(), Err(HoldRefused::Ended));
    assert_eq!(w.store.retire_buckets(now).await.unwrap().dropped, 2);
    psql(&w.url, "update hold set ends_at = now()").await;
    assert_eq!(w.store.retire_buckets(now).await.unwrap().dropped, 2);
    assert!(there(1).await.is_none());
    assert!(!everything(&w).await.contains(&hash.0.to_string()), "an ended hold forgets its key");
}
