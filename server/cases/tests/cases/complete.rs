use crate::world::{World, anybody};
use weir_domain::{
    ChannelId,
    catalog::{CatalogEntry, Completion, CompletionKind as Kind},
};

fn brief(found: &[Completion]) -> Vec<(Kind, &str)> {
    found.iter().map(|c| (c.kind, c.text.as_str())).collect()
}

#[tokio::test]
async fn a_free_text_finds_names_of_every_kind() {
    let world = World::new();
    let complete = async |text: &str| world.cases.catalog.complete(&anybody(), text).await.unwrap().lines;
    let found = complete("ORDER").await;
    assert_eq!(
        brief(&found),
        [(Kind::Channel, "orders.audited"), (Kind::Channel, "orders.placed"), (Kind::Channel, "orders.tried")]
    );
    assert_eq!(found[0].note, "bank-kafka, production");
    assert_eq!(brief(&complete("order.").await), [(Kind::EventType, "order.placed")]);
    assert_eq!(brief(&complete("key-100").await), [(Kind::Key, "key-100")]);
    assert_eq!(brief(&complete(" key: hex:6b65792d313030").await), [(Kind::Key, "hex:6b65792d313030")]);
    assert_eq!(brief(&complete("shop").await), [(Kind::Source, "shop-kafka")]);
    assert_eq!(brief(&complete("channel:#101").await), [(Kind::Channel, "payments.failed")]);
    assert_eq!(brief(&complete("source:#20").await), [(Kind::Source, "trial-kafka")]);
    assert!(complete("nothing like it").await.is_empty());
    assert!(complete(&"o".repeat(5000)).await.is_empty());
}

#[tokio::test]
async fn twenty_lines_at_most_and_the_very_name_first() {
    let world = World::new();
    {
        let mut data = world.ports.data.lock().unwrap();
        let like = data.entries[0].clone();
        for n in 0..500 {
            data.entries.push(CatalogEntry {
                channel: ChannelId(1000 + n),
                channel_name: format!("a.{n}"),
                ..like.clone()
            });
        }
        data.entries.push(CatalogEntry { channel: ChannelId(2000), channel_name: "a".into(), ..like });
        data.event_types = (0..500).map(|n| format!("a{n}")).collect();
    }
    let complete = async |text: &str| world.cases.catalog.complete(&anybody(), text).await.unwrap().lines;
    let found = complete("a").await;
    assert_eq!((found.len(), found[0].text.as_str()), (20, "a"));
    for kind in [Kind::Channel, Kind::Source, Kind::EventType] {
        assert!(found.iter().any(|c| c.kind == kind), "{kind:?} has no line");
    }
    assert_eq!(complete("channel:a").await.len(), 20);
    assert!(complete("").await.len() <= 20);
}
