use super::{
    member::Member,
    pause::PauseWatch,
    report::Reporter,
    round::cut,
    session::{Over, Session},
    settings::{Ports, Settings},
};
use crate::{Meter, backoff::Backoff, policy::Ceiling};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use weir_domain::{SourceId, capture::SourceState};

/// Captures its part of one source until it is told to stop; without others, all of it. Nothing that happens at the broker or in the database ends it.
pub struct Tap {
    source: SourceId,
    settings: Settings,
    ports: Ports,
    rng: StdRng,
}

impl Tap {
    /// `seed` for the jitter of its retries.
    pub fn new(source: SourceId, settings: Settings, ports: Ports, seed: u64) -> Self {
        Self { source, settings, ports, rng: StdRng::seed_from_u64(seed) }
    }

    /// Ends within [`super::Pace::drain`] and some 2 s after `stop`, with the appends in hand finished.
    pub async fn run(mut self, stop: CancellationToken) {
        // Dropped last, after the reporter has told its last.
        let _gone = Gone { name: self.settings.name.clone(), meter: self.ports.meter.clone() };
        let pace = self.settings.pace;
        if self.settings.ceiling == Ceiling::Off {
            let reason = "capture = \"off\" in the configuration: nothing is read.".to_owned();
            let (source, name, off) = (self.source, &self.settings.name, SourceState::Off);
            let _reporter = Reporter::start(&self.ports, source, name, pace.heartbeat, off, Some(reason));
            return stop.cancelled().await;
        }
        let (source, name) = (self.source, &self.settings.name);
        let reporter = Reporter::start(&self.ports, source, name, pace.heartbeat, SourceState::Starting, None);
        let mut pause = PauseWatch::start(&self.ports, self.source, pace.pause);
        let mut member = self.member();
        let (mut broker, mut store) = (Backoff::broker(), Backoff::store());
        let mut failing: Option<Instant> = None;
        while !stop.is_cancelled() {
            match pause.now() {
                Some(false) => {}
                wish => {
                    if wish.is_some() {
                        reporter.state(SourceState::Paused, Some("A person paused it.".into()), None);
                    }
                    stop.run_until_cancelled(pause.changed()).await;
                    if pause.now() == Some(false) {
                        reporter.state(SourceState::Starting, None, None);
                    }
                    continue;
                }
            }
            let mut since = None;
            let session = Session {
                source: self.source,
                settings: &self.settings,
                ports: &self.ports,
                reporter: &reporter,
                pause: &mut pause,
                member: &mut member,
                rng: &mut self.rng,
                stop: &stop,
            };
            let over = session.run(&mut since).await;
            if since.is_some_and(|s: Instant| s.elapsed() >= pace.steady) {
                broker.reset();
            }
            if since.is_some() {
                failing = None;
            }
            if member.is_over() {
                tracing::error!(source = self.settings.name, "the membership broke off: joining anew");
                member = self.member();
            }
            let wait = match over {
                Over::Stop => break,
                Over::Paused => continue,
                Over::Replaced => {
                    tracing::info!(source = self.settings.name, "reading goes on over a new connection");
                    continue;
                }
                Over::Broker(error) => {
                    let wait = broker.next(&mut self.rng);
                    tracing::warn!(source = self.settings.name, %error, retry_ms = wait.as_millis(), "the broker can't be read");
                    let retry_at = self.ports.clock.now().plus_micros(micros(wait));
                    reporter.state(SourceState::Down, Some(cut(error.to_string())), Some(retry_at));
                    failing.get_or_insert_with(Instant::now);
                    wait
                }
                Over::Store(error) => {
                    let wait = store.next(&mut self.rng);
                    tracing::warn!(source = self.settings.name, %error, retry_ms = wait.as_millis(), "the catalog can't be read");
                    wait
                }
            };
            if since.is_some() {
                store.reset();
            }
            let next = Instant::now() + wait;
            let patience = failing.map_or(next, |at| (at + pace.patience).min(next));
            tokio::select! {
                () = stop.cancelled() => {}
                () = pause.paused() => {}
                () = async {
                    sleep_until(patience).await;
                    if patience < next || failing.is_some_and(|at| at.elapsed() >= pace.patience) {
                        // Perhaps others can reach it.
                        member.want(false);
                    }
                    sleep_until(next).await;
                } => {}
            }
        }
        member.leave().await;
    }

    fn member(&mut self) -> Member {
        Member::start(&self.ports, self.source, StdRng::seed_from_u64(self.rng.random()))
    }
}

/// Nobody reads the source here any more.
struct Gone {
    name: String,
    meter: Arc<dyn Meter>,
}

impl Drop for Gone {
    fn drop(&mut self) {
        self.meter.gone(&self.name);
    }
}

fn micros(wait: Duration) -> i64 {
    i64::try_from(wait.as_micros()).unwrap_or(i64::MAX)
}
