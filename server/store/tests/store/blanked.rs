use crate::common::{append, event, id, psql, view, world};
use weir_domain::{
    events::{Absence, EventFilter, EventRows as _},
    search::Query,
};

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
    assert_eq!((e.raw, e.row.key, e.row.size, e.row.absent), (None, None, 14, Some(Absence::Erased)));
    let (rows, ..) = w.store.list(&view, &EventFilter::default(), &Query::default(), None, 500).await.unwrap();
    let erased: Vec<_> = rows.iter().filter(|r| r.absent.is_some()).map(|r| (r.id, r.absent)).collect();
    assert_eq!(erased, [(gone, Some(Absence::Erased))]);
    for i in (0..300).filter(|i| *i != 7) {
        let raw = w.store.event(&view, id(w.partition, i)).await.unwrap().unwrap().raw.unwrap();
        assert_eq!(raw.payload, Some(format!("payload {i}").into_bytes()));
    }
    let filter = EventFilter { key: Some("ord-7".into()), ..EventFilter::default() };
    assert!(w.store.list(&view, &filter, &Query::default(), None, 10).await.unwrap().0.is_empty());
    assert_eq!(psql(&w.url, "select count(*) from event where key_hash is null").await, "1");
    assert!(!w.store.blank_event(id(w.partition, 9999)).await.unwrap());
    // Retention takes the block: that this one was erased stays known.
    psql(&w.url, "delete from partition_bucket where part = 'payload'; delete from block").await;
    let why = async |at| w.store.event(&view, id(w.partition, at)).await.unwrap().unwrap().row.absent;
    assert_eq!((why(7).await, why(8).await), (Some(Absence::Erased), Some(Absence::Expired)));
}
