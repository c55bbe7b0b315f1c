use crate::common::{append, event, id, now, open, opened, psql, system, view, view_of, world};
use sqlx::Connection as _;
use weir_domain::{
    Position,
    access::Role,
    capture::{Begin, CapturedEvent, GapReason, Incarnation, NewIncarnation, TapCatalog as _},
    catalog::Catalog as _,
    events::{EventFilter, EventRows as _, Positions, Unshown},
    search::Query,
};
use weir_store::{Store, StoreOptions};

#[tokio::test]
async fn a_tail_shows_what_comes_after_it_began_each_once() {
    let w = world().await;
    append(&w.store, w.partition, None, vec![event(0, "k", "old")]).await;
    let view = view(&w.store).await;
    let all = EventFilter::default();
    let start = w.store.tail_start(&view, &all).await.unwrap();
    assert_eq!(start, Positions(vec![(w.partition, Position(0))]));
    let (rows, same, Unshown { skipped, .. }) =
        w.store.tail(&view, &all, &Query::default(), &start, 100).await.unwrap();
    assert!(rows.is_empty() && same == start && skipped == 0);

    append(&w.store, w.partition, Some(1), vec![event(1, "k", "a"), event(2, "k", "b")]).await;
    // A partition that appears meanwhile is followed from its first event.
    let second = open(&w.store, w.fence, w.channel, 1).await;
    append(&w.store, second, None, vec![event(70, "k", "c")]).await;
    let (rows, after, Unshown { skipped, .. }) =
        w.store.tail(&view, &all, &Query::default(), &start, 100).await.unwrap();
    assert_eq!(rows.iter().map(|r| r.id).collect::<Vec<_>>(), [id(w.partition, 1), id(w.partition, 2), id(second, 70)]);
    assert_eq!(rows[0].payload_head.as_deref(), Some(b"a".as_slice()));
    assert_eq!((after.0.as_slice(), skipped), ([(w.partition, Position(2)), (second, Position(70))].as_slice(), 0));
    let (rows, again, _) = w.store.tail(&view, &all, &Query::default(), &after, 100).await.unwrap();
    assert!(rows.is_empty() && again == after);
}

#[tokio::test(flavor = "multi_thread")]
async fn however_many_tails_there_are_a_page_gets_its_connection() {
    let w = world().await;
    let store = Store::connect(&w.url, StoreOptions { page_connections: 2, ..StoreOptions::default() }).await.unwrap();
    let view = view(&store).await;
    let mut elsewhere = sqlx::PgConnection::connect(&w.url).await.unwrap();
    let mut held = elsewhere.begin().await.unwrap();
    sqlx::raw_sql("lock table partition_bucket, partition_cursor, event").execute(&mut *held).await.unwrap();
    let tails: Vec<_> = (0..6)
        .map(|_| {
            let (store, view) = (store.clone(), view.clone());
            tokio::spawn(async move { store.tail_start(&view, &EventFilter::default()).await })
        })
        .collect();
    while psql(&w.url, "select count(*) from pg_stat_activity where wait_event_type = 'Lock'").await == "0" {
        assert!(tails.iter().any(|t| !t.is_finished()), "nothing waits: this proves nothing");
    }
    for _ in 0..3 {
        store.environments(&system()).await.unwrap();
    }
    held.rollback().await.unwrap();
    for tail in tails {
        tail.await.unwrap().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_too_fast_is_counted_and_the_newest_shown() {
    let w = world().await;
    let second = open(&w.store, w.fence, w.channel, 1).await;
    let view = view(&w.store).await;
    let all = EventFilter::default();
    let start = w.store.tail_start(&view, &all).await.unwrap();
    append(&w.store, w.partition, None, (0..9000).map(|i| event(i, "k", "{}")).collect()).await;
    append(&w.store, second, None, (0..40).map(|i| event(i, "k", "{}")).collect()).await;
    let (rows, after, Unshown { skipped, .. }) =
        w.store.tail(&view, &all, &Query::default(), &start, 50).await.unwrap();
    assert_eq!((rows.len(), skipped), (50, 9040 - 50));
    assert!(rows.iter().filter(|r| r.id.partition == w.partition).all(|r| r.id.position.0 >= 8990));
    assert_eq!(after, Positions(vec![(w.partition, Position(8999)), (second, Position(39))]));
    for p in [w.partition, second] {
        let mine: Vec<_> = rows.iter().filter(|r| r.id.partition == p).map(|r| r.id.position).collect();
        assert!(mine.is_sorted(), "oldest first in each partition");
    }
}

fn typed(position: i64, name: &str) -> CapturedEvent {
    CapturedEvent { event_type: name.into(), ..event(position, "k", "{}") }
}

#[tokio::test]
async fn a_closed_incarnation_is_no_news() {
    let w = world().await;
    append(&w.store, w.partition, None, (0..300).map(|i| event(i, "k", "old")).collect()).await;
    w.store.close_partition(w.partition, GapReason::Deleted, w.fence).await.unwrap();
    let (view, all) = (view(&w.store).await, EventFilter::default());
    let start = w.store.tail_start(&view, &all).await.unwrap();
    assert_eq!(start, Positions(vec![(w.partition, Position(299))]));
    let (rows, after, Unshown { skipped, .. }) =
        w.store.tail(&view, &all, &Query::default(), &start, 100).await.unwrap();
    assert!(rows.is_empty() && skipped == 0 && after == start);
    // Its successor is followed from its first event.
    let made_again = NewIncarnation {
        fence: w.fence,
        channel: w.channel,
        number: 0,
        incarnation: Incarnation(vec![2]),
        begin: Begin::LogStart,
        replaces: None,
    };
    let next = opened(&w.store, &made_again).await.id;
    append(&w.store, next, None, vec![event(0, "k", "new")]).await;
    let (rows, ..) = w.store.tail(&view, &all, &Query::default(), &after, 100).await.unwrap();
    assert_eq!(rows.iter().map(|r| r.id).collect::<Vec<_>>(), [id(next, 0)]);
}

#[tokio::test]
async fn a_type_that_comes_late_is_shown_from_then_on() {
    let w = world().await;
    let second = open(&w.store, w.fence, w.channel, 1).await;
    append(&w.store, w.partition, None, (0..300).map(|i| event(i, "k", "old")).collect()).await;
    append(&w.store, second, None, vec![typed(0, "rare"), event(1, "k", "old")]).await;
    let view = view(&w.store).await;
    for (name, round) in [("rare", 0), ("unheard.of", 1)] {
        let filter = EventFilter { event_type: Some(name.into()), ..EventFilter::default() };
        let start = w.store.tail_start(&view, &filter).await.unwrap();
        assert_eq!(start.0, [(w.partition, Position(299 + 301 * round)), (second, Position(1))]);
        let begin = 300 + 301 * round;
        append(&w.store, w.partition, Some(begin), (begin..begin + 300).map(|i| event(i, "k", "{}")).collect()).await;
        let (rows, after, Unshown { skipped, .. }) =
            w.store.tail(&view, &filter, &Query::default(), &start, 100).await.unwrap();
        assert!(rows.is_empty() && skipped == 0, "nothing of {name} yet");
        append(&w.store, w.partition, Some(begin + 300), vec![typed(begin + 300, name)]).await;
        let (rows, after, Unshown { skipped, .. }) =
            w.store.tail(&view, &filter, &Query::default(), &after, 100).await.unwrap();
        assert_eq!(rows.iter().map(|r| r.id).collect::<Vec<_>>(), [id(w.partition, begin + 300)]);
        let (again, _, Unshown { skipped: skipped_again, .. }) =
            w.store.tail(&view, &filter, &Query::default(), &after, 100).await.unwrap();
        assert!(again.is_empty() && (skipped, skipped_again) == (0, 0), "{name}");
    }
}

#[tokio::test]
async fn a_channel_granted_later_is_followed_from_then_on() {
    let w = world().await;
    let hidden = w.store.put_channel(w.source, "salary.paid").await.unwrap();
    let secret = open(&w.store, w.fence, hidden, 0).await;
    psql(&w.url, &format!("update partition set opened_at = now() - interval '1 hour' where id = {}", secret.0)).await;
    append(&w.store, secret, None, vec![event(0, "k", "old")]).await;
    let (narrow, all) = (view_of(&w.store, &[Role::Support], "order.*").await, EventFilter::default());
    let start = w.store.tail_start(&narrow, &all).await.unwrap();
    let wide = view(&w.store).await;
    let (rows, after, Unshown { skipped, .. }) =
        w.store.tail(&wide, &all, &Query::default(), &start, 100).await.unwrap();
    assert!(rows.is_empty() && skipped == 0);
    append(&w.store, secret, Some(1), vec![event(1, "k", "new")]).await;
    let (rows, ..) = w.store.tail(&wide, &all, &Query::default(), &after, 100).await.unwrap();
    assert_eq!(rows.iter().map(|r| r.id).collect::<Vec<_>>(), [id(secret, 1)]);
}

#[tokio::test]
async fn a_tail_obeys_filter_and_view() {
    let w = world().await;
    let hidden = w.store.put_channel(w.source, "salary.paid").await.unwrap();
    let secret = open(&w.store, w.fence, hidden, 0).await;
    let narrow = view_of(&w.store, &[Role::Support], "order.*").await;
    let keyed = EventFilter { key: Some("ord-7".into()), ..EventFilter::default() };
    let start = w.store.tail_start(&narrow, &keyed).await.unwrap();
    assert_eq!(start.0.len(), 1);
    let mut other_type = event(2, "ord-7", "{}");
    other_type.event_type = "order.changed".into();
    append(&w.store, w.partition, None, vec![event(0, "ord-7", "{}"), event(1, "ord-8", "{}"), other_type]).await;
    append(&w.store, secret, None, vec![event(0, "ord-7", "{}")]).await;
    let (rows, after, Unshown { skipped, .. }) =
        w.store.tail(&narrow, &keyed, &Query::default(), &start, 10).await.unwrap();
    assert_eq!(rows.iter().map(|r| r.id).collect::<Vec<_>>(), [id(w.partition, 0), id(w.partition, 2)]);
    assert!(after.0.len() == 1 && skipped == 0);
    let typed = EventFilter { event_type: Some("order.changed".into()), ..keyed.clone() };
    let (rows, ..) = w.store.tail(&narrow, &typed, &Query::default(), &start, 10).await.unwrap();
    assert_eq!(rows.len(), 1);
    let viewer = view_of(&w.store, &[Role::Viewer], "*").await;
    let (rows, ..) = w.store.tail(&viewer, &keyed, &Query::default(), &start, 10).await.unwrap();
    assert!(rows.is_empty(), "no key permission, no key found");
    // A view that lost a channel does not hear of it though its positions name it.
    let positions = Positions(vec![(w.partition, Position(-1)), (secret, Position(-1))]);
    let (rows, after, _) =
        w.store.tail(&narrow, &EventFilter::default(), &Query::default(), &positions, 10).await.unwrap();
    assert!(rows.iter().all(|r| r.channel == w.channel) && after.0.len() == 1);
    assert!(rows.iter().all(|r| r.captured_at == now()));
}
