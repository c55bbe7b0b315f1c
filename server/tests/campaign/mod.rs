//! The ground of a crash campaign: a durable PostgreSQL, a real Kafka, real `weir` processes, a producer that keeps
//! its own log, and an observer that compares.

mod observer;
mod producer;
mod weir;

pub use observer::Observer;
pub use producer::{Producer, Sent};
pub use weir::Weir;

use std::{
    env, fs,
    process::Command,
    time::{Duration, Instant},
};

use rand::{SeedableRng, rngs::StdRng};
use tokio::sync::{Semaphore, SemaphorePermit};
use weir_testkit::{Database, Kafka, KafkaOptions, Postgres, PostgresOptions, PrivateDir, TcpProxy};

pub const TOPIC: &str = "numbered";
/// Of the topic, where a campaign asks for no other number.
pub const PARTITIONS: i32 = 6;
/// The longest that anything is waited for.
pub const LIMIT: Duration = Duration::from_secs(90);

/// Two campaigns at a time: they wait for leases and time-outs more than they work.
static AT_ONCE: Semaphore = Semaphore::const_new(2);

pub struct Ground {
    pub postgres: Postgres,
    pub kafka: Kafka,
    /// The network between Weir and its database.
    pub wire: TcpProxy,
    pub rng: StdRng,
    partitions: i32,
    database: Database,
    dir: PrivateDir,
    _turn: SemaphorePermit<'static>,
}

impl Ground {
    pub async fn lay(name: &str) -> Self {
        Self::lay_with(name, PARTITIONS).await
    }

    /// With a topic of so many partitions.
    pub async fn lay_with(name: &str, partitions: i32) -> Self {
        let turn = AT_ONCE.acquire().await.unwrap();
        let seed = number("WEIR_CAMPAIGN_SEED", rand::random());
        println!("{name}: WEIR_CAMPAIGN_SEED={seed}");
        let postgres = Postgres::start(PostgresOptions::durable()).unwrap();
        let kafka = Kafka::start(KafkaOptions::default()).unwrap();
        let database = postgres.create_database().unwrap();
        let wire = TcpProxy::start(postgres.address()).unwrap();
        let dir = PrivateDir::new(name).unwrap();
        let config = format!(
            "listen = \"127.0.0.1:0\"\n\
             database_url_env = \"DATABASE\"\n\
             state_file = {:?}\n\
             [environments.test]\nkind = \"other\"\n\
             [sources.kafka-test]\nkind = \"kafka\"\nenvironment = \"test\"\nbootstrap = [{:?}]\n\
             channels = [{TOPIC:?}]\nstart = \"earliest\"\ncapture = \"full\"\nact = \"none\"\n",
            dir.path().join("weir.state"),
            kafka.bootstrap(),
        );
        fs::write(dir.path().join("weir.toml"), config).unwrap();
        Self { postgres, kafka, wire, rng: StdRng::seed_from_u64(seed), partitions, database, dir, _turn: turn }
    }

    /// A new process of this one installation.
    pub fn weir(&self, name: &str) -> Weir {
        let direct = self.database.url();
        let through = direct.replace(&self.postgres.address().to_string(), &self.wire.address().to_string());
        assert_ne!(direct, through, "the proxy stands in between");
        Weir::start(name, &["serve"], self.dir.path(), &through)
    }

    /// A process that taps and does nothing else, beside others.
    pub fn tap(&self, name: &str) -> Weir {
        Weir::start(name, &["tap"], self.dir.path(), &self.database.url())
    }

    /// Makes the topic. `size` is the number of bytes of each payload, at least.
    pub fn producer(&self, size: usize) -> Producer {
        Producer::start(&self.kafka.bootstrap(), self.partitions, size)
    }

    /// Asks the database without any code of Weir's. `None`: the schema is not there yet.
    pub fn ask(&self, sql: &str) -> Option<String> {
        let url = self.database.url();
        let done =
            Command::new("psql").args(["-XAtq", "-v", "ON_ERROR_STOP=1", "-d", &url, "-c", sql]).output().unwrap();
        let why = String::from_utf8_lossy(&done.stderr);
        if why.contains("does not exist") {
            return None;
        }
        assert!(done.status.success(), "{why}");
        Some(String::from_utf8_lossy(&done.stdout).trim().to_owned())
    }

    /// Looks at the database directly.
    pub async fn observer(&self) -> Observer {
        Observer::new(&self.database.url()).await
    }

    /// Sees no less and no more than these rows, without any code of Weir's.
    pub fn count_rows(&self, events: usize) {
        let file = self.dir.path().join("count.sql");
        let sql = format!(
            "do $$ declare n bigint; d bigint; begin
               select count(*), count(distinct (partition_id, position)) into n, d from event;
               if (n, d) <> ({events}, {events}) then raise exception '% rows, % of them distinct', n, d; end if;
             end $$;"
        );
        fs::write(&file, sql).unwrap();
        let url = self.database.url();
        let name = url.rsplit('/').next().unwrap().split('?').next().unwrap();
        self.postgres.apply(name, &[file]).unwrap();
    }
}

/// A number from the environment.
pub fn number(variable: &str, otherwise: u64) -> u64 {
    env::var(variable).map_or(otherwise, |n| n.parse().expect("a number"))
}

/// Asks every 20 ms until the answer is yes.
pub async fn until(what: &str, yes: impl AsyncFnMut() -> bool) -> Duration {
    within(LIMIT, what, yes).await
}

/// The same with another limit than [`LIMIT`].
pub async fn within(limit: Duration, what: &str, mut yes: impl AsyncFnMut() -> bool) -> Duration {
    let begun = Instant::now();
    while !yes().await {
        assert!(begun.elapsed() < limit, "not within {limit:?}: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    begun.elapsed()
}
