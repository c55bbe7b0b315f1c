//! The composition root: the only place that knows every crate, makes the [`SystemView`], and hands out the clock.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use weir_broker::{BrokerError, Settings};
use weir_cases::{Cases, Ports};
use weir_domain::{
    Clock, InstanceId, StoreError,
    access::SystemView,
    capture::{TapCatalog as _, WantedEnvironment, WantedSource},
    catalog::Catalog as _,
};
use weir_engines::{EnginePorts, Engines, Reading, SourceSpec, StartAt};
use weir_store::{Store, StoreOptions};

use crate::{
    brokers,
    clock::SystemClock,
    config::{Config, Source, Start},
};

/// The parts of one process, before anything is served.
#[derive(Clone)]
pub struct Parts {
    pub store: Store,
    pub cases: Arc<Cases>,
    pub clock: Arc<dyn Clock>,
    system: SystemView,
}

impl Parts {
    /// Contacts nothing.
    ///
    /// # Errors
    /// When the database's address can't be read.
    pub async fn new(config: &Config) -> Result<Self, StoreError> {
        // Half for capture, half for pages: neither can starve the other.
        let half = config.limits.database_connections / 2;
        let options = StoreOptions { capture_connections: half, page_connections: half, ..StoreOptions::default() };
        let store = Store::connect(config.database_url.expose(), options).await?;
        let shared = Arc::new(store.clone());
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let system = SystemView::for_composition_root();
        let cases = Arc::new(Cases::new(Ports {
            accounts: shared.clone(),
            catalog: shared.clone(),
            events: shared.clone(),
            sources: shared.clone(),
            overview: shared.clone(),
            clock: clock.clone(),
            news: shared,
            system: system.clone(),
        }));
        Ok(Self { store, cases, clock, system })
    }

    /// The database's instance id, and whether no server has ever used it.
    ///
    /// # Errors
    /// As the store's.
    pub async fn instance(&self) -> Result<(InstanceId, bool), StoreError> {
        let fresh = self.store.environments(&self.system).await?.is_empty();
        Ok((self.store.instance().await?, fresh))
    }

    /// Starts the background work; it ends by `stop`, within 10 s.
    pub fn start_engines(
        &self,
        config: &Config,
        instance: &InstanceId,
        reading: Reading,
        stop: CancellationToken,
    ) -> tokio::task::JoinHandle<()> {
        let specs = config.sources.iter().filter_map(|source| match self.spec(source, instance) {
            Ok(spec) => Some(spec),
            Err(error) => {
                tracing::error!(source = source.name, %error, "this source can't be read");
                None
            }
        });
        let environments = config
            .environments
            .iter()
            .map(|e| WantedEnvironment {
                name: e.name.clone(),
                production: e.production,
                colour: e.colour.map(str::to_owned),
            })
            .collect();
        let shared = Arc::new(self.store.clone());
        let ports = EnginePorts {
            log: shared.clone(),
            catalog: shared.clone(),
            leases: shared.clone(),
            maintenance: shared,
            clock: self.clock.clone(),
            system: self.system.clone(),
            holder: format!("{}-{}", instance.0, uuid::Uuid::new_v4()),
            seed: rand::random(),
            reading,
        };
        Engines::start(specs.collect(), environments, ports, stop)
    }

    fn spec(&self, source: &Source, instance: &InstanceId) -> Result<SourceSpec, BrokerError> {
        let kind = brokers::KINDS
            .iter()
            .find(|k| k.name == source.kind)
            .ok_or_else(|| BrokerError::Settings(format!("there is no kind of broker called {}", source.kind)))?;
        let broker = (kind.connect)(
            Settings {
                name: source.name.clone(),
                addresses: source.bootstrap.clone(),
                tls: source.tls.clone(),
                sasl: source.sasl.clone(),
                client_id: format!("weir.{}.{}", instance.0, source.name),
            },
            self.clock.clone(),
        )?;
        Ok(SourceSpec {
            wanted: WantedSource {
                name: source.name.clone(),
                kind: source.kind.to_owned(),
                environment: source.environment.clone(),
                description: source.description(),
                capture: source.capture.to_owned(),
                act: source.act.to_owned(),
                read_only: source.read_only,
            },
            broker,
            patterns: source.channels.clone(),
            include_internal: source.include_internal,
            start: match source.start {
                Start::Latest => StartAt::Latest,
                Start::Earliest => StartAt::Earliest,
                Start::At(time) => StartAt::Time(time),
            },
            catch_up_bytes_per_s: source.catch_up_bytes_per_s,
            type_header: source.type_header.clone(),
            type_field: source.type_field.clone(),
        })
    }
}
