//! What no sensible producer sends: written to a real Kafka, captured by the server, shown by its pages without harm,
//! and read back byte for byte.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test ends at its first surprise")]

mod common;
mod topics;
#[path = "../broker-kafka/tests/cluster/wire.rs"]
#[allow(dead_code, reason = "transactions are the conformance suite's")]
#[allow(clippy::allow_attributes, reason = "the file is shared")]
mod wire;

use std::time::{Duration, Instant};

use common::{World, client::Ask};
use krafka::admin::NewTopic;
use weir_broker::memory::NewRecord;
use weir_domain::{
    EventId, PersonId,
    access::{Caller, Credential, Grant, Role, SystemView, View, VisibleChannels, authorise},
    catalog::Catalog as _,
    events::{EventFilter, EventRows as _, StoredEvent, TimeMark},
    search::Query,
};
use weir_testkit::{Kafka, unique};
use wire::Producer;

const MARKUP: &str = "</script><script>alert('weir')</script><img src=x onerror=alert(1)>";
const YEAR_9999: i64 = 253_402_300_799_999;
/// Places in the set.
const NUL: usize = 0;
const NO_UTF8: usize = 1;
const WITH_MARKUP: usize = 5;

fn record(payload: impl Into<Vec<u8>>) -> NewRecord {
    NewRecord::new(payload)
}

fn header(name: impl Into<Vec<u8>>, value: Option<&[u8]>) -> (Vec<u8>, Option<Vec<u8>>) {
    (name.into(), value.map(<[u8]>::to_vec))
}

/// Batches as they are sent. A batch's times may run backwards.
fn hostile_set() -> Vec<Vec<NewRecord>> {
    // Incompressible, so that nothing gets smaller on its way.
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let big: Vec<u8> = std::iter::repeat_with(|| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed.to_le_bytes()
    })
    .take(10 * 1024 * 1024 / 8)
    .flatten()
    .collect();
    let at = |ms: i64| NewRecord { timestamp_ms: ms, ..record(format!("{{\"at\":{ms}}}")) };
    vec![
        vec![
            NewRecord {
                key: Some(b"a\0b".to_vec()),
                headers: vec![header("n\0", Some(b"\0"))],
                ..record("{\"nul\":\"\\u0000\",\"raw\":\"\0\"}")
            },
            NewRecord {
                key: Some(vec![0xff, 0xfe]),
                headers: vec![header(vec![0xc3, 0x28], Some(&[0x80]))],
                ..record(vec![0xf0, 0x28, 0x8c, 0x28])
            },
            NewRecord { key: None, payload: None, ..record("") },
            NewRecord { key: Some(Vec::new()), payload: Some(Vec::new()), ..record("") },
            NewRecord {
                headers: vec![
                    header("same", Some(b"1")),
                    header("same", Some(b"2")),
                    header("same", None),
                    header("", Some(b"")),
                ],
                ..record("twice")
            },
            NewRecord {
                key: Some(MARKUP.as_bytes().to_vec()),
                headers: vec![
                    header("ce_type", Some(MARKUP.as_bytes())),
                    header("ce_id", Some(b"1")),
                    header("ce_source", Some(b"/")),
                    header("ce_specversion", Some(b"1.0")),
                    header(MARKUP, Some(MARKUP.as_bytes())),
                ],
                ..record(format!("{{\"{MARKUP}\":\"{MARKUP}\",\"\u{202e}\":\"\u{202e}txt.exe\"}}"))
            },
            record(format!("{{\"a\":1,\"a\":2,\"big\":{}e400}}", "9".repeat(500))),
            record("[".repeat(100_000)),
        ],
        vec![NewRecord {
            headers: (0..10_000).map(|n| header(format!("h{}", n / 2), Some(b"v"))).collect(),
            ..record("many headers")
        }],
        vec![NewRecord { key: Some(b"big".to_vec()), ..record(big) }],
        vec![at(-1)],
        vec![at(0)],
        vec![at(86_400_000)],
        vec![at(YEAR_9999)],
        // Backwards within a batch, and from batch to batch.
        vec![at(1_700_000_003_000), at(1_700_000_001_000), at(1_700_000_002_000)],
        vec![at(1_600_000_000_000)],
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hostile_set_is_stored_shown_without_harm_and_read_back() {
    let bootstrap = Kafka::shared().unwrap();
    let topic = unique("hostile");
    let kafka = krafka::Kafka::builder(&bootstrap).client_id("hostile").connect().await.unwrap();
    let wanted = NewTopic::new(&topic, 1, 1)
        .unwrap()
        .with_config("max.message.bytes", "20971520")
        .with_config("message.timestamp.after.max.ms", "9223372036854775807");
    topics::make(&kafka, [wanted]).await;
    let sent = hostile_set();
    weir_broker::conformance::eventually("the topic's leader", || async {
        let metadata = krafka::__private::kafka_metadata(&kafka);
        metadata.force_refresh(Some(&[&topic])).await.ok()?;
        metadata.topic(&topic)?.partitions_iter().all(|p| p.is_routable()).then_some(())
    })
    .await;
    let producer = Producer::to(&kafka, &topic, 0).await;
    for batch in &sent {
        producer.send(batch).await;
    }
    let sent: Vec<NewRecord> = sent.into_iter().flatten().collect();

    let world = World::start_with(&format!(
        "[environments.test]\nkind = \"other\"\n[sources.hostile]\nkind = \"kafka\"\nenvironment = \"test\"\n\
         bootstrap = [\"{bootstrap}\"]\nchannels = [\"{topic}\"]\ncapture = \"full\"\nact = \"none\"\nstart = \"earliest\""
    ))
    .await;
    let cookie = world.administrator().await;
    let stored = stored(&world, sent.len()).await;
    for (sent, stored) in sent.iter().zip(&stored) {
        same(sent, stored);
        shown(&world, &cookie, sent, stored.row.id).await;
    }
    let list = world.ask(Ask::get("/events").cookie(&cookie)).await;
    assert_eq!(list.status, 200);
    harmless("/events", &list.text());
    let id = |nth: usize| stored[nth].row.id;
    let markup = escaped(MARKUP);
    for (path, finds) in [
        ("/events?key=a%00b".to_owned(), Some(id(NUL))),
        ("/events?key=hex%3A610062".to_owned(), Some(id(NUL))),
        ("/events?key=hex%3Afffe".to_owned(), Some(id(NO_UTF8))),
        (format!("/events?key={markup}"), Some(id(WITH_MARKUP))),
        (format!("/events?type={markup}"), Some(id(WITH_MARKUP))),
        (format!("/events?type=a%00b{markup}&from=%00&to=%0d%0a"), None),
        (format!("/events?channel=%00{markup}"), None),
        (format!("/events?source=%00{markup}&env=%00{markup}"), None),
        (format!("/events/%00{markup}"), None),
        (format!("/?channels=%00{markup}&env=%00"), None),
        (format!("/sources?env=%00{markup}"), None),
        (format!("/sources/{}?tab=%00{markup}", stored[0].row.source), None),
        (format!("/help?%00={markup}"), None),
        (format!("/audit?key={markup}&seen={}&env=%00{markup}", stored[0].row.id), None),
        (format!("/audit?person=%00{markup}"), None),
        (format!("/audit?act={markup}&kind=channel&object=%00{markup}"), None),
        (format!("/audit?outcome={markup}&from=%00{markup}&before=%00"), None),
        (format!("/audit/%00{markup}"), None),
    ] {
        let page = world.ask(Ask::get(&path).cookie(&cookie)).await;
        assert!(page.status < 500, "{path}: {}", page.status);
        harmless(&path, &page.text());
        if let Some(id) = finds {
            assert!(page.text().contains(&format!("data-event=\"{id}\"")), "{path} does not find {id}");
        }
    }
    // Nobody in particular is asked who they are by such an address.
    let sign_in = world.ask(Ask::get(&format!("/sign-in?next=/%00{markup}&error=%00{markup}"))).await;
    harmless("/sign-in", &sign_in.text());
    world.running.end().await;
}

/// A view of everything, made as a use case makes it.
async fn view(world: &World) -> View {
    let store = &world.running.parts.store;
    let caller = Caller {
        person: PersonId("test".into()),
        session: None,
        login: "test".into(),
        name: "test".into(),
        roles: Role::ALL.to_vec(),
        grants: vec![Grant::everything()],
        by: Credential::Session,
        environment: None,
        origin: "test".into(),
    };
    let entries = store.entries(&SystemView::for_composition_root()).await.unwrap();
    let channels = entries.iter().map(|e| (e.channel, e.environment, e.source, e.channel_name.as_str()));
    authorise(&caller, "events/detail", VisibleChannels::from_catalog(&caller, channels)).unwrap()
}

/// All events in the order of their positions, once they are all there.
async fn stored(world: &World, count: usize) -> Vec<StoredEvent> {
    let store = &world.running.parts.store;
    let begun = Instant::now();
    let mut rows = loop {
        let view = view(world).await;
        let (rows, ..) = store.list(&view, &EventFilter::default(), &Query::default(), None, 500).await.unwrap();
        if rows.len() >= count {
            break rows;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "{} of {count} events came", rows.len());
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    rows.sort_by_key(|r| r.id);
    assert_eq!(
        rows.iter().map(|r| r.id.position.0).collect::<Vec<_>>(),
        (0..i64::try_from(count).unwrap()).collect::<Vec<_>>()
    );
    let view = view(world).await;
    let mut events = Vec::new();
    for row in rows {
        events.push(store.event(&view, row.id).await.unwrap().unwrap());
    }
    events
}

fn same(sent: &NewRecord, stored: &StoredEvent) {
    let raw = stored.raw.as_ref().unwrap();
    let id = stored.row.id;
    assert!(raw.key == sent.key, "the key of {id}");
    assert!(raw.payload == sent.payload, "the payload of {id}");
    assert_eq!(stored.row.tombstone, sent.payload.is_none(), "{id}");
    let headers: Vec<_> = raw.headers.iter().map(|h| (h.name.clone(), h.value.clone())).collect();
    assert!(headers == sent.headers, "the headers of {id}");
    assert_eq!(stored.broker_ms, Some(sent.timestamp_ms), "the time of {id}");
    let mark = match sent.timestamp_ms {
        -1 => TimeMark::NoTime,
        YEAR_9999 => TimeMark::Ahead,
        _ => TimeMark::Own,
    };
    assert_eq!(stored.row.time_mark, mark, "{id}");
}

async fn shown(world: &World, cookie: &str, sent: &NewRecord, id: EventId) {
    for path in [
        format!("/events/{id}"),
        format!("/events/{id}?tab=headers"),
        format!("/events/{id}?tab=raw"),
        format!("/events?sel={id}"),
    ] {
        let page = world.ask(Ask::get(&path).cookie(cookie)).await;
        assert_eq!(page.status, 200, "{path}: {}", page.text());
        assert!(page.body.len() < 4 << 20, "{path} weighs {} bytes", page.body.len());
        harmless(&path, &page.text());
    }
    let raw = world.ask(Ask::get(&format!("/events/{id}/payload")).cookie(cookie)).await;
    match &sent.payload {
        Some(payload) => {
            assert_eq!(raw.status, 200, "{id}");
            assert!(raw.body == *payload, "the download of {id}");
            assert_eq!(raw.header("content-type"), "application/octet-stream");
            assert!(
                raw.header("content-disposition").starts_with("attachment;"),
                "{}",
                raw.header("content-disposition")
            );
        }
        None => assert_eq!(raw.status, 404, "{id}"),
    }
}

/// Nothing from outside became part of the page: no element that acts, no script that is not of this answer, and no
/// character that is not drawn.
fn harmless(path: &str, page: &str) {
    if let Some((at, control)) = page.char_indices().find(|(_, c)| c.is_control() && !['\n', '\t'].contains(c)) {
        let before: String = page[..at].chars().rev().take(200).collect();
        panic!("{path}: {control:?} is in the page, after {:?}", before.chars().rev().collect::<String>());
    }
    let tags = common::html::tags(page);
    assert!(tags.len() > 20, "{path} is no page: {page}");
    for tag in tags {
        let named = |name: &str| tag.attributes.iter().any(|(n, _)| n == name);
        assert!(tag.name != "script" || named("nonce"), "{path}: a script came in: {tag:?}");
        assert!(!tag.attributes.iter().any(|(n, _)| n.starts_with("on")), "{path}: an element acts: {tag:?}");
        assert!(!["img", "iframe", "object", "embed", "base"].contains(&tag.name.as_str()), "{path}: {tag:?}");
        let address = tag.attributes.iter().find(|(n, _)| n == "href" || n == "src" || n == "action");
        assert!(
            address.is_none_or(|(_, a)| ["/", "#", "?", "data:image/svg+xml,"].iter().any(|p| a.starts_with(p))),
            "{path}: an address leads elsewhere: {tag:?}"
        );
    }
}

fn escaped(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
