//! Questions to single brokers, counted. One that does not answer is not asked again in the same observation, so that it
//! costs its time-out once.

use crate::connect::Connection;
use bytes::{Bytes, BytesMut};
use krafka::{
    __private::{
        kafka_metadata,
        network::ConnectionPool,
        protocol::{ApiKey, VersionedDecode, VersionedEncode},
    },
    KrafkaError, ProtocolErrorKind,
};
use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};
use weir_broker::{BrokerError, Settings};

/// Requests that are out at one time, to all brokers together.
pub(super) const AT_ONCE: usize = 16;

/// Addresses of brokers by their ids.
pub(super) type Brokers = BTreeMap<i32, String>;

/// Which versions of a request are understood here, both included.
pub(super) type Versions = (i16, i16);

pub(super) struct Asking<'a> {
    connection: &'a Connection,
    pool: Arc<ConnectionPool>,
    brokers: Mutex<Brokers>,
    requests: AtomicU32,
    away: Mutex<HashMap<i32, KrafkaError>>,
}

impl<'a> Asking<'a> {
    pub fn new(connection: &'a Connection, pool: Arc<ConnectionPool>, brokers: Brokers) -> Self {
        let (requests, away) = (AtomicU32::new(0), Mutex::default());
        Self { connection, pool, brokers: Mutex::new(brokers), requests, away }
    }

    pub fn settings(&self) -> &Settings {
        self.connection.settings()
    }

    pub fn requests(&self) -> u32 {
        self.requests.load(Ordering::Relaxed)
    }

    pub fn brokers(&self) -> Brokers {
        self.brokers.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn found(&self, brokers: Brokers) {
        *self.brokers.lock().unwrap_or_else(PoisonError::into_inner) = brokers;
    }

    fn address(&self, broker: i32) -> Option<String> {
        self.brokers.lock().unwrap_or_else(PoisonError::into_inner).get(&broker).cloned()
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
        if let Some(error) = self.away.lock().unwrap_or_else(PoisonError::into_inner).get(&broker) {
            return Err(error.clone());
        }
        let sent = async {
            let address = self.address(broker).ok_or_else(|| unknown(broker))?;
            let connection = self.pool.get_connection_by_id(broker, &address).await?;
            let version = connection.negotiate_api_version(api, newest, oldest).ok_or_else(|| {
                KrafkaError::protocol_kind(ProtocolErrorKind::UnknownApiVersion, format!("no {api:?} in common"))
            })?;
            self.requests.fetch_add(1, Ordering::Relaxed);
            Ok((version, connection.send_request(api, version, |buffer| encode(version, buffer)).await?))
        };
        let sent = sent.await;
        if let Err(error @ (KrafkaError::Network(_) | KrafkaError::Timeout { .. } | KrafkaError::Auth { .. })) = &sent {
            self.away.lock().unwrap_or_else(PoisonError::into_inner).insert(broker, error.clone());
        }
        sent
    }

    /// Whether a broker understands these versions, by what it said when the connection was made.
    pub async fn speaks(&self, broker: i32, api: ApiKey, (oldest, newest): Versions) -> bool {
        let Some(address) = self.address(broker) else { return false };
        let Ok(connection) = self.pool.get_connection_by_id(broker, &address).await else { return false };
        connection.negotiate_api_version(api, newest, oldest).is_some()
    }

    /// Asks one broker after the other until one answers; which does not matter.
    pub async fn ask_any<A: VersionedDecode>(
        &self,
        api: ApiKey,
        versions: Versions,
        request: &(impl VersionedEncode + Sync),
    ) -> Result<A, KrafkaError> {
        let mut failed = None;
        for broker in self.brokers().into_keys() {
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
        self.away.lock().unwrap_or_else(PoisonError::into_inner).clear();
        Ok(())
    }
}

fn unknown(broker: i32) -> KrafkaError {
    let why = std::io::Error::new(std::io::ErrorKind::NotFound, format!("broker {broker} is not in the cluster"));
    KrafkaError::Network(Arc::new(why))
}
