//! Erasures (decision 4): counted when they are asked for, carried out when they are approved; in one process at a time,
//! which may be cut off at any moment.

use crate::{EnginePorts, Erasing, lease::under_lease};
use rand::{SeedableRng, rngs::StdRng};
use std::time::{Duration, Instant};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use weir_domain::{
    ErasureId, StoreError,
    audit::{About, Facts, Field, NewEntry, Object, Outcome, Who},
    erasures::{ErasureState, Walk, Walked},
};

/// A request is taken up within this.
const EVERY: Duration = Duration::from_secs(3);
/// What failed is tried again after this.
const AGAIN: Duration = Duration::from_secs(60);
/// Between two stretches of a walk.
const LONGEST_PAUSE: Duration = Duration::from_millis(250);
/// The end of an approved erasure is part of what was approved.
const USE_CASE: &str = "erasures/approve";

/// Looks again and again, until `stop`.
pub async fn run(ports: EnginePorts, stop: CancellationToken) {
    let Some(erasing) = ports.erasing.clone() else { return };
    let mut rng = StdRng::seed_from_u64(ports.seed.rotate_left(29));
    under_lease("erasures", &ports, &mut rng, &stop, |token| {
        let (ports, erasing) = (&ports, &erasing);
        async move {
            token.run_until_cancelled(work(ports, erasing)).await;
        }
    })
    .await;
}

async fn work(ports: &EnginePorts, erasing: &Erasing) {
    // What can't be done now does not keep the others waiting.
    let mut later: Vec<(ErasureId, Instant)> = Vec::new();
    loop {
        later.retain(|(_, until)| *until > Instant::now());
        let but: Vec<ErasureId> = later.iter().map(|(id, _)| id.clone()).collect();
        let next = erasing.eraser.next_erasure(&ports.system, &but, ports.clock.now()).await;
        let idle = match next {
            Ok(Some(walk)) => take_up(ports, erasing, walk, &mut later).await,
            Ok(None) => true,
            Err(error) => {
                tracing::warn!(%error, "erasures can't be looked for; tried again");
                true
            }
        };
        // After them: what tombstones have to have looked up must not keep a person's request waiting.
        if begin_by_tombstones(ports, erasing).await == 0 && idle {
            sleep(EVERY).await;
        }
    }
}

/// True: there is nothing to do at once; it waits, or another process is at it for as long as it does not know that it lost
/// the lease.
async fn take_up(ports: &EnginePorts, erasing: &Erasing, walk: Walk, later: &mut Vec<(ErasureId, Instant)>) -> bool {
    match one(ports, erasing, &walk).await {
        // Many may wait at once: they are not gone through without a pause.
        Ok(Walked::Waits) => {
            later.push((walk.id, Instant::now() + EVERY));
            return true;
        }
        Ok(Walked::Lost) => return true,
        Ok(_) => {}
        Err(error) => {
            tracing::warn!(erasure = walk.id.0, %error, "an erasure can't go on; tried again in a minute");
            later.push((walk.id, Instant::now() + AGAIN));
        }
    }
    false
}

/// What channels' policies have approved beforehand.
async fn begin_by_tombstones(ports: &EnginePorts, erasing: &Erasing) -> u32 {
    let (subjects, log) = (&*erasing.subjects, &*erasing.log);
    match erasing.eraser.begin_by_tombstones(&ports.system, subjects, log, ports.clock.now()).await {
        Ok(0) => 0,
        Ok(begun) => {
            tracing::info!(begun, "tombstones erase the earlier events of their keys");
            begun
        }
        Err(error) => {
            tracing::warn!(%error, "tombstones can't be looked for; tried again");
            0
        }
    }
}

/// Up to the request's next state.
async fn one(ports: &EnginePorts, erasing: &Erasing, walk: &Walk) -> Result<Walked, StoreError> {
    if walk.state == ErasureState::Cleaning {
        return clean(ports, erasing, &walk.id).await;
    }
    let Some(kept) = &walk.subject else { return Err(StoreError::Internal("its subject is not there".into())) };
    let subject = erasing.subjects.take(&walk.id, kept);
    // The vault's words name no secret.
    let subject = subject.map_err(|error| StoreError::Internal(format!("its subject: {error}")))?;
    loop {
        let begun = Instant::now();
        match erasing.eraser.walk_erasure(&ports.system, walk, &subject, ports.clock.now()).await? {
            // Capture and pages come first.
            Walked::More => sleep((begun.elapsed() / 2).min(LONGEST_PAUSE)).await,
            end => return Ok(end),
        }
    }
}

async fn clean(ports: &EnginePorts, erasing: &Erasing, id: &ErasureId) -> Result<Walked, StoreError> {
    match erasing.eraser.clean_erasure(&ports.system, id).await? {
        Walked::Through => {}
        other => return Ok(other),
    }
    let Some((request, login)) = erasing.eraser.erasure_ended(&ports.system, id).await? else {
        return Ok(Walked::Lost);
    };
    let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let facts = Facts::new()
        .with(Field::Kind, request.kind.as_str())
        .with(Field::Held, number(request.left_held))
        .with(Field::Unreadable, number(request.unreadable));
    let about = About::object(Object::erasure(id)).change(Facts::new(), facts).count(request.erased);
    let who = Who { login, ..Who::weir() };
    let at = ports.clock.now();
    let entry = NewEntry { at, who, use_case: USE_CASE, outcome: Outcome::Ended, reason: Some("complete"), about };
    // Before it counts as done: cut off in between, it is told twice rather than never.
    erasing.log.append(&[entry]).await?;
    erasing.eraser.finish_erasure(&ports.system, id, at).await?;
    tracing::info!(erasure = id.0, events = request.erased, "an erasure is done");
    Ok(Walked::Through)
}
