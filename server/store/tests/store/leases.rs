use crate::common::{psql, world};
use weir_domain::capture::Leases as _;

#[tokio::test]
async fn a_lease_is_held_by_one_and_its_epoch_grows_with_each_holder() {
    let w = world().await;
    let mine = w.store.acquire("tap/shop", "a", 60_000).await.unwrap().unwrap();
    assert_eq!(mine.epoch, 1);
    assert_eq!(w.store.acquire("tap/shop", "b", 60_000).await.unwrap(), None);
    assert_eq!(w.store.acquire("tap/shop", "a", 60_000).await.unwrap().unwrap().epoch, 1, "its holder renews it");
    assert!(w.store.acquire("tap/other", "b", 60_000).await.unwrap().is_some());
    assert!(w.store.renew(&mine, 60_000).await.unwrap());
    // As if its holder had stood still for a minute.
    psql(&w.url, "update lease set expires = clock_timestamp() where name = 'tap/shop'").await;
    let theirs = w.store.acquire("tap/shop", "b", 60_000).await.unwrap().unwrap();
    assert_eq!(theirs.epoch, 2);
    assert!(!w.store.renew(&mine, 60_000).await.unwrap(), "lost");
    w.store.release(&mine).await.unwrap();
    assert_eq!(w.store.acquire("tap/shop", "a", 60_000).await.unwrap(), None, "a lost lease can't be given away");
    w.store.release(&theirs).await.unwrap();
    assert_eq!(w.store.acquire("tap/shop", "a", 60_000).await.unwrap().unwrap().epoch, 3);
}

#[tokio::test]
async fn a_holder_that_slept_through_its_lease_gets_a_new_epoch() {
    let w = world().await;
    let first = w.store.acquire("job", "a", 60_000).await.unwrap().unwrap();
    psql(&w.url, "update lease set expires = clock_timestamp()").await;
    // Nobody took it: it may renew. But one who asks anew can't tell, so what it began before is fenced off.
    assert!(w.store.renew(&first, 1).await.unwrap());
    psql(&w.url, "update lease set expires = clock_timestamp()").await;
    assert_eq!(w.store.acquire("job", "a", 60_000).await.unwrap().unwrap().epoch, 2);
    assert!(!w.store.renew(&first, 60_000).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_that_ask_at_once_one_gets_it() {
    let w = world().await;
    let asks: Vec<_> = (0..12)
        .map(|i| {
            let store = w.store.clone();
            tokio::spawn(async move { store.acquire("race", &format!("h{i}"), 60_000).await.unwrap() })
        })
        .collect();
    let mut got = 0;
    for a in asks {
        got += usize::from(a.await.unwrap().is_some());
    }
    assert_eq!(got, 1);
}
