//! Somebody is told: rules are judged, what comes of it is kept with its messages in one transaction, and the messages are
//! sent from there until they arrive; in one process at a time, which may be cut off at any moment. What was sent and not
//! noted is sent again, under the same id.

use crate::{EnginePorts, Telling, lease::under_lease};
use futures::stream::{FuturesUnordered, StreamExt as _};
use rand::{SeedableRng, rngs::StdRng};
use std::{
    collections::{HashMap, HashSet},
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};
use tokio::{
    sync::Notify,
    time::{Instant, MissedTickBehavior, interval, sleep},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use weir_domain::{
    OutletId, StoreError, Timestamp,
    monitors::{Attempt, Due, HEARTBEAT, Memory, OutletField, Seen, Tried, is_blind, judge, left_alone, next_try},
};

/// Rules are judged this often.
pub const JUDGED_EVERY: Duration = Duration::from_secs(10);
/// The heartbeat's address is called this often.
pub const CALLED_EVERY: Duration = Duration::from_secs(60);
/// Deliveries are looked for this often, and at once after judging queued some.
const LOOKED_EVERY: Duration = Duration::from_secs(2);
/// Handed out at once.
const AT_ONCE: u32 = 100;
/// What is long over is forgotten, and old seals renewed, this often.
const FORGOTTEN_EVERY: Duration = Duration::from_secs(3_600);

/// Judges and sends, until `stop`.
pub async fn run(ports: EnginePorts, stop: CancellationToken) {
    let Some(telling) = ports.telling.clone() else { return };
    let mut rng = StdRng::seed_from_u64(ports.seed.rotate_left(41));
    under_lease("monitors", &ports, &mut rng, &stop, |token| {
        let (ports, telling) = (&ports, &telling);
        async move {
            let (queued, judged) = (Notify::new(), AtomicI64::new(i64::MIN));
            let work = async {
                tokio::join!(
                    judging(ports, telling, &queued, &judged),
                    delivering(ports, telling, &queued),
                    calling(ports, telling, &judged),
                )
            };
            token.run_until_cancelled(work).await;
        }
    })
    .await;
}

/// `judged`: when it last went well, and something of groups was known, in µs.
async fn judging(ports: &EnginePorts, telling: &Telling, queued: &Notify, judged: &AtomicI64) {
    let mut memory = Memory::new(ports.clock.now());
    let mut forgotten: Option<Instant> = None;
    let mut ticks = interval(telling.judged_every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        match once(ports, telling, &mut memory).await {
            Ok(Once { messages, blind }) => {
                if blind {
                    tracing::warn!("groups of no source are observed: rules about them say nothing");
                } else {
                    judged.store(ports.clock.now().0, Ordering::Relaxed);
                }
                if messages > 0 {
                    tracing::info!(messages, "alerts are told");
                    queued.notify_one();
                }
            }
            Err(error) => tracing::warn!(%error, "rules can't be judged; tried again"),
        }
        if forgotten.is_none_or(|at| at.elapsed() >= FORGOTTEN_EVERY) {
            match keep_house(ports, telling).await {
                Ok(()) => forgotten = Some(Instant::now()),
                Err(error) => tracing::debug!(%error, "old alerts can't be forgotten; tried again"),
            }
        }
    }
}

/// Forgets what is long over, and seals anew what lies under an older key.
async fn keep_house(ports: &EnginePorts, telling: &Telling) -> Result<(), StoreError> {
    let (alerting, vault, system) = (&telling.alerting, &telling.vault, &ports.system);
    let now = ports.clock.now();
    alerting.forget_alerts(system, now).await?;
    for outlet in alerting.watch(system, now).await?.outlets {
        for (field, old) in &outlet.secrets {
            if let Some(new) = vault.resealed(&outlet.id, *field, old) {
                alerting.reseal_outlet(system, Some((&outlet.id, *field)), old, &new).await?;
            }
        }
    }
    if let Some(heartbeat) = alerting.heartbeat_for_engine(system).await?
        && let Some(new) = vault.resealed(&OutletId(HEARTBEAT.to_owned()), OutletField::Url, &heartbeat.address)
    {
        alerting.reseal_outlet(system, None, &heartbeat.address, &new).await?;
    }
    Ok(())
}

struct Once {
    /// Queued.
    messages: usize,
    /// Judged, and nothing was known of any group.
    blind: bool,
}

async fn once(ports: &EnginePorts, telling: &Telling, memory: &mut Memory) -> Result<Once, StoreError> {
    let now = ports.clock.now();
    let standings = telling.watched.standings(&ports.system, now).await?;
    let sources = telling.watched.sources(&ports.system).await?;
    let watch = telling.alerting.watch(&ports.system, now).await?;
    let seen = Seen { standings: &standings, sources: &sources, now };
    let changes = judge(&watch, seen, memory, || Uuid::now_v7().to_string()).changes;
    let done = Once { messages: changes.messages.len(), blind: is_blind(&sources, now) };
    if changes.is_empty() {
        return Ok(done);
    }
    if !telling.alerting.keep(&ports.system, watch.revision, &changes, now).await? {
        return Err(StoreError::Conflict("another process judged meanwhile".into()));
    }
    Ok(done)
}

/// Outlets do not wait for one another: one that does not answer keeps only its own messages back.
async fn delivering(ports: &EnginePorts, telling: &Telling, queued: &Notify) {
    let mut busy: HashSet<OutletId> = HashSet::new();
    let mut under_way = FuturesUnordered::new();
    loop {
        match telling.alerting.due(&ports.system, ports.clock.now(), AT_ONCE).await {
            Ok(all) => {
                let mut by_outlet: HashMap<OutletId, Vec<Due>> = HashMap::new();
                for due in all.into_iter().filter(|d| !busy.contains(&d.outlet.id)) {
                    by_outlet.entry(due.outlet.id.clone()).or_default().push(due);
                }
                for (outlet, all) in by_outlet {
                    busy.insert(outlet.clone());
                    under_way.push(send_all(ports, telling, outlet, all));
                }
            }
            Err(error) => tracing::warn!(%error, "deliveries can't be looked for; tried again"),
        }
        tokio::select! {
            Some(outlet) = under_way.next(), if !under_way.is_empty() => {
                busy.remove(&outlet);
            }
            () = queued.notified() => {}
            () = sleep(LOOKED_EVERY) => {}
        }
    }
}

/// In their order, up to the first that fails: the others wait for the next look.
async fn send_all(ports: &EnginePorts, telling: &Telling, outlet: OutletId, all: Vec<Due>) -> OutletId {
    for due in all {
        match send(ports, telling, &due).await {
            Ok(true) => {}
            Ok(false) => {
                // Not again at once by what is due beside it.
                sleep(LOOKED_EVERY).await;
                break;
            }
            Err(error) => {
                tracing::warn!(%error, "how a delivery went can't be noted; it is sent again");
                sleep(LOOKED_EVERY).await;
                break;
            }
        }
    }
    outlet
}

/// Whether it arrived.
async fn send(ports: &EnginePorts, telling: &Telling, due: &Due) -> Result<bool, StoreError> {
    let sent = telling.sender.send(&due.outlet, &due.id, &due.message).await;
    let now = ports.clock.now();
    let attempt = match &sent {
        Ok(None) => Attempt::Arrived(None),
        Ok(Some(but)) => {
            let (outlet, kind) = (&due.outlet.name, due.outlet.settings.kind().as_str());
            tracing::warn!(outlet, kind, why = but, "a message was delivered in part");
            Attempt::Arrived(Some(but))
        }
        Err(not) => {
            let tried = Tried {
                attempts: due.attempts.saturating_add(1),
                severity: due.message.severity,
                queued_at: due.queued_at,
                asked_s: not.asked_s,
            };
            let next = next_try(tried, now);
            let (outlet, kind, again) = (&due.outlet.name, due.outlet.settings.kind().as_str(), next.is_some());
            tracing::warn!(outlet, kind, again, why = not.why, "a message can't be delivered");
            Attempt::Failed { why: &not.why, next }
        }
    };
    telling.alerting.attempted(&ports.system, &due.id, attempt, now).await?;
    if let Some(asked_s) = sent.as_ref().err().and_then(|not| not.asked_s) {
        telling.alerting.leave_alone(&ports.system, &due.outlet.id, left_alone(asked_s, now)).await?;
    }
    Ok(sent.is_ok())
}

/// Only while rules are judged and something is known of groups: whoever listens for it learns that nobody would be told.
async fn calling(ports: &EnginePorts, telling: &Telling, judged: &AtomicI64) {
    let mut ticks = interval(telling.called_every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // The first judging comes first.
    sleep(telling.judged_every.min(telling.called_every)).await;
    loop {
        ticks.tick().await;
        if let Err(error) = call(ports, telling, judged).await {
            tracing::debug!(%error, "the heartbeat can't be looked up; tried again");
        }
    }
}

async fn call(ports: &EnginePorts, telling: &Telling, judged: &AtomicI64) -> Result<(), StoreError> {
    let now = ports.clock.now();
    let last = Timestamp(judged.load(Ordering::Relaxed));
    let patience = i64::try_from((telling.judged_every * 6).as_micros()).unwrap_or(i64::MAX);
    if now.micros_since(last) > patience {
        tracing::warn!("rules are not judged, or nothing is known of groups: the heartbeat's address is not called");
        return Ok(());
    }
    let Some(heartbeat) = telling.alerting.heartbeat_for_engine(&ports.system).await? else { return Ok(()) };
    let error = telling.sender.call(&heartbeat.address).await.err().map(|why| why.to_string());
    if let Some(why) = &error {
        tracing::warn!(why, "the heartbeat's address can't be called; called again in a minute");
    }
    telling.alerting.called(&ports.system, ports.clock.now(), error.as_deref()).await
}
