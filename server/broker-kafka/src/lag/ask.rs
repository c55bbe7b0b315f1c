//! Questions to single brokers, counted. One that does not answer is not asked again in the same observation, so that it
//! costs its time-out once.

use crate::connect::Connection;
use bytes::{Bytes, BytesMut};
use krafka::{
    __private::{
        kafka_metadata,
        network::{BrokerConnection, ConnectionPool},
        protocol::{ApiKey, VersionedDecode, VersionedEncode},
    },
    KrafkaError, ProtocolErrorKind,
};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    future::Future,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};
use tokio::time::timeout;
use weir_broker::{BrokerError, Settings};

/// For a broker that did not answer the last time: it may be back, and is not waited for as long again.
const SHORT: Duration = Duration::from_secs(2);
/// Brokers that are tried with a question that any of them can answer.
const ANY: usize = 3;

/// Requests that are out at one time, to all brokers together.
pub(super) const AT_ONCE: usize = 16;

/// Addresses of brokers by their ids.
pub(super) type Brokers = BTreeMap<i32, String>;

pub(super) type Away = BTreeSet<i32>;

/// Which versions of a request are understood here, both included.
pub(super) type Versions = (i16, i16);

pub(super) struct Asking<'a> {
    connection: &'a Connection,
    pool: Arc<ConnectionPool>,
    brokers: Mutex<Brokers>,
    requests: AtomicU32,
    away: Mutex<HashMap<i32, KrafkaError>>,
    /// Those that were away the last time and have not answered since.
    doubtful: Mutex<Away>,
}

impl<'a> Asking<'a> {
    pub fn new(connection: &'a Connection, pool: Arc<ConnectionPool>, brokers: Brokers, doubtful: Away) -> Self {
        let (requests, away) = (AtomicU32::new(0), Mutex::default());
        Self { connection, pool, brokers: Mutex::new(brokers), requests, away, doubtful: Mutex::new(doubtful) }
    }

    /// Who did not answer.
    pub fn away(&self) -> Away {
        locked(&self.away).keys().copied().collect()
    }

    pub fn settings(&self) -> &Settings {
        self.connection.settings()
    }

    pub fn requests(&self) -> u32 {
        self.requests.load(Ordering::Relaxed)
    }

    pub fn brokers(&self) -> Brokers {
        locked(&self.brokers).clone()
    }

    pub fn found(&self, brokers: Brokers) {
        *locked(&self.brokers) = brokers;
    }

    fn address(&self, broker: i32) -> Option<String> {
        locked(&self.brokers).get(&broker).cloned()
    }

    /// "broker 2 at kafka-2:9092".
    pub fn name(&self, broker: i32) -> String {
        match self.address(broker) {
            Some(address) => format!("broker {broker} at {address}"),
            None => format!("broker {broker}"),
        }
    }

    /// Why nothing came from a broker, for a person.
    pub fn why(&self, broker: i32, error: &KrafkaError) -> String {
        if let KrafkaError::Protocol { kind: ProtocolErrorKind::UnknownApiVersion, .. } = error {
            return format!("{} is too old to tell", self.name(broker));
        }
        let why = match (error, self.address(broker)) {
            (KrafkaError::Timeout { .. }, _) => "it did not answer in time".to_owned(),
            (error, Some(address)) => self.connection.why(error, &address),
            (error, None) => error.to_string(),
        };
        format!("{} can't be asked: {why}", self.name(broker))
    }

    pub fn explain(&self, error: &KrafkaError, doing: &str) -> BrokerError {
        self.connection.explain(error, doing)
    }

    /// Asks by krafka's own words.
    pub async fn ask<A: VersionedDecode>(
        &self,
        broker: i32,
        api: ApiKey,
        versions: Versions,
        request: &(impl VersionedEncode + Sync),
    ) -> Result<A, KrafkaError> {
        let (version, mut answer) =
            self.send(broker, api, versions, |version, buffer| request.encode_versioned(version, buffer)).await?;
        A::decode_versioned(version, &mut answer)
    }

    /// Sends what `encode` writes in the newest version that both know; the answer is still bytes.
    pub async fn send(
        &self,
        broker: i32,
        api: ApiKey,
        (oldest, newest): Versions,
        encode: impl FnOnce(i16, &mut BytesMut) -> Result<(), KrafkaError> + Send,
    ) -> Result<(i16, Bytes), KrafkaError> {
        let sent = async {
            let connection = self.connection(broker).await?;
            let version = connection.negotiate_api_version(api, newest, oldest).ok_or_else(|| {
                KrafkaError::protocol_kind(ProtocolErrorKind::UnknownApiVersion, format!("no {api:?} in common"))
            })?;
            self.requests.fetch_add(1, Ordering::Relaxed);
            Ok((version, connection.send_request(api, version, |buffer| encode(version, buffer)).await?))
        };
        self.patient(broker, sent).await
    }

    /// Whether a broker understands these versions, by what it said when the connection was made.
    pub async fn speaks(&self, broker: i32, api: ApiKey, (oldest, newest): Versions) -> Result<bool, KrafkaError> {
        let connection = self.patient(broker, self.connection(broker)).await?;
        Ok(connection.negotiate_api_version(api, newest, oldest).is_some())
    }

    async fn connection(&self, broker: i32) -> Result<Arc<BrokerConnection>, KrafkaError> {
        let address = self.address(broker).ok_or_else(|| unknown(broker))?;
        self.pool.get_connection_by_id(broker, &address).await
    }

    /// Asks unless the broker is away already, and notes whether it answered.
    async fn patient<T>(
        &self,
        broker: i32,
        asking: impl Future<Output = Result<T, KrafkaError>>,
    ) -> Result<T, KrafkaError> {
        if let Some(error) = locked(&self.away).get(&broker) {
            return Err(error.clone());
        }
        let doubtful = locked(&self.doubtful).contains(&broker);
        let answer = if doubtful {
            timeout(SHORT, asking).await.unwrap_or_else(|_| Err(KrafkaError::timeout("ask a broker again")))
        } else {
            asking.await
        };
        match &answer {
            Err(error @ (KrafkaError::Network(_) | KrafkaError::Timeout { .. } | KrafkaError::Auth { .. })) => {
                locked(&self.away).insert(broker, error.clone());
            }
            _ if doubtful => drop(locked(&self.doubtful).remove(&broker)),
            _ => {}
        }
        answer
    }

    /// Obeys a quota: nothing more is sent on this connection until then (KIP-219).
    pub async fn throttled(&self, broker: i32, milliseconds: i32) {
        if milliseconds > 0
            && let Ok(connection) = self.connection(broker).await
        {
            connection.notify_throttle(milliseconds);
        }
    }

    /// Asks one broker after the other until one answers; which does not matter.
    pub async fn ask_any<A: VersionedDecode>(
        &self,
        api: ApiKey,
        versions: Versions,
        request: &(impl VersionedEncode + Sync),
    ) -> Result<A, KrafkaError> {
        let mut failed = None;
        let (last, first): (Vec<i32>, Vec<i32>) =
            self.brokers().into_keys().partition(|broker| locked(&self.doubtful).contains(broker));
        for broker in first.into_iter().chain(last).take(ANY) {
            match self.ask(broker, api, versions, request).await {
                Ok(answer) => return Ok(answer),
                Err(error) => failed = Some(error),
            }
        }
        Err(failed.unwrap_or_else(|| unknown(-1)))
    }

    /// Those that the handle for questions knows: it looks them up anew from the configured addresses if need be.
    pub async fn look_up(&self) -> Result<(), BrokerError> {
        let metadata = kafka_metadata(self.connection.control().await?);
        self.connection.bounded("find brokers", metadata.force_refresh(Some(&[]))).await?;
        self.found(metadata.brokers().iter().map(|b| (b.id(), b.address().to_owned())).collect());
        locked(&self.away).clear();
        Ok(())
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn unknown(broker: i32) -> KrafkaError {
    let why = std::io::Error::new(std::io::ErrorKind::NotFound, format!("broker {broker} is not in the cluster"));
    KrafkaError::Network(Arc::new(why))
}
