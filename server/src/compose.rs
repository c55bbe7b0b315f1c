//! The composition root: the only place that knows every crate, makes the [`SystemView`], and hands out the clock.

use std::sync::{Arc, OnceLock};

use tokio_util::sync::CancellationToken;
use weir_broker::{AddressRule, Broker, BrokerError, Guarded, Reach, guard};
use weir_cases::{Cases, Ports};
use weir_domain::{
    Clock, InstanceId, StoreError,
    access::SystemView,
    audit::AuditLog,
    capture::{TapCatalog as _, WantedEnvironment, WantedSource},
    catalog::Catalog as _,
};
use weir_engines::{
    self as engines, Beside, EnginePorts, Engines, Erasing, Filler, OnDemand, Readers, Reading, SourceSpec, StartAt,
    Telling, Verifier, Watcher,
};
use weir_store::{Store, StoreOptions};
use weir_tap::{Meter, NoMeter};

use crate::{
    audit_lines::AuditLines,
    brokers,
    clock::SystemClock,
    config::{Config, Source, Start},
    group_acts::OnGroups,
    live_read::LiveReader,
    made::{ForTaps, Maker},
    metrics,
    outlets::Outlets,
    renew::Credentials,
    roles::Roles,
    vault::KeyVault,
};

/// How the names of processes begin. With a UUID behind it it is short enough for PostgreSQL to keep it whole.
pub const SERVER: &str = "weir ";

fn named() -> String {
    format!("{SERVER}{}", uuid::Uuid::new_v4())
}

/// The way to a source; contacts nothing.
///
/// # Errors
/// For settings that can't be right.
pub fn broker(source: &Source, instance: &InstanceId, clock: Arc<dyn Clock>) -> Result<Arc<Guarded>, BrokerError> {
    Ok(guarded(source, brokers::connect(source, client_id(source, instance), clock)?))
}

/// Within its owner's limits.
fn guarded(source: &Source, broker: Arc<dyn Broker>) -> Arc<Guarded> {
    let allowance = guard::Allowance {
        read_only: source.read_only,
        act: guard::Ceiling::parse(source.act).unwrap_or_default(),
        channels: source.channels.clone(),
    };
    Arc::new(Guarded::new(source.name.clone(), broker, allowance))
}

fn client_id(source: &Source, instance: &InstanceId) -> String {
    format!("weir.{}.{}", instance.0, source.name)
}

/// The parts of one process, before anything is served.
#[derive(Clone)]
pub struct Parts {
    pub store: Store,
    pub cases: Arc<Cases>,
    pub clock: Arc<dyn Clock>,
    /// Where the audit log goes besides the database.
    pub audit_lines: Option<AuditLines>,
    pub(crate) audit: Arc<dyn AuditLog>,
    /// What this process is called: who holds a lease, and whose connections those are.
    process: String,
    vault: Arc<KeyVault>,
    maker: Maker,
    outlets: Arc<Outlets>,
    /// Ways to brokers beside the taps, once the database was reached.
    readers: Arc<OnceLock<Arc<Readers>>>,
    verifier: Arc<OnceLock<Verifier>>,
    system: SystemView,
    meter: Arc<dyn Meter>,
}

impl Parts {
    /// What this process is called.
    pub fn process(&self) -> &str {
        &self.process
    }

    /// Contacts nothing.
    ///
    /// # Errors
    /// When the database's address can't be read.
    pub async fn new(config: &Config) -> Result<Self, StoreError> {
        Self::called(config, named(), Arc::new(NoMeter)).await
    }

    /// The same, with somebody who counts what is done.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub async fn metered(config: &Config, meter: Arc<dyn Meter>) -> Result<Self, StoreError> {
        Self::called(config, named(), meter).await
    }

    /// The same for a process that the database shall know by another name.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub async fn called(config: &Config, process: String, meter: Arc<dyn Meter>) -> Result<Self, StoreError> {
        // Half for capture, half for pages: neither can starve the other.
        let half = config.limits.database_connections / 2;
        let options = StoreOptions {
            capture_connections: half,
            page_connections: half,
            application_name: process.clone(),
            decoder: Some(Arc::new(weir_decode::Payloads)),
        };
        let store = Store::connect(config.database_url.expose(), options).await?;
        let shared = Arc::new(store.clone());
        let audit_lines = match config.audit.stdout {
            true => Some(AuditLines::new(std::io::stdout()).map_err(|e| StoreError::Internal(e.to_string()))?),
            false => None,
        };
        let audit: Arc<dyn AuditLog> = match &audit_lines {
            Some(lines) => lines.beside(shared.clone()),
            None => shared.clone(),
        };
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let system = SystemView::for_composition_root();
        let vault = Arc::new(KeyVault::new(config.secrets_keys.clone()));
        let rule = AddressRule {
            allow: config.allow_addresses.clone(),
            // Who can reach Weir here is on this machine already, unless something on it lets others in.
            loopback: config.listen.ip().is_loopback()
                && config.public_url.is_none()
                && config.trusted_proxies.is_none(),
        };
        let maker = Maker { rule: Arc::new(rule), clock: clock.clone(), instance: Arc::new(OnceLock::new()) };
        let reach = Reach::Only(maker.rule.clone());
        let outlets = Outlets::new(vault.clone(), reach, config.base_url(), clock.clone(), None);
        let outlets = Arc::new(outlets.map_err(StoreError::Internal)?);
        let readers = Arc::<OnceLock<Arc<Readers>>>::default();
        let verifier = Arc::<OnceLock<Verifier>>::default();
        let live = LiveReader { store: store.clone(), readers: readers.clone() };
        let cases = Arc::new(Cases::new(Ports {
            accounts: shared.clone(),
            people: shared.clone(),
            own: shared.clone(),
            requests: shared.clone(),
            catalog: shared.clone(),
            policies: shared.clone(),
            budgets: shared.clone(),
            changes: shared.clone(),
            events: shared.clone(),
            live: Arc::new(live),
            sources: shared.clone(),
            made: shared.clone(),
            vault: vault.clone(),
            prober: Arc::new(maker.clone()),
            overview: shared.clone(),
            verifying: shared.clone(),
            backfills: shared.clone(),
            contents: shared.clone(),
            verify_now: Arc::new(OnDemand::new(shared.clone(), verifier.clone())),
            clock: clock.clone(),
            news: shared.clone(),
            tokens: shared.clone(),
            searches: shared.clone(),
            links: shared.clone(),
            monitors: shared.clone(),
            outlet_vault: vault.clone(),
            sender: outlets.clone(),
            erasures: shared.clone(),
            subjects: vault.clone(),
            holds: shared.clone(),
            lag: shared.clone(),
            lag_keeper: shared.clone(),
            group_acts: Arc::new(OnGroups { store: store.clone(), readers: readers.clone(), system: system.clone() }),
            audit: audit.clone(),
            read_only: config.read_only,
            system: system.clone(),
        }));
        Ok(Self {
            store,
            cases,
            clock,
            audit_lines,
            audit,
            process,
            vault,
            maker,
            outlets,
            readers,
            verifier,
            system,
            meter,
        })
    }

    /// How consumer groups stand, for those who watch Weir.
    pub fn groups(&self, config: &Config) -> metrics::Groups {
        let told = (config.metrics_groups, config.metrics_lag_names.clone());
        metrics::Groups::new(Arc::new(self.store.clone()), self.system.clone(), self.clock.clone(), told)
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
        roles: Roles,
        stop: CancellationToken,
    ) -> tokio::task::JoinHandle<()> {
        // An installation that was not adopted asks no broker anything, not even whether it takes a new password.
        let watched = (reading == Reading::On && (roles.tap || roles.web)).then(|| stop.clone());
        let specs = config.sources.iter().filter_map(|source| match self.spec(source, instance, watched.as_ref()) {
            Ok(spec) => Some(spec),
            Err(error) => {
                tracing::error!(source = source.name, %error, "this source can't be read");
                None
            }
        });
        let specs: Vec<_> = specs.collect();
        let environments = config
            .environments
            .iter()
            .map(|e| WantedEnvironment {
                name: e.name.clone(),
                production: e.production,
                colour: e.colour.map(str::to_owned),
            })
            .collect();
        let _ = self.maker.instance.set(instance.0.clone());
        let made = ForTaps {
            store: self.store.clone(),
            vault: self.vault.clone(),
            maker: self.maker.clone(),
            system: self.system.clone(),
            read_only: config.read_only,
        };
        let made = Arc::new(made);
        let shared = Arc::new(self.store.clone());
        let readers = Arc::new(Readers::new(specs.clone(), made.clone(), shared.clone(), reading.clone()));
        let verifier = Verifier {
            readers: readers.clone(),
            store: shared.clone(),
            clock: self.clock.clone(),
            system: self.system.clone(),
            key_hash: Store::hash_of_key,
        };
        // Only the first engines of a process count; there are no others.
        let filler = Filler { readers: readers.clone(), jobs: shared.clone(), contents: shared.clone() };
        let watcher = Watcher {
            readers: readers.clone(),
            store: shared.clone(),
            every: std::time::Duration::from_secs(config.lag_every_s.into()),
        };
        let _ = self.readers.set(readers);
        let _ = self.verifier.set(verifier.clone());
        let ports = EnginePorts {
            log: shared.clone(),
            catalog: shared.clone(),
            shares: shared.clone(),
            leases: shared.clone(),
            maintenance: shared.clone(),
            observer: shared.clone(),
            audit: Some(self.audit.clone()),
            telling: Some(Telling {
                alerting: shared.clone(),
                watched: shared.clone(),
                sender: self.outlets.clone(),
                vault: self.vault.clone(),
                judged_every: engines::JUDGED_EVERY,
                called_every: engines::CALLED_EVERY,
            }),
            erasing: Some(Erasing { eraser: shared, subjects: self.vault.clone(), log: self.audit.clone() }),
            made,
            clock: self.clock.clone(),
            system: self.system.clone(),
            holder: self.process.clone(),
            seed: rand::random(),
            reading,
            meter: self.meter.clone(),
        };
        let parts = engines::Parts { taps: roles.tap, engines: roles.engine };
        Engines::start(specs, environments, parts, ports, Some(Beside { verifier, filler, watcher }), stop)
    }

    fn spec(
        &self,
        source: &Source,
        instance: &InstanceId,
        watched: Option<&CancellationToken>,
    ) -> Result<SourceSpec, BrokerError> {
        let broker = match watched.filter(|_| !source.files.is_empty() && source.capture != "off") {
            None => broker(source, instance, self.clock.clone())?,
            Some(stop) => {
                let credentials = Credentials::new(source, client_id(source, instance), self.clock.clone())?;
                let broker = guarded(source, credentials.broker());
                tokio::spawn(credentials.watch(stop.clone()));
                broker
            }
        };
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
