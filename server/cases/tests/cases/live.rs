//! Decision 22: pace, and who listens. Time is tokio's paused clock, so waits cost nothing.

use crate::{
    calls::Same,
    world::{LOGIN, PASSWORD, World, anybody, caller},
};
use async_trait::async_trait;
use futures::StreamExt;
use std::{
    sync::{Arc, Mutex, atomic::Ordering},
    time::Duration,
};
use tokio::time::{Instant, sleep, timeout};
use weir_cases::{Bye, Frame, FrameStream, Recheck};
use weir_domain::{
    CaseError,
    access::{Caller, Grant, Role},
    overview::Summary,
};

/// What the next re-check answers; `Err(())` is a database away, `Ok(None)` a session that ended.
pub struct Told(pub Mutex<Result<Option<Caller>, ()>>);

impl Told {
    pub fn new(caller: &Caller) -> Arc<Self> {
        Arc::new(Self(Mutex::new(Ok(Some(caller.clone())))))
    }
    pub fn now(&self, answer: Result<Option<Caller>, ()>) {
        *self.0.lock().unwrap() = answer;
    }
}

#[async_trait]
impl Recheck for Told {
    async fn caller(&self) -> Result<Option<Caller>, CaseError> {
        self.0.lock().unwrap().clone().map_err(|()| CaseError::Unavailable("away".into()))
    }
}

async fn data(frames: &mut FrameStream<Summary>) -> Summary {
    match frames.next().await {
        Some(Frame::Data(summary)) => summary,
        other => panic!("{other:?}"),
    }
}

async fn bye(frames: &mut FrameStream<Summary>) -> Bye {
    loop {
        match frames.next().await {
            Some(Frame::Data(_)) => {}
            Some(Frame::Bye(bye)) => {
                assert!(frames.next().await.is_none(), "goes on after a bye");
                return bye;
            }
            None => panic!("ended without a word"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn comes_at_once_then_every_five_seconds_or_two_when_something_changes() {
    let world = World::new();
    let mut frames = world.cases.overview.live(&anybody(), Arc::new(Same(anybody()))).await.unwrap();
    let began = Instant::now();
    data(&mut frames).await;
    assert_eq!(began.elapsed(), Duration::ZERO);
    data(&mut frames).await;
    assert_eq!(began.elapsed().as_secs(), 5);

    let news = world.news.clone();
    let hints = tokio::spawn(async move {
        loop {
            news.hint(&[]);
            sleep(Duration::from_millis(100)).await;
        }
    });
    let began = Instant::now();
    for _ in 0..10 {
        data(&mut frames).await;
    }
    hints.abort();
    // Two hundred hints, ten frames, two seconds apart.
    assert!((19..=21).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn ends_within_thirty_seconds_of_the_session() {
    let world = World::new();
    let told = Told::new(&anybody());
    let mut frames = world.cases.overview.live(&anybody(), told.clone()).await.unwrap();
    data(&mut frames).await;
    told.now(Ok(None));
    let ended = Instant::now();
    assert_eq!(bye(&mut frames).await, Bye::SignedOut);
    assert!(ended.elapsed() <= Duration::from_secs(30), "{:?}", ended.elapsed());
}

#[tokio::test(start_paused = true)]
async fn follows_roles_and_grants_as_they_change() {
    let world = World::new();
    let told = Told::new(&anybody());
    let mut frames = world.cases.overview.live(&anybody(), told.clone()).await.unwrap();
    assert_eq!(data(&mut frames).await.channels.len(), 4);
    told.now(Ok(Some(caller(
        &[Role::Viewer],
        &[Grant { channel_pattern: "payments.*".into(), ..Grant::everything() }],
    ))));
    let changed = Instant::now();
    while data(&mut frames).await.channels.len() != 1 {
        assert!(changed.elapsed() <= Duration::from_secs(30));
    }
    told.now(Ok(Some(caller(&[Role::Auditor], &[Grant::everything()]))));
    let changed = Instant::now();
    assert_eq!(bye(&mut frames).await, Bye::NotAllowed);
    assert!(changed.elapsed() <= Duration::from_secs(30));
}

#[tokio::test(start_paused = true)]
async fn shows_nothing_on_a_check_older_than_thirty_seconds_and_recovers() {
    let world = World::new();
    let told = Told::new(&anybody());
    let mut frames = world.cases.overview.live(&anybody(), told.clone()).await.unwrap();
    let checked = Instant::now();
    told.now(Err(()));
    let mut last = checked;
    while timeout(Duration::from_secs(120), data(&mut frames)).await.is_ok() {
        last = Instant::now();
    }
    assert!(last.duration_since(checked) <= Duration::from_secs(30), "{:?}", last.duration_since(checked));
    told.now(Ok(Some(anybody())));
    timeout(Duration::from_secs(10), data(&mut frames)).await.expect("comes back by itself");
}

#[tokio::test(start_paused = true)]
async fn a_database_away_ends_nothing() {
    let world = World::new();
    let mut frames = world.cases.overview.live(&anybody(), Arc::new(Same(anybody()))).await.unwrap();
    data(&mut frames).await;
    world.ports.away.store(true, Ordering::SeqCst);
    assert!(timeout(Duration::from_secs(60), frames.next()).await.is_err());
    world.ports.away.store(false, Ordering::SeqCst);
    timeout(Duration::from_secs(10), data(&mut frames)).await.expect("comes back by itself");
}

#[tokio::test]
async fn signing_out_ends_the_sessions_streams_at_once_and_no_others() {
    let (world, token) = World::signed_in().await;
    let access = &world.cases.access;
    let other = access.log_in(LOGIN, PASSWORD, "192.0.2.1").await.unwrap();
    let mut streams = Vec::new();
    for token in [&token, &other.token] {
        let caller = access.caller(token, None, "r".into()).await.unwrap().unwrap();
        let recheck = access.recheck((*token).clone(), None, "r".into());
        let mut frames = world.cases.overview.live(&caller, Arc::new(recheck)).await.unwrap();
        data(&mut frames).await;
        streams.push(frames);
    }
    access.log_out(&token, "r".into()).await.unwrap();
    let at_once = Duration::from_secs(1);
    let ended = timeout(at_once, streams[0].next()).await.expect("waits for its next frame");
    assert_eq!(ended, Some(Frame::Bye(Bye::SignedOut)));
    let asked = timeout(at_once, streams[1].next()).await.expect("asked too");
    assert!(matches!(asked, Some(Frame::Data(_))), "the other session lives");
}

#[tokio::test(start_paused = true)]
async fn a_session_that_expires_ends_its_streams() {
    let (world, token) = World::signed_in().await;
    let access = &world.cases.access;
    let caller = access.caller(&token, None, "r".into()).await.unwrap().unwrap();
    let recheck = Arc::new(access.recheck(token, None, "r".into()));
    let mut frames = world.cases.overview.live(&caller, recheck).await.unwrap();
    data(&mut frames).await;
    world.clock.pass_secs(weir_cases::access::SESSION_SECS);
    let ended = Instant::now();
    assert_eq!(bye(&mut frames).await, Bye::SignedOut);
    assert!(ended.elapsed() <= Duration::from_secs(30));
}

#[tokio::test(start_paused = true)]
async fn held_partitions_are_looked_up_every_ten_seconds_at_most() {
    let world = World::new();
    world.ports.data.lock().unwrap().sources[0].source.behind = Some(5);
    let mut frames = world.cases.overview.live(&anybody(), Arc::new(Same(anybody()))).await.unwrap();
    world.ports.take_asked();
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(30) {
        data(&mut frames).await;
    }
    let looks = world.ports.take_asked().iter().filter(|a| a.what == "source").count();
    assert!((2..=4).contains(&looks), "{looks}");
}
