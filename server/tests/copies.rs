//! A copied or restored database (decision 17): nothing is read and nothing is written until `weir adopt`, whether the
//! original still runs or not. Judged by the broker's log and the database's rows.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test ends at its first surprise")]

mod common;
mod topics;

use std::{collections::BTreeSet, time::Duration};

use common::{
    LIMIT, PASSWORD, World,
    client::Ask,
    configuration,
    requests::{Request, apis, of_weir, requests},
};
use krafka::{
    Kafka as Client, Record,
    admin::NewTopic,
    producer::{Acks, Producer},
};
use weir::commands::adopt;
use weir_testkit::{Kafka, KafkaOptions, PrivateDir, fresh_database, unique};

/// A broker with two ways to it, so that its log tells the two installations apart; and somebody who writes.
struct Broker {
    kafka: Kafka,
    producer: Producer,
}

impl Broker {
    async fn start() -> Self {
        let options = KafkaOptions { proxied: true, ..KafkaOptions::default() };
        let kafka = Kafka::start(options.logging_requests()).unwrap();
        let client = Client::builder(kafka.bootstrap()).client_id("load").connect().await.unwrap();
        let topic = NewTopic::new("orders", 4, 1).unwrap();
        topics::make(&client, [topic]).await;
        let producer = client.producer().acks(Acks::All).build().await.unwrap();
        Self { kafka, producer }
    }

    async fn produce(&self, count: usize) {
        for n in 0..count {
            drop(
                self.producer
                    .enqueue(Record::new("orders", format!("{{\"n\":{n}}}")).key(n.to_string()))
                    .await
                    .unwrap(),
            );
        }
        self.producer.flush().await.unwrap();
    }

    /// What the installation that comes by the other way has asked for.
    fn by_proxy(&self) -> Vec<Request> {
        let all = requests(&self.kafka);
        of_weir(&all).filter(|r| r.listener == "PROXIED").cloned().collect()
    }
}

fn lines(bootstrap: &str) -> String {
    format!(
        "[environments.test]\nkind = \"other\"\n[sources.shop]\nkind = \"kafka\"\nenvironment = \"test\"\n\
         bootstrap = [{bootstrap:?}]\nchannels = [\"*\"]\nstart = \"earliest\"\ncapture = \"full\"\nact = \"none\"\n"
    )
}

async fn psql(url: &str, sql: &str) -> String {
    let args = ["-XAtq", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", sql];
    let done = tokio::process::Command::new("psql").args(args).output().await.unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8_lossy(&done.stdout).trim().to_owned()
}

async fn until(what: &str, mut yes: impl AsyncFnMut() -> bool) {
    let begun = std::time::Instant::now();
    while !yes().await {
        assert!(begun.elapsed() < 2 * LIMIT, "not in time: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn stored(url: &str) -> usize {
    psql(url, "select count(*) from event").await.parse().unwrap()
}

/// A copy of a database that nobody is connected to; dropped at the end.
struct Copy {
    server: String,
    name: String,
    url: String,
}

impl Copy {
    async fn of(url: &str) -> Self {
        let (server, original) = url.rsplit_once('/').unwrap();
        let name = unique("copy").replace('-', "_");
        // Whoever has just ended may still be seen for a moment.
        let free = format!("select count(*) from pg_stat_activity where datname = '{original}'");
        let admin = format!("{server}/postgres");
        until("nobody is connected", async || psql(&admin, &free).await == "0").await;
        psql(&admin, &format!("create database {name} template {original}")).await;
        Self { server: admin, url: format!("{server}/{name}"), name }
    }

    async fn drop(self) {
        psql(&self.server, &format!("drop database {} with (force)", self.name)).await;
    }
}

/// Every row that is not about people or about how the source stands.
async fn content(url: &str) -> String {
    let tables = psql(
        url,
        "select string_agg(relname, ' ' order by relname) from pg_class where relnamespace = 'public'::regnamespace
         and relkind in ('r', 'p') and relname !~ '^(person|session|log_in|setup|tap_report|source$)'",
    )
    .await;
    let mut content = format!("{tables}\n");
    for table in tables.split(' ') {
        let rows =
            psql(url, &format!("select count(*), md5(string_agg(t::text, ',' order by t::text)) from {table} t")).await;
        content.push_str(&format!("{table} {rows}\n"));
    }
    content
}

async fn taps(world: &World) -> (String, String) {
    world.until(|a| a.status == 200 && !a.text().contains("undecided")).await;
    let ready: serde_json::Value = serde_json::from_str(&world.ask(Ask::get("/readyz")).await.text()).unwrap();
    let text = |v: &serde_json::Value| v.as_str().unwrap_or_default().to_owned();
    (text(&ready["taps"]), text(&ready["taps_reason"]))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_reads_and_writes_nothing_until_it_is_adopted() {
    let broker = Broker::start().await;
    let [direct, proxied] = [broker.kafka.bootstrap(), broker.kafka.proxy().unwrap().address().to_string()];
    let (url, _database) = fresh_database().await.unwrap();
    let original = World::start_on(&url, &lines(&direct)).await;
    original.until_ready().await;
    original.administrator().await;
    broker.produce(100).await;
    until("the original reads", async || stored(&url).await == 100).await;
    let (dir, ..) = original.end().await;
    let copy = Copy::of(&url).await;
    // It runs again, under load, beside the copy.
    let original = World::start_in(dir, &url, &lines(&direct)).await;
    broker.produce(100).await;

    let before = content(&copy.url).await;
    let twin = World::start_on(&copy.url, &lines(&proxied)).await;
    let (on, why) = taps(&twin).await;
    assert!(on == "off" && why.contains("weir adopt"), "{on}: {why}");
    until("the original reads on", async || stored(&url).await == 200).await;
    let state = "select state, reason from source";
    until("it says why", async || psql(&copy.url, state).await.starts_with("off|")).await;
    // Its background work went round three more times, which is longer than what taps and engines do at their start takes.
    let said = "select max(said_at) from tap_report where state = 'off'";
    for _ in 0..3 {
        let before = psql(&copy.url, said).await;
        until("it says so again", async || psql(&copy.url, said).await != before).await;
    }
    assert_eq!(broker.by_proxy(), [], "nothing of the copy reached the broker");
    assert_eq!(content(&copy.url).await, before, "no cursor moved, and nothing was written");
    let cookie = twin.ask(Ask::form("/sign-in", &[("login", "mara"), ("password", PASSWORD)])).await.cookie();
    let page = twin.ask(Ask::get("/sources/1").cookie(&cookie)).await.text();
    assert!(page.contains("Off, no tap reads it") && page.contains("weir adopt"), "{page}");

    // Adopted beside an original that goes on: it gets a name of its own, and reads on from where the copy was made.
    let (dir, ..) = twin.end().await;
    let config = configuration(&dir, &copy.url, &lines(&proxied));
    adopt::run(&config, true).await.unwrap();
    let twin = World::start_in(dir, &copy.url, &lines(&proxied)).await;
    assert_eq!(taps(&twin).await.0, "on");
    until("the copy reads on", async || stored(&copy.url).await == 200).await;
    broker.produce(100).await;
    until("both read", async || (stored(&url).await, stored(&copy.url).await) == (300, 300)).await;
    let all = requests(&broker.kafka);
    let names = |listener: &str| -> BTreeSet<&str> {
        of_weir(&all).filter(|r| r.listener == listener).map(|r| r.client.as_str()).collect()
    };
    let [originals, copies] = [names("PLAINTEXT"), names("PROXIED")];
    assert!(originals.len() == 1 && copies.len() == 1 && originals != copies, "{originals:?} {copies:?}");
    assert!(apis(&broker.by_proxy()).contains("FETCH"));
    // The original was never touched.
    assert_eq!(taps(&original).await.0, "on");
    twin.end().await;
    original.end().await;
    copy.drop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_database_goes_on_as_the_one_it_was() {
    let broker = Broker::start().await;
    let direct = broker.kafka.bootstrap();
    let (url, _database) = fresh_database().await.unwrap();
    let original = World::start_on(&url, &lines(&direct)).await;
    original.until_ready().await;
    broker.produce(100).await;
    until("the original reads", async || stored(&url).await == 100).await;
    original.end().await;
    let copy = Copy::of(&url).await;
    // The machine is lost, and its state file with it. What came meanwhile is read after the restore.
    broker.produce(50).await;
    let restored = World::start_on(&copy.url, &lines(&direct)).await;
    assert_eq!(taps(&restored).await.0, "off");
    let (dir, ..) = restored.end().await;
    let id = psql(&copy.url, "select id from instance").await;
    adopt::run(&configuration(&dir, &copy.url, &lines(&direct)), false).await.unwrap();
    assert_eq!(psql(&copy.url, "select id from instance").await, id, "the same installation as before");
    let restored = World::start_in(dir, &copy.url, &lines(&direct)).await;
    until("it reads on", async || stored(&copy.url).await == 150).await;
    let distinct = "select count(distinct (partition_id, position)) from event";
    assert_eq!(psql(&copy.url, distinct).await, "150", "nothing twice");
    // A second process of the same installation needs the same state file, and shares the work.
    let second = PrivateDir::new("http").unwrap();
    std::fs::copy(restored.dir.path().join("weir.state"), second.path().join("weir.state")).unwrap();
    let second = World::start_in(second, &copy.url, &lines(&direct)).await;
    assert_eq!(taps(&second).await.0, "on");
    let parts = "select count(*) from partition_lease group by member_id order by 1";
    until("they share", async || psql(&copy.url, parts).await == "2\n2").await;
    second.end().await;
    restored.end().await;
    copy.drop().await;
}
