use crate::common::{append, event, id, psql, view, world};
use weir_domain::events::{EventFilter, EventRows as _};

#[tokio::test]
async fn one_event_is_blanked_and_every_other_stays() {
    let w = world().await;
    append(
        &w.store,
        w.partition,
        None,
        (0..300).map(|i| event(i, &format!("ord-{i}"), &format!("payload {i}"))).collect(),
    )
    .await;
    let gone = id(w.partition, 7);
    assert!(w.store.blank_event(gone).await.unwrap());
    let view = view(&w.store).await;
    let e = w.store.event(&view, gone).await.unwrap().unwrap();
    assert_eq!((e.raw, e.row.key, e.row.size), (None, None, 14));
    for i in (0..300).filter(|i| *i != 7) {
        let raw = w.store.event(&view, id(w.partition, i)).await.unwrap().unwrap().raw.unwrap();
        assert_eq!(raw.payload, Some(format!("payload {i}").into_bytes()));
    }
    let filter = EventFilter { key: Some("ord-7".into()), ..EventFilter::default() };
    assert!(w.store.list(&view, &filter, None, 10).await.unwrap().0.is_empty());
    assert_eq!(psql(&w.url, "select count(*) from event where key_hash is null").await, "1");
    assert!(!w.store.blank_event(id(w.partition, 9999)).await.unwrap());
}
