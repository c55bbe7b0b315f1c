use crate::{
    calls::Same,
    live::Told,
    world::{SHOP, World, anybody, caller, event},
};
use futures::StreamExt;
use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};
use tokio::time::{Instant, sleep, timeout};
use weir_cases::{Bye, Frame, FrameStream};
use weir_domain::{
    PartitionId,
    access::{Caller, Grant, Role},
    events::{EventFilter, Positions, TailFrame},
};

type Tail = FrameStream<(TailFrame, Positions)>;

async fn tail(world: &World, caller: &Caller, after: Option<Positions>) -> Tail {
    let same = Arc::new(Same(caller.clone()));
    world.cases.events.tail(caller, EventFilter::default(), after, same).await.unwrap()
}

async fn data(frames: &mut Tail) -> (TailFrame, Positions) {
    match frames.next().await {
        Some(Frame::Data(frame)) => frame,
        other => panic!("{other:?}"),
    }
}

fn positions(frame: &TailFrame) -> Vec<i64> {
    frame.rows.iter().map(|r| r.id.position.0).collect()
}

/// Stores one more event of channel 100.
fn store(world: &World, position: i64) {
    world.ports.data.lock().unwrap().events.push(event(100, SHOP, position));
}

#[tokio::test(start_paused = true)]
async fn begins_now_and_shows_what_comes_soon_after_the_hint() {
    let world = World::new();
    let mut frames = tail(&world, &anybody(), None).await;
    let (first, reached) = data(&mut frames).await;
    assert!(first.rows.is_empty() && reached.0.len() == 4, "the first frame says from where");
    let hinted = Instant::now();
    store(&world, 2);
    world.news.hint(&[PartitionId(100)]);
    assert_eq!(positions(&data(&mut frames).await.0), [2]);
    assert!(hinted.elapsed() <= Duration::from_millis(200), "{:?}", hinted.elapsed());
    let unhinted = Instant::now();
    store(&world, 3);
    assert_eq!(positions(&data(&mut frames).await.0), [3], "a lost hint loses nothing");
    assert!(unhinted.elapsed() <= Duration::from_secs(2));
}

#[tokio::test(start_paused = true)]
async fn goes_on_where_another_stream_ended() {
    let world = World::new();
    let mut frames = tail(&world, &anybody(), None).await;
    store(&world, 2);
    let (first, _) = data(&mut frames).await;
    assert_eq!(positions(&first), [2]);
    store(&world, 3);
    let (second, reached) = data(&mut frames).await;
    assert_eq!(positions(&second), [3]);
    drop(frames);
    for position in 4..7 {
        store(&world, position);
    }
    let mut frames = tail(&world, &anybody(), Some(reached)).await;
    assert_eq!(positions(&data(&mut frames).await.0), [4, 5, 6]);
}

#[tokio::test(start_paused = true)]
async fn five_frames_a_second_and_two_hundred_rows_a_frame_at_most() {
    let world = Arc::new(World::new());
    let mut frames = tail(&world, &anybody(), None).await;
    data(&mut frames).await;
    let flood = tokio::spawn({
        let world = world.clone();
        async move {
            for position in 2.. {
                store(&world, position);
                world.news.hint(&[PartitionId(100)]);
                sleep(Duration::from_micros(500)).await;
            }
        }
    });
    let began = Instant::now();
    let (mut count, mut told, mut seen) = (0u32, 0, 0);
    while began.elapsed() < Duration::from_secs(3) {
        let (frame, reached) = data(&mut frames).await;
        assert!(frame.rows.len() <= 200, "{}", frame.rows.len());
        told += frame.rows.len() as u64 + frame.skipped;
        seen = reached.0.iter().find(|(p, _)| *p == PartitionId(100)).unwrap().1.0 as u64;
        assert_eq!(positions(&frame).last().copied(), Some(seen as i64), "the newest are shown");
        count += 1;
    }
    flood.abort();
    assert!((10..=16).contains(&count), "{count} frames in three seconds");
    assert_eq!(told, seen - 1, "shown and skipped make all");
    assert!(world.ports.take_asked().iter().all(|a| a.limit.is_none_or(|l| l == 200)));
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_judged_is_told_though_there_is_nothing_to_show() {
    let world = World::new();
    let mut frames = tail(&world, &anybody(), None).await;
    assert_eq!(data(&mut frames).await.0.unjudged, 0);
    world.ports.data.lock().unwrap().unjudged = 3;
    let frame = data(&mut frames).await.0;
    assert!(frame.rows.is_empty());
    assert_eq!((frame.skipped, frame.unjudged), (0, 3));
}

#[tokio::test(start_paused = true)]
async fn a_database_away_passes_nothing_over() {
    let world = World::new();
    let mut frames = tail(&world, &anybody(), None).await;
    data(&mut frames).await;
    world.ports.away.store(true, Ordering::SeqCst);
    store(&world, 2);
    world.news.hint(&[]);
    assert!(timeout(Duration::from_secs(20), frames.next()).await.is_err());
    store(&world, 3);
    world.ports.away.store(false, Ordering::SeqCst);
    assert_eq!(positions(&data(&mut frames).await.0), [2, 3]);
}

#[tokio::test(start_paused = true)]
async fn hides_what_the_grants_hide_from_the_next_check_on() {
    let world = World::new();
    let told = Told::new(&anybody());
    let mut frames = world.cases.events.tail(&anybody(), EventFilter::default(), None, told.clone()).await.unwrap();
    data(&mut frames).await;
    told.now(Ok(Some(caller(
        &[Role::Support],
        &[Grant { channel_pattern: "payments.*".into(), ..Grant::everything() }],
    ))));
    sleep(Duration::from_secs(21)).await;
    store(&world, 2);
    world.ports.data.lock().unwrap().events.push(event(101, SHOP, 2));
    let (frame, _) = data(&mut frames).await;
    assert_eq!(frame.rows.iter().map(|r| r.channel.0).collect::<Vec<_>>(), [101]);
}

#[tokio::test(start_paused = true)]
async fn ends_when_the_key_it_filters_by_may_no_longer_be_seen() {
    let world = World::new();
    let told = Told::new(&anybody());
    let by_key = EventFilter { key: Some("key-100".into()), ..EventFilter::default() };
    let mut frames = world.cases.events.tail(&anybody(), by_key, None, told.clone()).await.unwrap();
    data(&mut frames).await;
    told.now(Ok(Some(caller(&[Role::Viewer], &[Grant::everything()]))));
    let ended = timeout(Duration::from_secs(30), frames.next()).await.expect("checked within 30 s");
    assert_eq!(ended, Some(Frame::Bye(Bye::NotAllowed)));
    assert_eq!(frames.next().await, None);
}
