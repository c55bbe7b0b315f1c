use crate::common::{append, cursor, environment, event, now, open, opened, psql, system, wanted, world};
use weir_domain::{
    Position, StoreError,
    capture::{
        Begin, Gap, GapReason, Held, Incarnation, NewIncarnation, PartitionProgress, SourceReport, SourceState,
        TapCatalog as _,
    },
};

fn gap(from: i64) -> Gap {
    Gap { from: Position(from), to: None, reason: GapReason::Recreated, detail: "a new topic id".into() }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incarnation_is_opened_once_however_many_ask() {
    let w = world().await;
    let new = NewIncarnation {
        fence: w.fence,
        channel: w.channel,
        number: 3,
        incarnation: Incarnation(b"topic-id".to_vec()),
        begin: Begin::At(cursor(40)),
        replaces: None,
    };
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let (store, new) = (w.store.clone(), new.clone());
            tokio::spawn(async move { opened(&store, &new).await })
        })
        .collect();
    let mut opened = Vec::new();
    for t in tasks {
        opened.push(t.await.unwrap());
    }
    assert!(opened.iter().all(|o| *o == opened[0]) && opened[0].cursor == Some(cursor(40)));
    let found = w.store.open_partitions(&system(), w.channel).await.unwrap();
    assert_eq!(found.iter().map(|p| p.number).collect::<Vec<_>>(), [0, 3]);
    assert_eq!(found[1], opened[0]);
}

#[tokio::test]
async fn a_successor_closes_its_predecessor_with_a_gap_and_only_once() {
    let w = world().await;
    append(&w.store, w.partition, None, vec![event(0, "k", "{}")]).await;
    let mut new = NewIncarnation {
        fence: w.fence,
        channel: w.channel,
        number: 0,
        incarnation: Incarnation(vec![2]),
        begin: Begin::LogStart,
        replaces: Some((w.partition, gap(1))),
    };
    let next = opened(&w.store, &new).await;
    assert!(next.id != w.partition && next.from_log_start && next.cursor.is_none());
    // Again, as after a cut connection: the same one, and no second gap.
    assert_eq!(opened(&w.store, &new).await, next);
    assert_eq!(psql(&w.url, "select count(*) from gap").await, "1");
    // A tap that knows nothing of it asks for yet another: refused.
    new.incarnation = Incarnation(vec![3]);
    assert!(matches!(w.store.open_incarnation(&new).await, Err(StoreError::Conflict(_))));
    // A cut log: the same bytes, and yet a new incarnation.
    new.incarnation = Incarnation(vec![2]);
    new.replaces = Some((next.id, Gap { reason: GapReason::Truncated, ..gap(9) }));
    let third = opened(&w.store, &new).await;
    assert!(third.id != next.id);
    assert_eq!(w.store.open_partitions(&system(), w.channel).await.unwrap(), [third]);
    assert_eq!(psql(&w.url, "select string_agg(reason, ',' order by id) from gap").await, "recreated,truncated");
}

#[tokio::test]
async fn a_channel_that_comes_back_is_read_on_where_it_stood() {
    let w = world().await;
    append(&w.store, w.partition, None, vec![event(0, "k", "{}")]).await;
    let mut new = NewIncarnation {
        fence: w.fence,
        channel: w.channel,
        number: 0,
        incarnation: Incarnation(vec![1]),
        begin: Begin::LogStart,
        replaces: None,
    };
    w.store.close_partition(w.partition, GapReason::Deleted, w.fence).await.unwrap();
    let back = opened(&w.store, &new).await;
    assert_eq!((back.id, &back.cursor), (w.partition, &Some(cursor(1))));
    assert_eq!(psql(&w.url, "select count(*) from gap").await, "0", "nothing was lost after all");
    append(&w.store, w.partition, Some(1), vec![event(1, "k", "{}")]).await;

    // Brokers disagree: another topic, the old one, the other one again. Each is read on, none anew.
    let replace = |id, incarnation: u8| NewIncarnation {
        incarnation: Incarnation(vec![incarnation]),
        replaces: Some((id, gap(2))),
        ..new.clone()
    };
    let other = opened(&w.store, &replace(w.partition, 2)).await;
    assert!(other.id != w.partition && other.cursor.is_none());
    append(&w.store, other.id, None, vec![event(0, "k", "{}")]).await;
    let old = opened(&w.store, &replace(other.id, 1)).await;
    assert_eq!((old.id, old.cursor), (w.partition, Some(cursor(2))));
    let again = opened(&w.store, &replace(w.partition, 2)).await;
    assert_eq!((again.id, again.cursor), (other.id, Some(cursor(1))));
    assert_eq!(w.store.open_partitions(&system(), w.channel).await.unwrap().len(), 1);
    assert_eq!(psql(&w.url, "select partition_id, from_position from gap").await, format!("{}|2", w.partition));

    // Cut, then away: what comes back is the successor of the cut. Its predecessor's positions are used again.
    new.incarnation = Incarnation(vec![2, 9]);
    new.begin = Begin::At(cursor(1));
    new.replaces = Some((other.id, Gap { reason: GapReason::Truncated, ..gap(1) }));
    let cut = opened(&w.store, &new).await;
    w.store.close_partition(cut.id, GapReason::Deleted, w.fence).await.unwrap();
    (new.incarnation, new.begin, new.replaces) = (Incarnation(vec![2]), Begin::LogStart, None);
    assert_eq!(opened(&w.store, &new).await, cut);
}

#[tokio::test]
async fn without_ids_a_channel_made_again_is_another_one() {
    let w = world().await;
    let new = NewIncarnation {
        fence: w.fence,
        channel: w.channel,
        number: 7,
        incarnation: Incarnation(vec![0; 16]),
        begin: Begin::LogStart,
        replaces: None,
    };
    let first = opened(&w.store, &new).await;
    append(&w.store, first.id, None, vec![event(0, "k", "{}")]).await;
    w.store.close_partition(first.id, GapReason::Deleted, w.fence).await.unwrap();
    let second = opened(&w.store, &new).await;
    assert!(second.id != first.id && second.cursor.is_none());
}

#[tokio::test]
async fn a_channel_that_is_gone_leaves_a_gap_that_says_what_was_not_read() {
    let w = world().await;
    append(&w.store, w.partition, None, vec![event(0, "k", "{}")]).await;
    let progress = PartitionProgress {
        partition: w.partition,
        start: Some(Position(0)),
        end: Some(Position(6)),
        held: Some(Held { since: now(), transactional_id: None }),
        error: Some("no leader".into()),
    };
    w.store.report_progress(&[progress], now()).await.unwrap();
    assert_eq!(
        psql(&w.url, "select start_position, end_position, error, held_since is not null from partition_cursor").await,
        "0|6|no leader|t"
    );
    w.store.close_partition(w.partition, GapReason::Deleted, w.fence).await.unwrap();
    w.store.close_partition(w.partition, GapReason::Deleted, w.fence).await.unwrap();
    assert_eq!(
        psql(&w.url, "select from_position, to_position, reason, detail from gap").await,
        "1||deleted|At least 5 events had not been read."
    );
    assert!(w.store.open_partitions(&system(), w.channel).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_never_was_leaves_no_gap() {
    let w = world().await;
    assert!(w.store.close_unmade(w.partition, w.fence).await.unwrap());
    assert!(w.store.close_unmade(w.partition, w.fence).await.unwrap());
    w.store.close_partition(w.partition, GapReason::Deleted, w.fence).await.unwrap();
    assert_eq!(psql(&w.url, "select count(*) from gap").await, "0");
    assert_eq!(psql(&w.url, "select closed_reason from partition").await, "deleted");
    assert!(w.store.open_partitions(&system(), w.channel).await.unwrap().is_empty());
}

#[tokio::test]
async fn sources_gone_from_the_file_stand_still_and_come_back() {
    let w = world().await;
    let environments = [environment("production", true), environment("staging", false)];
    let put = w.store.put_sources(&environments, &[wanted("other", "staging")]).await.unwrap();
    assert!(w.store.paused(&system(), w.source).await.unwrap(), "an orphan stands still");
    assert!(!w.store.paused(&system(), put[0].1).await.unwrap());
    let both = [wanted("shop", "production"), wanted("other", "staging")];
    let again = w.store.put_sources(&environments, &both).await.unwrap();
    assert_eq!((again[0].1, again[1].1), (w.source, put[0].1), "a name keeps its identity");
    assert!(!w.store.paused(&system(), w.source).await.unwrap());
    assert!(matches!(
        w.store.put_sources(&environments, &[wanted("x", "nowhere")]).await,
        Err(StoreError::Internal(_))
    ));
    assert!(!w.store.paused(&system(), w.source).await.unwrap(), "a refused configuration changes nothing");
}

#[tokio::test]
async fn looking_sources_up_changes_nothing() {
    let w = world().await;
    let before = psql(&w.url, "select s.*, (select count(*) from environment) from source s").await;
    let found = w.store.find_sources(&system(), &["shop".into(), "other".into()]).await.unwrap();
    assert_eq!(found, [("shop".to_owned(), w.source)]);
    assert!(w.store.find_sources(&system(), &["other".into()]).await.unwrap().is_empty());
    assert_eq!(psql(&w.url, "select s.*, (select count(*) from environment) from source s").await, before);
    assert!(!w.store.paused(&system(), w.source).await.unwrap());
}

#[tokio::test]
async fn what_was_begun_and_what_was_found_is_kept() {
    let w = world().await;
    assert_eq!(w.store.begun(&system(), w.source).await.unwrap(), None);
    w.store.set_begun(w.source, "order.*").await.unwrap();
    assert_eq!(w.store.begun(&system(), w.source).await.unwrap().as_deref(), Some("order.*"));
    assert_eq!(w.store.put_channel(w.source, "order.placed").await.unwrap(), w.channel);
    open(&w.store, w.fence, w.store.put_channel(w.source, "b").await.unwrap(), 2).await;
    let found = w.store.open_partitions_of(&system(), w.source).await.unwrap();
    assert_eq!(found.iter().map(|(n, p)| (n.as_str(), p.number)).collect::<Vec<_>>(), [("b", 2), ("order.placed", 0)]);
    let instance = w.store.instance().await.unwrap();
    assert_eq!(w.store.instance().await.unwrap(), instance);
}

#[tokio::test]
async fn a_late_report_does_not_overtake_a_newer_one() {
    let w = world().await;
    let report = |state, secs, reason: Option<&str>| SourceReport {
        source: w.source,
        tap: "one".into(),
        state,
        reason: reason.map(Into::into),
        at: now().plus_secs(secs),
        retry_at: None,
        left_out: Some(vec!["a\0".into(), "b".into()]),
        left_out_total: 2,
        bytes_to_read: Some(5),
        throttled_ms: 0,
    };
    w.store.report_source(&report(SourceState::Up, 0, None)).await.unwrap();
    w.store.report_source(&report(SourceState::Down, 20, Some("refused"))).await.unwrap();
    w.store.report_source(&report(SourceState::Down, 30, Some("refused"))).await.unwrap();
    w.store.report_source(&report(SourceState::Up, 10, None)).await.unwrap();
    // What is still to be read is what was said last, and nothing once it has caught up.
    assert_eq!(psql(&w.url, "select bytes_to_read from source").await, "5");
    w.store
        .report_source(&SourceReport { bytes_to_read: None, ..report(SourceState::Down, 30, Some("refused")) })
        .await
        .unwrap();
    assert_eq!(psql(&w.url, "select bytes_to_read is null from source").await, "t");
    let since = "select state, reason, extract(epoch from reported_at - since)::int, left_out_total from source";
    assert_eq!(psql(&w.url, since).await, "down|refused|10|2");
}
