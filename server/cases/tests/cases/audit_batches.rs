//! What goes on for a while in the audit log, and reading and exporting the log itself.

use crate::{
    calls::Same,
    fakes::key_hash,
    live::Told,
    world::{SHOP, World, anybody, caller, event, event_id},
};
use futures::{StreamExt, future::join_all};
use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};
use tokio::time::{Instant, sleep, timeout};
use weir_cases::{Bye, Frame, audit::Exported};
use weir_domain::{
    CaseError, ChannelId,
    access::{Grant, Role},
    audit::{Entry, EntryId, Field, Matter, ObjectKind, Outcome, Question, Value},
    events::EventFilter,
};

#[tokio::test(start_paused = true)]
async fn a_tail_leaves_one_entry_a_minute_with_all_it_showed() {
    let world = World::new();
    let told = Told::new(&anybody());
    let mut frames = world.cases.events.tail(&anybody(), EventFilter::default(), None, told.clone()).await.unwrap();
    frames.next().await.unwrap();
    let began = Instant::now();
    for position in 2..302 {
        let mut new = event(100, SHOP, position);
        new.row.key_hash = Some(key_hash(&position.to_be_bytes()));
        world.ports.data.lock().unwrap().events.push(new);
        sleep(Duration::from_millis(500)).await;
        frames.next().await.unwrap();
    }
    told.now(Ok(None));
    let bye = async {
        while let Some(frame) = frames.next().await {
            if let Frame::Bye(bye) = frame {
                return Some(bye);
            }
        }
        None
    };
    assert_eq!(timeout(Duration::from_secs(60), bye).await.unwrap(), Some(Bye::SignedOut));
    drop(frames);
    world.cases.auditor.settle().await;
    let entries = world.audit.take();
    let outcomes: Vec<_> = entries.iter().map(|e| e.outcome).collect();
    let minutes = usize::try_from(began.elapsed().as_secs() / 60).unwrap();
    let (first, last) = (outcomes.first().copied(), outcomes.last().copied());
    assert_eq!((first, last), (Some(Outcome::Began), Some(Outcome::Ended)));
    let between = outcomes.iter().filter(|o| **o == Outcome::Continued).count();
    assert!((minutes - 1..=minutes).contains(&between) && between + 2 == outcomes.len(), "{minutes} min: {outcomes:?}");
    assert_eq!(entries.iter().filter_map(|e| e.about.count).sum::<u64>(), 300);
    let mut keys: Vec<_> = entries.iter().flat_map(|e| &e.about.keys).copied().collect();
    keys.sort_unstable();
    let mut want: Vec<_> = (2..302_i64).map(|p| key_hash(&p.to_be_bytes())).collect();
    want.sort_unstable();
    assert_eq!(keys, want);
    let last = entries.last().unwrap();
    assert_eq!((last.reason, last.about.shape.get(Field::Total)), (Some("signed out"), Some(&Value::Number(300))));
}

#[tokio::test(start_paused = true)]
async fn nothing_of_a_tail_is_lost_while_the_log_is_away_nor_at_the_end() {
    let world = World::new();
    let mut frames =
        world.cases.events.tail(&anybody(), EventFilter::default(), None, Arc::new(Same(anybody()))).await.unwrap();
    frames.next().await.unwrap();
    world.audit.away.store(true, Ordering::SeqCst);
    let mut shown = 0;
    for position in 2..200_000 {
        let mut new = event(100, SHOP, position);
        new.row.key_hash = Some(key_hash(&position.to_be_bytes()));
        {
            let mut data = world.ports.data.lock().unwrap();
            data.events.retain(|e| e.row.id.position.0 >= position - 300);
            data.events.push(new);
        }
        if position % 200 != 0 {
            continue;
        }
        match timeout(Duration::from_secs(5), frames.next()).await {
            Ok(Some(Frame::Data((frame, _)))) => shown += frame.rows.len() as u64,
            Ok(other) => panic!("{other:?}"),
            Err(_) => break,
        }
    }
    assert!((16_000..20_000).contains(&shown), "it goes on showing for a while, and then no more: {shown}");
    drop(frames);
    let settled = world.cases.auditor.settle();
    let mut settled = std::pin::pin!(settled);
    assert!(timeout(Duration::from_secs(60), settled.as_mut()).await.is_err(), "it can't be written yet");
    world.audit.away.store(false, Ordering::SeqCst);
    timeout(Duration::from_secs(60), settled).await.expect("written as soon as it can be");
    let entries = world.audit.take();
    assert_eq!(entries.iter().map(|e| e.outcome).collect::<Vec<_>>(), [Outcome::Began, Outcome::Ended]);
    assert_eq!(entries[1].about.count, Some(shown));
}

#[tokio::test]
async fn many_at_once_lose_nothing() {
    let world = World::new();
    let all = (0..200).map(|n| {
        let world = &world;
        async move {
            let mut caller = anybody();
            caller.origin.request_id = format!("r{n}");
            world.cases.events.detail(&caller, event_id(100, 1)).await.unwrap();
            drop(
                world
                    .cases
                    .events
                    .tail(&caller, EventFilter::default(), None, Arc::new(Same(caller.clone())))
                    .await
                    .unwrap(),
            );
        }
    });
    join_all(all).await;
    world.cases.auditor.settle().await;
    let entries = world.audit.take();
    for n in 0..200 {
        let request = format!("r{n}");
        let mine: Vec<_> = entries.iter().filter(|e| e.who.request_id == request).map(|e| e.outcome).collect();
        assert_eq!(mine, [Outcome::Allowed, Outcome::Began, Outcome::Ended], "{n}");
    }
    assert_eq!(entries.len(), 600);
}

#[tokio::test]
async fn the_log_is_read_by_its_permission_and_names_only_what_a_grant_reaches() {
    let world = World::new();
    let auditor = caller(&[Role::Auditor], &[]);
    let page = world.cases.audit.list(&auditor, &Question::default(), None, 3).await.unwrap();
    assert_eq!(page.entries.iter().map(|e| e.id.0).collect::<Vec<_>>(), [200, 110, 101]);
    assert!(
        page.entries.iter().all(|e| e.masked && e.object_name.is_none() && e.after.is_empty() && e.login.is_some())
    );
    let rest = world.cases.audit.list(&auditor, &Question::default(), page.next, 3).await.unwrap();
    assert_eq!((rest.entries.len(), rest.next), (1, None));
    let orders = caller(&[Role::Auditor], &[Grant { channel_pattern: "orders.placed".into(), ..Grant::everything() }]);
    let entry = world.cases.audit.detail(&orders, EntryId(100)).await.unwrap().unwrap();
    assert_eq!(
        (entry.object_name.as_deref(), entry.masked, entry.after.is_empty()),
        (Some("orders.placed"), false, false)
    );
    assert!(world.cases.audit.detail(&orders, EntryId(101)).await.unwrap().unwrap().masked);
    assert_eq!(world.cases.audit.detail(&orders, EntryId(1)).await.unwrap(), None);
}

#[tokio::test]
async fn a_question_to_the_log_is_resolved_and_its_key_is_kept_nowhere() {
    let world = World::new();
    let all = anybody();
    let asked = async |question: Question| {
        world.audit.asked.lock().unwrap().clear();
        world.cases.audit.list(&all, &question, None, 10).await.map(|_| world.audit.asked.lock().unwrap().remove(0))
    };
    let object = |kind, text: &str| Question { object: Some((kind, text.into())), ..Question::default() };
    let channels = |ids: &[i64]| Some(Matter::Channels(ids.iter().copied().map(ChannelId).collect()));
    assert_eq!(asked(object(ObjectKind::Channel, "orders.placed")).await.unwrap().object, channels(&[100]));
    assert_eq!(asked(object(ObjectKind::Channel, "#7")).await.unwrap().object, channels(&[7]));
    assert_eq!(
        asked(object(ObjectKind::Source, "shop-kafka")).await.unwrap().object,
        Some(Matter::Sources(vec![SHOP]))
    );
    let person = Matter::Object(ObjectKind::Person, "eve".into());
    assert_eq!(asked(object(ObjectKind::Person, " eve ")).await.unwrap().object, Some(person));
    assert!(matches!(asked(object(ObjectKind::Channel, "no.such")).await, Err(CaseError::Invalid { .. })));
    // A name that may not be seen is none.
    let auditor = caller(&[Role::Auditor], &[]);
    let hidden = world.cases.audit.list(&auditor, &object(ObjectKind::Channel, "orders.placed"), None, 10).await;
    assert!(matches!(hidden, Err(CaseError::Invalid { .. })), "{hidden:?}");

    world.audit.take();
    let filter = asked(Question { key: Some("ord-4711".into()), person: Some(" Mara ".into()), ..Question::default() });
    let filter = filter.await.unwrap();
    assert_eq!((filter.key, filter.login.as_deref()), (Some(key_hash(b"ord-4711")), Some("mara")));
    let entry = world.audit.take().remove(0);
    assert!(
        entry.about.keys.is_empty() && !format!("{entry:?}").contains("4711"),
        "a look for who saw it is no sight of it"
    );
    assert_eq!(entry.about.shape.get(Field::By), Some(&["person", "key"].into_iter().collect()));
}

#[tokio::test]
async fn an_export_is_the_list_and_ends_with_its_session() {
    let world = World::new();
    let like = world.audit.old.lock().unwrap()[0].clone();
    *world.audit.old.lock().unwrap() = (1..=1200).map(|n| Entry { id: EntryId(n), ..like.clone() }).collect();
    let told = Told::new(&anybody());
    let export = async || world.cases.audit.export(&anybody(), Question::default(), None, told.clone()).await.unwrap();
    let mut parts = export().await;
    let mut exported = Vec::new();
    while let Some(part) = parts.next().await {
        let Exported::Entries(entries) = part.unwrap() else { panic!("there are no more") };
        assert!(entries.len() <= 500);
        exported.extend(entries);
    }
    drop(parts);
    let (mut listed, mut before) = (Vec::new(), None);
    loop {
        let page = world.cases.audit.list(&anybody(), &Question::default(), before, 200).await.unwrap();
        listed.extend(page.entries);
        before = page.next;
        if before.is_none() {
            break;
        }
    }
    assert!(exported == listed && exported.len() == 1200);
    world.cases.auditor.settle().await;
    let entries = world.audit.take();
    let of_export: Vec<_> = entries.iter().filter(|e| e.use_case == "audit/export").collect();
    assert_eq!(of_export.iter().map(|e| e.outcome).collect::<Vec<_>>(), [Outcome::Began, Outcome::Ended]);
    assert_eq!((of_export[1].reason, of_export[1].about.count), (Some("complete"), Some(1200)));

    tokio::time::pause();
    let mut parts = export().await;
    parts.next().await.unwrap().unwrap();
    told.now(Ok(None));
    sleep(Duration::from_secs(21)).await;
    assert!(matches!(parts.next().await, Some(Err(CaseError::SignedOut))));
    assert!(parts.next().await.is_none());
    drop(parts);
    world.cases.auditor.settle().await;
    assert_eq!(world.audit.take().last().unwrap().reason, Some("signed out"));
}
