use crate::common::{environment, now, open, opened, psql, system, view, view_of, wanted, world};
use weir_domain::{
    PersonId, Position, SourceId,
    access::Role,
    capture::{Begin, Gap, GapReason, Incarnation, NewIncarnation, SourceReport, SourceState, TapCatalog as _},
    changes::{ChangeCursor, ChangeFilter, ChangeKind, Changes as _, NewChange, Observer as _},
    sources::{EnvironmentChoice, KeptSource, MadeSources as _},
};
use weir_store::Store;

async fn titles(store: &Store) -> Vec<String> {
    let view = view(store).await;
    let all = store.list(&view, &ChangeFilter::default(), None, 100).await.unwrap();
    all.into_iter().rev().map(|c| c.title).collect()
}

async fn report(store: &Store, source: SourceId, state: SourceState, seconds: i64) {
    let report = SourceReport {
        source,
        tap: "test".into(),
        state,
        reason: Some("connection refused".into()),
        at: now().plus_secs(seconds),
        retry_at: None,
        left_out: None,
        left_out_total: 0,
        bytes_to_read: None,
        throttled_ms: 0,
    };
    store.report_source(&report).await.unwrap();
}

#[tokio::test]
async fn what_becomes_of_a_source_is_told_once() {
    let w = world().await;
    assert_eq!(w.store.observe(&system(), now()).await.unwrap(), 2);
    assert_eq!(titles(&w.store).await.len(), 2, "the source and its channel");
    assert_eq!(w.store.observe(&system(), now()).await.unwrap(), 0, "nothing changed since");

    report(&w.store, w.source, SourceState::Up, 1).await;
    w.store.observe(&system(), now().plus_secs(1)).await.unwrap();
    report(&w.store, w.source, SourceState::Down, 10).await;
    w.store.observe(&system(), now().plus_secs(10)).await.unwrap();
    report(&w.store, w.source, SourceState::Starting, 20).await;
    assert_eq!(w.store.observe(&system(), now().plus_secs(20)).await.unwrap(), 0, "a new try is no news");
    report(&w.store, w.source, SourceState::Up, 202).await;
    w.store.observe(&system(), now().plus_secs(202)).await.unwrap();
    let of_the_source = |all: Vec<String>| all.into_iter().filter(|t| !t.contains("Channel")).collect::<Vec<_>>();
    let all = of_the_source(titles(&w.store).await);
    assert_eq!(all[1..], ["shop is read", "shop can't be reached", "shop reached again after 3 m 12 s"]);

    let mut other = wanted("shop", "production");
    other.capture = "metadata".into();
    w.store.put_sources(&[environment("production", true)], &[other]).await.unwrap();
    w.store.observe(&system(), now().plus_secs(300)).await.unwrap();
    let last = of_the_source(titles(&w.store).await).pop().unwrap();
    assert_eq!(last, "Source shop configured differently: capture metadata (was full)");
}

#[tokio::test]
async fn what_people_did_to_a_source_is_told_with_their_name() {
    let w = world().await;
    let view = view(&w.store).await;
    let mara = "00000000-0000-7000-8000-000000000001";
    psql(
        &w.url,
        &format!(
            "insert into person (id, login, name, password_hash) values ('{mara}', 'mara', 'Mara Lindqvist', 'x')"
        ),
    )
    .await;
    w.store.observe(&system(), now()).await.unwrap();
    let id = w.store.reserve(&view).await.unwrap();
    let environment = w.store.name_taken(&view, "shop").await.unwrap().unwrap().environment;
    let kept = |password: &[u8]| KeptSource {
        by: PersonId(mara.into()),
        secrets: vec![crate::made::sealed("k1", password)],
        ..crate::made::kept(id, "made", EnvironmentChoice::Existing(environment))
    };
    w.store.add(&view, &kept(b"one")).await.unwrap();
    w.store.observe(&system(), now()).await.unwrap();
    // Another password and nothing else: told, without what it was or is.
    assert!(w.store.change(&view, 1, &kept(b"another")).await.unwrap());
    w.store.observe(&system(), now()).await.unwrap();
    assert!(w.store.remove(&view, id, &PersonId(mara.into()), now()).await.unwrap());
    w.store.observe(&system(), now()).await.unwrap();
    w.store.add(&view, &kept(b"one")).await.unwrap();
    w.store.observe(&system(), now()).await.unwrap();
    let told = w.store.list(&view, &ChangeFilter::default(), None, 100).await.unwrap();
    let of_it = told.iter().rev().filter(|c| c.source == Some(id));
    let told: Vec<_> = of_it.map(|c| (c.title.as_str(), c.actor.as_deref())).collect();
    let mara = Some("Mara Lindqvist");
    assert_eq!(
        told,
        [
            ("Source made added", mara),
            ("Source made configured differently: settings", mara),
            ("Source made removed", mara),
            ("Source made added again", mara),
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn several_that_look_at_once_tell_it_once() {
    let w = world().await;
    let looks: Vec<_> = (0..6)
        .map(|_| {
            let store = w.store.clone();
            tokio::spawn(async move { store.observe(&system(), now()).await.unwrap() })
        })
        .collect();
    let mut written = 0;
    for look in looks {
        written += look.await.unwrap();
    }
    assert_eq!(written, 2);
}

#[tokio::test]
async fn partitions_and_gaps_are_told_of() {
    let w = world().await;
    w.store.observe(&system(), now()).await.unwrap();
    open(&w.store, w.fence, w.channel, 1).await;
    open(&w.store, w.fence, w.channel, 2).await;
    w.store.observe(&system(), now()).await.unwrap();
    let gap = Gap { from: Position(0), to: None, reason: GapReason::Recreated, detail: "another topic id".into() };
    let again = NewIncarnation {
        fence: w.fence,
        channel: w.channel,
        number: 0,
        incarnation: Incarnation(vec![9]),
        begin: Begin::LogStart,
        replaces: Some((w.partition, gap)),
    };
    opened(&w.store, &again).await;
    psql(&w.url, "update gap set found_at = now()").await;
    let at = weir_domain::Timestamp(
        psql(&w.url, "select (extract(epoch from now()) * 1000000)::bigint").await.parse().unwrap(),
    );
    w.store.observe(&system(), at).await.unwrap();
    let mut all = titles(&w.store).await;
    all.sort();
    for title in
        ["order.placed got 2 partitions", "order.placed was made again", "Gap on order.placed/0: positions from 0 on"]
    {
        assert!(all.iter().any(|t| t == title), "{title} in {all:?}");
    }
    let one = open(&w.store, w.fence, w.channel, 1).await;
    assert!(w.store.close_partition(one, GapReason::Deleted, w.fence).await.unwrap());
    w.store.observe(&system(), at).await.unwrap();
    assert!(!titles(&w.store).await.iter().any(|t| t.contains("vanished")), "the others are still there");
}

#[tokio::test]
async fn hidden_channels_and_filters_leave_out() {
    let w = world().await;
    w.store.observe(&system(), now()).await.unwrap();
    let nobody = view_of(&w.store, &[Role::Viewer, Role::Support], "other.*").await;
    let seen = w.store.list(&nobody, &ChangeFilter::default(), None, 100).await.unwrap();
    assert!(seen.iter().all(|c| c.channel.is_none()), "{seen:?}");
    let view = view(&w.store).await;
    let only = |filter: ChangeFilter| {
        let (store, view) = (w.store.clone(), view.clone());
        async move { store.list(&view, &filter, None, 100).await.unwrap().len() }
    };
    assert_eq!(only(ChangeFilter { kind: Some(ChangeKind::Channels), ..Default::default() }).await, 1);
    assert_eq!(only(ChangeFilter { text: Some("ORDER.pl".into()), ..Default::default() }).await, 1);
    assert_eq!(only(ChangeFilter { text: Some("100%_\0'".into()), ..Default::default() }).await, 0);
}

#[tokio::test]
async fn pages_follow_one_another_and_a_name_is_used_once() {
    let w = world().await;
    for n in 0..25 {
        // Many of the same time: the id decides.
        let change = NewChange {
            at: now().plus_secs(n / 10),
            kind: ChangeKind::Deployment,
            environment: None,
            source: None,
            channel: None,
            subject: Some("billing".into()),
            title: format!("{n}\0"),
            detail: "d".repeat(5000),
            link: None,
            actor: None,
            once: Some(format!("n/{n}")),
        };
        assert!(w.store.append(&change).await.unwrap().is_some());
        assert!(w.store.append(&change).await.unwrap().is_none(), "told twice");
    }
    let view = view(&w.store).await;
    let (mut before, mut found) = (None, Vec::new());
    loop {
        let page = w.store.list(&view, &ChangeFilter::default(), before, 4).await.unwrap();
        let Some(last) = page.last() else { break };
        before = Some(ChangeCursor { at: last.at, id: last.id });
        found.extend(page.into_iter().map(|c| c.title));
    }
    assert_eq!(found, (0..25).rev().map(|n| format!("{n}\u{fffd}")).collect::<Vec<_>>());
}
