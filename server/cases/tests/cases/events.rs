use crate::world::{BANK, NOW, SHOP, World, anybody, caller, event, event_id};
use weir_domain::{
    CaseError, ChannelId,
    access::{Grant, Role},
    capture::{Header, HeaderType, SourceState},
    events::{Absence, EventFilter, Masked, PayloadShown, TimeRange},
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
        let page = world.cases.events.list(&anybody(), filter, None, 10).await.unwrap();
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
