use crate::failure::explain;
use krafka::{
    __private::network::{ConnectionConfig, ConnectionPool},
    Kafka, KrafkaError,
    auth::{AuthConfig, TlsConfig},
};
use std::{future::Future, sync::Arc, time::Duration};
use tokio::{sync::OnceCell, time::timeout};
use weir_broker::{BrokerError, Sasl, SaslMechanism, Settings, Tls};

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
}

impl Connection {
    pub fn new(settings: Settings) -> Result<Self, BrokerError> {
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
        let security = security(&settings)?;
        Ok(Self { settings, security, control: OnceCell::new() })
    }

    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The handle for questions; connects on first use and after a failure of it.
    pub async fn control(&self) -> Result<&Kafka, BrokerError> {
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
            builder.connect().await
        };
        self.control.get_or_try_init(|| self.bounded("connect", connect())).await
    }

    /// Connections for fetching, not yet opened.
    pub async fn fetch_pool(&self) -> Result<Arc<ConnectionPool>, BrokerError> {
        let mut config = ConnectionConfig::builder()
            .client_id(&self.settings.client_id)
            .connect_timeout(CONNECT)
            .request_timeout(FETCH)
            .tcp_keepalive(Some(Duration::from_secs(60)));
        if let Some(security) = &self.security {
            config = config.auth(security.clone());
        }
        let mut config = config.build().map_err(|e| self.explain(&e, "connect"))?;
        config.init_tls().await.map_err(|e| self.explain(&e, "connect"))?;
        Ok(ConnectionPool::start(config))
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
        explain(error, &self.settings, doing)
    }
}

/// Options of an admin call that give up in time.
pub(crate) const fn ask_timeout() -> Duration {
    ASK
}

fn security(settings: &Settings) -> Result<Option<AuthConfig>, BrokerError> {
    let tls = settings.tls.as_ref().map(|tls| tls_config(tls, &settings.name)).transpose()?;
    Ok(match (&settings.sasl, tls) {
        (None, None) => None,
        (None, Some(tls)) => Some(AuthConfig::ssl(tls)),
        (Some(sasl), None) => Some(sasl_config(sasl)),
        (Some(sasl), Some(tls)) => Some(sasl_config(sasl).with_tls(tls)),
    })
}

fn sasl_config(sasl: &Sasl) -> AuthConfig {
    let (user, password) = (sasl.username.as_str(), sasl.password.expose());
    match sasl.mechanism {
        SaslMechanism::Plain => AuthConfig::sasl_plain(user, password),
        SaslMechanism::ScramSha256 => AuthConfig::sasl_scram_sha256(user, password),
        SaslMechanism::ScramSha512 => AuthConfig::sasl_scram_sha512(user, password),
    }
}

fn tls_config(tls: &Tls, name: &str) -> Result<TlsConfig, BrokerError> {
    let config = match &tls.ca_pem {
        Some(pem) => TlsConfig::new().with_ca_cert_pem(pem.as_bytes()),
        None => TlsConfig::new().with_native_roots(),
    };
    match (&tls.client_cert_pem, &tls.client_key_pem) {
        (None, None) => Ok(config),
        (Some(cert), Some(key)) => Ok(config.with_client_cert_pem(cert.as_bytes(), key.expose().as_bytes().to_vec())),
        _ => Err(BrokerError::Settings(format!(
            "{name}: a client certificate needs its key and a key its certificate; set both or none"
        ))),
    }
}
