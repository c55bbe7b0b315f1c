use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use krafka::{
    Record,
    admin::{CreateTopicsOptions, NewTopic},
    producer::Acks,
};

use super::TOPIC;

/// One event that the broker acknowledged: the producer's own log of the truth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sent {
    pub number: u64,
    pub partition: i32,
    pub offset: i64,
}

/// Writes numbered events, as many as it is allowed, on a thread of its own.
pub struct Producer {
    allow: Option<mpsc::Sender<(u64, Duration)>>,
    allowed: AtomicU64,
    log: Arc<Mutex<Vec<Sent>>>,
    thread: Option<thread::JoinHandle<()>>,
}

/// So many are sent together.
const AT_ONCE: u64 = 200;

impl Producer {
    /// Makes the topic. `size` is the number of bytes of each payload, at least.
    pub fn start(bootstrap: &str, partitions: i32, size: usize) -> Self {
        let (allow, allowed) = mpsc::channel();
        let log = Arc::new(Mutex::new(Vec::new()));
        let (ready, is_ready) = mpsc::channel();
        let (bootstrap, sent) = (bootstrap.to_owned(), log.clone());
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(write(&bootstrap, partitions, size, &ready, &allowed, &sent)).unwrap();
        });
        is_ready.recv().expect("a topic to write to");
        Self { allow: Some(allow), allowed: AtomicU64::new(0), log, thread: Some(thread) }
    }

    /// Lets it write `count` more, spread over `within`.
    pub fn allow(&self, count: u64, within: Duration) {
        self.allowed.fetch_add(count, Ordering::Relaxed);
        self.allow.as_ref().unwrap().send((count, within)).unwrap();
    }

    /// Keeps it writing: `count` a second, should it have nothing left to do.
    pub fn keep_on(&self, count: u64) {
        if self.acknowledged() as u64 == self.allowed.load(Ordering::Relaxed) {
            self.allow(count, Duration::from_secs(1));
        }
    }

    pub fn acknowledged(&self) -> usize {
        self.log.lock().unwrap().len()
    }

    /// Waits until all that is allowed is acknowledged; the log, by number.
    pub fn finish(mut self) -> Vec<Sent> {
        drop(self.allow.take());
        self.thread.take().unwrap().join().unwrap();
        let mut log = std::mem::take(&mut *self.log.lock().unwrap());
        log.sort_unstable();
        log
    }
}

async fn write(
    bootstrap: &str,
    partitions: i32,
    size: usize,
    ready: &mpsc::Sender<()>,
    allowed: &mpsc::Receiver<(u64, Duration)>,
    log: &Mutex<Vec<Sent>>,
) -> krafka::Result<()> {
    let kafka = krafka::Kafka::builder(bootstrap).client_id("numbered").connect().await?;
    let topic = NewTopic::new(TOPIC, partitions, 1)?;
    let made = kafka.admin().create_topics([topic], CreateTopicsOptions::default()).await?;
    made.into_values().collect::<krafka::Result<()>>()?;
    // Retries for as long as a broker that is away needs; idempotent, so that they make no copies.
    let timeout = Duration::from_secs(120);
    let producer = kafka.producer().acks(Acks::All).linger(Duration::from_millis(2));
    let producer = producer.delivery_timeout(timeout).max_block(timeout).build().await?;
    ready.send(()).unwrap();
    let (mut number, filler) = (0, "x".repeat(size));
    while let Ok((count, within)) = allowed.recv() {
        let pieces = count.div_ceil(AT_ONCE).max(1);
        let end = number + count;
        while number < end {
            let begun = tokio::time::Instant::now();
            let mut waiting = Vec::new();
            for n in number..end.min(number + AT_ONCE) {
                let payload = format!(r#"{{"number":{n},"filler":"{filler}"}}"#);
                waiting.push((n, producer.enqueue(Record::new(TOPIC, payload).key(format!("n-{n}"))).await?));
            }
            number += waiting.len() as u64;
            for (number, handle) in waiting {
                let sent = handle.await?;
                log.lock().unwrap().push(Sent { number, partition: sent.partition, offset: sent.offset });
            }
            tokio::time::sleep_until(begun + within / u32::try_from(pieces).unwrap()).await;
        }
    }
    producer.close().await
}
