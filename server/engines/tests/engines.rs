//! Several processes share sources: one reads at a time, another takes over, and nothing is lost or doubled.

#![expect(clippy::unwrap_used, reason = "a test ends at its first surprise")]

use async_trait::async_trait;
use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    task::JoinHandle,
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;
use weir_broker::memory::{MemoryBroker, NewRecord};
use weir_domain::{
    SourceId, StoreError,
    access::SystemView,
    capture::{Lease, Leases, SourceState, TapCatalog as _, WantedEnvironment, WantedSource},
};
use weir_engines::{EnginePorts, Engines, Reading, SourceSpec, StartAt, TTL};
use weir_tap::memory::{MemoryClock, MemoryStore};

const SOURCE: SourceId = SourceId(1);
const LEASE: &str = "tap/kafka-prod";

/// Leases that can be cut off from their process, as a stopped or partitioned one is.
struct Cut {
    store: MemoryStore,
    cut: Arc<AtomicBool>,
}

#[async_trait]
impl Leases for Cut {
    async fn acquire(&self, name: &str, holder: &str, ttl_ms: u32) -> Result<Option<Lease>, StoreError> {
        self.reach()?;
        self.store.acquire(name, holder, ttl_ms).await
    }
    async fn renew(&self, lease: &Lease, ttl_ms: u32) -> Result<bool, StoreError> {
        self.reach()?;
        self.store.renew(lease, ttl_ms).await
    }
    async fn release(&self, lease: &Lease) -> Result<(), StoreError> {
        self.reach()?;
        self.store.release(lease).await
    }
}

impl Cut {
    fn reach(&self) -> Result<(), StoreError> {
        match self.cut.load(Ordering::Relaxed) {
            true => Err(StoreError::Unavailable("cut off".into())),
            false => Ok(()),
        }
    }
}

struct Process {
    stop: CancellationToken,
    task: JoinHandle<()>,
    cut: Arc<AtomicBool>,
}

impl Process {
    fn start(holder: &str, broker: &MemoryBroker, store: &MemoryStore, reading: Reading) -> Self {
        Self::start_with("kafka-prod", holder, broker, store, reading)
    }

    /// A process whose configuration names this one source.
    fn start_with(source: &str, holder: &str, broker: &MemoryBroker, store: &MemoryStore, reading: Reading) -> Self {
        let (stop, cut) = (CancellationToken::new(), Arc::new(AtomicBool::new(false)));
        let ports = EnginePorts {
            log: Arc::new(store.clone()),
            catalog: Arc::new(store.clone()),
            leases: Arc::new(Cut { store: store.clone(), cut: cut.clone() }),
            maintenance: Arc::new(store.clone()),
            clock: Arc::new(MemoryClock::default()),
            system: SystemView::for_composition_root(),
            holder: holder.into(),
            seed: 7,
            reading,
        };
        let spec = SourceSpec {
            wanted: wanted(source),
            broker: Arc::new(broker.clone()),
            patterns: vec!["*".into()],
            include_internal: false,
            start: StartAt::Earliest,
            catch_up_bytes_per_s: None,
            type_header: None,
            type_field: None,
        };
        let task = Engines::start(vec![spec], vec![environment()], ports, stop.clone());
        Self { stop, task, cut }
    }

    /// How long the stop took.
    async fn stop(self) -> Duration {
        let begin = Instant::now();
        self.stop.cancel();
        self.task.await.unwrap();
        begin.elapsed()
    }

    async fn crash(self) {
        self.task.abort();
        assert!(self.task.await.unwrap_err().is_cancelled());
    }
}

fn wanted(source: &str) -> WantedSource {
    WantedSource {
        name: source.into(),
        kind: "kafka".into(),
        environment: "production".into(),
        description: "memory".into(),
        capture: "full".into(),
        act: "none".into(),
        read_only: true,
    }
}

fn environment() -> WantedEnvironment {
    WantedEnvironment { name: "production".into(), production: true, colour: None }
}

fn world() -> (MemoryBroker, MemoryStore) {
    let broker = MemoryBroker::new();
    broker.create("orders", 2);
    (broker, MemoryStore::default())
}

fn produce(broker: &MemoryBroker, numbers: std::ops::Range<usize>) {
    for n in numbers {
        broker.produce("orders", n % 2, NewRecord::new(n.to_string()));
    }
}

async fn until(limit: Duration, what: &str, mut held: impl FnMut() -> bool) -> Duration {
    let begin = Instant::now();
    while !held() {
        assert!(begin.elapsed() < limit, "not within {limit:?}: {what}");
        sleep(Duration::from_millis(20)).await;
    }
    begin.elapsed()
}

fn secs(s: u64) -> Duration {
    Duration::from_secs(s)
}

fn exactly(store: &MemoryStore, count: usize) {
    let stored = store.payloads("orders");
    assert_eq!((stored.len(), stored.iter().collect::<HashSet<_>>().len()), (count, count));
}

#[tokio::test(start_paused = true)]
async fn one_reads_and_another_takes_over_when_it_is_killed_or_stopped() {
    let (broker, store) = world();
    let one = Process::start("one", &broker, &store, Reading::On);
    until(secs(5), "one reads", || store.holder(LEASE).as_deref() == Some("one")).await;
    let two = Process::start("two", &broker, &store, Reading::On);
    produce(&broker, 0..100);
    until(secs(5), "stored", || store.payloads("orders").len() == 100).await;
    sleep(secs(60)).await;
    assert_eq!(store.holder(LEASE).as_deref(), Some("one"), "a renewed lease stays");
    one.crash().await;
    produce(&broker, 100..200);
    let took = until(secs(30), "two reads", || store.payloads("orders").len() == 200).await;
    assert!(took <= TTL + secs(3), "{took:?}");
    let three = Process::start("three", &broker, &store, Reading::On);
    assert!(two.stop().await < secs(10));
    produce(&broker, 200..300);
    let took = until(secs(30), "three reads", || store.payloads("orders").len() == 300).await;
    assert!(took <= secs(3), "a lease given back is free at once, not after {took:?}");
    three.stop().await;
    exactly(&store, 300);
    let last = store.last_report(SOURCE).unwrap();
    assert_eq!((last.state, last.reason.is_some()), (SourceState::Off, true));
}

#[tokio::test(start_paused = true)]
async fn a_holder_cut_off_from_its_lease_harms_nothing_and_stops_when_it_learns() {
    let (broker, store) = world();
    let one = Process::start("one", &broker, &store, Reading::On);
    until(secs(5), "one reads", || store.holder(LEASE).is_some()).await;
    let two = Process::start("two", &broker, &store, Reading::On);
    one.cut.store(true, Ordering::Relaxed);
    let mut sent = 0;
    while store.holder(LEASE).as_deref() != Some("two") {
        produce(&broker, sent..sent + 10);
        sent += 10;
        sleep(Duration::from_millis(100)).await;
    }
    // Both read now.
    for _ in 0..50 {
        produce(&broker, sent..sent + 10);
        sent += 10;
        sleep(Duration::from_millis(100)).await;
    }
    until(secs(5), "stored", || store.payloads("orders").len() == sent).await;
    one.cut.store(false, Ordering::Relaxed);
    sleep(secs(20)).await;
    exactly(&store, sent);
    // Had the first gone on, stopping the second would leave somebody reading.
    two.crash().await;
    produce(&broker, sent..sent + 10);
    sleep(secs(2)).await;
    exactly(&store, sent);
    until(secs(30), "one again", || store.payloads("orders").len() == sent + 10).await;
    one.stop().await;
    exactly(&store, sent + 10);
}

#[tokio::test(start_paused = true)]
async fn taps_that_are_off_say_why_and_read_nothing() {
    let (broker, store) = world();
    produce(&broker, 0..10);
    let reason = "This is a copy of another installation; run `weir adopt`.";
    // As a copied database has it.
    store.put_sources(&[environment()], &[wanted("kafka-prod")]).await.unwrap();
    let process = Process::start("copy", &broker, &store, Reading::Off(reason.into()));
    sleep(secs(60)).await;
    let reports = store.reports(SOURCE);
    assert!(reports.len() > 20 && reports.iter().all(|r| r.state == SourceState::Off));
    assert_eq!(reports[0].reason.as_deref(), Some(reason));
    assert_eq!((broker.reads(), store.payloads("orders").len()), (0, 0));
    process.stop().await;
}

#[tokio::test(start_paused = true)]
async fn an_installation_that_was_not_adopted_leaves_the_other_ones_taps_alone() {
    let (broker, store) = world();
    let ours = Process::start("ours", &broker, &store, Reading::On);
    produce(&broker, 0..10);
    until(secs(5), "stored", || store.payloads("orders").len() == 10).await;
    // One laptop has another configuration, the other the same.
    let off = || Reading::Off("not adopted".into());
    let stranger = Process::start_with("kafka-laptop", "stranger", &broker, &store, off());
    let twin = Process::start("twin", &broker, &store, off());
    sleep(secs(20)).await;
    produce(&broker, 10..20);
    until(secs(2), "still read", || store.payloads("orders").len() == 20).await;
    assert!(
        store.find_sources(&SystemView::for_composition_root(), &["kafka-laptop".into()]).await.unwrap().is_empty()
    );
    assert!(store.reports(SOURCE).iter().all(|r| r.state != SourceState::Off), "nothing is said of what is read");
    // A restart does not find its lease in the hands of one who may not read.
    ours.stop().await;
    sleep(secs(20)).await;
    assert_eq!(store.last_report(SOURCE).unwrap().reason.as_deref(), Some("not adopted"));
    let before = store.maintained();
    sleep(secs(180)).await;
    assert!(store.maintained() == before && before > 0, "upkeep is not theirs");
    let again = Process::start("ours again", &broker, &store, Reading::On);
    produce(&broker, 20..30);
    until(secs(3), "read again", || store.payloads("orders").len() == 30).await;
    exactly(&store, 30);
    for process in [stranger, twin, again] {
        process.stop().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_database_away_at_start_is_waited_for() {
    let (broker, store) = world();
    produce(&broker, 0..10);
    store.set_away(true);
    let process = Process::start("one", &broker, &store, Reading::On);
    sleep(secs(120)).await;
    assert!(!process.task.is_finished());
    store.set_away(false);
    until(secs(10), "stored", || store.payloads("orders").len() == 10).await;
    store.set_away(true);
    produce(&broker, 10..20);
    sleep(secs(30)).await;
    assert!(process.stop().await < secs(10));
}

#[tokio::test(start_paused = true)]
async fn an_append_that_hangs_does_not_hold_up_a_stop() {
    let (broker, store) = world();
    let process = Process::start("one", &broker, &store, Reading::On);
    until(secs(5), "up", || store.last_report(SOURCE).is_some_and(|r| r.state == SourceState::Up)).await;
    store.set_slow(secs(3_600));
    produce(&broker, 0..10);
    sleep(secs(1)).await;
    assert!(process.stop().await < secs(10));
    assert_eq!(store.payloads("orders").len(), 0);
}
