//! Looking for events in their broker: what is judged, what is shown, and where it goes on.

use crate::{
    fakes::key_hash,
    world::{NOW, SHOP, World, anybody, caller, event, event_id, expired},
};
use std::sync::atomic::Ordering;
use weir_cases::events::BrokerAsked;
use weir_domain::{
    CaseError, ChannelId, Position,
    access::{Grant, Role},
    audit::Outcome,
    events::{Absence, BrokerFound, BrokerLimits, BrokerRange, LiveRead, Masked, TimeRange},
};

fn asked(query: Option<&str>) -> BrokerAsked {
    BrokerAsked {
        channel: ChannelId(100),
        query: query.map(str::to_owned),
        range: BrokerRange::default(),
        limits: BrokerLimits::USUAL,
        after: None,
    }
}

fn world() -> World {
    let world = World::new();
    {
        let events = &mut world.ports.data.lock().unwrap().events;
        events.retain(|e| e.row.channel != ChannelId(100));
        events.extend((1..=9).map(|position| expired(event(100, SHOP, position))));
    }
    world
}

async fn found(world: &World, asked: BrokerAsked) -> BrokerFound {
    world.cases.events.from_broker(&anybody(), asked).await.unwrap().unwrap()
}

#[tokio::test]
async fn one_step_goes_as_far_as_its_limits_and_the_next_goes_on_there() {
    let world = world();
    let mut limited = asked(Some("reason:payload-100"));
    limited.limits.events = 4;
    let (mut all, mut steps) = (Vec::new(), 0);
    loop {
        let step = found(&world, limited.clone()).await;
        assert!(step.searched.read <= 4 && step.searched.bytes > 0, "{:?}", step.searched);
        assert_eq!(step.searched.complete, step.next.is_none());
        all.extend(step.rows.iter().map(|r| r.row.id.position.0));
        steps += 1;
        limited.after = step.next;
        if step.next.is_none() {
            assert_eq!((step.searched.of, step.searched.done), (1, 1));
            break;
        }
    }
    assert_eq!((all, steps), ((1..=9).collect::<Vec<_>>(), 3));
    assert!(found(&world, asked(Some("reason:nothing"))).await.rows.is_empty());
    // By offsets and by time.
    let mut some = asked(None);
    some.range = BrokerRange { from: Some(Position(3)), to: Some(Position(6)), ..BrokerRange::default() };
    assert_eq!(found(&world, some).await.rows.len(), 3);
    let mut later = asked(None);
    later.range.time = TimeRange { from: Some(NOW.plus_secs(1)), to: None };
    assert!(found(&world, later).await.rows.is_empty());
}

#[tokio::test]
async fn what_must_not_be_read_is_counted_and_not_shown() {
    let world = world();
    {
        let events = &mut world.ports.data.lock().unwrap().events;
        let of = |e: &&mut weir_domain::events::StoredEvent| e.row.channel == ChannelId(100);
        for (event, absent) in events.iter_mut().filter(of).zip([Absence::Erased, Absence::NeverStored]) {
            event.row.absent = Some(absent);
        }
        if let Some(other) = events.iter_mut().filter(of).nth(2) {
            other.row.size += 1;
        }
    }
    let step = found(&world, asked(None)).await;
    let searched = &step.searched;
    assert_eq!((searched.read, searched.kept_away, searched.other, step.rows.len()), (9, 2, 1, 6));
    assert!(step.rows.iter().all(|r| r.known && r.row.absent == Some(Absence::Expired)));
    assert_eq!(world.audit.take().pop().unwrap().about.count, Some(6));
}

#[tokio::test]
async fn a_step_that_is_cut_off_is_in_the_audit_log_with_what_it_found() {
    let world = world();
    // It lets others have a turn once in so many events: there it is given up.
    world.ports.data.lock().unwrap().events.extend((10..=100).map(|position| expired(event(100, SHOP, position))));
    let caller = anybody();
    let mut step = Box::pin(world.cases.events.from_broker(&caller, asked(None)));
    while !world.ports.take_asked().iter().any(|a| a.what == "kept_away") {
        assert!(futures::poll!(&mut step).is_pending());
        tokio::task::yield_now().await;
    }
    drop(step);
    world.cases.auditor.settle().await;
    let entries = world.audit.take();
    let told: Vec<_> = entries.iter().map(|e| (e.use_case, e.outcome, e.reason)).collect();
    let of = |outcome, reason| ("events/from_broker", outcome, reason);
    assert_eq!(told, [of(Outcome::Began, None), of(Outcome::Ended, Some("left"))]);
    let about = &entries[1].about;
    assert_eq!((about.count, &*about.keys), (Some(63), &[key_hash(b"key-100")][..]));

    // One that could not go on has its end too, and so has one that shows nothing.
    world.ports.away.store(true, Ordering::SeqCst);
    world.cases.events.from_broker(&caller, asked(None)).await.unwrap_err();
    world.ports.away.store(false, Ordering::SeqCst);
    world.cases.auditor.settle().await;
    let absent = BrokerAsked { channel: ChannelId(999), ..asked(None) };
    world.cases.events.from_broker(&caller, absent).await.unwrap();
    let reasons: Vec<_> = world.audit.take().iter().filter_map(|e| e.reason).collect();
    assert_eq!(reasons, ["failed", "nothing that may be seen"]);
}

#[tokio::test]
async fn what_was_erased_does_not_tell_whether_it_matches() {
    let world = world();
    let of = |e: &&mut weir_domain::events::StoredEvent| e.row.channel == ChannelId(100);
    if let Some(event) = world.ports.data.lock().unwrap().events.iter_mut().find(of) {
        event.row.absent = Some(Absence::Erased);
    }
    for query in ["reason:payload-100", "reason:nothing"] {
        assert_eq!(found(&world, asked(Some(query))).await.searched.kept_away, 1, "{query}");
    }
}

#[tokio::test]
async fn a_busy_broker_is_asked_again_at_the_same_place() {
    let world = world();
    let mut limited = asked(None);
    limited.limits.events = 4;
    limited.after = found(&world, limited.clone()).await.next;
    world.ports.data.lock().unwrap().busy = true;
    let busy = found(&world, limited.clone()).await;
    assert_eq!((busy.next, busy.searched.complete, busy.searched.read), (limited.after, false, 0));
    assert_eq!(busy.searched.partitions[0].problems, ["Others read. Wait."]);
}

#[tokio::test]
async fn nothing_that_was_asked_is_not_complete() {
    let world = world();
    world.ports.data.lock().unwrap().events.clear();
    let none = found(&world, asked(None)).await;
    assert_eq!((none.searched.of, none.searched.complete, none.next), (0, false, None));
}

#[tokio::test]
async fn who_may_not_see_it_learns_nothing_by_searching_the_broker() {
    let world = world();
    let viewer = caller(&[Role::Viewer], &[Grant::everything()]);
    let refused = world.cases.events.from_broker(&viewer, asked(None)).await;
    assert!(matches!(refused, Err(CaseError::NotAllowed { .. })), "{refused:?}");
    let part = caller(Role::ALL, &[Grant { channel_pattern: "payments.*".into(), ..Grant::everything() }]);
    let hidden = world.cases.events.from_broker(&part, asked(None)).await.unwrap();
    let absent = BrokerAsked { channel: ChannelId(999), ..asked(None) };
    assert_eq!((hidden, world.cases.events.from_broker(&part, absent).await.unwrap()), (None, None));
    let wrong = world.cases.events.from_broker(&anybody(), asked(Some("("))).await;
    assert!(matches!(wrong, Err(CaseError::Invalid { .. })), "{wrong:?}");
    assert!(matches!(found(&world, asked(None)).await.rows[0].row.key, Masked::Shown(Some(_))));
    // A broker that is not there is told, and it is not complete.
    world.ports.data.lock().unwrap().live =
        Some(LiveRead::NotRead { what: "It is away.".into(), what_to_do: "Wait.".into() });
    let away = found(&world, asked(None)).await;
    assert!(!away.searched.complete && away.rows.is_empty());
    assert_eq!(away.searched.partitions[0].problems, ["It is away. Wait."]);
    assert_eq!(away.next, None);
    assert_eq!(event_id(100, 1).partition.0, 100);
}
