//! Something between the client and a real broker that knows where requests begin: it can hold one kind of them back, swallow
//! their answers, or make the broker look older than it is.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex, OnceLock},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream, tcp},
    sync::watch,
};
use weir_testkit::{Kafka, KafkaOptions};

pub const OFFSET_COMMIT: i16 = 8;
pub const OFFSET_FETCH: i16 = 9;
pub const DELETE_GROUPS: i16 = 42;
const API_VERSIONS: i16 = 18;

/// Who looks at what goes on, and is let through.
pub const WATCHER: &str = "weir.test.watcher";

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules {
    /// Requests of this kind wait here for other rules; not those of [`WATCHER`].
    pub held: Option<i16>,
    /// Answers to requests of this kind do not come.
    pub swallowed: Option<i16>,
    /// Newest version of a request that the broker is said to know.
    pub newest: Vec<(i16, i16)>,
}

pub struct Between {
    target: OnceLock<SocketAddr>,
    rules: watch::Sender<Rules>,
    /// Every request that came through: its kind and version.
    seen: Mutex<Vec<(i16, i16)>>,
}

impl Between {
    /// A broker whose clients all come through here.
    pub async fn before(options: KafkaOptions) -> (Arc<Self>, Kafka) {
        let (between, options) = Self::advertised(options).await;
        let kafka = Kafka::start(options).unwrap();
        between.lead_to(&kafka);
        (between, kafka)
    }

    /// The options of a broker that sends its clients here; it has yet to be started.
    pub async fn advertised(options: KafkaOptions) -> (Arc<Self>, KafkaOptions) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let options = options
            .with("advertised.listeners", &format!("PLAINTEXT://127.0.0.1:{}", listener.local_addr().unwrap().port()));
        let (rules, seen) = (watch::Sender::new(Rules::default()), Mutex::default());
        let between = Arc::new(Self { target: OnceLock::new(), rules, seen });
        let here = Arc::clone(&between);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(Arc::clone(&here).pass(client));
            }
        });
        (between, options)
    }

    pub fn lead_to(&self, kafka: &Kafka) {
        self.target.set(kafka.address()).unwrap();
    }

    pub fn rule(&self, rules: Rules) {
        self.rules.send_replace(rules);
    }

    /// Versions that requests of this kind came in.
    pub fn versions(&self, api: i16) -> Vec<i16> {
        self.seen.lock().unwrap().iter().filter(|(seen, _)| *seen == api).map(|(_, version)| *version).collect()
    }

    async fn pass(self: Arc<Self>, client: TcpStream) {
        // Closed until the broker is there.
        let Some(target) = self.target.get() else { return };
        let Ok(server) = TcpStream::connect(target).await else { return };
        let (from_client, to_client) = client.into_split();
        let (from_server, to_server) = server.into_split();
        let asked = Mutex::new(VecDeque::new());
        // Whichever end closes closes both.
        tokio::select! {
            _ = self.requests(from_client, to_server, &asked) => {}
            _ = self.answers(from_server, to_client, &asked) => {}
        }
    }

    async fn requests(
        &self,
        mut from: tcp::OwnedReadHalf,
        mut to: tcp::OwnedWriteHalf,
        asked: &Mutex<VecDeque<(i16, i16)>>,
    ) -> Option<()> {
        loop {
            let frame = frame(&mut from).await?;
            let kind = (number(&frame, 0)?, number(&frame, 2)?);
            self.seen.lock().unwrap().push(kind);
            // Behind kind, version and correlation id stands who asks.
            let watcher = frame.get(10..).is_some_and(|rest| rest.starts_with(WATCHER.as_bytes()));
            self.rules.subscribe().wait_for(|rules| watcher || rules.held != Some(kind.0)).await.ok()?;
            asked.lock().unwrap().push_back(kind);
            send(&mut to, &frame).await?;
        }
    }

    async fn answers(
        &self,
        mut from: tcp::OwnedReadHalf,
        mut to: tcp::OwnedWriteHalf,
        asked: &Mutex<VecDeque<(i16, i16)>>,
    ) -> Option<()> {
        loop {
            let mut frame = frame(&mut from).await?;
            let (api, version) = asked.lock().unwrap().pop_front()?;
            let rules = self.rules.borrow().clone();
            if rules.swallowed == Some(api) {
                continue;
            }
            if api == API_VERSIONS {
                older(&mut frame, version, &rules.newest);
            }
            send(&mut to, &frame).await?;
        }
    }
}

async fn frame(from: &mut tcp::OwnedReadHalf) -> Option<Vec<u8>> {
    let length = usize::try_from(from.read_i32().await.ok()?).ok()?;
    let mut frame = vec![0; length];
    from.read_exact(&mut frame).await.ok()?;
    Some(frame)
}

async fn send(to: &mut tcp::OwnedWriteHalf, frame: &[u8]) -> Option<()> {
    to.write_i32(i32::try_from(frame.len()).ok()?).await.ok()?;
    to.write_all(frame).await.ok()
}

fn number(frame: &[u8], at: usize) -> Option<i16> {
    Some(i16::from_be_bytes(frame.get(at..at + 2)?.try_into().ok()?))
}

/// Behind correlation id and error code come the kinds of requests: number, oldest, newest; since version 3 the count is
/// packed and each ends with its tagged fields, of which there are none.
fn older(frame: &mut [u8], version: i16, newest: &[(i16, i16)]) {
    let packed = version >= 3;
    let mut at = 6;
    let count = if packed {
        let (mut count, mut shift) = (0_usize, 0);
        loop {
            let byte = frame[at];
            at += 1;
            count |= usize::from(byte & 0x7f) << shift;
            shift += 7;
            if byte & 0x80 == 0 {
                break count - 1;
            }
        }
    } else {
        at += 4;
        usize::try_from(i32::from_be_bytes(frame[6..10].try_into().unwrap())).unwrap()
    };
    for each in frame[at..].chunks_mut(if packed { 7 } else { 6 }).take(count) {
        let api = number(each, 0).unwrap();
        if let Some((_, most)) = newest.iter().find(|(old, _)| *old == api) {
            each[4..6].copy_from_slice(&most.to_be_bytes());
        }
    }
}
