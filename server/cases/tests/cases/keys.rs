//! Lists of keys.

use crate::{
    fakes::key_hash,
    world::{CHANNELS, SHOP, World, anybody, caller, event},
};
use std::{collections::BTreeSet, sync::atomic::Ordering};
use weir_cases::events::Wanted;
use weir_domain::{
    CaseError,
    access::{Grant, Role},
    audit::{Field, Outcome, Value},
    events::{KeyList, MOST_KEYS, TimeRange},
};

fn list(text: &str) -> KeyList {
    KeyList::read(text).unwrap()
}

#[tokio::test]
async fn each_key_of_a_list_is_told_in_its_order() {
    let world = World::new();
    let mut newer = event(100, SHOP, 2);
    newer.row.event_type = "order.shipped".into();
    world.ports.data.lock().unwrap().events.push(newer);
    let asked = list("none\nkey-110, key-100; key-100");
    let answer = world.cases.events.keys(&anybody(), &asked, Wanted::default()).await.unwrap();
    let told: Vec<_> = answer.keys.iter().map(|l| (l.key.as_str(), l.found.as_ref().map(|f| f.events))).collect();
    assert_eq!(told, [("none", None), ("key-110", Some(1)), ("key-100", Some(2))]);
    assert_eq!((answer.doubles, answer.scanned.complete, answer.hidden_channels), (1, true, 0));
    let newest = &answer.keys[2].found.as_ref().unwrap().newest;
    assert_eq!((newest.event_type.as_str(), newest.channel_name.as_str()), ("order.shipped", "orders.placed"));
    assert_eq!((answer.found().count(), answer.missing().collect::<Vec<_>>()), (2, vec!["none"]));
}

#[tokio::test]
async fn a_list_is_for_who_may_see_keys_and_tells_of_their_channels_only() {
    let world = World::new();
    let all = list(&CHANNELS.map(|(id, ..)| format!("key-{id}")).join("\n"));
    for role in [Role::Viewer, Role::Operator, Role::Auditor, Role::Admin] {
        let refused = world.cases.events.keys(&caller(&[role], &[Grant::everything()]), &all, Wanted::default()).await;
        let Err(CaseError::NotAllowed { needs, roles }) = refused else { panic!("{role:?}: {refused:?}") };
        assert_eq!((needs, roles.contains(&"support")), ("events.key", true));
    }
    let narrow = caller(&[Role::Support], &[Grant { channel_pattern: "payments.*".into(), ..Grant::everything() }]);
    let answer = world.cases.events.keys(&narrow, &all, Wanted::default()).await.unwrap();
    assert_eq!(answer.found().map(|(key, _)| key).collect::<Vec<_>>(), ["key-101"]);
    assert_eq!(answer.hidden_channels, 3);
    for wanted in [
        Wanted { channel: Some("orders.placed".into()), ..Wanted::default() },
        Wanted { source: Some("no-such".into()), ..Wanted::default() },
        Wanted {
            range: TimeRange { from: Some(crate::world::NOW), to: Some(crate::world::NOW.plus_secs(-1)) },
            ..Wanted::default()
        },
    ] {
        let refused = world.cases.events.keys(&narrow, &all, wanted).await;
        assert!(matches!(refused, Err(CaseError::Invalid { .. })), "{refused:?}");
    }
}

#[tokio::test]
async fn who_looked_for_a_key_by_a_list_is_known() {
    let world = World::new();
    let asked: Vec<_> = (0..MOST_KEYS).map(|i| format!("ord-{i}")).chain(["key-100".to_owned()]).skip(1).collect();
    let asked = KeyList::new(asked).unwrap();
    world.cases.events.keys(&anybody(), &asked, Wanted::default()).await.unwrap();
    let entry = world.audit.take().remove(0);
    assert_eq!((entry.use_case, entry.outcome, entry.about.count), ("events/keys", Outcome::Allowed, Some(1)));
    let (known, want): (BTreeSet<_>, BTreeSet<_>) =
        (entry.about.keys.iter().copied().collect(), asked.bytes().iter().map(|key| key_hash(key)).collect());
    assert_eq!((known.len(), known), (MOST_KEYS, want), "found or not");
    assert_eq!(entry.about.shape.get(Field::By), Some(&Value::List(vec!["key".into()])));
    assert_eq!(entry.about.shape.get(Field::Parts), Some(&Value::List(vec!["key".into()])));

    let of_channel = Wanted { channel: Some("payments.failed".into()), ..Wanted::default() };
    world.cases.events.keys(&anybody(), &list("key-101"), of_channel).await.unwrap();
    let entry = world.audit.take().remove(0);
    assert_eq!(entry.about.object.and_then(|o| o.name).as_deref(), Some("payments.failed"));

    world.audit.away.store(true, Ordering::SeqCst);
    let unwritten = world.cases.events.keys(&anybody(), &list("key-100"), Wanted::default()).await;
    assert!(matches!(unwritten, Err(CaseError::Unavailable(_))), "{unwritten:?}");
}

#[tokio::test]
async fn what_was_captured_up_to_now_is_no_bound() {
    let world = World::new();
    let now = world.cases.events.now();
    for (since, told) in [(now.plus_secs(-60), Some(now.plus_secs(-60))), (now.plus_secs(60), None)] {
        *world.ports.keys_looked_since.lock().unwrap() = Some(since);
        let answer = world.cases.events.keys(&anybody(), &list("none"), Wanted::default()).await.unwrap();
        assert_eq!((answer.scanned.complete, answer.scanned.captured_since), (false, told));
    }
}
