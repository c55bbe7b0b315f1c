use crate::world::{BANK, NOW, SHOP, World, anybody, caller, event, event_id, expired};
use weir_domain::{
    CaseError, ChannelId, Position,
    access::{Grant, Role},
    capture::{Header, HeaderType, SourceState, TimeKind},
    events::{Absence, EventFilter, LiveAnswer, LiveRead, LiveRecord, Masked, PayloadShown, TimeRange},
};

#[tokio::test]
async fn a_page_holds_1_to_200_rows() {
    let world = World::new();
    for (asked, want) in [(0, 1), (1, 1), (50, 50), (200, 200), (201, 200), (u32::MAX, 200)] {
        world.ports.take_asked();
        world.cases.events.list(&anybody(), EventFilter::default(), None, asked).await.unwrap();
        let limits: Vec<_> = world.ports.take_asked().into_iter().filter_map(|a| a.limit).collect();
        assert_eq!(limits, [want]);
    }
}

#[tokio::test]
async fn sources_that_stand_still_are_named_where_they_count() {
    let world = World::new();
    for (i, state) in [SourceState::Down, SourceState::Paused, SourceState::Off].into_iter().enumerate() {
        world.ports.data.lock().unwrap().sources[i].source.state = state;
    }
    let silent = async |filter: EventFilter| {
        let page = world.cases.events.list(&anybody(), filter.clone(), None, 10).await.unwrap();
        // What is counted tells of them as what is listed does.
        let counted = world.cases.events.breakdown(&anybody(), filter, None).await.unwrap();
        assert_eq!((&counted.silent_sources, counted.gaps), (&page.scanned.silent_sources, 2));
        page.scanned.silent_sources
    };
    assert_eq!(silent(EventFilter::default()).await, ["shop-kafka", "bank-kafka", "trial-kafka"]);
    assert_eq!(silent(EventFilter { source: Some(BANK), ..EventFilter::default() }).await, ["bank-kafka"]);
    let of = |channel| EventFilter { channel: Some(ChannelId(channel)), ..EventFilter::default() };
    assert_eq!(silent(of(100)).await, ["shop-kafka"]);
    assert!(silent(of(999)).await.is_empty(), "no such channel has no source");
    for detail in &mut world.ports.data.lock().unwrap().sources {
        detail.source.state = SourceState::Up;
    }
    assert!(silent(EventFilter::default()).await.is_empty());
}

#[tokio::test]
async fn what_cannot_be_asked_is_said() {
    let world = World::new();
    let range = TimeRange { from: Some(NOW), to: Some(NOW.plus_secs(-1)) };
    for filter in [
        EventFilter { range, ..EventFilter::default() },
        EventFilter { event_type: Some("t".repeat(2000)), ..EventFilter::default() },
        EventFilter { key: Some("k".repeat(100_000)), ..EventFilter::default() },
        EventFilter { query: Some("cel: data.amount >".into()), ..EventFilter::default() },
        EventFilter { query: Some(format!("cel: {}a", "(".repeat(10_000))), ..EventFilter::default() },
    ] {
        let refused = world.cases.events.list(&anybody(), filter, None, 10).await;
        assert!(matches!(refused, Err(CaseError::Invalid { .. })), "{refused:?}");
    }
    assert!(world.ports.take_asked().is_empty());
}

#[tokio::test]
async fn an_event_is_shown_as_far_as_the_caller_may_see() {
    let world = World::new();
    let mut hostile = event(100, SHOP, 2);
    let raw = hostile.raw.as_mut().unwrap();
    raw.key = Some(vec![0xff, 0]);
    raw.headers = vec![Header { name: b"h".to_vec(), kind: HeaderType::Bytes, value: None }; 10_000];
    raw.payload = Some(b"{\"a\":1}".to_vec());
    world.ports.data.lock().unwrap().events.push(hostile);

    let shown = world.cases.events.detail(&anybody(), event_id(100, 2)).await.unwrap().unwrap();
    assert_eq!((shown.environment_name.as_str(), shown.headers_total), ("production", 10_000));
    let Masked::Shown(headers) = &shown.headers else { panic!("{:?}", shown.headers) };
    assert_eq!(headers.len(), 1000);
    let Masked::Shown(Some(key)) = &shown.row.key else { panic!("{:?}", shown.row.key) };
    assert_eq!(key.text, "hex:ff00");
    let Masked::Shown(PayloadShown::Present { tree, .. }) = &shown.payload else { panic!("{:?}", shown.payload) };
    assert_eq!(tree.len(), 2);
    let payload = world.cases.events.payload(&anybody(), event_id(100, 2)).await.unwrap();
    assert_eq!(payload.as_deref(), Some(&b"{\"a\":1}"[..]));

    let viewer = caller(&[Role::Viewer], &[Grant::everything()]);
    let shown = world.cases.events.detail(&viewer, event_id(100, 2)).await.unwrap().unwrap();
    assert_eq!(shown.headers_total, 0, "how many there are is part of what is masked");
    let Masked::NeedsRole { permission, roles } = shown.payload else { panic!("shown") };
    assert_eq!((permission.as_str(), roles), ("events.payload", vec!["support".to_owned()]));
}

#[tokio::test]
async fn payloads_of_every_format_are_shown_as_the_same_tree() {
    const ZSTD: &[u8] = b"\x28\xb5\x2f\xfd\x20\x13\x99\x00\x00{\"order\":{\"id\":42}}";
    const SNAPPY: &[u8] = b"\xff\x06\x00\x00sNaPpY\x01\x17\x00\x00\xa6\x30\x66\x10{\"order\":{\"id\":42}}";
    const GZIP: &[u8] =
        b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff\xab\x56\xca\x2f\x4a\x49\x2d\x52\xb2\xaa\x56\xca\x4c\x51\
        \xb2\x32\x31\xaa\xad\x05\x00\x97\xdb\xdc\xc6\x13\x00\x00\x00";
    let world = World::new();
    let shown = async |payload: &[u8], content_type: &str| {
        let mut event = event(100, SHOP, 2);
        let raw = event.raw.as_mut().unwrap();
        let value = Some(content_type.as_bytes().to_vec());
        raw.headers = vec![Header { name: b"Content-Type".to_vec(), kind: HeaderType::Bytes, value }];
        raw.payload = Some(payload.to_vec());
        {
            let mut data = world.ports.data.lock().unwrap();
            data.events.retain(|e| e.row.id != event_id(100, 2));
            data.events.push(event);
        }
        let detail = world.cases.events.detail(&anybody(), event_id(100, 2)).await.unwrap().unwrap();
        let Masked::Shown(PayloadShown::Present { how, tree, problem, text, hex, .. }) = detail.payload else {
            panic!("{:?}", detail.payload)
        };
        assert!(
            hex.starts_with(&weir_domain::events::hex(&payload[..payload.len().min(4)])),
            "the bytes that were sent"
        );
        let path: Vec<_> = tree.into_iter().map(|n| format!("{}={}", n.name.unwrap_or_default(), n.text)).collect();
        (how, path.join(" "), text.map(|t| t.text), problem)
    };
    let json = r#"{"order":{"id":42}}"#;
    for (payload, how, text) in [
        (json.as_bytes(), "JSON", json),
        (b"<order><id>42</id></order>", "XML", "<order><id>42</id></order>"),
        (b"\x81\xa5order\x81\xa2id\x2a", "MessagePack", json),
        (b"\xa1\x65order\xa1\x62id\x18\x2a", "CBOR", json),
        (GZIP, "gzip, then JSON", json),
        (ZSTD, "zstd, then JSON", json),
        (SNAPPY, "snappy, then JSON", json),
    ] {
        let got = shown(payload, "application/octet-stream").await;
        assert_eq!(got, (how.to_owned(), "= order= id=42".to_owned(), Some(text.to_owned()), None));
    }
    let words = shown(b"just words", "text/plain").await;
    assert_eq!(words, ("Text".to_owned(), String::new(), Some("just words".to_owned()), None));

    // What fails stays as it was sent, and says why; a wrong header too, without its value.
    let (how, _, text, problem) = shown(&GZIP[..20], "").await;
    assert_eq!((how.as_str(), text), ("Bytes", None));
    assert_eq!(problem.unwrap(), "It begins like gzip and is left packed: it ends too early.");
    let (how, _, _, problem) = shown(json.as_bytes(), "application/vnd.secret+cbor").await;
    assert!(
        how == "JSON" && problem.as_ref().is_some_and(|p| p.contains("CBOR") && !p.contains("secret")),
        "{problem:?}"
    );
}

#[tokio::test]
async fn missing_null_and_expired_are_told_apart() {
    let world = World::new();
    {
        let mut data = world.ports.data.lock().unwrap();
        data.events[0].raw = None;
        data.events[0].row.absent = Some(Absence::Expired);
        data.events[1].raw.as_mut().unwrap().payload = None;
    }
    let (cases, all) = (&world.cases.events, anybody());
    let payload = async |id| cases.detail(&all, id).await.unwrap().map(|d| d.payload);
    let absent = |why| Some(Masked::Shown(PayloadShown::Absent(why)));
    assert_eq!(payload(event_id(100, 1)).await, absent(Absence::Expired));
    for why in [Absence::MetadataOnly, Absence::NeverStored, Absence::Erased] {
        world.ports.data.lock().unwrap().events[0].row.absent = Some(why);
        assert_eq!(payload(event_id(100, 1)).await, absent(why));
        let viewer = caller(&[Role::Viewer], &[Grant::everything()]);
        let told = cases.detail(&viewer, event_id(100, 1)).await.unwrap().map(|d| d.payload);
        assert_eq!(told, absent(why), "nobody is sent for a role that would not show it either");
    }
    world.ports.data.lock().unwrap().events[0].row.tombstone = true;
    assert_eq!(payload(event_id(100, 1)).await, Some(Masked::Shown(PayloadShown::Null)));
    assert_eq!(payload(event_id(101, 1)).await, Some(Masked::Shown(PayloadShown::Null)));
    assert_eq!(payload(event_id(100, 77)).await, None);
    assert_eq!(cases.payload(&all, event_id(101, 1)).await.unwrap(), None);
}

#[tokio::test]
async fn what_the_broker_has_is_shown_as_what_it_is() {
    let world = World::new();
    let (cases, all, id) = (&world.cases.events, anybody(), event_id(100, 1));
    let live = async || cases.live(&all, id).await.unwrap().unwrap().answer;
    let kept = cases.live(&all, id).await;
    assert!(matches!(&kept, Err(CaseError::Conflict { what, .. }) if what.contains("stored")), "{kept:?}");
    world.ports.take_asked();
    for why in [Absence::Erased, Absence::NeverStored] {
        world.ports.data.lock().unwrap().events[0].row.absent = Some(why);
        assert!(matches!(cases.live(&all, id).await, Err(CaseError::Conflict { .. })), "{why:?}");
    }
    assert!(world.ports.take_asked().iter().all(|asked| asked.what != "live"), "no broker was asked");
    {
        let mut data = world.ports.data.lock().unwrap();
        data.events[0] = expired(data.events[0].clone());
        // Its block is gone: what is read is the broker's.
        data.events[0].row.payload_head = None;
    }
    let LiveAnswer::Read(read) = live().await else { panic!("it is there") };
    assert!(matches!(read.payload, PayloadShown::Present { .. }));
    assert!(matches!(&read.key, Masked::Shown(Some(key)) if key.text == "key-100"), "{:?}", read.key);
    assert_eq!(read.headers_total, 1);
    // Something else at its position is not shown, and neither is it told what.
    let raw = world.ports.data.lock().unwrap().events[1].raw.clone().unwrap();
    let other = LiveRecord { time_kind: TimeKind::Create, broker_ms: Some(NOW.millis()), raw };
    world.ports.data.lock().unwrap().live = Some(LiveRead::Found(other));
    assert_eq!(live().await, LiveAnswer::Other);
    for (read, answer) in [
        (LiveRead::Gone { starts: Some(Position(9)) }, LiveAnswer::Gone { starts: Some(Position(9)) }),
        (LiveRead::Compacted, LiveAnswer::Compacted),
        (LiveRead::Replaced, LiveAnswer::Replaced),
    ] {
        world.ports.data.lock().unwrap().live = Some(read);
        assert_eq!(live().await, answer);
    }
    assert_eq!(cases.live(&all, event_id(100, 77)).await.unwrap(), None);
}
