//! Every configured source is read by one process at a time.

use crate::{EnginePorts, SourceSpec, lease::under_lease, off::say_off};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use tokio::{task::JoinSet, time::sleep};
use tokio_util::sync::CancellationToken;
use weir_broker::ReadLimits;
use weir_domain::{EnvironmentId, SourceId, capture::WantedEnvironment};
use weir_tap::{
    Announcer, Pace, Ports, Settings, Tap,
    backoff::Backoff,
    identify::Identify,
    policy::{Ceiling, Policy},
};

/// Makes the sources known, then keeps one tap per source until `stop`.
pub async fn run(
    specs: Vec<SourceSpec>,
    environments: Vec<WantedEnvironment>,
    ports: EnginePorts,
    stop: CancellationToken,
) {
    let mut rng = StdRng::seed_from_u64(ports.seed);
    let Some(known) = make_known(&specs, &environments, &ports, &mut rng, &stop).await else { return };
    let announcer = Announcer::default();
    let mut tasks = JoinSet::new();
    for spec in specs {
        let Some((_, source, _)) = known.iter().find(|(name, ..)| *name == spec.wanted.name) else {
            tracing::error!(source = spec.wanted.name, "the catalog does not know this source: it is not read");
            continue;
        };
        let one = OneSource { source: *source, spec, ports: ports.clone(), announcer: announcer.clone() };
        tasks.spawn(one.run(rng.random(), stop.clone()));
    }
    // Outlives the taps, so that their last news are told.
    let announcing = tokio::spawn(announcer.run(ports.log, CancellationToken::new()));
    while tasks.join_next().await.is_some() {}
    announcing.abort();
}

/// For as long as it takes: the database may be away when Weir starts.
async fn make_known(
    specs: &[SourceSpec],
    environments: &[WantedEnvironment],
    ports: &EnginePorts,
    rng: &mut StdRng,
    stop: &CancellationToken,
) -> Option<Vec<(String, SourceId, EnvironmentId)>> {
    let wanted: Vec<_> = specs.iter().map(|s| s.wanted.clone()).collect();
    let mut backoff = Backoff::store();
    loop {
        match stop.run_until_cancelled(ports.catalog.put_sources(environments, &wanted)).await? {
            Ok(known) => return Some(known),
            Err(error) => tracing::warn!(%error, "the sources could not be made known to the catalog; tried again"),
        }
        stop.run_until_cancelled(sleep(backoff.next(rng))).await?;
    }
}

struct OneSource {
    source: SourceId,
    spec: SourceSpec,
    ports: EnginePorts,
    announcer: Announcer,
}

impl OneSource {
    async fn run(self, seed: u64, stop: CancellationToken) {
        let mut rng = StdRng::seed_from_u64(seed);
        let name = format!("tap/{}", self.spec.wanted.name);
        let seeds = rng.random();
        under_lease(&name, &self.ports, &mut rng, &stop, |token| self.work(seeds, token, &stop)).await;
    }

    async fn work(&self, seed: u64, token: CancellationToken, stop: &CancellationToken) {
        self.tap(seed).run(token).await;
        if stop.is_cancelled() {
            let name = &self.spec.wanted.name;
            say_off(&self.ports, name, self.source, "No tap runs: the process that read this source was stopped.")
                .await;
        }
    }

    fn tap(&self, seed: u64) -> Tap {
        let spec = &self.spec;
        let settings = Settings {
            name: spec.wanted.name.clone(),
            ceiling: Ceiling::parse(&spec.wanted.capture).unwrap_or_else(|| {
                tracing::error!(source = spec.wanted.name, capture = spec.wanted.capture, "unknown: nothing is read");
                Ceiling::Off
            }),
            policy: Policy::new(spec.patterns.clone(), spec.include_internal),
            identify: Identify::new(spec.type_header.as_deref(), spec.type_field.as_deref()),
            start: spec.start,
            catch_up_bytes_per_s: spec.catch_up_bytes_per_s,
            limits: ReadLimits::default(),
            pace: Pace::default(),
        };
        let ports = Ports {
            broker: spec.broker.clone(),
            log: self.ports.log.clone(),
            catalog: self.ports.catalog.clone(),
            clock: self.ports.clock.clone(),
            system: self.ports.system.clone(),
            announcer: self.announcer.clone(),
        };
        Tap::new(self.source, settings, ports, seed)
    }
}
