//! Sources that come, change and go while Weir runs.

#![expect(clippy::unwrap_used, reason = "a test ends at its first surprise")]

use async_trait::async_trait;
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    sync::Notify,
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;
use weir_broker::{
    Guarded,
    guard::Allowance,
    memory::{MemoryBroker, NewRecord},
};
use weir_domain::{
    SourceId, StoreError,
    access::SystemView,
    capture::{SourceState, TapCatalog as _, WantedEnvironment, WantedSource},
    sources::MadeVersion,
};
use weir_engines::{EnginePorts, Engines, MadeSpec, MadeSpecs, Parts, Reading, SourceSpec, StartAt};
use weir_tap::memory::{MemoryClock, MemoryStore};

/// What people made, and whether they are told of.
#[derive(Default)]
struct Made {
    all: Mutex<Vec<MadeSpec>>,
    away: Mutex<bool>,
    hint: Notify,
}

#[async_trait]
impl MadeSpecs for Made {
    async fn versions(&self) -> Result<Vec<MadeVersion>, StoreError> {
        if *self.away.lock().unwrap() {
            return Err(StoreError::Unavailable("away".into()));
        }
        let version = |m: &MadeSpec| MadeVersion { source: m.source, name: m.name.clone(), version: m.version };
        Ok(self.all.lock().unwrap().iter().map(version).collect())
    }
    async fn spec(&self, source: SourceId) -> Result<Option<MadeSpec>, StoreError> {
        Ok(self.all.lock().unwrap().iter().find(|m| m.source == source).cloned())
    }
    async fn hint(&self) {
        self.hint.notified().await;
    }
}

impl Made {
    fn set(&self, all: Vec<MadeSpec>) {
        *self.all.lock().unwrap() = all;
    }
}

fn wanted(name: &str) -> WantedSource {
    WantedSource {
        name: name.into(),
        kind: "kafka".into(),
        environment: "production".into(),
        description: "memory".into(),
        capture: "full".into(),
        act: "none".into(),
        read_only: true,
    }
}

fn spec(name: &str, broker: &MemoryBroker) -> SourceSpec {
    SourceSpec {
        wanted: wanted(name),
        broker: Arc::new(Guarded::new(name, Arc::new(broker.clone()), Allowance::default())),
        patterns: vec!["*".into()],
        include_internal: false,
        start: StartAt::Earliest,
        catch_up_bytes_per_s: None,
        type_header: None,
        type_field: None,
    }
}

struct World {
    store: MemoryStore,
    made: Arc<Made>,
    stop: CancellationToken,
    task: tokio::task::JoinHandle<()>,
    source: SourceId,
}

/// A process with one source of its file, whose catalog knows `added` too.
async fn world(file: &MemoryBroker) -> World {
    let (store, made, stop) = (MemoryStore::default(), Arc::new(Made::default()), CancellationToken::new());
    let environment = WantedEnvironment { name: "production".into(), production: true, colour: None };
    let known = store.put_sources(&[], &[wanted("of-the-file"), wanted("added")]).await.unwrap();
    let ports = EnginePorts {
        log: Arc::new(store.clone()),
        catalog: Arc::new(store.clone()),
        shares: Arc::new(store.clone()),
        leases: Arc::new(store.clone()),
        maintenance: Arc::new(store.clone()),
        observer: Arc::new(store.clone()),
        audit: None,
        erasing: None,
        telling: None,
        made: made.clone(),
        clock: Arc::new(MemoryClock::default()),
        system: SystemView::for_composition_root(),
        holder: "one".into(),
        seed: 7,
        reading: Reading::On,
        meter: Arc::new(weir_tap::NoMeter),
    };
    let task = Engines::start(
        vec![spec("of-the-file", file)],
        vec![environment],
        Parts { taps: true, engines: true },
        ports,
        None,
        stop.clone(),
    );
    // The memory's catalog takes for gone what is not in the file; the real one knows better.
    let source = known[1].1;
    World { store, made, stop, task, source }
}

impl World {
    fn made(&self, version: i64, spec: Result<SourceSpec, String>) -> MadeSpec {
        MadeSpec { source: self.source, name: "added".into(), version, spec }
    }

    async fn until(&self, limit: Duration, what: &str, held: impl Fn(&MemoryStore) -> bool) -> Duration {
        let begun = Instant::now();
        while !held(&self.store) {
            assert!(begun.elapsed() < limit, "not within {limit:?}: {what}");
            sleep(Duration::from_millis(20)).await;
        }
        begun.elapsed()
    }
}

fn broker(channel: &str) -> MemoryBroker {
    let broker = MemoryBroker::new();
    broker.create(channel, 1);
    broker
}

const SOON: Duration = Duration::from_secs(10);

#[tokio::test(start_paused = true)]
async fn a_source_is_read_changed_and_given_up_within_ten_seconds() {
    let (file, first, second) = (broker("file"), broker("first"), broker("second"));
    let world = world(&file).await;
    file.produce("file", 0, NewRecord::new("f"));
    world.until(SOON, "the file's own", |s| s.payloads("file").len() == 1).await;
    world.store.adopt(world.source);

    world.made.set(vec![world.made(1, Ok(spec("added", &first)))]);
    first.produce("first", 0, NewRecord::new("one"));
    world.until(SOON, "it is read", |s| s.payloads("first") == ["one"]).await;

    // Another address: the tap starts anew, and the old one reads no more.
    world.made.set(vec![world.made(2, Ok(spec("added", &second)))]);
    world.made.hint.notify_one();
    second.produce("second", 0, NewRecord::new("two"));
    let took = world.until(SOON, "it is read anew", |s| s.payloads("second") == ["two"]).await;
    assert!(took < Duration::from_secs(6), "{took:?}");
    let before = first.reads();
    first.produce("first", 0, NewRecord::new("not read"));
    sleep(SOON).await;
    assert_eq!((first.reads(), world.store.payloads("first").len()), (before, 1));

    // Without the catalog it goes on.
    *world.made.away.lock().unwrap() = true;
    sleep(SOON).await;
    second.produce("second", 0, NewRecord::new("three"));
    world.until(SOON, "it goes on", |s| s.payloads("second").len() == 2).await;
    *world.made.away.lock().unwrap() = false;

    world.made.set(Vec::new());
    let source = world.source;
    let ended = move |s: &MemoryStore| s.last_report(source).is_some_and(|r| r.state == SourceState::Off);
    world.until(SOON, "it is let go", ended).await;
    let before = second.reads();
    second.produce("second", 0, NewRecord::new("not read"));
    file.produce("file", 0, NewRecord::new("g"));
    world.until(SOON, "the other is read on", |s| s.payloads("file").len() == 2).await;
    assert_eq!((second.reads(), world.store.payloads("second").len()), (before, 2));
    let begun = Instant::now();
    world.stop.cancel();
    world.task.await.unwrap();
    assert!(begun.elapsed() < SOON);
}

#[tokio::test(start_paused = true)]
async fn one_that_cannot_be_read_says_why_and_is_read_once_it_can() {
    let (file, broker) = (broker("file"), broker("late"));
    let world = world(&file).await;
    file.produce("file", 0, NewRecord::new("f"));
    world.until(SOON, "the file's own", |s| s.payloads("file").len() == 1).await;
    world.store.adopt(world.source);
    world.made.set(vec![world.made(1, Err("its password was sealed with another key".into()))]);
    let source = world.source;
    let says =
        move |s: &MemoryStore| s.last_report(source).and_then(|r| r.reason).is_some_and(|r| r.contains("another key"));
    world.until(SOON, "the reason", says).await;
    assert_eq!(world.store.last_report(world.source).unwrap().state, SourceState::Off);
    broker.produce("late", 0, NewRecord::new("one"));
    world.made.set(vec![world.made(2, Ok(spec("added", &broker)))]);
    world.until(SOON, "it is read", |s| s.payloads("late") == ["one"]).await;
    world.stop.cancel();
    world.task.await.unwrap();
}
