use crate::{failure::explain, sign_in::security};
use krafka::{
    __private::network::{BrokerConnection, ConnectionConfig, ConnectionPool, ProxyConfig},
    Kafka, KrafkaError,
    auth::AuthConfig,
};
use std::{future::Future, sync::Arc, time::Duration};
use tokio::{sync::OnceCell, time::timeout};
use weir_broker::{BrokerError, Gate, Reach, Settings};
use weir_domain::Clock;

const CONNECT: Duration = Duration::from_secs(5);
/// A question on metadata, offsets or transactions.
const ASK: Duration = Duration::from_secs(10);
/// A fetch may carry megabytes over a slow line.
const FETCH: Duration = Duration::from_secs(30);

/// The way to one cluster: one handle for questions, made at the first of them and kept, and for each reader a
/// pool of its own, because Kafka answers the requests of one connection in turn and a fetch waits for data.
pub(crate) struct Connection {
    settings: Settings,
    security: Option<AuthConfig>,
    control: OnceCell<Kafka>,
    /// Where addresses are judged: krafka looks names up by itself, those of the cluster's own answers too.
    gate: OnceCell<Gate>,
}

impl Connection {
    pub fn new(settings: Settings, clock: &Arc<dyn Clock>) -> Result<Self, BrokerError> {
        if settings.addresses.iter().all(|a| a.trim().is_empty()) {
            return Err(BrokerError::Settings(format!(
                "{}: no address is set; give one or more as host:port",
                settings.name
            )));
        }
        for address in &settings.addresses {
            if !address.rsplit_once(':').is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok()) {
                return Err(BrokerError::Settings(format!(
                    "{}: {address:?} is no address; write host:port, for example kafka.example.org:9092",
                    settings.name
                )));
            }
        }
        let security = security(&settings, clock)?;
        Ok(Self { settings, security, control: OnceCell::new(), gate: OnceCell::new() })
    }

    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The handle for questions; connects on first use and after a failure of it.
    pub async fn control(&self) -> Result<&Kafka, BrokerError> {
        let proxy = self.proxy().await?;
        let connect = || async {
            let mut builder = Kafka::builder(self.settings.addresses.join(","))
                .client_id(&self.settings.client_id)
                .connect_timeout(CONNECT)
                .request_timeout(ASK)
                // What is gone must stay known as gone, whoever asks how often.
                .metadata_topic_cache_ttl(None);
            if let Some(security) = &self.security {
                builder = builder.security(security.clone());
            }
            if let Some(proxy) = proxy {
                builder = builder.proxy(proxy);
            }
            builder.connect().await
        };
        self.control.get_or_try_init(|| self.bounded("connect", connect())).await
    }

    /// Connections for fetching, not yet opened.
    pub async fn fetch_pool(&self) -> Result<Arc<ConnectionPool>, BrokerError> {
        Ok(ConnectionPool::start(self.config(FETCH).await?))
    }

    /// Connections for questions to single brokers, not yet opened.
    pub async fn question_pool(&self) -> Result<Arc<ConnectionPool>, BrokerError> {
        Ok(ConnectionPool::start(self.config(ASK).await?))
    }

    /// One connection to one address, signed in.
    pub async fn sign_in(&self, address: &str) -> Result<Result<BrokerConnection, KrafkaError>, BrokerError> {
        Ok(BrokerConnection::connect(address, self.config(ASK).await?).await)
    }

    async fn config(&self, patience: Duration) -> Result<ConnectionConfig, BrokerError> {
        let mut config = ConnectionConfig::builder()
            .client_id(&self.settings.client_id)
            .connect_timeout(CONNECT)
            .request_timeout(patience)
            .tcp_keepalive(Some(Duration::from_secs(60)));
        if let Some(security) = &self.security {
            config = config.auth(security.clone());
        }
        if let Some(proxy) = self.proxy().await? {
            config = config.proxy(proxy);
        }
        let mut config = config.build().map_err(|e| self.explain(&e, "connect"))?;
        config.init_tls().await.map_err(|e| self.explain(&e, "connect"))?;
        Ok(config)
    }

    /// The way through the gate, for a source whose addresses are judged.
    async fn proxy(&self) -> Result<Option<ProxyConfig>, BrokerError> {
        let Reach::Only(rule) = &self.settings.reach else { return Ok(None) };
        let open = || async {
            let password = format!("{:032x}", rand::random::<u128>());
            Gate::open(rule.clone(), password).await.map_err(|e| {
                BrokerError::Unreachable(format!("{}: no port of this machine is free: {e}", self.settings.name))
            })
        };
        let gate = self.gate.get_or_try_init(open).await?;
        Ok(Some(ProxyConfig::with_credentials(gate.address().to_string(), gate.name(), gate.password())))
    }

    /// Asks within the time limit, and explains what went wrong.
    pub async fn bounded<T>(
        &self,
        doing: &str,
        asking: impl Future<Output = Result<T, KrafkaError>>,
    ) -> Result<T, BrokerError> {
        match timeout(ASK + CONNECT, asking).await {
            Ok(result) => result.map_err(|e| self.explain(&e, doing)),
            Err(_) => Err(self.explain(&KrafkaError::timeout(doing), doing)),
        }
    }

    pub fn explain(&self, error: &KrafkaError, doing: &str) -> BrokerError {
        if let KrafkaError::Network(e) = error
            && e.to_string().contains(BY_THE_GATE)
        {
            return self.explain_gate(&e.to_string());
        }
        explain(error, &self.settings, doing)
    }

    /// Why one broker can't be reached.
    pub fn why(&self, error: &KrafkaError, address: &str) -> String {
        let by_the_gate = error.to_string().contains(BY_THE_GATE);
        let known = self.gate.get().filter(|_| by_the_gate).and_then(|gate| gate.refusal(address));
        known.unwrap_or_else(|| error.to_string())
    }

    /// The gate knows better than its client why a way was not taken.
    fn explain_gate(&self, error: &str) -> BrokerError {
        let settings = &self.settings;
        let known = |address: &String| Some((address.clone(), self.gate.get()?.refusal(address)?));
        let (address, why) = settings.addresses.iter().find_map(known).unwrap_or_else(|| {
            let why = error.rsplit_once(BY_THE_GATE).map_or(error, |(_, why)| why);
            (settings.addresses.join(", "), format!("can't be reached: {why}"))
        });
        BrokerError::Unreachable(format!("{}: {address} {why}", settings.name))
    }
}

/// How krafka begins what its proxy, the gate, answered.
const BY_THE_GATE: &str = "SOCKS5 proxy error: ";

/// Options of an admin call that give up in time.
pub(crate) const fn ask_timeout() -> Duration {
    ASK
}
