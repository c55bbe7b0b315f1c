//! Events, exported: whole, in order, to whoever may and for as long as they may.

use crate::{
    calls::Same,
    fakes::key_hash,
    live::Told,
    world::{SHOP, World, anybody, caller, event, event_id},
};
use futures::{StreamExt, stream::BoxStream};
use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};
use tokio::time::sleep;
use weir_cases::{
    Recheck,
    events::{Completeness, EventExported, Exported, PayloadExported, Wanted},
};
use weir_domain::{
    CaseError,
    access::{Caller, Grant, Role},
    audit::{Field, NewEntry, Outcome, Value},
    capture::SourceState,
    events::{Absence, EventFilter, Masked, PageCursor, RawEvent},
};

type Parts = BoxStream<'static, Result<Exported, CaseError>>;

const ALL: u32 = 1_000_000;

/// A world with so many events in one channel.
fn world_of(events: i64) -> World {
    let world = World::new();
    let mut data = world.ports.data.lock().unwrap();
    data.events = (1..=events)
        .map(|n| {
            let mut event = event(100, SHOP, n);
            event.row.key_hash = Some(key_hash(&n.to_be_bytes()));
            event
        })
        .collect();
    drop(data);
    world
}

async fn export(
    world: &World,
    by: &Caller,
    before: Option<PageCursor>,
    limit: u32,
    recheck: Arc<dyn Recheck>,
) -> Parts {
    world.cases.events.export(by, Wanted::default(), before, limit, recheck).await.unwrap()
}

/// All of it, and its end.
async fn whole(world: &World, mut parts: Parts) -> (Vec<EventExported>, Completeness) {
    let mut events = Vec::new();
    loop {
        match parts.next().await.expect("it has an end").unwrap() {
            Exported::Events(more) => {
                assert!(more.len() <= 2000, "{}", more.len());
                events.extend(more);
            }
            Exported::End(end) => {
                assert!(parts.next().await.is_none(), "goes on after its end");
                drop(parts);
                world.cases.auditor.settle().await;
                return (events, end);
            }
        }
    }
}

/// What exports left in the log, once they have ended.
async fn left(world: &World) -> Vec<NewEntry> {
    world.cases.auditor.settle().await;
    world.audit.take().into_iter().filter(|e| e.use_case == "events/export").collect()
}

fn positions(events: &[EventExported]) -> Vec<i64> {
    events.iter().map(|e| e.row.id.position.0).collect()
}

#[tokio::test]
async fn it_walks_page_after_page_and_says_how_far_it_came() {
    let world = world_of(4500);
    world.ports.data.lock().unwrap().sources[1].source.state = SourceState::Down;
    let same = Arc::new(Same(anybody()));
    let (events, end) = whole(&world, export(&world, &anybody(), None, ALL, same.clone()).await).await;
    assert_eq!(positions(&events), (1..=4500).rev().collect::<Vec<_>>());
    let scanned = &end.scanned;
    assert_eq!((scanned.complete, end.matches, end.next, end.passed_over), (true, 4500, None, false));
    assert_eq!((scanned.rows, scanned.gaps, &*scanned.silent_sources), (4500, 3, &["bank-kafka".to_owned()][..]));
    let limits: Vec<_> = world.ports.take_asked().into_iter().filter(|a| a.what == "list_whole").collect();
    assert_eq!(limits.iter().map(|a| a.limit).collect::<Vec<_>>(), [Some(2000); 3]);

    let (first, end) = whole(&world, export(&world, &anybody(), None, 2500, same.clone()).await).await;
    assert_eq!((first.len(), end.scanned.complete, end.next.is_some()), (2500, false, true));
    let (rest, end) = whole(&world, export(&world, &anybody(), end.next, ALL, same.clone()).await).await;
    assert!(end.scanned.complete && [first, rest].concat() == events);
    // As many as there are: nothing is left to go on with.
    let (_, end) = whole(&world, export(&world, &anybody(), None, 4500, same.clone()).await).await;
    assert_eq!((end.scanned.complete, end.next), (true, None));

    // Keys are found, as ever, by who was shown what.
    let log = left(&world).await;
    let told: Vec<_> = log.iter().map(|e| (e.outcome, e.reason)).collect();
    let (began, all) = ((Outcome::Began, None), (Outcome::Ended, Some("complete")));
    assert_eq!(
        told,
        [began, all, began, (Outcome::Ended, Some("as much as one export holds")), began, all, began, all]
    );
    assert_eq!((log[1].about.count, log[1].about.keys.len()), (Some(4500), 4500));
    assert_eq!(log[1].about.shape.get(Field::Total), Some(&Value::Number(4500)));
    let limit = |n: usize| log[n].about.shape.get(Field::Limit).cloned();
    assert_eq!((limit(0), limit(2)), (None, Some(Value::Number(2500))));
    assert_eq!(log[4].about.shape.get(Field::Older), Some(&Value::Flag(true)));
    let parts: Value = ["key", "headers", "payload"].into_iter().collect();
    assert_eq!(log[0].about.shape.get(Field::Parts), Some(&parts));
}

#[tokio::test]
async fn channels_beyond_the_grants_are_left_out_and_counted() {
    let world = World::new();
    let grant = Grant { channel_pattern: "orders.placed".into(), ..Grant::everything() };
    let support = caller(&[Role::Support], &[grant]);
    let (events, end) = whole(&world, export(&world, &support, None, ALL, Arc::new(Same(support.clone()))).await).await;
    assert_eq!(events.iter().map(|e| e.row.channel_name.as_str()).collect::<Vec<_>>(), ["orders.placed"]);
    assert_eq!((end.matches, end.hidden_channels), (1, 3));
    let log = left(&world).await;
    assert_eq!(log[1].about.keys, [key_hash(b"key-100")], "of what was shown");
    for role in Role::ALL.iter().filter(|r| **r != Role::Support) {
        let other = caller(&[*role], &[Grant::everything()]);
        let refused =
            world.cases.events.export(&other, Wanted::default(), None, 1, Arc::new(Same(other.clone()))).await;
        match refused.err() {
            Some(CaseError::NotAllowed { needs, roles }) => {
                assert_eq!((needs, roles), ("events.export", vec!["support"]))
            }
            refused => panic!("{role:?}: {refused:?}"),
        }
    }
    assert!(left(&world).await.iter().all(|e| (e.outcome, e.reason) == (Outcome::Refused, Some("events.export"))));
}

#[tokio::test]
async fn a_payload_is_as_whole_as_it_is_and_says_how_to_read_it() {
    let world = World::new();
    let cases = [
        (Some(&b" {\"a\":1,\n\"a\":1e400}"[..]), PayloadExported::Json(" {\"a\":1,\n\"a\":1e400}".into())),
        (Some(b"null"), PayloadExported::Json("null".into())),
        (Some(b"{\"a\":"), PayloadExported::Text("{\"a\":".into())),
        (Some(b""), PayloadExported::Text(String::new())),
        (Some("=1+1 \u{202e}\"'\r\n".as_bytes()), PayloadExported::Text("=1+1 \u{202e}\"'\r\n".into())),
        (Some(b"a\0b"), PayloadExported::Bytes(b"a\0b".to_vec())),
        (Some(b"{\"a\":\"\xff\"}"), PayloadExported::Bytes(b"{\"a\":\"\xff\"}".to_vec())),
        (None, PayloadExported::Null),
    ];
    let mut stored: Vec<_> = (1..)
        .zip(&cases)
        .map(|(n, (payload, _))| {
            let mut event = event(100, SHOP, n);
            event.row.tombstone = payload.is_none();
            let raw = event.raw.take().unwrap();
            event.raw = Some(RawEvent { payload: payload.map(<[u8]>::to_vec), ..raw });
            event
        })
        .collect();
    let without = |n, absent, tombstone| {
        let mut event = event(100, SHOP, n);
        (event.raw, event.row.absent, event.row.tombstone) = (None, absent, tombstone);
        event
    };
    stored.push(without(100, Some(Absence::Expired), false));
    stored.push(without(101, None, false));
    stored.push(without(102, Some(Absence::Erased), true));
    world.ports.data.lock().unwrap().events = stored;
    let (mut events, _) = whole(&world, export(&world, &anybody(), None, ALL, Arc::new(Same(anybody()))).await).await;
    events.reverse();
    let mut want: Vec<_> = cases.into_iter().map(|(_, want)| want).collect();
    want.extend([PayloadExported::Absent, PayloadExported::TooLarge, PayloadExported::Null]);
    let got: Vec<_> = events.iter().map(|e| e.payload.clone()).collect();
    assert_eq!(got, want.into_iter().map(Masked::Shown).collect::<Vec<_>>());
    let headers: Vec<_> =
        events.iter().map(|e| matches!(&e.headers, Masked::Shown(Some(all)) if all.len() == 1)).collect();
    assert_eq!(headers.iter().filter(|there| **there).count(), 8, "those that are not there are no empty list");
}

#[tokio::test(start_paused = true)]
async fn it_ends_with_its_session_its_permission_and_its_reader() {
    let world = world_of(5000);
    let told = Told::new(&anybody());
    let begun = async || {
        let mut parts = export(&world, &anybody(), None, ALL, told.clone()).await;
        assert!(matches!(parts.next().await, Some(Ok(Exported::Events(_)))));
        parts
    };
    for (answer, reason) in [
        (Ok(None), "signed out"),
        (Ok(Some(caller(&[Role::Viewer], &[Grant::everything()]))), "no longer allowed"),
        (Err(()), "failed"),
    ] {
        told.now(Ok(Some(anybody())));
        let mut parts = begun().await;
        told.now(answer);
        sleep(Duration::from_secs(31)).await;
        let error = parts.next().await.unwrap().unwrap_err();
        let right = match reason {
            "signed out" => matches!(error, CaseError::SignedOut),
            "failed" => matches!(error, CaseError::Unavailable(_)),
            _ => matches!(error, CaseError::NotAllowed { needs: "events.export", .. }),
        };
        assert!(right && parts.next().await.is_none(), "{reason}: {error:?}");
        drop(parts);
        assert_eq!(left(&world).await.last().unwrap().reason, Some(reason));
    }
    told.now(Ok(Some(anybody())));
    // Whoever hangs up has seen what was shown, and nothing more is looked for.
    let parts = begun().await;
    world.ports.take_asked();
    drop(parts);
    let log = left(&world).await;
    let last = log.last().unwrap();
    assert_eq!((last.outcome, last.reason, last.about.count), (Outcome::Ended, Some("left"), Some(2000)));
    assert!(world.ports.take_asked().is_empty());

    // The database goes away in the middle: it is no end.
    let mut parts = begun().await;
    world.ports.away.store(true, Ordering::SeqCst);
    assert!(matches!(parts.next().await, Some(Err(CaseError::Unavailable(_)))));
    assert!(parts.next().await.is_none());
}

#[tokio::test]
async fn it_is_asked_by_names_and_by_a_key_as_the_list_is() {
    let world = World::new();
    let all = anybody();
    let by = |wanted: Wanted| world.cases.events.export(&all, wanted, None, ALL, Arc::new(Same(anybody())));
    let key = Wanted { query: Some("key:key-100".into()), source: Some("shop-kafka".into()), ..Wanted::default() };
    drop(by(key).await.unwrap());
    let log = left(&world).await;
    assert_eq!(log[0].about.shape.get(Field::By), Some(&["key", "source"].into_iter().collect()));
    assert_eq!((log[0].about.keys.len(), log[0].about.object.as_ref().unwrap().id.as_str()), (1, "10"));
    for wrong in [
        Wanted { channel: Some("no.such".into()), ..Wanted::default() },
        Wanted { query: Some("a AND".into()), ..Wanted::default() },
    ] {
        assert!(matches!(by(wrong).await.err(), Some(CaseError::Invalid { .. })));
    }
    assert!(left(&world).await.is_empty(), "nothing began");
    // A number may be an id to a program; in an address of the console an id says that it is one.
    let numbered = |channel: &str, source: Option<&str>, ids_are_marked| {
        let source = source.map(str::to_owned);
        Wanted { channel: Some(channel.into()), source, ids_are_marked, ..Wanted::default() }
    };
    for (wanted, found) in [
        (numbered("100", None, false), true),
        (numbered("100", None, true), false),
        (numbered("#100", None, true), true),
        (numbered("#100", Some("10"), false), true),
        (numbered("#100", Some("10"), true), false),
        (numbered("#100", Some("#10"), true), true),
        (numbered("orders.placed", Some("shop-kafka"), true), true),
    ] {
        let refused = by(wanted.clone()).await.err();
        assert_eq!(refused.is_none(), found, "{wanted:?}: {refused:?}");
    }
    left(&world).await;
    // What is exported is what is listed.
    let listed = world.cases.events.list(&anybody(), EventFilter::default(), None, 50).await.unwrap();
    let (events, _) = whole(&world, by(Wanted::default()).await.unwrap()).await;
    assert!(events.iter().map(|e| &e.row).eq(&listed.rows), "{events:?}");
    assert_eq!(events[0].row.id, event_id(200, 1));
}
