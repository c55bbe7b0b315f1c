use crate::common::{NOW_MS, append, batch, environment, event, now, open, psql, system, view, view_of, wanted, world};
use weir_domain::{
    Position, Timestamp,
    access::Role,
    capture::{EventLog as _, Gap, GapReason, Held, PartitionProgress, SourceReport, SourceState, TapCatalog as _},
    overview::Overview as _,
    sources::Sources as _,
};

fn up(source: weir_domain::SourceId, at: Timestamp) -> SourceReport {
    SourceReport {
        source,
        tap: "one".into(),
        state: SourceState::Up,
        reason: None,
        at,
        retry_at: None,
        left_out: Some(vec!["internal.audit".into()]),
        left_out_total: 1,
        bytes_to_read: None,
        throttled_ms: 3,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_add_up_over_what_is_visible() {
    let w = world().await;
    let other = w.store.put_channel(w.source, "salary.paid").await.unwrap();
    let second = open(&w.store, w.fence, other, 0).await;
    // 120 events 5 ms old, a minute ago; 60 of the hidden channel, 500 ms old; one 23 h 59 min ago; one too old.
    let minute = 60_000;
    let at = |ms: i64| Timestamp::from_millis(NOW_MS - ms);
    let fill = async |partition, expected: Option<i64>, n: i64, age: i64, delay: i64| {
        let from = expected.unwrap_or(0);
        let events: Vec<_> = (from..from + n)
            .map(|p| {
                let mut e = event(p, "k", &"x".repeat(100));
                e.broker_ms = Some(NOW_MS - age - delay);
                e
            })
            .collect();
        let mut b = batch(partition, expected, events);
        (b.captured_at, b.broker_bytes) = (at(age), 6000);
        w.store.append(&b).await.unwrap();
    };
    fill(w.partition, None, 7, 25 * 60 * minute, 5).await;
    fill(w.partition, Some(7), 1, 24 * 60 * minute - minute, 5).await;
    fill(w.partition, Some(8), 120, minute, 5).await;
    fill(second, None, 60, minute, 500).await;
    let progress = PartitionProgress {
        partition: w.partition,
        start: Some(Position(0)),
        end: Some(Position(140)),
        held: Some(Held { since: now(), transactional_id: Some("tx-1".into()) }),
        error: None,
    };
    w.store.report_progress(&[progress], now()).await.unwrap();
    w.store.report_source(&up(w.source, now())).await.unwrap();

    psql(&w.url, "update partition set opened_at = '2020-01-01'").await;
    let all = view(&w.store).await;
    let s = w.store.summary(&all, now()).await.unwrap();
    assert_eq!((s.events_per_s, s.events_24h, s.behind), (Some(3.0), 181, Some(12)));
    assert_eq!((s.throughput.len(), s.throughput[59], s.throughput.iter().sum::<u32>()), (60, 180, 180));
    let (p50, p95) = s.tap_delay_ms.unwrap();
    assert!((3..=5).contains(&p50) && (300..=500).contains(&p95), "{p50} {p95}");
    assert!(s.stored_bytes > 0 && s.stored_bytes < s.raw_bytes);
    assert_eq!(s.raw_bytes, 188 * 101);
    assert_eq!(
        s.channels.iter().map(|c| (c.name.as_str(), c.events_per_s_x100)).collect::<Vec<_>>(),
        [("order.placed", Some(200)), ("salary.paid", Some(100))]
    );

    let narrow = view_of(&w.store, &[Role::Viewer], "order.*").await;
    let s = w.store.summary(&narrow, now()).await.unwrap();
    assert_eq!((s.events_per_s, s.events_24h, s.hidden_channels, s.raw_bytes), (Some(2.0), 121, 1, 128 * 101));
    let shown = &w.store.list(&narrow, now()).await.unwrap()[0];
    assert_eq!(
        (shown.events_per_s, shown.broker_bytes_per_s, shown.behind, shown.channels, shown.partitions),
        (Some(2.0), Some(100.0), Some(12), 1, 1)
    );
    assert_eq!(
        (shown.state, shown.left_out_total, shown.throttled_ms, shown.may_pause),
        (SourceState::Up, 1, 3, false)
    );
    let detail = w.store.detail(&narrow, w.source, now()).await.unwrap().unwrap();
    assert!(
        detail.source.hidden_channels == 1 && detail.left_out.is_empty(),
        "names of what nobody granted stay hidden"
    );
    let p = &detail.channels[0].partitions[0];
    assert_eq!(
        (p.next, p.start, p.end, p.behind),
        (Some(Position(128)), Some(Position(0)), Some(Position(140)), Some(12))
    );
    assert_eq!(p.held.as_ref().unwrap().transactional_id.as_deref(), Some("tx-1"));
    assert_eq!(detail.channels[0].events_24h, 121);
    assert_eq!(w.store.detail(&all, w.source, now()).await.unwrap().unwrap().left_out, ["internal.audit"]);

    // Before capture began nothing is known, which is not 0.
    let begun = format!("update partition set opened_at = to_timestamp({} - 300)", NOW_MS / 1000);
    psql(&w.url, &begun).await;
    let s = w.store.summary(&all, now()).await.unwrap();
    let sparks = s.channels.iter().map(|c| c.spark.len()).chain([s.throughput.len()]);
    let listed = w.store.list(&all, now()).await.unwrap()[0].spark.clone();
    let detail = w.store.detail(&all, w.source, now()).await.unwrap().unwrap();
    let sparks: Vec<_> = sparks.chain([listed.len(), detail.channels[0].spark.len()]).collect();
    assert_eq!((sparks, listed.last()), (vec![5; 5], Some(&180)));

    // A tap that says nothing knows no rate: unknown, never 0.
    let later = now().plus_secs(600);
    assert_eq!(w.store.summary(&all, later).await.unwrap().events_per_s, None);
    assert_eq!(w.store.list(&all, later).await.unwrap()[0].events_per_s, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_just_begun_has_no_rate_yet() {
    let w = world().await;
    let second = w.store.put_channel(w.source, "payment.failed").await.unwrap();
    let second = open(&w.store, w.fence, second, 0).await;
    let at = |secs: i64| Timestamp::from_millis(NOW_MS).plus_secs(secs);
    let capture = async |partition, position: i64, at| {
        // Old events, as a read from the log's start brings them: what counts is when they were captured.
        let mut e = event(position, "k", "{}");
        e.broker_ms = Some(NOW_MS - 86_400_000);
        let mut b = batch(partition, (position > 0).then_some(position), vec![e]);
        b.captured_at = at;
        w.store.append(&b).await.unwrap();
        w.store.report_source(&up(w.source, at)).await.unwrap();
    };
    let all = view(&w.store).await;
    let rates = async |at| {
        let listed = &w.store.list(&all, at).await.unwrap()[0];
        let detail = w.store.detail(&all, w.source, at).await.unwrap().unwrap();
        let summary = w.store.summary(&all, at).await.unwrap();
        assert_eq!(listed.events_per_s, detail.source.events_per_s);
        assert_eq!(listed.events_per_s.is_some(), listed.broker_bytes_per_s.is_some());
        assert_eq!(listed.events_per_s, summary.events_per_s);
        let of = |name: &str| {
            let line = summary.channels.iter().find(|c| c.name == name).unwrap().events_per_s_x100;
            let shown = detail.channels.iter().find(|c| c.name == name).unwrap().events_per_s;
            assert_eq!(line, shown.map(|n| (n * 100.0) as u64), "{name}");
            shown
        };
        (listed.events_per_s, of("order.placed"), of("payment.failed"))
    };
    w.store.report_source(&up(w.source, at(0))).await.unwrap();
    assert_eq!(rates(at(0)).await, (Some(0.0), Some(0.0), Some(0.0)), "nothing came");
    capture(w.partition, 0, at(10)).await;
    assert_eq!(rates(at(50)).await, (None, None, Some(0.0)), "no full minute of it has passed");
    capture(second, 0, at(70)).await;
    let sixtieth = Some(1.0 / 60.0);
    assert_eq!(rates(at(80)).await, (sixtieth, sixtieth, None), "one channel begins later");
    // Two hours of silence are no beginning.
    capture(w.partition, 1, at(7200)).await;
    assert_eq!(rates(at(7210)).await, (Some(0.0), Some(0.0), Some(0.0)));
}

#[tokio::test]
async fn gaps_and_closed_incarnations_stay_listed() {
    let w = world().await;
    let mut b = batch(w.partition, None, vec![event(5, "k", "{}")]);
    b.gaps.push(Gap {
        from: Position(0),
        to: Some(Position(5)),
        reason: GapReason::RetentionTrimmed,
        detail: "d".into(),
    });
    w.store.append(&b).await.unwrap();
    w.store.close_partition(w.partition, GapReason::Deleted, w.fence).await.unwrap();
    let view = view(&w.store).await;
    let detail = w.store.detail(&view, w.source, now()).await.unwrap().unwrap();
    assert_eq!(detail.channels[0].partitions[0].closed, Some(GapReason::Deleted));
    let mut gaps: Vec<_> =
        detail.gaps.iter().map(|g| (g.from.0, g.to.map(|p| p.0), g.reason, g.channel_name.as_str())).collect();
    gaps.sort_by_key(|g| g.0);
    assert_eq!(
        gaps,
        [(0, Some(5), GapReason::RetentionTrimmed, "order.placed"), (6, None, GapReason::Deleted, "order.placed")]
    );
    assert_eq!((detail.source.gaps, detail.source.partitions), (2, 0));
    assert_eq!(w.store.summary(&view, now()).await.unwrap().gaps_24h, 2);
}

#[tokio::test]
async fn partitions_beyond_what_a_page_holds_are_counted() {
    let w = world().await;
    let more = "with p as (
        insert into partition (channel_id, number, incarnation, closed_at, closed_reason)
        select channel_id, n, 'i', now(), 'deleted' from partition, generate_series(1, 5006) n returning id)
        insert into partition_cursor (partition_id) select id from p";
    let view = view(&w.store).await;
    assert_eq!(w.store.detail(&view, w.source, now()).await.unwrap().unwrap().more_partitions, 0);
    psql(&w.url, more).await;
    let detail = w.store.detail(&view, w.source, now()).await.unwrap().unwrap();
    assert_eq!((detail.channels[0].partitions.len(), detail.more_partitions), (5000, 7));
    assert_eq!(detail.channels[0].partitions[0].id, w.partition, "what is open comes first");
}

#[tokio::test]
async fn a_source_is_paused_by_who_sees_it_and_the_tap_obeys() {
    let w = world().await;
    w.store.report_source(&up(w.source, now())).await.unwrap();
    let (all, blind) = (view(&w.store).await, view_of(&w.store, &[Role::Operator], "nothing").await);
    assert!(w.store.list(&blind, now()).await.unwrap().is_empty());
    assert!(!w.store.set_paused(&blind, w.source, true, now()).await.unwrap());
    assert!(w.store.detail(&blind, w.source, now()).await.unwrap().is_none());
    assert!(!w.store.paused(&system(), w.source).await.unwrap());
    assert!(w.store.set_paused(&all, w.source, true, now().plus_secs(5)).await.unwrap());
    assert!(w.store.set_paused(&all, w.source, true, now().plus_secs(9)).await.unwrap());
    assert!(w.store.paused(&system(), w.source).await.unwrap());
    let shown = &w.store.list(&all, now()).await.unwrap()[0];
    assert_eq!((shown.state, shown.since), (SourceState::Paused, Some(now().plus_secs(5))));
    let said =
        SourceReport { state: SourceState::Paused, reason: Some("A person paused it.".into()), ..up(w.source, now()) };
    w.store.report_source(&said).await.unwrap();
    assert!(w.store.set_paused(&all, w.source, false, now().plus_secs(20)).await.unwrap());
    // The tap has not woken yet, and the person must not read that nothing happened.
    let shown = &w.store.list(&all, now()).await.unwrap()[0];
    assert_eq!(
        (shown.state, shown.since, shown.reason.as_deref()),
        (SourceState::Starting, Some(now().plus_secs(20)), None)
    );
    w.store.report_source(&up(w.source, now())).await.unwrap();
    assert_eq!(w.store.list(&all, now()).await.unwrap()[0].state, SourceState::Up);
    // A source with nothing in it yet can hide nothing.
    w.store
        .put_sources(&[environment("production", true)], &[wanted("new", "production"), wanted("shop", "production")])
        .await
        .unwrap();
    let seen = w.store.list(&blind, now()).await.unwrap();
    assert_eq!(seen.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(), ["new"]);
    append(&w.store, w.partition, None, vec![event(0, "k", "{}")]).await;
}
