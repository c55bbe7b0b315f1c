//! Every source, of the file and made in the browser, is read by this process and whoever else reads it: the taps share
//! its partitions.

use crate::{EnginePorts, SourceSpec, off::say_off, wanted};
use futures::future::BoxFuture;
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
        tasks.spawn(read(*source, spec, ports.clone(), announcer.clone(), rng.random(), stop.clone()));
    }
    // Outlives the taps, so that their last news are told.
    let announcing = tokio::spawn(announcer.clone().run(ports.log.clone(), CancellationToken::new()));
    let begin = |source, spec, end: CancellationToken| -> BoxFuture<'static, ()> {
        Box::pin(read(source, spec, ports.clone(), announcer.clone(), rng.random(), end))
    };
    wanted::keep(&ports, &stop, begin).await;
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

/// Reads one source until `stop`, then says so if nobody else goes on. All that is done for a source is done in here.
async fn read(
    source: SourceId,
    spec: SourceSpec,
    ports: EnginePorts,
    announcer: Announcer,
    seed: u64,
    stop: CancellationToken,
) {
    tap(source, &spec, &ports, announcer, seed).run(stop).await;
    let name = &spec.wanted.name;
    say_off(&ports, name, source, "No tap runs: the last process that read this source was stopped.").await;
}

fn tap(source: SourceId, spec: &SourceSpec, ports: &EnginePorts, announcer: Announcer, seed: u64) -> Tap {
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
        log: ports.log.clone(),
        catalog: ports.catalog.clone(),
        shares: ports.shares.clone(),
        holder: ports.holder.clone(),
        clock: ports.clock.clone(),
        system: ports.system.clone(),
        announcer,
        meter: ports.meter.clone(),
    };
    Tap::new(source, settings, ports, seed)
}
