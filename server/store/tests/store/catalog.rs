use crate::common::{append, batch, environment, event, now, open, psql, system, view, view_of, world};
use weir_domain::{
    access::Role,
    capture::{EventLog as _, TapCatalog as _, WantedEnvironment},
    catalog::Catalog as _,
};

#[tokio::test]
async fn types_and_keys_are_told_only_of_visible_channels() {
    let w = world().await;
    let hidden = w.store.put_channel(w.source, "salary.paid").await.unwrap();
    let secret = open(&w.store, w.fence, hidden, 0).await;
    let mut paid = event(0, "emp-1", "{}");
    paid.event_type = "order.salary".into();
    append(&w.store, secret, None, vec![paid]).await;
    append(&w.store, w.partition, None, vec![event(0, "ord-1", "{}")]).await;
    let (all, narrow) = (view(&w.store).await, view_of(&w.store, &[Role::Support], "order.*").await);
    assert_eq!(w.store.event_types(&all, "order", 10).await.unwrap(), ["order.placed", "order.salary"]);
    assert_eq!(w.store.event_types(&all, "order", 1).await.unwrap(), ["order.placed"]);
    assert_eq!(w.store.event_types(&narrow, "", 10).await.unwrap(), ["order.placed"]);
    assert!(w.store.event_types(&all, "%", 10).await.unwrap().is_empty());
    assert!(w.store.key_exists(&all, b"emp-1").await.unwrap());
    assert!(!w.store.key_exists(&narrow, b"emp-1").await.unwrap());
    assert!(w.store.key_exists(&narrow, b"ord-1").await.unwrap());
    assert!(!w.store.key_exists(&all, b"ord").await.unwrap());
    let viewer = view_of(&w.store, &[Role::Viewer], "*").await;
    assert!(!w.store.key_exists(&viewer, b"ord-1").await.unwrap());
    let entries = w.store.entries(&system()).await.unwrap();
    assert_eq!(entries.len(), 2);
    assert_eq!(
        (entries[0].channel_name.as_str(), entries[0].source_name.as_str(), entries[0].environment_name.as_str()),
        ("order.placed", "shop", "production")
    );
    assert_eq!(w.store.environments(&system()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_busy_key_is_found_though_most_of_its_payload_is_gone() {
    // In another bucket of rows than the payload that is left, and in the same one.
    for ago in [8 * 86_400, 7 * 3600] {
        let w = world().await;
        let mut old = batch(w.partition, None, (0..300).map(|i| event(i, "busy", "{}")).collect());
        old.captured_at = now().plus_secs(-ago);
        w.store.append(&old).await.unwrap();
        let view = view(&w.store).await;
        assert!(w.store.key_exists(&view, b"busy").await.unwrap());
        // As retention does it: the payload's buckets go.
        psql(&w.url, "delete from partition_bucket where part = 'payload'; delete from block").await;
        assert!(!w.store.key_exists(&view, b"busy").await.unwrap(), "no bytes are left to tell");
        append(&w.store, w.partition, Some(300), vec![event(300, "busy", "{}")]).await;
        assert!(w.store.key_exists(&view, b"busy").await.unwrap(), "{ago} s ago");
    }
}

#[tokio::test]
async fn environments_are_as_the_file_says_now() {
    let w = world().await;
    for colour in [None, Some("red"), Some("teal"), None] {
        let wanted = WantedEnvironment { colour: colour.map(str::to_owned), ..environment("production", true) };
        w.store.put_sources(&[wanted], &[]).await.unwrap();
        let stored = w.store.environments(&system()).await.unwrap();
        assert_eq!((stored[0].production, stored[0].colour.as_deref()), (true, colour));
    }
}
