use crate::common::world;
use std::time::Duration;
use tokio::time::timeout;
use weir_domain::{
    PartitionId,
    capture::EventLog as _,
    events::{News as _, NewsFeed},
};
use weir_store::{Store, StoreOptions};
use weir_testkit::{Network, TcpProxy};

async fn next(feed: &mut Box<dyn NewsFeed>) -> Vec<PartitionId> {
    timeout(Duration::from_secs(20), feed.next()).await.expect("no news for 20 s")
}

#[tokio::test(flavor = "multi_thread")]
async fn news_reach_every_listener_and_survive_a_cut_connection() {
    let w = world().await;
    let server = w.url.rsplit_once('@').unwrap().1.split_once('/').unwrap().0.to_owned();
    let proxy = TcpProxy::start(server.parse().unwrap()).unwrap();
    let url = w.url.replace(&server, &proxy.address().to_string());
    let through = Store::connect(&url, StoreOptions::default()).await.unwrap();
    let (mut one, mut two) = (through.subscribe(), through.subscribe());
    assert!(next(&mut one).await.is_empty() && next(&mut two).await.is_empty(), "anything may have happened before");
    w.store.announce(&[PartitionId(4), PartitionId(5)]).await.unwrap();
    for feed in [&mut one, &mut two] {
        assert_eq!(next(feed).await, [PartitionId(4), PartitionId(5)]);
    }
    proxy.set(Network::Away).await;
    proxy.set(Network::Good).await;
    assert!(next(&mut one).await.is_empty(), "what was said meanwhile can't be known");
    let many: Vec<_> = (0..1000).map(|i| PartitionId(i64::MAX - i)).collect();
    w.store.announce(&many).await.unwrap();
    let mut heard = Vec::new();
    while heard.len() < many.len() {
        heard.extend(next(&mut one).await);
    }
    assert_eq!(heard, many);
}
