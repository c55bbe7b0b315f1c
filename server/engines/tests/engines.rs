//! Several processes share sources: each reads its part, others take over, and nothing is lost or doubled.

#![expect(clippy::unwrap_used, reason = "a test ends at its first surprise")]

use async_trait::async_trait;
use std::{
    collections::{BTreeMap, HashMap, HashSet},
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
use weir_broker::{
    BrokerError, Guarded,
    guard::Allowance,
    memory::{MemoryBroker, NewRecord},
};
use weir_domain::{
    PartitionId, SourceId, StoreError,
    access::SystemView,
    capture::{Beat, MemberId, Share, Shares, SourceState, TapCatalog as _, WantedEnvironment, WantedSource},
};
use weir_engines::{EnginePorts, Engines, NothingMade, Parts, Reading, SourceSpec, StartAt, TTL};
use weir_tap::{
    Pace,
    memory::{MemoryClock, MemoryStore},
};

const SOURCE: SourceId = SourceId(1);
const PARTITIONS: usize = 24;

/// Members that can be cut off from each other, as a stopped or partitioned process is: appends go on.
struct Cut {
    store: MemoryStore,
    cut: Arc<AtomicBool>,
}

#[async_trait]
impl Shares for Cut {
    async fn join(&self, source: SourceId, holder: &str, ttl_ms: u32) -> Result<MemberId, StoreError> {
        self.reach()?;
        self.store.join(source, holder, ttl_ms).await
    }
    async fn beat(
        &self,
        source: SourceId,
        member: MemberId,
        ttl_ms: u32,
        bury: bool,
    ) -> Result<Option<Beat>, StoreError> {
        self.reach()?;
        self.store.beat(source, member, ttl_ms, bury).await
    }
    async fn offer(
        &self,
        source: SourceId,
        finder: MemberId,
        read: &[PartitionId],
        leave: &[PartitionId],
    ) -> Result<bool, StoreError> {
        self.reach()?;
        self.store.offer(source, finder, read, leave).await
    }
    async fn take(&self, source: SourceId, member: MemberId, most: u32) -> Result<u32, StoreError> {
        self.reach()?;
        self.store.take(source, member, most).await
    }
    async fn shares(&self, view: &SystemView, source: SourceId, member: MemberId) -> Result<Vec<Share>, StoreError> {
        self.reach()?;
        self.store.shares(view, source, member).await
    }
    async fn give_up(&self, member: MemberId, partitions: &[PartitionId]) -> Result<(), StoreError> {
        self.reach()?;
        self.store.give_up(member, partitions).await
    }
    async fn leave(&self, member: MemberId) -> Result<(), StoreError> {
        self.reach()?;
        self.store.leave(member).await
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
        Self::configured(source, holder, broker, store, reading, None)
    }

    fn capped(holder: &str, broker: &MemoryBroker, store: &MemoryStore, cap: Option<u64>) -> Self {
        Self::configured("kafka-prod", holder, broker, store, Reading::On, cap)
    }

    fn configured(
        source: &str,
        holder: &str,
        broker: &MemoryBroker,
        store: &MemoryStore,
        reading: Reading,
        catch_up_bytes_per_s: Option<u64>,
    ) -> Self {
        let (stop, cut) = (CancellationToken::new(), Arc::new(AtomicBool::new(false)));
        let ports = EnginePorts {
            log: Arc::new(store.clone()),
            catalog: Arc::new(store.clone()),
            shares: Arc::new(Cut { store: store.clone(), cut: cut.clone() }),
            leases: Arc::new(store.clone()),
            maintenance: Arc::new(store.clone()),
            observer: Arc::new(store.clone()),
            audit: None,
            erasing: None,
            telling: None,
            made: Arc::new(NothingMade),
            clock: Arc::new(MemoryClock::default()),
            system: SystemView::for_composition_root(),
            holder: holder.into(),
            seed: 7,
            reading,
            meter: Arc::new(weir_tap::NoMeter),
        };
        let spec = SourceSpec {
            wanted: wanted(source),
            broker: Arc::new(Guarded::new(source, Arc::new(broker.clone()), Allowance::default())),
            patterns: vec!["*".into()],
            include_internal: false,
            start: StartAt::Earliest,
            catch_up_bytes_per_s,
            type_header: None,
            type_field: None,
        };
        let task = Engines::start(
            vec![spec],
            vec![environment()],
            Parts { taps: true, engines: true },
            ports,
            None,
            stop.clone(),
        );
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
    broker.create("orders", PARTITIONS);
    (broker, MemoryStore::default())
}

fn produce(broker: &MemoryBroker, numbers: std::ops::Range<usize>) {
    for n in numbers {
        broker.produce("orders", n % PARTITIONS, NewRecord::new(n.to_string()));
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

/// How many partitions each of those who live reads.
fn parts(store: &MemoryStore) -> BTreeMap<String, usize> {
    let mut parts = BTreeMap::new();
    store.readers().into_iter().for_each(|(_, holder)| *parts.entry(holder).or_default() += 1);
    parts
}

async fn shared(store: &MemoryStore, wanted: &[(&str, usize)]) -> Duration {
    let wanted: BTreeMap<String, usize> = wanted.iter().map(|(h, n)| ((*h).to_owned(), *n)).collect();
    until(secs(60), &format!("{wanted:?}"), || parts(store) == wanted).await
}

#[tokio::test(start_paused = true)]
async fn taps_share_the_partitions_and_each_moves_no_more_than_its_part() {
    let (broker, store) = world();
    let mut sent = 0;
    let mut more = |broker: &MemoryBroker| {
        produce(broker, sent..sent + 240);
        sent += 240;
        sent
    };
    let start = |name| Process::start(name, &broker, &store, Reading::On);
    let one = start("one");
    shared(&store, &[("one", 24)]).await;
    more(&broker);
    let two = start("two");
    let took = shared(&store, &[("one", 12), ("two", 12)]).await;
    assert!(took < secs(3), "a newcomer has its part after {took:?}");
    let before: HashMap<_, _> = store.readers().into_iter().collect();
    more(&broker);
    let three = start("three");
    shared(&store, &[("one", 8), ("three", 8), ("two", 8)]).await;
    let moved = store.readers().into_iter().filter(|(id, holder)| before[id] != *holder).count();
    assert_eq!(moved, 8, "the newcomer's part moved and nothing else");
    let before: HashMap<_, _> = store.readers().into_iter().collect();
    two.crash().await;
    let sent = more(&broker);
    let took = shared(&store, &[("one", 12), ("three", 12)]).await;
    assert!(took <= TTL + secs(3), "{took:?}");
    assert!(store.readers().iter().all(|(id, holder)| before[id] == *holder || before[id] == "two"));
    until(secs(10), "stored", || store.payloads("orders").len() == sent).await;
    sleep(secs(60)).await;
    assert!(one.stop().await < secs(10));
    let took = shared(&store, &[("three", 24)]).await;
    assert!(took <= secs(2), "what was given up is taken at once, not after {took:?}");
    produce(&broker, sent..sent + 100);
    until(secs(10), "stored", || store.payloads("orders").len() == sent + 100).await;
    assert!(store.last_report(SOURCE).is_some_and(|r| r.state == SourceState::Up), "another one still reads");
    three.stop().await;
    exactly(&store, sent + 100);
    let last = store.last_report(SOURCE).unwrap();
    assert_eq!((last.state, last.reason.is_some()), (SourceState::Off, true));
}

#[tokio::test(start_paused = true)]
async fn one_cut_off_from_the_others_harms_nothing_and_stops_when_it_learns() {
    let (broker, store) = world();
    let [one, two] = ["one", "two"].map(|name| Process::start(name, &broker, &store, Reading::On));
    shared(&store, &[("one", 12), ("two", 12)]).await;
    one.cut.store(true, Ordering::Relaxed);
    let mut sent = 0;
    while parts(&store) != BTreeMap::from([("two".to_owned(), 24)]) {
        produce(&broker, sent..sent + 24);
        sent += 24;
        sleep(Duration::from_millis(100)).await;
    }
    // Both read twelve of them now.
    for _ in 0..50 {
        produce(&broker, sent..sent + 24);
        sent += 24;
        sleep(Duration::from_millis(100)).await;
    }
    until(secs(5), "stored", || store.payloads("orders").len() == sent).await;
    // While they disagree, a channel goes and another comes in its place: only who holds the lease may say so.
    broker.create("orders", PARTITIONS);
    until(secs(20), "all remade", || store.partitions().iter().filter(|p| p.closed.is_some()).count() == PARTITIONS)
        .await;
    one.cut.store(false, Ordering::Relaxed);
    shared(&store, &[("one", 12), ("two", 12)]).await;
    let closed = store.partitions().into_iter().filter(|p| p.closed.is_some());
    assert!(closed.into_iter().all(|p| p.gaps.len() == 1), "each was closed once");
    exactly(&store, sent);
    produce(&broker, sent..sent + 240);
    until(secs(5), "stored", || store.payloads("orders").len() == sent + 240).await;
    one.stop().await;
    two.stop().await;
    exactly(&store, sent + 240);
}

/// A database that was away for longer than a membership lasts brings nobody into disorder.
#[tokio::test(start_paused = true)]
async fn after_an_outage_everybody_keeps_its_part() {
    let (broker, store) = world();
    let processes = ["one", "two", "three"].map(|name| Process::start(name, &broker, &store, Reading::On));
    shared(&store, &[("one", 8), ("three", 8), ("two", 8)]).await;
    let before = store.readers();
    store.set_away(true);
    produce(&broker, 0..240);
    sleep(secs(120)).await;
    store.set_away(false);
    until(secs(20), "stored", || store.payloads("orders").len() == 240).await;
    sleep(secs(20)).await;
    assert_eq!(store.readers(), before);
    for process in processes {
        process.stop().await;
    }
    exactly(&store, 240);
}

/// One process can't reach the broker and the others can: it leaves its part to them, and says so.
#[tokio::test(start_paused = true)]
async fn who_can_not_reach_the_broker_leaves_its_part_to_the_others() {
    let (broker, store) = world();
    let away = broker.another_way();
    let one = Process::start("one", &broker, &store, Reading::On);
    let two = Process::start("two", &away, &store, Reading::On);
    shared(&store, &[("one", 12), ("two", 12)]).await;
    away.set_way_failing(Some(BrokerError::Unreachable("no route to kafka:9092".into())));
    produce(&broker, 0..240);
    let took = shared(&store, &[("one", 24)]).await;
    assert!(took < secs(15), "{took:?}");
    until(secs(5), "stored", || store.payloads("orders").len() == 240).await;
    let standing = store.last_report(SOURCE).unwrap();
    assert_eq!(standing.state, SourceState::Up);
    assert_eq!(standing.reason.as_deref(), Some("1 of 2 taps can't reach it: no route to kafka:9092"));
    away.set_way_failing(None);
    shared(&store, &[("one", 12), ("two", 12)]).await;
    until(secs(5), "no complaint", || store.last_report(SOURCE).is_some_and(|r| r.reason.is_none())).await;
    // Away for a moment only, once it counts as steady again, it keeps what it has.
    sleep(Pace::default().steady).await;
    let before = store.readers();
    away.set_way_failing(Some(BrokerError::Unreachable("no route to kafka:9092".into())));
    sleep(secs(2)).await;
    away.set_way_failing(None);
    sleep(secs(20)).await;
    assert_eq!(store.readers(), before);
    one.stop().await;
    two.stop().await;
    exactly(&store, 240);
}

#[tokio::test(start_paused = true)]
async fn a_pause_and_its_end_act_within_a_second_on_everybody() {
    let (broker, store) = world();
    let processes = ["one", "two", "three"].map(|name| Process::start(name, &broker, &store, Reading::On));
    shared(&store, &[("one", 8), ("three", 8), ("two", 8)]).await;
    let before = store.readers();
    store.set_paused(SOURCE, true);
    sleep(secs(1)).await;
    produce(&broker, 0..240);
    sleep(secs(60)).await;
    assert_eq!(store.payloads("orders").len(), 0);
    assert_eq!(store.last_report(SOURCE).unwrap().state, SourceState::Paused);
    store.set_paused(SOURCE, false);
    until(secs(1), "reading again", || store.payloads("orders").len() == 240).await;
    assert_eq!(store.readers(), before, "a pause moves nothing");
    for process in processes {
        process.stop().await;
    }
    exactly(&store, 240);
}

/// Three processes take no more from the broker together than one may.
#[tokio::test(start_paused = true)]
async fn the_catch_up_cap_is_the_sources() {
    let (broker, store) = world();
    for n in 0..2_400 {
        broker.produce("orders", n % PARTITIONS, NewRecord::new(vec![b'x'; 10_000]));
    }
    let processes = ["one", "two", "three"].map(|name| Process::capped(name, &broker, &store, Some(1_000_000)));
    let took = until(secs(90), "stored", || store.payloads("orders").len() == 2_400).await;
    assert!(took > secs(21) && took < secs(40), "24 MB at 1 MB/s took {took:?}");
    for process in processes {
        process.stop().await;
    }
}

/// In steady state a member says that it lives, and nothing else.
#[tokio::test(start_paused = true)]
async fn beats_are_few() {
    let (broker, store) = world();
    let processes = ["one", "two", "three"].map(|name| Process::start(name, &broker, &store, Reading::On));
    shared(&store, &[("one", 8), ("three", 8), ("two", 8)]).await;
    sleep(secs(30)).await;
    let before = store.beats();
    sleep(secs(60)).await;
    let beats = store.beats() - before;
    assert!((100..=160).contains(&beats), "{beats} beats of three members in a minute");
    for process in processes {
        process.stop().await;
    }
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
    // A restart does not find its part in the hands of one who may not read.
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
