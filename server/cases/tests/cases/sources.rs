use crate::world::{BANK, SHOP, World, caller};
use weir_domain::{
    CaseError, SourceId,
    access::{Grant, Role},
};

fn on(source: SourceId, pattern: &str) -> Vec<Grant> {
    vec![Grant { environment: None, source: Some(source), channel_pattern: pattern.into() }]
}

#[tokio::test]
async fn only_who_reaches_the_whole_source_may_pause_it() {
    let world = World::new();
    let sources = &world.cases.sources;
    let whole = caller(&[Role::Operator], &on(SHOP, "*"));
    assert!(sources.pause(&whole, SHOP).await.unwrap());
    assert!(sources.resume(&whole, SHOP).await.unwrap());
    assert!(!sources.pause(&whole, BANK).await.unwrap(), "hidden is the same as absent");
    assert!(!sources.pause(&whole, SourceId(99)).await.unwrap());

    let part = caller(&[Role::Operator], &on(SHOP, "orders.*"));
    world.ports.take_asked();
    let refused = sources.pause(&part, SHOP).await;
    assert!(matches!(refused, Err(CaseError::NotAllowed { .. })), "{refused:?}");
    assert!(world.ports.take_asked().iter().all(|a| a.what != "pause"));
}

#[tokio::test]
async fn the_page_offers_the_pause_that_would_work() {
    let world = World::new();
    world.ports.data.lock().unwrap().sources[1].source.orphan = true;
    for (roles, grants, want) in [
        (
            &[Role::Operator][..],
            vec![Grant::everything()],
            vec![("shop-kafka", true), ("bank-kafka", false), ("trial-kafka", true)],
        ),
        (&[Role::Viewer], on(SHOP, "*"), vec![("shop-kafka", false)]),
        (&[Role::Admin], on(SHOP, "*"), vec![("shop-kafka", true)]),
        (&[Role::Operator], on(SHOP, "orders.*"), vec![("shop-kafka", false)]),
    ] {
        let caller = caller(roles, &grants);
        let shown = world.cases.sources.list(&caller).await.unwrap().sources;
        let got: Vec<_> = shown.iter().map(|s| (s.name.as_str(), s.may_pause)).collect();
        assert_eq!(got, want, "{roles:?}");
        let detail = world.cases.sources.detail(&caller, SHOP).await.unwrap().unwrap();
        assert_eq!(detail.source.may_pause, want[0].1, "{roles:?}");
    }
}

#[tokio::test]
async fn what_is_left_out_is_named_where_a_grant_would_cover_it() {
    let world = World::new();
    let names = async |pattern: &str| {
        let caller = caller(&[Role::Viewer], &on(SHOP, pattern));
        let detail = world.cases.sources.detail(&caller, SHOP).await.unwrap().unwrap();
        (detail.left_out, detail.source.left_out_total)
    };
    assert_eq!(names("*").await, (vec!["orders.unread".into(), "hidden.unread".into()], 2));
    assert_eq!(names("orders.*").await, (vec!["orders.unread".into()], 1));
}
