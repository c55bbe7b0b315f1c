//! Who reads a channel, which key fills a partition of it, and groups as a file.

use crate::{
    calls::Same,
    fakes::lag::BOTH,
    world::{World, anybody, caller},
};
use futures::StreamExt as _;
use std::sync::Arc;
use weir_cases::lag::export::Exported;
use weir_domain::{
    ChannelId, GroupId,
    access::{Caller, Grant, Role},
    audit::{About, Field, Outcome},
    events::Masked,
    lag::{GroupSort, GroupsWanted},
};

const PLACED: &str = "orders.placed";

fn placed_only() -> Caller {
    caller(Role::ALL, &[Grant { channel_pattern: PLACED.into(), ..Grant::everything() }])
}

#[tokio::test]
async fn a_hot_key_is_named_to_who_may_see_keys_and_to_others_its_share() {
    let world = World::new();
    let lag = &world.cases.lag;
    let found = lag.hot_key(&anybody(), BOTH, ChannelId(100)).await.unwrap().unwrap();
    let (key, letters) = found.key.unwrap();
    assert_eq!((found.partition.partition, key.percent()), (1, 62));
    let Masked::Shown(Some(letters)) = letters else { panic!("{letters:?}") };
    assert_eq!(letters.text, "key-100");
    let entries = world.audit.take();
    assert_eq!(entries.len(), 1);
    let object = entries[0].about.object.as_ref().unwrap();
    assert_eq!((object.kind.as_str(), object.name.as_deref()), ("channel", Some(PLACED)));
    assert_eq!((entries[0].about.keys.len(), entries[0].about.count), (1, Some(620)));

    world.ports.take_asked();
    let viewer = caller(&[Role::Viewer], &[Grant::everything()]);
    let (key, letters) = lag.hot_key(&viewer, BOTH, ChannelId(100)).await.unwrap().unwrap().key.unwrap();
    assert_eq!(key.percent(), 62);
    assert!(matches!(&letters, Masked::NeedsRole { permission, .. } if permission == "events.key"), "{letters:?}");
    assert_eq!(world.audit.take()[0].about.keys, []);
    assert!(world.ports.take_asked().iter().all(|a| a.what != "event"), "nothing of the event is read");

    // Hidden is as absent, and so is a channel that it does not read.
    for (group, channel) in [(BOTH, 101), (GroupId(101), 101), (GroupId(999), 100), (GroupId(100), 101)] {
        assert_eq!(lag.hot_key(&placed_only(), group, ChannelId(channel)).await.unwrap(), None);
    }
    assert!(world.ports.take_asked().iter().all(|a| a.what != "newest_keys"));
    let entries = world.audit.take();
    assert!(entries.len() == 4 && entries.iter().all(|e| e.about == About::nothing().count(0)), "{entries:?}");
}

#[tokio::test]
async fn all_groups_are_exported_as_they_are_filtered_and_sorted() {
    let world = World::new();
    let exported = async |caller: &Caller, wanted: GroupsWanted| {
        let mut parts = world.cases.lag.export(caller, wanted, Arc::new(Same(caller.clone()))).await.unwrap();
        let (mut names, mut end) = (Vec::new(), None);
        while let Some(part) = parts.next().await {
            match part.unwrap() {
                Exported::Groups(rows) => names.extend(rows.into_iter().map(|r| (r.name, r.channels.len()))),
                Exported::End(last) => end = Some(last),
            }
        }
        // Its end is told behind it.
        world.cases.auditor.settle().await;
        (names, end.unwrap())
    };
    let by_name = GroupsWanted { sort: GroupSort::Group, from: 3, most: 1, ..GroupsWanted::default() };
    let (all, end) = exported(&anybody(), by_name.clone()).await;
    let names: Vec<_> = all.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["reader-100", "reader-101", "reader-110", "reader-200", "reads-both"], "whichever page");
    assert_eq!((end.groups, end.hidden), (5, 0));
    let narrow = GroupsWanted { channel: Some(PLACED.into()), text: "both".into(), ..by_name };
    let (some, end) = exported(&placed_only(), narrow).await;
    assert_eq!((some, end.groups, end.hidden), (vec![("reads-both".to_owned(), 1)], 1, 3));
    let entries = world.audit.take();
    let told: Vec<_> = entries.iter().map(|e| (e.outcome, e.reason, e.about.count)).collect();
    let ended = |n| (Outcome::Ended, Some("complete"), Some(n));
    assert_eq!(told, [(Outcome::Began, None, None), ended(5), (Outcome::Began, None, None), ended(1)]);
    let by = entries[2].about.shape.get(Field::By);
    assert_eq!(serde_json::to_string(&by).unwrap(), r#"["text","channel"]"#, "not what was typed");
}

#[tokio::test]
async fn a_channel_is_told_with_its_readers_to_who_may_see_lag() {
    let world = World::new();
    let catalog = &world.cases.catalog;
    let page = catalog.channel(&anybody(), ChannelId(100)).await.unwrap().unwrap();
    let readers = page.readers.unwrap();
    let told: Vec<_> = readers.rows.iter().map(|r| (r.name.as_str(), r.channels.clone(), r.hidden_channels)).collect();
    let on = || vec![PLACED.to_owned()];
    assert_eq!(told, [("reader-100", on(), 0), ("reads-both", on(), 0)], "on this channel alone");
    assert_eq!(
        (readers.matching, readers.left_out, readers.observed.map(|o| o.name)),
        (2, 0, Some("shop-kafka".into()))
    );
    assert_eq!((page.facts.name.as_str(), page.facts.average_size()), (PLACED, Some(50)));

    // An administrator sees sources and no lag.
    world.ports.take_asked();
    let admin = caller(&[Role::Admin], &[Grant::everything()]);
    assert_eq!(catalog.channel(&admin, ChannelId(100)).await.unwrap().unwrap().readers, None);
    assert!(world.ports.take_asked().iter().all(|a| a.what != "listed"));
    for id in [101, 999] {
        assert_eq!(catalog.channel(&placed_only(), ChannelId(id)).await.unwrap(), None);
    }
    assert_eq!(world.audit.taken(), []);
}
