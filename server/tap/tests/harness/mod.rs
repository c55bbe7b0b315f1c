//! A source in memory with a tap that tests start, stop and crash. Time is tokio's and stands still but for waits.

#![allow(dead_code, reason = "each test file uses its part")]
#![allow(clippy::allow_attributes, reason = "an expectation would be unfulfilled in the file that uses all of it")]

use std::{sync::Arc, time::Duration};
use tokio::{
    task::JoinHandle,
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;
use weir_broker::{ReadLimits, memory::MemoryBroker};
use weir_domain::{SourceId, access::SystemView};
use weir_tap::{
    Announcer, NoMeter, Pace, Ports, Settings, StartAt, Tap,
    identify::Identify,
    memory::{MemoryClock, MemoryStore},
    policy::{Ceiling, Policy},
};

pub const SOURCE: SourceId = SourceId(1);

pub struct World {
    pub broker: MemoryBroker,
    pub store: MemoryStore,
    pub clock: MemoryClock,
    taps: u64,
}

pub struct Running {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl World {
    pub fn new() -> Self {
        Self { broker: MemoryBroker::new(), store: MemoryStore::default(), clock: MemoryClock::default(), taps: 0 }
    }

    pub fn tap(&mut self) -> Running {
        self.tap_with(settings())
    }

    pub fn tap_with(&mut self, settings: Settings) -> Running {
        self.taps += 1;
        let ports = Ports {
            broker: Arc::new(self.broker.clone()),
            log: Arc::new(self.store.clone()),
            catalog: Arc::new(self.store.clone()),
            shares: Arc::new(self.store.clone()),
            holder: format!("tap-{}", self.taps),
            clock: Arc::new(self.clock),
            system: SystemView::for_composition_root(),
            announcer: Announcer::default(),
            meter: Arc::new(NoMeter),
        };
        let stop = CancellationToken::new();
        let announcing = ports.announcer.clone().run(ports.log.clone(), stop.clone());
        let tap = Tap::new(SOURCE, settings, ports, self.taps).run(stop.clone());
        let task = tokio::spawn(async move {
            tokio::join!(tap, announcing);
        });
        Running { stop, task }
    }
}

impl Running {
    pub async fn stop(self) {
        self.stop.cancel();
        self.task.await.unwrap();
    }

    /// As SIGKILL does: nothing is finished.
    pub async fn crash(self) {
        self.task.abort();
        assert!(self.task.await.unwrap_err().is_cancelled());
    }
}

pub fn settings() -> Settings {
    Settings {
        name: "memory".into(),
        ceiling: Ceiling::Full,
        policy: Policy::new(vec!["*".into()], false),
        identify: Identify::default(),
        start: StartAt::Earliest,
        catch_up_bytes_per_s: None,
        limits: ReadLimits { bytes: 4096, records: 50, wait: Duration::from_millis(250) },
        pace: Pace::default(),
    }
}

/// Waits until `held`, in the test's own time; fails after `limit`.
pub async fn until(limit: Duration, what: &str, mut held: impl FnMut() -> bool) -> Duration {
    let begin = Instant::now();
    while !held() {
        assert!(begin.elapsed() < limit, "not within {limit:?}: {what}");
        sleep(Duration::from_millis(20)).await;
    }
    begin.elapsed()
}

pub fn secs(s: u64) -> Duration {
    Duration::from_secs(s)
}
